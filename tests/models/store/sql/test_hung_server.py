"""A PostgreSQL server whose processes are stopped: it keeps its connections and answers nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest
from sqlalchemy.engine import make_url

from models.store.sql import postgresql_connection
from models.store.sql.startup import open_store
from models.store.sql.store import CREATE_PATIENCE
from tests.models.records.samples import a_record
from tests.models.store import postgres
from tests.timing import PATIENCE, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@contextmanager
def hung(url: str) -> Iterator[None]:
    """Stop all processes of a private server, and let them go on afterwards."""
    place = str(make_url(url).query["host"])
    first = [one for one in psutil.process_iter(["name", "cmdline"]) if place in " ".join(one.info["cmdline"] or ())]
    family = {process for one in first if one.info["name"] == "postgres" for process in (one, *one.children(True))}
    assert family
    for process in family:
        process.suspend()
    try:
        yield
    finally:
        for process in family:
            process.resume()


def test_new_experiment_is_kept_in_memory_while_the_server_hangs() -> None:
    """Train is answered, the banner names the database, and the experiment is saved once the server goes on."""
    with postgres.server() as server:
        url = postgres.new_database(server)
        store = open_store(url)
        store.create(a_record())
        record = a_record()
        with hung(url):
            creating = threading.Thread(target=store.create, args=(record,), daemon=True)
            creating.start()
            creating.join(PATIENCE)
            assert not creating.is_alive()
            assert "The database of experiments cannot be used now" in store.notice
            assert store.view(record.id) is not None
        store.set_status(record.id, "stopped")
        wait_until(lambda: not store.unsaved)
        store.close()


def test_answer_to_a_press_is_bounded() -> None:
    """A first look at the connection and one try to connect again: together at most three seconds."""
    assert postgresql_connection._PING_SECONDS + CREATE_PATIENCE <= 3.0
