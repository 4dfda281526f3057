"""`python -m models sweep`: train one experiment at many settings; resumes an interrupted sweep."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tqdm import tqdm

from models.cli.arguments import add_spec_arguments, spec_from, write_json
from models.engine.sweep_runner import SweepRunner
from models.errors import EngineError, InvalidSpecError
from models.records.sweep import SweepView
from models.spec.sweep import SweepSpec

PAUSE = 0.3  # seconds between two checks
EXAMPLE = "--dataset adding --axis option.length=10,20,40,80 --axis architecture=lstm,gru"


def add_command(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("sweep", help=f"train at many settings, for example {EXAMPLE}")
    add_spec_arguments(parser)
    parser.add_argument(
        "--axis",
        action="append",
        default=[],
        metavar="NAME=V1,V2,...",
        help="values of a setting, of option.NAME or of architecture; may be repeated, and every combination is trained",
    )
    parser.add_argument("--threads", type=int, metavar="N", help="runs at a time in this process; default: all cores")
    parser.add_argument("--json", metavar="FILE", help="write the result as JSON; - for standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train, print the table, write the JSON; the exit status is 1 if a run failed, 130 if it was stopped."""
    from models.analysis.sweeps import sweep_frame
    from models.cli.table import printed_sweep
    from models.export.result_document import sweep_document

    spec = sweep_from(arguments)
    with runner(arguments.threads) as carrying:
        carrying.start(spec)
        with Progress(spec) as progress:
            view = wait_for(carrying, spec, progress.show)
    out = sys.stderr if arguments.json == "-" else sys.stdout
    print(printed_sweep(spec, sweep_frame(spec, view.outcomes)), file=out)
    if arguments.json:
        write_json(sweep_document(view), arguments.json)
    if view.message:
        print(view.message, file=sys.stderr)
    if not view.complete and not view.count("failed"):
        print("Stopped: the same command resumes it.", file=sys.stderr)
        return 130
    return 0 if view.complete else 1


def sweep_from(arguments: argparse.Namespace) -> SweepSpec:
    """Build the sweep.

    Raises:
        GatescopeError: One sentence per problem.
    """
    base, _ = spec_from(arguments)
    split = [text.partition("=") for text in arguments.axis]
    bad = [text for text, (_, sign, _) in zip(arguments.axis, split, strict=True) if not sign]
    if bad:
        raise InvalidSpecError([f"`--axis` must have the form NAME=V1,V2,..., not `{text[:40]}`." for text in bad])
    names = [name for name, _, _ in split]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidSpecError(
            [f"`--axis {name[:40]}` is given twice; write all its values after one." for name in twice]
        )
    if "learning_rate" in names and arguments.field_rate_search is None:
        base = replace(base, rate_search=0)  # the sweep itself compares the rates
    return SweepSpec(base=base, axes=tuple((name, tuple(values.split(","))) for name, _, values in split))


@contextmanager
def runner(threads: int | None) -> Iterator[SweepRunner]:
    """Open the store and a trainer: this process, or the cluster that `GATESCOPE_SCHEDULER` names."""
    from models.engine.connection import SCHEDULER
    from models.engine.engine import Engine
    from models.engine.in_process import InProcess
    from models.store.sql import open_store

    store = open_store()
    trainer: Any = Engine(store) if os.environ.get(SCHEDULER) else InProcess(store, threads=threads)
    try:
        if isinstance(trainer, Engine):
            _connect(trainer)
        made = SweepRunner(trainer, store, keep=False)
        yield made
        made.close()
    finally:
        trainer.close()
        store.close()


def _connect(engine: Any) -> None:
    """Wait until the cluster answers.

    Raises:
        EngineError: If it does not.
    """
    engine.start()
    while engine.state.name in ("idle", "starting"):
        time.sleep(0.05)
    if engine.state.name in ("unreachable", "closed"):
        raise EngineError(engine.state.message)


def wait_for(carrying: SweepRunner, spec: SweepSpec, tell: Callable[[SweepView], None]) -> SweepView:
    """Wait for the end of a sweep; a keyboard interrupt stops it and keeps finished runs.

    Args:
        carrying: The sweep runner.
        spec: The sweep, started before.
        tell: Called from time to time with the progress.
    """
    while (view := carrying.view(spec)).status == "running":
        tell(view)
        try:
            time.sleep(PAUSE)
        except KeyboardInterrupt:
            carrying.stop(spec.key())
    tell(view)
    return view


class Progress:
    """One bar on standard error: runs done, and the time left."""

    def __init__(self, spec: SweepSpec) -> None:
        self._bar: tqdm[Any] = tqdm(
            total=spec.size,
            desc="sweep",
            unit="run",
            file=sys.stderr,
            disable=None,
            bar_format="{desc}: {n_fmt}/{total_fmt} runs |{bar}| {elapsed}{postfix}",
        )

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def show(self, view: SweepView) -> None:
        """Move the bar."""
        if view.seconds_left is not None and not view.complete:
            self._bar.set_postfix_str(f"about {view.seconds_left:.0f} s left", refresh=False)
        self._bar.update(view.done + view.count("failed") - self._bar.n)
        self._bar.refresh()
