"""`python -m models reproduce`: run published findings again and say which come out."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from models.cli.arguments import write_json
from models.errors import InvalidSpecError
from models.findings.finding import findings, get_finding
from models.findings.reproduce import Reproduced, read_result
from models.findings.run_all import reproduce_all
from models.store.interface import DIRECTORY_VARIABLE


def add_command(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("reproduce", help="run published findings again; a killed command goes on")
    parser.add_argument("names", nargs="*", metavar="NAME", help="findings to run; see --list")
    parser.add_argument("--all", action="store_true", help="run every finding")
    parser.add_argument("--cheapest", type=int, metavar="N", help="run the N findings that take the least time")
    parser.add_argument("--list", action="store_true", help="list all findings with their shipped results, run nothing")
    parser.add_argument(
        "--results",
        metavar="FOLDER",
        help="keep results here; what stands there is not run again. Default: `findings` in the folder for this app's files",
    )
    parser.add_argument("--again", action="store_true", help="run anew what is kept")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="findings at a time; default: one per core"
    )
    parser.add_argument("--json", metavar="FILE", help="write all results as JSON; - for standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the chosen findings; the status is 1 if one came out in another state than the one that ships."""
    names = _names(arguments)
    if arguments.list or not names:
        _list()
        return 0
    stream = sys.stderr if arguments.json == "-" else sys.stdout

    def tell(result: Reproduced) -> None:
        print(f"{result.finding}: {result.state}. {result.here} ({result.seconds:.0f} s)", file=stream, flush=True)

    results = reproduce_all(
        [get_finding(name) for name in names],
        folder=Path(arguments.results) if arguments.results else default_folder(),
        jobs=arguments.jobs,
        again=arguments.again,
        on_result=tell,
    )
    if arguments.json:
        document = {"findings": [result.to_dict() | {"digest": result.digest} for result in results]}
        write_json(document, arguments.json)
    changed = [result.finding for result in results if not _as_shipped(result)]
    if changed:
        print(f"Another state than the shipped one: {', '.join(changed)}.", file=stream)
    return int(bool(changed))


def default_folder() -> Path:
    """Return where results are kept if no folder is given."""
    return Path(os.environ.get(DIRECTORY_VARIABLE) or ".gatescope") / "findings"


def cheapest(count: int) -> list[str]:
    """Return the names of the findings that take the least time, by what they say of themselves; none that measure time."""
    repeatable = [one for one in findings().values() if not one.timed]
    ordered = sorted(repeatable, key=lambda one: (one.seconds, one.name))
    return [one.name for one in ordered[:count]]


def _names(arguments: argparse.Namespace) -> list[str]:
    """Return the chosen findings, each once.

    Raises:
        InvalidSpecError: If a number is too small.
    """
    if arguments.jobs < 1 or (arguments.cheapest is not None and arguments.cheapest < 1):
        raise InvalidSpecError(["`--jobs` and `--cheapest` must be at least 1."])
    chosen = list(findings()) if arguments.all else list(arguments.names)
    return list(dict.fromkeys(chosen + (cheapest(arguments.cheapest) if arguments.cheapest else [])))


def _as_shipped(result: Reproduced) -> bool:
    shipped = read_result(result.finding)
    return shipped is None or shipped.state == result.state


def _list() -> None:
    for entry in findings().values():
        shipped = read_result(entry.name)
        state = shipped.state if shipped else "not run"
        print(f"{entry.name:<28} {state:<15} {entry.source.authors} {entry.source.year}: {entry.claim}")
