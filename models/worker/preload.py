"""Prepares a worker before its first task: `dask worker tcp://... --preload models.worker.preload`.

Torch is imported here, so that no run waits for it; kernels are prepared in a thread, so that the worker starts at once.
"""

import os
import threading
import time
from typing import Any

from models.malloc import keep_freed_memory
from models.platform import die_with_parent, lower_priority
from models.spec.installation_limits import Limits
from models.worker.task import prepare
from models.worker.watchdog import bound_process

_CHECK_SECONDS = 0.5  # seconds between two checks of the parent process
NICENESS, PREPARE = "GATESCOPE_NICE", "GATESCOPE_PREPARE"  # read by the preload


def dask_setup(worker: Any) -> None:
    """Prepare a worker process; Dask calls it with the worker."""
    import torch

    torch.set_num_threads(1)
    keep_freed_memory()
    if worker.nanny:  # without one, the parent may be a shell, which may exit
        die_with_parent()
        threading.Thread(target=_end_with, args=(os.getppid(),), name="gatescope-parent", daemon=True).start()
    niceness = os.environ.get(NICENESS, "")
    if niceness.isdecimal():
        lower_priority(int(niceness))
        bound_process(Limits.from_environment())
    if os.environ.get(PREPARE, "1") == "1":
        threading.Thread(target=prepare, name="gatescope-prepare", daemon=True).start()


def _end_with(parent: int) -> None:
    """Exit when the parent process is gone, even while other threads run."""
    while os.getppid() == parent:
        time.sleep(_CHECK_SECONDS)
    os._exit(1)
