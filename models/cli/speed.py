"""`python -m models speed`: how many times faster all seeds train with the fused kernels on this machine."""

import argparse
import sys
from typing import Any

from models.cells import architectures
from models.cli.arguments import write_json

SIZES = ("hidden", "length", "batch", "inputs", "seeds")


def add_command(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("speed", help="compare the fused kernels with PyTorch's own")
    for name, default in zip(SIZES, (32, 50, 32, 1, 5), strict=True):
        parser.add_argument(f"--{name}", type=_positive, default=default, metavar="N", help=f"default: {default}")
    stock = [name for name, cell in architectures().items() if cell.stock]
    parser.add_argument("--architecture", action="append", choices=stock, help="may be repeated; default: lstm and gru")
    parser.add_argument("--workload", action="store_true", help="also time all architectures together on all cores")
    parser.add_argument(
        "--seconds", type=float, default=10.0, metavar="S", help="timed seconds of each part; default: 10"
    )
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON; - for standard output")
    parser.set_defaults(run=run)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be a whole number of at least 1")
    return value


def run(arguments: argparse.Namespace) -> int:
    """Measure, print the table, write the JSON."""
    from models.training.speed import SpeedSettings, measure_speed

    sizes = {name: getattr(arguments, name) for name in SIZES}
    chosen = tuple(dict.fromkeys(arguments.architecture or ("lstm", "gru")))
    report = measure_speed(
        SpeedSettings(**sizes, architectures=chosen, workload=arguments.workload, seconds=arguments.seconds)
    )
    print(printed(report), file=sys.stderr if arguments.json == "-" else sys.stdout)
    if arguments.json:
        write_json(report, arguments.json)
    return 0


def printed(report: dict[str, Any]) -> str:
    """Return the report as text for a terminal."""
    size = report["settings"]
    lines = [
        f"{report['environment']['cpu']}, {report['cores']} cores, load {report['load_before']:.1f} to "
        f"{report['load_after']:.1f}; matrix product {report['matrix_product_gflops']:.0f} GFLOP/s on one thread.",
        f"{size['seeds']} seeds, {size['hidden']} units, {size['length']} steps, batch {size['batch']}; "
        "median milliseconds per update of all seeds:",
    ]
    for row in report["architectures"]:
        lines.append(
            f"  {row['architecture']:<6} stock {row['reference_milliseconds']:8.2f}   fused "
            f"{row['fused_milliseconds']:8.2f}   {row['ratio']:5.1f} times   {row['fused_gflops']:5.0f} GFLOP/s "
            f"({row['share_of_matrix_product']:.0%})   losses differ by {row['largest_loss_difference']:.0e}"
        )
    for row in report.get("workload", ()):
        threads = "1 thread" if row["threads"] == 1 else f"{row['threads']} threads"
        lines.append(
            f"  together: {row['kernel']:<9} {threads:<9} {row['milliseconds']:8.2f}   {row['ratio']:5.1f} times"
        )
    return "\n".join(lines)
