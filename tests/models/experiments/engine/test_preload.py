"""What a worker does before its first task."""

import os
import subprocess
import sys

import psutil

from tests.models.experiments.engine.conftest import until

CHILD = "from models.experiments.preload import _end_with; import os; print(flush=True); _end_with(os.getppid())"
PARENT = (
    "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdout=subprocess.PIPE); "
    "child.stdout.readline(); print(child.pid, flush=True); sys.stdin.read()"
)


def test_worker_ends_when_its_parent_is_gone() -> None:
    """A worker whose nanny was killed does not stay behind."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.getcwd()},
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    assert child.is_running()
    parent.kill()
    parent.communicate()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 5.0)
