"""`python -m models compare`: train architectures on a dataset and print the comparison."""

import argparse
import sys
from typing import Any

from tqdm import tqdm

from models.cli.arguments import add_spec_arguments, own_file_from, spec_from, write_json
from models.export.result_document import result_document
from models.malloc import hand_back_memory
from models.records.results import ProgressRecord
from models.spec.run import RunSpec


def add_command(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("compare", help="train architectures on a dataset and compare them")
    add_spec_arguments(parser)
    parser.add_argument("--json", metavar="FILE", help="write the result as JSON; - for standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train, print the table, write the JSON; the exit status is 1 if a run failed."""
    from models.analysis.verdict import judge
    from models.cli.table import printed, printed_verdict
    from models.engine.run_here import run_experiment

    own = own_file_from(arguments)
    spec, content = spec_from(arguments, own)
    out = sys.stderr if arguments.json == "-" else sys.stdout
    if own is not None:
        print("\n".join([*own.reading.sentences(), ""]), file=out)
        own = None  # its table is not needed for training
        hand_back_memory()
    with ProgressBars() as bars:
        result = run_experiment(spec, content=content, on_progress=bars.show)
    print(printed(result), file=out)
    print(f"\n{printed_verdict(judge(result))}", file=out)
    if arguments.json:
        write_json(result_document(result), arguments.json)
    return 0


class ProgressBars:
    """One bar per architecture on standard error."""

    def __init__(self) -> None:
        self._bars: dict[str, tqdm[Any]] = {}

    def __enter__(self) -> "ProgressBars":
        return self

    def __exit__(self, *_: object) -> None:
        for bar in self._bars.values():
            bar.close()

    def show(self, run: RunSpec, record: ProgressRecord) -> None:
        """Move the run's bar."""
        bar = self._bars.get(record.run)
        if bar is None:
            bar = tqdm(total=record.updates, desc=run.architecture, unit="update", file=sys.stderr, disable=None)
            self._bars[record.run] = bar
        bar.update(record.update - bar.n)
