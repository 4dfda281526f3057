"""What other systems lack, and what containers allow: functions are taken away, and groups are made up."""

import math
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import torch

from models import platform
from models.spec.installation_limits import Limits, by_memory
from models.store.sql.backup import backups_of, make_backup
from models.store.sql.startup import connect_store
from models.training.environment import environment
from tests.models.records.samples import a_record
from tests.timing import wait_until

MEGABYTE = 1_000_000


def groups(folder: Path, files: dict[str, str], own: str) -> tuple[Path, Path]:
    """Make up control groups; return where they are mounted and the file that names this process's."""
    for name, text in files.items():
        path = folder / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    (folder / "own").write_text(own)
    return folder / "cgroup", folder / "own"


@pytest.mark.parametrize(
    ("files", "own", "megabytes"),
    [
        ({"memory.max": "690000000"}, "0::/\n", 690),
        ({"app/memory.max": "max", "memory.max": "500000000"}, "0::/app\n", 500),
        ({"app/memory.max": "300000000", "memory.max": "max"}, "0::/app/worker\n", 300),
        ({"memory/memory.limit_in_bytes": "400000000"}, "5:memory:/\n3:cpu,cpuacct:/x\n", 400),
        ({"memory/a/memory.limit_in_bytes": "9223372036854771712"}, "5:cpu,memory:/a\n", None),
        ({"memory.max": "nonsense"}, "0::/\n", None),
        ({}, "0::/\n", None),
    ],
)
def test_memory_of_a_container_is_read(tmp_path: Path, files: dict[str, str], own: str, megabytes: int | None) -> None:
    """Version 1 and 2, limits of groups above, and none at all: then it is the machine's memory."""
    expected = psutil.virtual_memory().total if megabytes is None else megabytes * MEGABYTE
    assert platform.memory_bytes(*groups(tmp_path, files, own)) == expected


def test_system_without_control_groups_has_its_whole_memory(tmp_path: Path) -> None:
    """Such as Windows and macOS."""
    assert platform.memory_bytes(tmp_path / "none", tmp_path / "neither") == psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("megabytes", "worker", "largest"), [(64_000, 2_000, 1_500), (2_700, 1_387, 987), (690, 600, 50)]
)
def test_limits_fit_into_memory(monkeypatch: pytest.MonkeyPatch, megabytes: int, worker: int, largest: int) -> None:
    """Server and worker at its hardest limit are less than the memory there is, as far as a worker can live at all."""
    monkeypatch.setattr("models.spec.installation_limits.memory_bytes", lambda: megabytes * MEGABYTE)
    by_memory.cache_clear()
    try:
        found = Limits.from_environment()
        assert (found.worker_megabytes, found.megabytes) == (worker, largest)
        monkeypatch.setenv("GATESCOPE_MAX_WORKER_MEGABYTES", "900")
        assert Limits.from_environment().worker_megabytes == 900
    finally:
        by_memory.cache_clear()


def test_small_server_compiles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It trains with PyTorch's kernel, and says why."""
    from models.cells import get_cell
    from models.networks import kernel_builder, selection

    monkeypatch.setattr(kernel_builder, "memory_bytes", lambda: 690 * MEGABYTE)
    monkeypatch.setattr(selection, "_has_to_be_compiled", lambda cell: True)
    found = selection.choose(get_cell("lstm"))
    assert found.name != "fused"
    assert "more memory than this server has" in found.notice


def test_functions_that_windows_lacks_are_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Priority, load and user; nothing fails, and an unknown load says so."""
    for name in ("nice", "getloadavg", "getuid", "getppid"):
        monkeypatch.delattr(os, name)
    monkeypatch.setattr(platform, "LINUX", False)
    platform.lower_priority(5)
    platform.die_with_parent(1)
    assert math.isnan(platform.load_average())
    assert platform.user_name() == "user"
    assert environment("fused", torch.device("cpu"))["load"] == "nan"


def test_copies_are_made_where_folders_cannot_be_synced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows opens no folder and syncs no file that is open for reading only."""
    real, fsync = os.open, os.fsync
    writable: set[int] = set()

    def windows_open(path: object, flags: int, mode: int = 0o777) -> int:
        if Path(str(path)).is_dir():
            raise PermissionError(13, "Permission denied")
        handle = real(path, flags, mode)  # type: ignore[arg-type]
        if flags & (os.O_RDWR | os.O_WRONLY):
            writable.add(handle)
        return handle

    def windows_fsync(handle: int) -> None:
        if handle not in writable:
            raise OSError(9, "Bad file descriptor")
        fsync(handle)

    store = connect_store(f"sqlite:///{folder}/x.sqlite")
    store.create(a_record())
    with monkeypatch.context() as windows:
        windows.setattr(os, "O_BINARY", 0, raising=False)
        windows.setattr(platform, "LINUX", False)
        windows.setattr(os, "open", windows_open)
        windows.setattr(os, "fsync", windows_fsync)
        make_backup(folder / "x.sqlite")
    assert backups_of(folder / "x.sqlite")
    store.close()


PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], env={**os.environ, "GATESCOPE_PARENT": str(os.getpid())})
print(child.pid, flush=True)
time.sleep(3600)
"""
CHILD = "import os, time; from models.platform import PARENT, die_with_parent; die_with_parent(int(os.environ[PARENT])); time.sleep(3600)"


@pytest.mark.skipif(not platform.LINUX, reason="elsewhere children watch their parent themselves")
@pytest.mark.parametrize("child", [CHILD, "import time; time.sleep(0.2); " + CHILD])
def test_child_ends_when_its_parent_is_killed(child: str) -> None:
    """By SIGKILL, which no process can answer, and also where that happens before the child is ready."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, child], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


@pytest.mark.slow
@pytest.mark.skipif(not platform.LINUX, reason="elsewhere children watch their parent themselves")
def test_compiler_ends_when_its_worker_is_killed(tmp_path: Path) -> None:
    """During the first compile, which takes long."""
    code = "from models.networks.kernel_builder import build; build(['lstm', 'gru'])"
    worker = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)})
    family = psutil.Process(worker.pid)
    wait_until(family.children)
    compilers = family.children(recursive=True)
    worker.kill()
    worker.wait()
    wait_until(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in compilers))
