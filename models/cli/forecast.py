"""`python -m models forecast`: train, compare, and write the forecast of the rows after the last one."""

import argparse
import sys
from pathlib import Path
from typing import Any

from models.cli.arguments import add_spec_arguments, spec_from, write_json
from models.cli.compare import ProgressBars
from models.errors import GatescopeError
from models.spec.experiment_settings import ExperimentSpec


def add_command(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser("forecast", help="train architectures on a series and forecast its next rows")
    add_spec_arguments(parser)
    parser.add_argument("--target", metavar="COLUMN", help="the column to forecast; the same as --option target=COLUMN")
    parser.add_argument("--horizon", metavar="STEPS", help="how many rows; the same as --option horizon=STEPS")
    parser.add_argument(
        "--train-on-everything",
        action="store_true",
        help="forecast with networks trained on all rows; they have no test score of their own",
    )
    parser.add_argument(
        "--further", metavar="STEPS", type=int, help="forecast so many steps by feeding predictions back as inputs"
    )
    parser.add_argument(
        "--script", metavar="FILE", help="write a ZIP of a script that forecasts from the newest rows of a CSV file"
    )
    parser.add_argument("--json", metavar="FILE", help="write the forecast as JSON; - for standard output")
    parser.add_argument("--save", metavar="FILE", help="write the forecast as CSV")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train, print the forecast and the verdict's headline, write the files.

    Raises:
        GatescopeError: If the dataset is not a series, or a file cannot be written.
    """
    from data.escape_output import csv_bytes
    from models.analysis.forecast import forecast_result
    from models.analysis.forecast_sentences import coverage_sentences
    from models.analysis.train_on_everything import trained_on_everything
    from models.engine.run_here import run_experiment
    from models.export.dossier import Dossier
    from models.export.forecast_document import forecast_document
    from models.export.forecast_script import forecast_script

    for name in ("target", "horizon"):
        if getattr(arguments, name) is not None:
            arguments.option.append(f"{name}={getattr(arguments, name)}")
    spec, content = spec_from(arguments)
    _check_it_can_be_forecast(spec, content)
    with ProgressBars() as bars:
        result = run_experiment(spec, content=content, on_progress=bars.show)
    forecast = forecast_result(result, content)
    if forecast is None:
        raise GatescopeError("No network can forecast, because every run diverged; choose a smaller learning rate.")
    tested = forecast
    if arguments.further:
        forecast = _further(result, tested, arguments.further, content)
    elif arguments.train_on_everything:
        forecast = trained_on_everything(forecast, result, content)
    out = sys.stderr if arguments.json == "-" else sys.stdout
    print(forecast.frame().drop(columns="architecture").to_string(index=False, float_format="{:.4g}".format), file=out)
    print("\n" + "\n".join(coverage_sentences(forecast)), file=out)
    if arguments.save:
        _save(arguments.save, csv_bytes(forecast.frame()))
    if arguments.script:
        _save(arguments.script, forecast_script(Dossier(result=result, forecast=tested), content), "--script")
    if arguments.json:
        write_json(forecast_document(forecast), arguments.json)
    return 0


def _check_it_can_be_forecast(spec: ExperimentSpec, content: bytes | None) -> None:
    from models.analysis.forecast_sentences import missing_plan
    from models.spec.repeats import repeat_data

    if repeat_data(spec, content, 0).upcoming is None:
        raise GatescopeError(
            missing_plan(spec)
            or f"{spec.source().title} is not a series to forecast: give `--csv FILE`, or a dataset of numbers in time order."
        )


def _further(result: Any, tested: Any, steps: int, content: bytes | None) -> Any:
    from models.analysis.feed_back import further_forecast

    further = further_forecast(result, tested, steps, content)
    if further.forecast is None:
        raise GatescopeError(f"{further.obstacle} Or train for all of them: `--horizon {steps}`.")
    if said := further.shortfall(steps):
        print(said, file=sys.stderr)
    return further.forecast


def _save(target: str, content: bytes, option: str = "--save") -> None:
    try:
        Path(target).write_bytes(content)
    except OSError as error:
        raise GatescopeError(
            f"Cannot write `{target}`: {error.strerror}; choose another path for `{option}`."
        ) from error
