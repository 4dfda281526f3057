"""`python -m models compare`: train architectures on a dataset and print the comparison."""

import argparse
import sys
from dataclasses import replace
from typing import Any

from tqdm import tqdm

from data import fields
from models.cli.arguments import add_spec_arguments, own_file_from, spec_from, write_json
from models.errors import InvalidSpecError
from models.export.result_document import result_document
from models.malloc import hand_back_memory
from models.records.experiment import ExperimentRecord, new_id
from models.records.results import ExperimentResult, ProgressRecord
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec


def add_command(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("compare", help="train architectures on a dataset and compare them")
    add_spec_arguments(parser)
    parser.add_argument(
        "--continue",
        dest="continued",
        metavar="ID",
        help="add repeats to a finished experiment, up to --seeds; trains only the missing ones",
    )
    parser.add_argument("--json", metavar="FILE", help="write the result as JSON; - for standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train, print the table, write the JSON; the exit status is 1 if a run failed."""
    from models.analysis.verdict import judge
    from models.cli.table import printed, printed_verdict
    from models.engine.run_here import run_experiment

    out = sys.stderr if arguments.json == "-" else sys.stdout
    if arguments.continued:
        result = _continued(arguments)
    else:
        own = own_file_from(arguments)
        spec, content = spec_from(arguments, own)
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


def _continued(arguments: argparse.Namespace) -> ExperimentResult:
    """Train the missing repeats of a stored experiment, store the whole as a new experiment, and print its id.

    Raises:
        GatescopeError: If there is no such experiment, or it cannot be continued.
    """
    from models.engine.run_here import run_experiment
    from models.store.sql import open_store

    store = open_store()
    try:
        view, record = store.view(arguments.continued), store.record(arguments.continued)
        if view is None or record is None or view.result is None:
            raise InvalidSpecError([f"There is no finished experiment `{arguments.continued[:40]}` to continue."])
        spec = replace(view.spec, seeds=_wanted(arguments, view.spec))
        with ProgressBars() as bars:
            result = run_experiment(spec, content=record.content, on_progress=bars.show, earlier=view.result)
        runs = tuple(run.spec for run in result.runs)
        kept = ExperimentRecord(
            id=new_id(),
            spec=spec,
            runs=runs,
            control=record.control,
            content=record.content,
            baselines=result.baselines,
            repeat_baselines=result.repeat_baselines,
        )
        store.keep(kept, result)
        print(f"Stored as experiment {kept.id}.", file=sys.stderr)
        return result
    finally:
        store.close()


def _wanted(arguments: argparse.Namespace, spec: ExperimentSpec) -> int:
    """Return how many repeats are requested; nothing else may be given with `--continue`."""
    given = {name: getattr(arguments, f"field_{name}") for name in fields.infos(ExperimentSpec)}
    others = [name for name, value in given.items() if value is not None and name != "seeds"]
    if others or arguments.dataset or arguments.csv or arguments.option or arguments.architecture:
        raise InvalidSpecError(["`--continue` takes the settings of its experiment: give `--seeds` and nothing else."])
    wanted = fields.coerce(fields.infos(ExperimentSpec)["seeds"], given["seeds"] or "")
    if not isinstance(wanted, int):
        raise InvalidSpecError([f"`--continue` needs `--seeds` with more than the {spec.seeds} repeats that exist."])
    return wanted


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
        searched = "" if record.search is None else f"trying learning rates, {100 * record.search:.0f} %"
        bar.set_postfix_str(searched, refresh=bool(searched))
        bar.update(record.update - bar.n)
