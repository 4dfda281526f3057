"""Print measured speed beside its targets: `python -m tests.speed`, or `--short` without kernels and with fewer visits.

Each figure is compared with an empty Streamlit application or the command line in the same minutes, so a busy machine
slows both. It only prints; `tests/browser/test_speed.py` tests the ratios.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.presets import presets
from tests.browser.serving import Server, serving
from tests.speed import browser, processes

SIZES = ((16, 50, 32, 1), (32, 50, 32, 1), (64, 100, 64, 8), (128, 100, 64, 8))  # units, steps, batch, inputs
WARMING = 20.0  # seconds in which a worker gets ready


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    found: str
    aim: str
    met: bool

    def __str__(self) -> str:
        return f"| {self.what} | {self.found} | {self.aim} | {'yes' if self.met else '**no**'} |"


def first_view(opened: Callable[[str], Any], ours: Server, theirs: Server, count: int) -> Iterator[Row]:
    """Measure a new visitor's wait on a warm server."""
    own, other, sent = browser.visits(opened, ours.url, theirs.url, count)
    yield Row(
        "Train can be pressed, warm server",
        f"{own:.2f} s, empty app {other:.2f} s: {own / other:.2f} times",
        "<= 1.3 times",
        own <= 1.3 * other,
    )
    yield Row("fetched before Train can be pressed", f"{sent:.1f} MB", "<= 4 MB", sent <= 4)


def cold_server(opened: Callable[[str], Any], folder: Path) -> Iterator[Row]:
    """Measure the first visitor of a new server without kernels, who presses Train at once."""
    (folder / "kernels").mkdir()
    with serving(folder, browser.empty_script(folder)) as other:
        empty, _ = browser.visit(opened, other.url)
    with serving(folder, NUMBA_CACHE_DIR=str(folder / "kernels")) as server, processes.Peak(server.pid) as peak:
        begun = time.perf_counter()
        tab = opened(server.url)
        tab.locator(browser.TRAIN).wait_for()
        first = time.perf_counter() - begun
        found = browser.train(tab)
        time.sleep(WARMING)
        after = processes.megabytes(server.pid)
    yield Row(
        "Train can be pressed, first visit, cold kernels",
        f"{first:.2f} s, empty app {empty:.2f} s: {first / empty:.2f} times",
        "<= 2 times",
        first <= 2 * empty,
    )
    yield Row("Train to first points, cold kernels", f"{found['points']:.1f} s", "<= 3 s", found["points"] <= 3)
    yield Row("peak memory, cold, first training", f"{peak.megabytes:.0f} MB (PSS)", "<= 800 MB", peak.megabytes <= 800)
    yield Row("memory afterwards", f"{after:.0f} MB (PSS)", "<= 600 MB", after <= 600)


def training(opened: Callable[[str], Any], server: Server, count: int) -> Iterator[Row]:
    """Measure a training against the command line and its estimated time, then switches between pages."""
    ratios, told, last = [], [], ""
    for seed in range(count):
        query = f"{next(iter(presets().values())).spec().to_query()}&seed={1000 + seed}"
        tab = opened(f"{server.url}/?{query}")
        found = browser.train(tab)
        alone = processes.command_line_seconds(query)
        ratios.append(found["result"] / alone)
        told.append(found["result"] / max(found["announced"], 1e-9))
        last = f"{found['result']:.1f} s, command line {alone:.1f} s"
        if seed < count - 1:
            tab.context.close()
    ratio, announced = statistics.median(ratios), told[-1]
    yield Row(
        "Train to result on screen", f"{last}: {ratio:.2f} times (median of {count})", "<= 1.5 times", ratio <= 1.5
    )
    yield Row(
        f"result against the announced time, training {count}",
        f"{announced:.2f} times",
        "within a factor of 1.5",
        1 / 1.5 <= announced <= 1.5,
    )
    times = browser.switches(tab, browser.PAGES * 2)[len(browser.PAGES) :]
    with tempfile.TemporaryDirectory() as name, serving(Path(name), browser.empty_script(Path(name))) as other:
        theirs = browser.switches(opened(other.url), ("Cost", "Compare") * 4)
    ours, empty = statistics.median(times), statistics.median(theirs)
    yield Row(
        "switch to a page with a result",
        f"{ours:.2f} s, empty app {empty:.2f} s: {ours / empty:.2f} times",
        "<= 1 s, <= 2 times",
        ours <= 1 and ours <= 2 * empty,
    )


def idle(server: Server, other: Server, seconds: float) -> Iterator[Row]:
    """Measure processor time while nobody uses the pages and nothing trains."""
    ours, theirs = processes.processor_share(server.pid, seconds), processes.processor_share(other.pid, seconds)
    yield Row(
        "idle server and worker, processor time",
        f"{ours:.1f} %, empty app {theirs:.1f} % of a core",
        "<= 1.5 % above the empty app",
        ours - theirs <= 1.5,
    )


def kernels() -> Iterator[Row]:
    """Measure compile time, and speed relative to torch's matrix product."""
    from models.training.speed import SpeedSettings, measure_speed

    took = processes.compile_seconds()
    yield Row("cold compile, LSTM and GRU, float32", f"{took:.1f} s of processor time", "<= 10 s", took <= 10)
    for hidden, length, batch, inputs in SIZES:
        settings = SpeedSettings(hidden=hidden, length=length, batch=batch, inputs=inputs, seeds=5, seconds=4.0)
        least = 0.6 if hidden <= 32 else 0.9
        for row in measure_speed(settings)["architectures"]:
            share = row["share_of_matrix_product"]
            what = f"share of the matrix product, {row['architecture']}, {hidden} units"
            yield Row(what, f"{share:.2f} ({row['fused_gflops']:.0f} GFLOP/s)", f">= {least}", share >= least)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.speed")
    parser.add_argument("--short", action="store_true", help="fewer visits, no kernels")
    short = parser.parse_args().short
    from models.training.environment import cpu_name

    print(f"{cpu_name()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start\n")
    print("| what | found | aim | met |\n|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as name, browser.browsing() as opened:
        folder = Path(name)
        for part in ("ours", "theirs", "cold"):
            (folder / part).mkdir()
        for row in cold_server(opened, folder / "cold"):
            print(row, flush=True)
        script = browser.empty_script(folder / "theirs")
        with serving(folder / "ours") as ours, serving(folder / "theirs", script) as theirs:
            browser.visit(opened, ours.url)
            browser.visit(opened, theirs.url)
            time.sleep(WARMING)
            for rows in (
                first_view(opened, ours, theirs, 3 if short else 8),
                training(opened, ours, 3 if short else 6),
                idle(ours, theirs, 10.0 if short else 30.0),
            ):
                for row in rows:
                    print(row, flush=True)
    for row in () if short else kernels():
        print(row, flush=True)
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
