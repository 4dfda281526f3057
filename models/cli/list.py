"""`python -m models list`: datasets, architectures and options with their bounds."""

import argparse
from typing import Any

from data import fields
from data.catalog import Dataset, catalogue
from models.cells import architectures
from models.cli.arguments import write_json
from models.spec.experiment_settings import ExperimentSpec


def add_command(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("list", help="list datasets, architectures and options with their bounds")
    parser.add_argument("--json", metavar="FILE", help="write the same as JSON; - for standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the lists."""
    if arguments.json:
        write_json(listing(), arguments.json)
        return 0
    print("Architectures")
    for cell in architectures().values():
        print(f"  {cell.name:<18} {cell.title} ({cell.year}). {cell.summary}")
    print("\nDatasets")
    for source in catalogue().values():
        print(f"  {source.name:<18} {source.title}. {source.description}")
        _print_fields(source.Options, "--option {}=", indent=21)
    print("\nSettings")
    _print_fields(ExperimentSpec, "--{}", indent=2)
    return 0


def _print_fields(settings: type, form: str, *, indent: int) -> None:
    for name, info in fields.infos(settings).items():
        flag = form.format(name.replace("_", "-") if form.startswith("--{") else name)
        print(f"{'':<{indent}}{flag:<24} {info.label}: {info.bounds()}, default {default_of(settings, name)}")


def default_of(settings: type, name: str) -> fields.Value:
    """Return a field's default."""
    value: fields.Value = settings.__dataclass_fields__[name].default  # type: ignore[attr-defined]
    return value


def listing() -> dict[str, Any]:
    """Return the lists as plain values."""
    return {
        "schema": 1,
        "architectures": [
            {"name": cell.name, "title": cell.title, "year": cell.year, "paper": cell.paper}
            for cell in architectures().values()
        ],
        "datasets": [_dataset(source) for source in catalogue().values()],
        "settings": _fields(ExperimentSpec),
    }


def _dataset(source: Dataset) -> dict[str, Any]:
    return {
        "name": source.name,
        "title": source.title,
        "kind": source.kind,
        "family": source.family,
        "source": source.source,
        "licence": source.licence,
        "options": _fields(source.Options),
    }


def _fields(settings: type) -> list[dict[str, Any]]:
    return [
        {"name": name, "label": info.label, "allowed": info.bounds(), "default": default_of(settings, name)}
        for name, info in fields.infos(settings).items()
    ]
