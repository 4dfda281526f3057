"""Shared by several commands: building a spec from arguments, writing JSON to a file or standard output."""

import argparse
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import fields
from models.errors import GatescopeError, InvalidSpecError
from models.spec.experiment_settings import ExperimentSpec

if TYPE_CHECKING:
    from data.uploads.command_line import OwnFile

SHORT = {"hidden_size": "--hidden"}  # the documented short form beside the long one


def add_spec_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--dataset`, `--option`, `--architecture` and one argument per field of the spec."""
    parser.add_argument("--dataset", metavar="NAME", help="a dataset's name; see `list`")
    parser.add_argument("--csv", metavar="FILE", help="your own time series instead of --dataset")
    parser.add_argument("--sequences", metavar="FILE", help="your own labelled sequences instead of --dataset")
    parser.add_argument("--text", metavar="FILE", help="your own text instead of --dataset")
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


def option_pairs(raw: list[str], flag: str = "--option") -> dict[str, object]:
    """Turn `name=value` texts into a mapping.

    Args:
        raw: The texts.
        flag: The argument they came from, for the message.

    Raises:
        InvalidSpecError: If one has no `=`.
    """
    split = [text.partition("=") for text in raw]
    bad = [text for text, (_, sign, _) in zip(raw, split, strict=True) if not sign]
    if bad:
        raise InvalidSpecError([f"`{flag}` must have the form NAME=VALUE, not {fields.shown(text)}." for text in bad])
    return {name: value for name, _, value in split}


def own_file_from(arguments: argparse.Namespace) -> "OwnFile | None":
    """Read the user's own file, if one is named.

    Raises:
        GatescopeError: If it cannot be used, or a dataset is named as well.
    """
    named = {form: path for form, path in (("series", arguments.csv), ("sequences", arguments.sequences)) if path}
    named |= {"text": arguments.text} if arguments.text else {}
    if len(named) + (arguments.dataset is not None) != 1:
        raise InvalidSpecError(
            ["Give either `--dataset NAME` or one of `--csv FILE`, `--sequences FILE`, `--text FILE`."]
        )
    if not named:
        return None
    from data.uploads.command_line import own_file

    form, path = next(iter(named.items()))
    return own_file(path, option_pairs(arguments.option), form)


def spec_from(arguments: argparse.Namespace, own: "OwnFile | None" = None) -> tuple[ExperimentSpec, bytes | None]:
    """Build the spec, and the content of a visitor's own file.

    Args:
        arguments: The parsed arguments.
        own: The file, if it was already read.

    Raises:
        GatescopeError: One sentence per problem.
    """
    own = own or own_file_from(arguments)
    options: dict[str, object] = option_pairs(arguments.option)
    dataset, content = arguments.dataset, None
    if own is not None:
        dataset, options, content = own.dataset, dict(own.options), own.content
    raw: dict[str, Any] = {"dataset": dataset, "options": options}
    raw["architectures"] = arguments.architecture or ["lstm", "gru"]
    raw["resampling"] = "data"  # without it, values mean what they meant in version 0.1
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
