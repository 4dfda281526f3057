"""What the server holds for all visitors, from its start to its end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
