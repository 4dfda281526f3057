"""`python -m models doctor`: check the health of this installation."""

import argparse
import logging
from typing import Any

from models.cli.arguments import write_json


def add_command(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("doctor", help="check this installation; exit status 1 if something is wrong")
    parser.add_argument("--json", metavar="FILE", help="write the same as JSON; - for standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print one line per finding, followed by its problem."""
    from models.health import as_json, examine, healthy
    from models.logs import set_up
    from models.store.sql import open_store

    set_up(logging.ERROR)
    store = open_store()
    try:
        findings = (*examine(None, store), kernels())
    finally:
        store.close()
    if arguments.json:
        write_json(as_json(findings), arguments.json)
    if arguments.json != "-":
        for finding in findings:
            print(f"{'PROBLEM' if finding.problem else 'ok':<8}{finding.part:<10}{finding.value}")
            if finding.problem:
                print(f"{'':<18}{finding.problem}")
    return 0 if healthy(findings) else 1


def kernels() -> Any:
    """Prepare the kernels like a worker, and name the device."""
    from models.errors import GatescopeError
    from models.health import Finding

    try:
        from models.networks.selection import device, warm

        return Finding(part="kernels", value=f"{warm()} Device: {device().type}.")
    except (GatescopeError, ImportError) as error:
        return Finding(part="kernels", value="unknown", problem=str(error))
