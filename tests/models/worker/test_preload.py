"""What a worker does before its first task."""

import os
import subprocess
import sys

import psutil
import pytest

from tests.models.engine.conftest import until

CHILD = "from models.worker.preload import _end_with; import os; parent = os.getppid(); print(flush=True); _end_with(parent)"
PARENT = (
    "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdout=subprocess.PIPE); "
    "child.stdout.readline(); print(child.pid, flush=True); sys.stdin.read()"
)


ALLOCATE = (
    "import resource, sys; import numpy as np; from models import malloc; "
    "sys.argv[1] == 'keep' and malloc.keep_freed_memory(); "
    "before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt; [np.ones(1 << 17).size for _ in range(50)]; "
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)"
)


@pytest.mark.skipif(sys.platform != "linux", reason="the variable is glibc's")
def test_freed_memory_is_kept_where_dask_asks_to_return_it() -> None:
    """Allocating the same megabyte again and again maps it once and not each time."""
    environment = os.environ | {"PYTHONPATH": os.getcwd(), "MALLOC_TRIM_THRESHOLD_": "65536"}
    faults = [
        int(subprocess.check_output([sys.executable, "-c", ALLOCATE, how], env=environment))
        for how in ("leave", "keep")
    ]
    assert faults[1] < faults[0] / 4


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
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
