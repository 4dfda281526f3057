"""Arguments that several commands share: a spec from the command line, JSON to a file or to standard output."""

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

from data import fields
from models.errors import GatescopeError, InvalidSpecError
from models.spec.experiment import ExperimentSpec

SHORT = {"hidden_size": "--hidden"}  # the documented short form beside the long one


def add_spec_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--dataset`, `--option`, `--architecture` and one argument per field of the spec."""
    parser.add_argument("--dataset", metavar="NAME", help="a dataset's name; see `list`")
    parser.add_argument("--csv", metavar="FILE", help="your own time series instead of --dataset")
    parser.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="an option of the dataset; may be repeated"
    )
    parser.add_argument(
        "--architecture", action="append", default=[], metavar="NAME", help="may be repeated; default: lstm and gru"
    )
    for name, info in fields.infos(ExperimentSpec).items():
        flags = [f"--{name.replace('_', '-')}"] + ([SHORT[name]] if name in SHORT else [])
        about = f"{info.help} ({info.bounds()})"
        parser.add_argument(*flags, dest=f"field_{name}", metavar="VALUE", help=about.replace("%", "%%"))


def option_pairs(raw: list[str]) -> dict[str, object]:
    """Turn `name=value` texts into a mapping.

    Raises:
        InvalidSpecError: If one has no `=`.
    """
    split = [text.partition("=") for text in raw]
    bad = [text for text, (_, sign, _) in zip(raw, split, strict=True) if not sign]
    if bad:
        raise InvalidSpecError([f"`--option` must have the form NAME=VALUE, not {fields.shown(text)}." for text in bad])
    return {name: value for name, _, value in split}


def spec_from(arguments: argparse.Namespace) -> tuple[ExperimentSpec, bytes | None]:
    """Build the spec, and the content of a visitor's own file.

    Raises:
        GatescopeError: One sentence per problem.
    """
    options = option_pairs(arguments.option)
    dataset, content = arguments.dataset, None
    if (dataset is None) == (arguments.csv is None):
        raise InvalidSpecError(["Give either `--dataset NAME` or `--csv FILE`."])
    if arguments.csv is not None:
        from data.uploads.command_line import spec_from_csv

        dataset, options, content = spec_from_csv(arguments.csv, options)
    raw: dict[str, Any] = {"dataset": dataset, "options": options}
    raw["architectures"] = arguments.architecture or ["lstm", "gru"]
    given = {name: getattr(arguments, f"field_{name}") for name in fields.infos(ExperimentSpec)}
    raw |= {name: value for name, value in given.items() if value is not None}
    return ExperimentSpec.from_dict(raw), content


def plain_json(value: Any) -> Any:
    """Return a value that strict JSON can hold: no NaN or infinity, no NumPy scalars."""
    if isinstance(value, dict):
        return {str(key): plain_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(item) for item in value]
    if hasattr(value, "item"):
        return plain_json(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def write_json(document: dict[str, Any], target: str) -> None:
    """Write a document to a file, or to standard output for `-`.

    Raises:
        GatescopeError: If the file cannot be written.
    """
    text = json.dumps(plain_json(document), indent=2, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise GatescopeError(f"Cannot write `{target}`: {error.strerror}; choose another path for `--json`.") from error
