"""`python -m models reproduce`: run published findings again and say which come out."""

import argparse
import sys
from pathlib import Path
from typing import Any

from models.cli.arguments import write_json
from models.findings.finding import Finding, findings, get_finding
from models.findings.reproduce import Reproduced, is_current, read_result, reproduce, write_result


def add_command(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("reproduce", help="run published findings again")
    parser.add_argument("names", nargs="*", metavar="NAME", help="findings to run; see --list")
    parser.add_argument("--all", action="store_true", help="run every finding")
    parser.add_argument("--list", action="store_true", help="list all findings with their shipped results, run nothing")
    parser.add_argument(
        "--results", metavar="FOLDER", help="keep results here; a finding that stands there is not run again"
    )
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="architectures at a time; default: 1")
    parser.add_argument("--json", metavar="FILE", help="write all results as JSON; - for standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the chosen findings; the status is 1 if one came out in another state than the one that ships."""
    if arguments.list or not (arguments.names or arguments.all):
        _list()
        return 0
    chosen = list(findings().values()) if arguments.all else [get_finding(name) for name in arguments.names]
    stream = sys.stderr if arguments.json == "-" else sys.stdout
    results = [_result(entry, arguments, stream) for entry in chosen]
    if arguments.json:
        write_json({"findings": [result.to_dict() for result in results]}, arguments.json)
    changed = [result.finding for result in results if not _as_shipped(result)]
    if changed:
        print(f"Another state than the shipped one: {', '.join(changed)}.", file=stream)
    return int(bool(changed))


def _result(entry: Finding, arguments: argparse.Namespace, stream: Any) -> Reproduced:
    folder = Path(arguments.results) if arguments.results else None
    kept = read_result(entry.name, folder) if folder else None
    if kept is None or not is_current(entry, kept):
        print(f"{entry.name}: {entry.claim}", file=stream, flush=True)
        kept = reproduce(entry, threads=arguments.threads)
        if folder:
            write_result(kept, folder)
    print(f"{entry.name}: {kept.state}. {kept.here} ({kept.seconds:.0f} s)", file=stream, flush=True)
    return kept


def _as_shipped(result: Reproduced) -> bool:
    shipped = read_result(result.finding)
    return shipped is None or shipped.state == result.state


def _list() -> None:
    for entry in findings().values():
        shipped = read_result(entry.name)
        state = shipped.state if shipped else "not run"
        print(f"{entry.name:<28} {state:<15} {entry.source.authors} {entry.source.year}: {entry.claim}")
