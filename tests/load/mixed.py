"""Visitors who all do something else at once: train, read pages, upload large files, export reports, ablate units."""

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.load.client import Visitor
from tests.load.ledger import Ledger
from tests.load.report import Outcome, percentile
from tests.load.scenarios import PATIENCE, query, train_once, warm
from tests.load.server import Application

PAGES = ("", "experiments", "gates", "cell", "memory", "cost", "learn", "about")
EXPORTS = ("Report (HTML)", "All numbers (CSV)", "Everything (JSON)", "Report (Markdown)")
Act = Callable[[Visitor, int], float]


@dataclass
class Measured:
    """What the visitors met.

    Attributes:
        waits: Seconds until an answer, by what was asked and whether others trained.
        errors: Sentences of the error boundary.
        accepted: Ids of the experiments that were started.
    """

    waits: dict[tuple[str, bool], list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)

    def all(self, *, training: bool) -> list[float]:
        """Return all waits of one phase."""
        return [wait for (_, phase), waits in self.waits.items() if phase == training for wait in waits]


def large_file(seed: int, megabytes: float) -> bytes:
    """Return a series of hours with six columns, of about this size."""
    rows = round(megabytes * 1e6 / 72)
    values = np.random.default_rng(seed).normal(size=(rows, 6)).cumsum(axis=0)
    hours = np.datetime_as_string(np.datetime64("1900-01-01T00") + np.arange(rows), unit="m")
    lines = (
        f"{hour.replace('T', ' ')},{','.join(f'{one:.5f}' for one in row)}"
        for hour, row in zip(hours, values, strict=True)
    )
    return "\n".join(["hour,a,b,c,d,e,f", *lines]).encode()


def mixed(folder: Path, *, visitors: int, seconds: float, megabytes: float = 9.4, rest: float = 300.0) -> Outcome:
    """Compare answers without and beside trainings in the same minutes, then let the server rest.

    Args:
        folder: Where the server's data lie.
        visitors: How many; half of them train in the second phase.
        seconds: Length of each of the two phases.
        megabytes: Size of each uploaded file.
        rest: Seconds after the last visitor until memory is looked at.
    """
    outcome, met = Outcome("mixed visitors"), Measured()
    quotas = {f"GATESCOPE_MAX_{what}_PER_HOUR": "100000" for what in ("UPLOADS", "IMPORTS", "OWN_EXPERIMENTS")}
    with warm(folder, **quotas) as server:
        shown = train_once(server, seed=1)
        files = [large_file(number, megabytes) for number in range(3)]
        _all_once(server, shown, files[0])
        memory = server.megabytes()[0]
        training, over = threading.Event(), threading.Event()
        crew = _Crew(server, shown, files, met, training, over)
        with ThreadPoolExecutor(visitors) as pool:
            futures = [pool.submit(crew.act, number) for number in range(visitors)]
            for phase in (over.clear, training.set):
                phase()
                time.sleep(seconds)
            peak = server.megabytes()[0]
            over.set()
            for future in futures:
                future.result()
        ledger = Ledger(folder=folder)
        _settle(ledger, visitors)
        time.sleep(rest)
        _report(outcome, met, ledger, visitors)
        outcome.numbers |= {
            "server at first, MB": memory,
            "at most, MB": peak,
            "after the rest, MB": server.megabytes()[0],
        }
        outcome.expect(
            server.megabytes()[0] < memory + 100 or not rest, "the server kept over 100 MB more than at first"
        )
        outcome.expect("Traceback" not in server.log, "the log holds a traceback")
    return outcome


