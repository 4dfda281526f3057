"""What may happen to the application: crowds, stops, kills, hostile links, a long life. Each returns what it measured."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil

from tests.load.client import Visitor
from tests.load.hostile import queries
from tests.load.ledger import Ledger
from tests.load.report import Outcome, percentile
from tests.load.server import Application

SMALL = "dataset=adding&option.length=10&hidden_size=8&seeds=2&batch_size=8&updates={updates}&seed={seed}"
LONG = 50_000  # updates: longer than any scenario looks at it
PATIENCE = 180.0


def query(updates: int = 300, seed: int = 0) -> str:
    """Return the address of a small experiment."""
    return SMALL.format(updates=updates, seed=seed)


@contextmanager
def warm(folder: Path, **environment: str) -> Iterator[Application]:
    """Start a server and let one visitor train, so that its worker is ready."""
    folder.mkdir(parents=True, exist_ok=True)
    with Application(folder, environment) as server:
        train_once(server)
        yield server


def train_once(server: Application, seed: int = 0) -> str:
    """Have a visitor train a small experiment to its end; return its id."""
    with Visitor(server.url, query(seed=seed)) as visitor:
        visitor.open()
        visitor.press("Train")
        visitor.stay(PATIENCE, lambda: Ledger(folder=server.folder).statuses().get(visitor.experiment) == "finished")
        return visitor.experiment


def crowd(folder: Path, *, visitors: int, seconds: float) -> Outcome:
    """Compare the waiting time of readers beside idle and beside training visitors, within the same minutes."""
    outcome = Outcome("crowd")
    with warm(folder) as server:
        phase = threading.Event()
        over = threading.Event()
        waits: dict[bool, list[float]] = {False: [], True: []}
        errors: list[str] = []
        accepted: list[str] = []

        def read(number: int) -> None:
            with Visitor(server.url, query(seed=number)) as visitor:
                visitor.open()
                pause = random.Random(number)
                while not over.is_set():
                    training = phase.is_set()
                    waits[training].append(visitor.set("number_input", "Repeats", int_value=pause.randint(1, 4)))
                    visitor.stay(pause.uniform(0.5, 1.5), over.is_set)
                errors.extend(visitor.errors)

        def train(number: int) -> None:
            with Visitor(server.url, query(updates=1_000, seed=number % 2)) as visitor:
                visitor.open()
                visitor.stay(PATIENCE, lambda: phase.is_set() or over.is_set())
                visitor.press("Train")
                accepted.append(visitor.experiment)
                visitor.stay(PATIENCE, over.is_set)
                errors.extend(visitor.errors)

        half = visitors // 2
        with ThreadPoolExecutor(visitors) as pool:
            futures = [pool.submit(read if number < half else train, number) for number in range(visitors)]
            time.sleep(seconds)
            phase.set()
            time.sleep(seconds)
            memory = server.megabytes()
            training = len(Ledger(folder=folder).unfinished())
            over.set()
            for future in futures:
                future.result()
        ledger = Ledger(folder=folder)
        _await(lambda: not ledger.unfinished(), visitors * PATIENCE / 4)
        calm, busy = (percentile(waits[training], 0.95) for training in (False, True))
        outcome.numbers |= {
            "visitors": visitors,
            "of them training": visitors - half,
            "interactions": len(waits[False]) + len(waits[True]),
            "median without training, s": percentile(waits[False], 0.5),
            "median with training, s": percentile(waits[True], 0.5),
            "95 % without training, s": calm,
            "95 % with training, s": busy,
            "ratio of the 95 %": busy / calm,
            "experiments under way at the end of the measurement": training,
            "server, MB": memory[0],
            "workers, MB": memory[1],
        }
        statuses = ledger.statuses()
        outcome.expect(len(accepted) == visitors - half and all(accepted), "an experiment was not accepted")
        lost = [statuses.get(one) for one in accepted if statuses.get(one) not in ("finished", "stopped")]
        outcome.expect(not lost, f"a run was lost: {lost}")
        outcome.expect(not ledger.different_bits(), "equal experiments have different numbers")
        outcome.expect(not errors, f"a rerun failed: {errors[:1]}")
    return outcome


def cold(folder: Path, *, visitors: int, times: int) -> Outcome:
    """Let all visitors come at once to a server that has just started."""
    outcome, waits, errors = Outcome("cold start"), [], []

    def come(url: str) -> float:
        with Visitor(url) as visitor:
            wait = visitor.open()
            errors.extend(visitor.errors)
            return wait if "button" in {kind for kind, _ in visitor.widgets} else float("inf")

    for number in range(times):
        place = folder / f"start{number}"
        place.mkdir(parents=True)
        with Application(place) as server, ThreadPoolExecutor(visitors) as pool:
            waits += pool.map(come, [server.url] * visitors)
            outcome.expect("Traceback" not in server.log, "the log holds a traceback")
    outcome.numbers |= {"starts": times, "visitors each": visitors, "slowest page, s": max(waits)}
    outcome.expect(not errors and max(waits) < float("inf"), f"a first page failed: {errors[:1]}")
    return outcome


def stops(folder: Path, *, times: int, patience: float) -> Outcome:
    """Press Stop at random moments; the answer may take `patience` seconds."""
    outcome, waits, pause = Outcome("stop"), [], random.Random(7)
    with warm(folder) as server:
        ledger = Ledger(folder=folder)
        for number in range(times):
            with Visitor(server.url, query(updates=LONG, seed=number)) as visitor:
                visitor.open()
                visitor.press("Train")
                visitor.stay(pause.uniform(0.0, 1.5))
                waits.append(visitor.press("Stop"))
                experiment = visitor.experiment
                ended = visitor.stay(
                    PATIENCE, lambda one=experiment: ledger.statuses().get(one) in ("stopped", "finished")
                )
                outcome.expect(ended, f"an experiment did not stop: {ledger.statuses().get(experiment)}")
                outcome.expect(not visitor.errors, f"a page failed: {visitor.errors[:1]}")
        outcome.numbers |= {"stops": times, "median answer, s": percentile(waits, 0.5), "slowest answer, s": max(waits)}
        outcome.expect(percentile(waits, 0.95) < patience, f"Stop was answered after more than {patience} s")
    return outcome


def worker_kills(folder: Path, *, times: int, seconds: float) -> Outcome:
    """Kill the worker at random moments while experiments train; the last one is left in peace."""
    outcome, pause, killed = Outcome("killed workers"), random.Random(11), 0
    accepted = []
    with warm(folder) as server:
        end, ledger = time.monotonic() + seconds, Ledger(folder=folder)
        while killed < times and time.monotonic() < end:
            with Visitor(server.url, query(updates=4_000, seed=killed % 3)) as visitor:
                visitor.open()
                visitor.press("Train")
                accepted.append(visitor.experiment)
                for _ in range(2):
                    visitor.stay(pause.uniform(0.1, 2.0))
                    for process in server.workers():
                        process.kill()
                        killed += 1
                    visitor.stay(PATIENCE, lambda: bool(server.workers()))
                visitor.stay(PATIENCE, lambda one=visitor.experiment: one not in ledger.unfinished())
                outcome.expect(not visitor.errors, f"a page failed: {visitor.errors[:1]}")
        _await(lambda: not ledger.unfinished())
        statuses = ledger.statuses()
        outcome.numbers |= {"kills": killed, "experiments": len(accepted), "finished": _count(statuses, accepted)}
        outcome.expect(all(one in statuses for one in accepted), "an accepted experiment is gone")
        outcome.expect(not ledger.unfinished(), "an experiment never ended")
        outcome.expect(not ledger.different_bits(), "a run that was taken up again has other numbers")
        outcome.expect("finished" in {statuses[one] for one in accepted}, "no run outlived the kills")
        family = [process.pid for process in server.family()]
    _await(lambda: not _alive(family), 60.0)
    outcome.expect(not _alive(family), "a process outlived the server")
    return outcome


def server_kills(folder: Path, *, times: int) -> Outcome:
    """Kill the server at random moments while an experiment trains, and start it again on the same data."""
    outcome, pause, accepted = Outcome("killed servers"), random.Random(13), []
    strays: list[int] = []
    folder.mkdir(parents=True, exist_ok=True)
    server, ledger = Application(folder), Ledger(folder=folder)
    slowest = 0.0
    for number in range(times):
        server.start()
        start = time.monotonic()
        before = [one for one in accepted if one]
        with Visitor(server.url, query(updates=LONG, seed=number)) as visitor:
            visitor.open()
            visitor.stay(PATIENCE, lambda seen=before: not set(ledger.unfinished()) & set(seen))
            slowest = max(slowest, time.monotonic() - start)
            outcome.expect(not set(ledger.unfinished()) & set(before), "an experiment of a dead server is not final")
            visitor.press("Train")
            accepted.append(visitor.experiment)
            visitor.stay(pause.uniform(0.0, 12.0))
            strays += [process.pid for process in server.family()]
            server.kill()
        outcome.expect(ledger.sound(), "the database is damaged")
    server.start()
    with Visitor(server.url) as visitor:
        visitor.open()
        visitor.stay(PATIENCE, lambda: not ledger.unfinished())
    _await(lambda: not _alive(strays), 60.0)
    outcome.numbers |= {"kills": times, "experiments kept": len(ledger.statuses()), "slowest settling, s": slowest}
    outcome.expect(all(one in ledger.statuses() for one in accepted), "an accepted experiment is gone")
    outcome.expect(not ledger.unfinished(), "an experiment is left running")
    outcome.expect(not _alive(strays), "a process outlived its server")
    server.stop()
    return outcome


def hostile_links(folder: Path, *, links: int, judged: bool = False) -> Outcome:
    """Open links that nobody would make by accident, and ordinary ones between them.

    Args:
        folder: Where the server's data lie.
        links: How many.
        judged: Whether it is a problem if answers take much longer than those to ordinary links.
    """
    outcome, waits, ordinary = Outcome("hostile links"), [], []
    folder.mkdir(parents=True, exist_ok=True)
    with Application(folder) as server:
        for number, address in enumerate(queries(links)):
            if number % 5 == 0:
                with Visitor(server.url, query(seed=number)) as visitor:
                    ordinary.append(visitor.open())
            with Visitor(server.url, address) as visitor:
                waits.append(visitor.open())
                outcome.expect(not visitor.errors, f"`{quote(address)[:80]}` broke the page: {visitor.errors[:1]}")
                outcome.expect(bool(visitor.texts), "a page stayed empty")
        outcome.expect("Traceback" not in server.log, "the log holds a traceback")
    outcome.numbers |= {"links": links, "95 %, s": percentile(waits[1:], 0.95), "slowest, s": max(waits[1:])}
    outcome.numbers["95 % of ordinary links, s"] = usual = percentile(ordinary[1:], 0.95)
    slow = judged and percentile(waits[1:], 0.99) > 3 * usual
    outcome.expect(not slow, "an answer took three times as long as to an ordinary link")
    return outcome


def _await(happened: Callable[[], object], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.1)


def _count(statuses: dict[str, str], accepted: list[str]) -> int:
    return sum(statuses.get(one) == "finished" for one in accepted)


def _alive(pids: list[int]) -> list[int]:
    found = []
    for pid in pids:
        try:
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
        except psutil.NoSuchProcess:
            continue
    return found
