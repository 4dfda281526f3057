"""What the server holds for all visitors, from its start to its end."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from dashboard.services import singletons
from models.store.sql.backup import backups_of
from models.store.sql.startup import FILE_NAME, connect_store

SERVE = """
from dashboard import services
from tests.models.records.samples import a_record
record = a_record()
services.engine()
services.store().create(record)
print(record.id)
"""


@pytest.mark.slow
def test_store_is_copied_and_closed_when_the_server_ends(tmp_path: Path) -> None:
    """An orderly end leaves a copy with everything in it, and no experiment that seems to run."""
    environment = {**os.environ, "GATESCOPE_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", SERVE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=True)
    path = tmp_path / FILE_NAME
    (copy,) = backups_of(path)
    copy.replace(path)
    store = connect_store(f"sqlite:///{path}")
    assert store.view(done.stdout.strip()).status == "interrupted"
    assert store.notice == ""
    store.close()


def test_start_logs_environment_variables_with_their_old_names(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """`GATESCOPE_MOST_...` of version 0.1 is still read, and the log says what to write instead."""
    monkeypatch.setattr(singletons, "engine", lambda: SimpleNamespace(start=lambda: None, wake=lambda: None))
    monkeypatch.setattr(singletons, "sweeps", lambda: SimpleNamespace(begin=lambda: None))
    monkeypatch.setenv("GATESCOPE_MOST_MINUTES", "3")
    singletons._begin.clear()
    singletons.warm_up()
    singletons._begin.clear()
    (told,) = [record for record in caplog.records if record.name == "gatescope.server"]
    assert told.levelname == "WARNING"
    assert "`GATESCOPE_MOST_MINUTES` is now called `GATESCOPE_MAX_MINUTES`" in told.getMessage()


def test_first_visitor_does_not_wait_for_what_other_visits_need() -> None:
    """Importing the first page loads neither the database's library nor the reader of workbooks."""
    code = (
        "import sys, dashboard.page_setup, dashboard.services, dashboard.pages.compare;"
        "print([name for name in ('sqlalchemy', 'openpyxl', 'torch', 'numba', 'distributed') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