def _all_once(server: Application, shown: str, file: bytes) -> None:
    """Do everything once, so that what is loaded late counts as the server's own memory."""
    with Visitor(server.url) as visitor:
        for page in PAGES:
            visitor.page = page
            visitor.open()
        _export(visitor, shown, 0)
    with Visitor(server.url) as visitor:
        _ablate(visitor, shown)
        visitor.page, visitor.query = "", "dataset=own_series"
        visitor.open()
        visitor.upload("Your file", "warm.csv", file[: len(file) // 8].rpartition(b"\n")[0])


@dataclass
class _Crew:
    server: Application
    shown: str
    files: list[bytes]
    met: Measured
    training: threading.Event
    over: threading.Event

    def act(self, number: int) -> None:
        """Be one visitor: even ones train in the second phase, odd ones take turns in everything else."""
        if number % 2 == 0:
            self._train(number)
            return
        kind = ("page", "page", "page", "upload", "export", "ablation")[number // 2 % 6]
        pause = random.Random(number)
        turns = itertools.count()
        while not self.over.is_set():
            with Visitor(self.server.url, "dataset=adding&option.length=10") as visitor:
                for turn in itertools.islice(turns, 4):
                    if self.over.is_set():
                        break
                    phase = self.training.is_set()
                    wait = self._do(kind, visitor, number + turn)
                    self.met.waits.setdefault((kind, phase), []).append(wait)
                    visitor.stay(pause.uniform(0.5, 2.0), self.over.is_set)
                self.met.errors.extend(visitor.errors)

    def _do(self, kind: str, visitor: Visitor, turn: int) -> float:
        begun = time.monotonic()
        if kind == "page":
            visitor.page = PAGES[turn % len(PAGES)]
            return visitor.open()
        if kind == "upload":
            visitor.page, visitor.query = "", "dataset=own_series"
            visitor.open()
            visitor.upload("Your file", f"{turn}.csv", self.files[turn % len(self.files)])
        elif kind == "export":
            _export(visitor, self.shown, turn)
        else:
            _ablate(visitor, self.shown)
        return time.monotonic() - begun

    def _train(self, number: int) -> None:
        for turn in itertools.count():
            with Visitor(self.server.url, query(updates=2_000, seed=number + 100 * turn)) as visitor:
                visitor.open()
                visitor.stay(PATIENCE, lambda: self.training.is_set() or self.over.is_set())
                if self.over.is_set():
                    return
                visitor.press("Train")
                self.met.accepted.append(visitor.experiment)
                done = self._ended(visitor.experiment)
                visitor.stay(PATIENCE, lambda done=done: self.over.is_set() or done())
                self.met.errors.extend(visitor.errors)

    def _ended(self, experiment: str) -> Callable[[], bool]:
        ledger, looks = Ledger(folder=self.server.folder), itertools.count()
        return lambda: next(looks) % 20 == 0 and experiment not in ledger.unfinished()


def _export(visitor: Visitor, shown: str, turn: int) -> None:
    visitor.page, visitor.query = "", f"experiment={shown}"
    visitor.open()
    visitor.open_tab("Download")
    label = EXPORTS[turn % len(EXPORTS)]
    assert len(visitor.download(label)) > 200, label


def _ablate(visitor: Visitor, shown: str) -> None:
    """Ask which units are needed: a worker switches each off in turn."""
    visitor.page, visitor.query = "gates", f"experiment={shown}"
    visitor.open()
    visitor.open_tab("Units")


def _settle(ledger: Ledger, visitors: int) -> None:
    end = time.monotonic() + visitors * PATIENCE / 4
    while ledger.unfinished() and time.monotonic() < end:
        time.sleep(0.5)


def _report(outcome: Outcome, met: Measured, ledger: Ledger, visitors: int) -> None:
    calm, busy = (percentile(met.all(training=phase), 0.95) for phase in (False, True))
    outcome.numbers |= {"visitors": visitors, "experiments": len(met.accepted)}
    outcome.numbers |= {"answers": len(met.all(training=False)) + len(met.all(training=True))}
    outcome.numbers |= {
        "95 % without training, s": calm,
        "95 % with training, s": busy,
        "ratio of the 95 %": busy / calm,
    }
    outcome.numbers |= dict(_each_kind(met))
    statuses = ledger.statuses()
    lost = [one for one in met.accepted if statuses.get(one) not in ("finished", "stopped")]
    outcome.expect(not lost, f"experiments were lost: {[statuses.get(one) for one in lost]}")
    outcome.expect(not met.errors, f"a page failed: {met.errors[:2]}")


def _each_kind(met: Measured) -> Iterator[tuple[str, float]]:
    for (kind, phase), waits in sorted(met.waits.items()):
        yield f"95 % of {kind}s {'with' if phase else 'without'} training, s", percentile(waits, 0.95)
