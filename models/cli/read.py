"""`python -m models read FILE`: show how a file is read, which questions are open, and what would be trained on."""

import argparse
import sys
from pathlib import Path
from typing import Any

from models.cli.arguments import option_pairs, write_json


def add_command(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("read", help="show how your own file is read, line by line, with reasons")
    parser.add_argument("file", metavar="FILE", help="a table or a text")
    parser.add_argument(
        "--choose",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="override a line, for example form=series, time=day, target=wind, separator=; or date_format=%%d/%%m/%%Y",
    )
    parser.add_argument("--json", metavar="FILE", help="write the reading as JSON; - for standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the reading, write the JSON."""
    from data.uploads.command_line import read_file as bytes_of
    from data.uploads.read_file import read_file
    from data.uploads.reading import ReadingChoices

    chosen = ReadingChoices.of({name: str(value) for name, value in option_pairs(arguments.choose, "--choose").items()})
    reading = read_file(bytes_of(arguments.file), chosen, Path(arguments.file).name)
    out = sys.stderr if arguments.json == "-" else sys.stdout
    print("\n".join(reading.sentences()), file=out)
    if arguments.json:
        write_json(reading.to_dict(), arguments.json)
    return 0
