"""`python -m models inspect`: look into a network that was trained elsewhere."""

import argparse
import sys
from pathlib import Path
from typing import Any

from models.cli.arguments import write_json
from models.errors import CheckpointError


def add_command(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("inspect", help="look into a network of your own: gates, half-lives, gradient horizon")
    parser.add_argument("weights", metavar="FILE", help="safetensors, PyTorch, ONNX or Keras 3 file")
    parser.add_argument("--csv", metavar="FILE", help="its inputs, one row per step; without it only layers are listed")
    parser.add_argument(
        "--columns", metavar="A,B", help="input columns in the network's order; default: the first ones"
    )
    parser.add_argument("--target", metavar="A,B", help="columns that the network predicts, for a score")
    parser.add_argument("--window", metavar="ROWS", type=int, default=0, help="rows of one input; default: up to 200")
    parser.add_argument("--horizon", metavar="ROWS", type=int, default=1, help="rows from the window to the target")
    parser.add_argument("--scaling", choices=["fit", "none", "given"], default="fit", help="how inputs are scaled")
    parser.add_argument("--mean", metavar="X,Y", help="given means, one per column")
    parser.add_argument("--deviation", metavar="X,Y", help="given standard deviations")
    parser.add_argument("--stack", metavar="A,B", help="names of the recurrent layers; default: the longest chain")
    parser.add_argument("--before", metavar="NAME", help="embedding or linear layer before them; - for none")
    parser.add_argument("--head", metavar="NAME", help="linear layer behind them; - for none")
    parser.add_argument("--sample", metavar="N", type=int, default=0, help="the sample whose gates are listed")
    parser.add_argument("--json", metavar="FILE", help="write everything as JSON; - for standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print layers, and with data what was found in them; write JSON.

    Raises:
        GatescopeError: If the file or the data cannot be used.
    """
    from data.uploads.command_line import read_file
    from models.analysis.inspect_network import inspect_network
    from models.checkpoints.open_file import open_checkpoint
    from models.checkpoints.own_data import DataChoice, task_of_file
    from models.checkpoints.own_network import assemble

    path = Path(arguments.weights)
    found = open_checkpoint(_bytes(path), path.name)
    network = assemble(found, _parts(found, arguments), name=path.stem)
    out = sys.stderr if arguments.json == "-" else sys.stdout
    for row in found.rows():
        print("  ".join(str(value) for value in row.values()), file=out)
    document: dict[str, Any] = {"format": "gatescope-inspect-1", "name": network.name, "layers": found.rows()}
    if arguments.csv:
        choice = DataChoice(
            columns=_names(arguments.columns),
            targets=_names(arguments.target),
            window=arguments.window,
            horizon=arguments.horizon,
            scaling=arguments.scaling,
            mean=_numbers(arguments.mean, "--mean"),
            deviation=_numbers(arguments.deviation, "--deviation"),
        )
        data = task_of_file(network, read_file(arguments.csv), Path(arguments.csv).name, choice)
        if not 0 <= arguments.sample < len(data.test):
            raise CheckpointError(f"`--sample` must be from 0 to {len(data.test) - 1}, not {arguments.sample}.")
        document = inspect_network(network, data, sample=arguments.sample).to_dict()
        _print_layers(document, out)
    if arguments.json:
        write_json(document, arguments.json)
    return 0


def _bytes(path: Path) -> bytes:
    from models.checkpoints.open_file import MAX_BYTES

    try:
        if path.stat().st_size > MAX_BYTES:
            raise CheckpointError(f"`{path}` is larger than {MAX_BYTES // 10**6} MB, the limit.")
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"Cannot read `{path}`: {error.strerror}.") from error


def _parts(found: Any, arguments: argparse.Namespace) -> Any:
    from models.checkpoints.own_network import Parts, propose

    proposed = propose(found)
    chosen = {name: getattr(arguments, name) for name in ("before", "head")}
    named = {name: "" if value == "-" else value for name, value in chosen.items() if value is not None}
    return Parts(
        stack=_names(arguments.stack) or proposed.stack,
        before=named.get("before", proposed.before),
        head=named.get("head", proposed.head),
    )


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip()) if text else ()


def _numbers(text: str | None, flag: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in _names(text))
    except ValueError as error:
        raise CheckpointError(f"`{flag}` must be numbers with commas between, not `{str(text)[:40]}`.") from error


def _print_layers(document: dict[str, Any], out: Any) -> None:
    for layer in document["layers"]:
        print(f"\nlayer {layer['layer']}, {layer['units']} units", file=out)
        for gate, facts in layer["gates"].items():
            shares = f"above 0.9: {facts['share_above_0.9']:.0%}, below 0.1: {facts['share_below_0.1']:.0%}"
            print(f"  {gate}: mean {facts['mean']:.3f}, {shares}", file=out)
        lives = sorted(layer["half_lives"])
        if lives:
            print(f"  half-life: median {lives[len(lives) // 2]:.3g} steps, longest {lives[-1]:.3g}", file=out)
    print(f"\ngradient horizon: {document['gradient_horizon']['steps']:.0f} steps", file=out)
    for metric, value in document["score"].items():
        print(f"{metric}: {value:.4g}", file=out)
