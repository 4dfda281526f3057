"""Parse the command line and run one command."""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from models.errors import GatescopeError
from models.version import VERSION

BAD_ARGUMENTS = 2


class OneSentenceParser(argparse.ArgumentParser):
    """A parser that reports bad arguments in one sentence on standard error, with exit status 2."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and exit."""
        sentence = message[:1].upper() + message[1:].rstrip(".")
        print(f"{sentence}. See `{self.prog} --help`.", file=sys.stderr)
        sys.exit(BAD_ARGUMENTS)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with every command of this package."""
    parser = OneSentenceParser(prog="python -m models", description="Compare recurrent architectures with evidence.")
    parser.add_argument("--version", action="version", version=f"Gatescope {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for module in pkgutil.iter_modules([str(Path(__file__).parent)], "models.cli."):
        loaded = importlib.import_module(module.name)
        if hasattr(loaded, "add_command"):
            loaded.add_command(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status: 0, 1 if it failed, 2 for bad arguments."""
    parsed = build_parser().parse_args(arguments)
    try:
        status: int = parsed.run(parsed)
        sys.stdout.flush()
    except GatescopeError as error:
        print(error, file=sys.stderr)
        return BAD_ARGUMENTS
    except BrokenPipeError:  # whoever read the output, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    return status
