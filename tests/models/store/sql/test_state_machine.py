"""Random lives of two servers and one database."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from models.store.sql.database import Database, database_url
from tests.models.store import postgres
from tests.models.store.sql.machine import StoreMachine

PLAIN = settings(deadline=None, stateful_step_count=12, suppress_health_check=list(HealthCheck))


def live(address: str, lives: int) -> None:
    """Let two servers live on a database so many times."""
    url = database_url(address)

    class Machine(StoreMachine):
        databases = (Database(url), Database(url))

    run_state_machine_as_test(Machine, settings=settings(PLAIN, max_examples=lives))


@pytest.mark.slow
def test_no_life_of_a_sqlite_store_breaks_a_promise(folder: Path) -> None:
    """Three hundred random sequences find no violation."""
    live(f"sqlite:///{folder}/experiments.sqlite", 300)


@pytest.mark.slow
@pytest.mark.postgres
def test_no_life_of_a_postgresql_store_breaks_a_promise(postgres_server: str) -> None:
    """Fifty random sequences find no violation."""
    live(postgres.new_database(postgres_server), 50)
