"""A server killed at any moment has lost nothing that it acknowledged, and leaves no run without an end."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from models.records.experiment import ExperimentQuery
from models.records.results import FINAL
from models.store.sql import SqlStore
from tests.timing import PATIENCE

ROOT = Path(__file__).resolve().parents[4]
MOMENTS = int(os.environ.get("GATESCOPE_KILLS", "5"))  # twenty are asked for before a release


def killed(address: str, seconds: float) -> list[list[str]]:
    """Let a server work, kill it some time after its first word, and return what it had acknowledged."""
    command = [sys.executable, "-m", "tests.models.store.sql.victim", address]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    first = child.stdout.readline()
    time.sleep(seconds)
    child.kill()
    lines = (first + _rest(child)).splitlines(keepends=True)
    return [line.split() for line in lines if line.endswith("\n")]  # it may have died within the last one


def _rest(child: "subprocess.Popen[str]") -> str:
    """Return what a killed process had still said; `communicate` would lose what `readline` has read ahead."""
    with child.stdout:
        rest = child.stdout.read()
    child.wait()
    return rest


def check(store: SqlStore, said: list[list[str]]) -> None:
    """Hold a reopened store against what was acknowledged."""
    deleted = {words[1] for words in said if words[0] == "deleted"}
    for name in deleted:
        assert store.view(name) is None
        assert store.undelete(name)
    for word, name, *value in said:
        view = store.view(name)
        assert view is not None
        assert view.status in FINAL
        assert all(run.status in FINAL for run in view.runs)
        if word == "rows":
            assert len(view.runs[1].curves["update"]) >= int(value[0])
        elif word == "saved":
            assert view.runs[0].result.seeds[0].test_metrics["rmse"] == 0.5 + int(value[0]) / 1000
            assert view.runs[0].status == "finished"
        elif word == "noted":
            assert [note.text for note in store.notes(name)] == [f"note {value[0]}"]
        elif word == "ended":
            assert view.status == "stopped"


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_a_server_is_killed(
    connect: Callable[..., SqlStore], database_address: str
) -> None:
    """After each of several kills on one database every acknowledged thing is there, and every run has ended."""
    moments = random.Random(0)
    for _ in range(MOMENTS):
        said = killed(database_address, moments.uniform(0.0, 0.4))
        assert said
        store = connect()
        check(store, said)
        found = store.list_experiments(ExperimentQuery(limit=200))
        assert all(row.view.status in FINAL for row in found.rows)
        store.close()


def application(address: str, moments: random.Random, *, workers: int) -> list[list[str]]:
    """Let an application train; once one experiment ended, kill its worker some times, then itself; return what it said."""
    command = [sys.executable, "-m", "tests.models.store.sql.application", address]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, bufsize=1)
    try:
        said = [child.stdout.readline().split()]
        while said[-1][0] != "ended":
            said.append(child.stdout.readline().split())
        family = psutil.Process(child.pid)
        for _ in range(workers):
            time.sleep(moments.uniform(0.2, 1.0))
            for process in _workers(family, int(said[0][1])):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        time.sleep(moments.uniform(0.2, 1.0))
        orphans = family.children(recursive=True)
    finally:
        child.kill()
        rest = _rest(child)
    gone, alive = psutil.wait_procs(orphans, timeout=PATIENCE)
    assert not alive, f"{alive} outlived their server, {len(gone)} did not"
    return said + [line.split() for line in rest.splitlines() if line]


def _workers(family: psutil.Process, first: int) -> list[psutil.Process]:
    """Return the worker processes of an application: those that are like the one it named first."""
    known = {process.pid: process for process in family.children(recursive=True)}
    return [known[first]] if first in known else [process for process in known.values() if _is_leaf(process)][-1:]


def _is_leaf(process: psutil.Process) -> bool:
    try:
        return not process.children()
    except psutil.NoSuchProcess:  # killed a moment ago
        return False


@pytest.mark.slow
def test_killed_workers_and_servers_leave_every_run_with_one_end(
    connect: Callable[..., SqlStore], database_address: str
) -> None:
    """Whatever is killed while experiments train, each accepted one is there, has ended once, and says how."""
    moments = random.Random(1)
    for _ in range(max(1, MOMENTS // 4)):
        said = application(database_address, moments, workers=4)
        accepted = [words[1] for words in said if words[0] == "accepted"]
        ended = {words[1]: words[2] for words in said if words[0] == "ended"}
        store = connect()
        for name in accepted:
            view = store.view(name)
            assert view.status in FINAL
            assert all(run.status in FINAL for run in view.runs)
            assert view.status == ended.get(name, view.status)
            assert all(run.result is not None for run in view.runs if run.status == "finished")
        assert "finished" in ended.values()
        store.close()
