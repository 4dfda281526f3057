"""`python -m tests.load`: how the application behaves under load, faults and in long runs.

Without arguments a few minutes; `--full` takes an hour or two and gives the numbers of the README. Everything stays on this
machine.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.load import scenarios
from tests.load.batteries import batteries
from tests.load.browsers import browsers
from tests.load.life import long_life
from tests.load.mixed import mixed
from tests.load.report import Outcome
from tests.load.reruns import reruns
from tests.load.specs import specs

Scenario = Callable[[Path], Outcome]


def chosen(full: bool) -> dict[str, Scenario]:
    """Return the scenarios by name, in their long or short form."""
    seconds = 60.0 if full else 12.0
    return {
        "crowd": lambda folder: scenarios.crowd(folder, visitors=20 if full else 6, seconds=seconds),
        "mixed": lambda folder: mixed(
            folder,
            visitors=30 if full else 8,
            seconds=60.0 if full else 10.0,
            megabytes=9.4 if full else 1.0,
            rest=300.0 if full else 0.0,
        ),
        "cold": lambda folder: scenarios.cold(folder, visitors=20, times=5 if full else 1),
        "stops": lambda folder: scenarios.stops(folder, times=100 if full else 5, patience=0.5 if full else 2.0),
        "workers": lambda folder: scenarios.worker_kills(folder, times=200 if full else 2, seconds=7_200),
        "servers": lambda folder: scenarios.server_kills(folder, times=20 if full else 2),
        "life": lambda folder: long_life(folder, experiments=100 if full else 5),
        "exports": lambda folder: long_life(
            folder, experiments=50 if full else 3, exporting=True, rest=180.0 if full else 0.0
        ),
        "specs": lambda folder: specs(folder, count=5_000 if full else 10),
        "reruns": lambda folder: reruns(folder, presses=30 if full else 8),
        "browsers": lambda folder: browsers(folder, tabs=3, presses=20 if full else 4),
        "links": lambda folder: scenarios.hostile_links(folder, links=5_000 if full else 100, judged=full),
        "batteries": lambda folder: batteries(folder, full=full),
    }


def main() -> int:
    """Run the scenarios one after another and print what they measured; return 1 if something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--full", action="store_true", help="the long forms, an hour or two altogether")
    parser.add_argument("--only", action="append", choices=list(chosen(False)), help="may be repeated; default: all")
    parser.add_argument("--json", metavar="FILE", help="write the numbers as JSON")
    arguments = parser.parse_args()
    outcomes = []
    for name, scenario in chosen(arguments.full).items():
        if arguments.only and name not in arguments.only:
            continue
        with tempfile.TemporaryDirectory(prefix="gatescope-load-") as folder:
            start = time.monotonic()
            outcome = scenario(Path(folder) / name)
            outcome.numbers["took, s"] = round(time.monotonic() - start)
        outcomes.append(outcome)
        print("\n".join(outcome.lines()), flush=True)
    if arguments.json:
        found = {outcome.name: {**outcome.numbers, "problems": outcome.problems} for outcome in outcomes}
        Path(arguments.json).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 1 if any(outcome.problems for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
