"""Experiments of dead servers are ended, those of living ones never."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from models.store.sql import SqlStore, lease
from models.store.sql.lease import SILENT_SECONDS, Leases, this_process
from tests.models.records.samples import a_record, a_result, points
from tests.models.store.sql.servers import Processes
from tests.timing import wait_until

Connect = Callable[..., SqlStore]


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Processes:
    """A machine whose processes can be killed."""
    return Processes(monkeypatch)


def test_dead_server_leaves_interrupted_runs(connect: Connect, processes: Processes) -> None:
    """What ran is interrupted with its curve kept; what had ended stays as it was."""
    owner = processes.start()
    first = connect(owner=owner)
    running, ended = a_record(), a_record()
    for record in (running, ended):
        first.create(record)
    first.set_status(running.id, "running")
    first.append_curve(running.id, "lstm", points(running.spec))
    first.save_result(running.id, "gru", a_result(running.runs[1]))
    first.set_status(ended.id, "stopped")
    processes.kill(owner)
    second = connect(owner=processes.start())
    view = second.view(running.id)
    assert view.status == "interrupted"
    assert "train it again" in view.message
    assert [run.status for run in view.runs] == ["interrupted", "finished"]
    assert view.runs[0].update == running.spec.updates
    assert [run.spec.architecture for run in view.result.runs] == ["gru"]
    assert second.view(ended.id).status == "stopped"


def test_living_server_is_left_alone(connect: Connect, processes: Processes) -> None:
    """A second server on the same database does not touch the first one's runs."""
    first = connect(owner=processes.start())
    record = a_record()
    first.create(record)
    second = connect(owner=processes.start())
    assert second.view(record.id).status == "queued"
    assert first.set_status(record.id, "running")


def test_reused_process_id_is_not_mistaken(connect: Connect, processes: Processes) -> None:
    """Another process with the dead server's id does not keep its runs alive."""
    owner = processes.start()
    record = a_record()
    connect(owner=owner).create(record)
    processes.kill(owner)
    processes.reuse(owner)
    assert connect(owner=processes.start()).view(record.id).status == "interrupted"


def test_server_elsewhere_is_dead_only_after_silence(connect: Connect, processes: Processes) -> None:
    """A server of another machine is judged by its beats, counted against our own clock."""
    far = connect(owner=processes.start("there"))
    record = a_record()
    far.create(record)
    near, now = connect(owner=processes.start("here")), [0.0]
    watch = Leases(processes.start("here"), clock=lambda: now[0])

    def dead() -> list[str]:
        return near._database.read(watch.dead)

    assert dead() == []
    now[0] += SILENT_SECONDS - 1
    assert dead() == []
    far._janitor.round()
    now[0] += 2
    assert dead() == []
    now[0] += SILENT_SECONDS
    assert dead() == [far._lease]


def test_close_interrupts_what_is_left_at_once(connect: Connect, processes: Processes) -> None:
    """An orderly end leaves no experiment running, without waiting for another start."""
    owner = processes.start()
    first, second = connect(owner=owner), connect(owner=processes.start())
    record = a_record()
    first.create(record)
    first.close()
    assert second.view(record.id).status == "interrupted"


def test_beats_only_while_something_runs(connect: Connect, processes: Processes) -> None:
    """An idle server does not write."""
    store = connect(owner=processes.start())
    record = a_record()
    store.create(record)
    assert record.id in store._janitor._running
    store.set_status(record.id, "stopped")
    assert not store._janitor._running


def test_this_process_lives_and_a_zombie_does_not() -> None:
    """A process that ended but was not waited for counts as dead."""
    own = this_process()
    assert lease._start_time(own.pid) == own.started != ""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert lease._start_time(child.pid) not in ("", own.started)
        os.kill(child.pid, signal.SIGKILL)
        wait_until(lambda: lease._start_time(child.pid) == "")
    finally:
        child.communicate()
    assert lease._start_time(child.pid) == ""
