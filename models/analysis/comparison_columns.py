"""Titles, units and meanings of the columns in a comparison, and of the metric that decides it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from data.quantiles import BAND
from models.records.results import ExperimentResult
from models.spec.deciding_metric import metric_of
from models.spec.experiment_settings import ExperimentSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """How to head and read a numeric column.

    Attributes:
        title: Heading without the unit.
        unit: Unit, empty for a plain number.
        help: What it is and where it comes from, one sentence.
        better: Whether low or high is better, or None.
        digits: Significant digits worth showing.
        provenance: `measured` in this run, computed by `formula`, or chosen as a `setting`.
    """

    title: str
    help: str
    unit: str = ""
    better: Literal["low", "high"] | None = None
    digits: int = 3
    provenance: Literal["measured", "formula", "setting"] = "measured"

    @property
    def heading(self) -> str:
        """Return title and unit: `Weights (kB)`."""
        return f"{self.title} ({self.unit})" if self.unit else self.title


MEASURES: Mapping[str, Column] = {
    "training_loss": Column(title="Training loss", better="low", help="Average loss over the latest training batches."),
    "validation_loss": Column(title="Validation loss", better="low", help="Loss on the validation part."),
    "metric": Column(title="Validation metric", help="The deciding metric on the validation part."),
    "gradient_norm": Column(title="Gradient norm", help="Length of the gradient before clipping."),
}
AXES: Mapping[str, Column] = {
    "update": Column(title="Updates", help="Steps of the optimiser.", digits=6, provenance="formula"),
    "seconds": Column(title="Training time", unit="s", help="Seconds of training, evaluation left out."),
    "flops": Column(
        title="Training cost",
        unit="FLOPs per seed",
        help="Floating-point operations of the matrix products of all updates so far, by formula.",
        provenance="formula",
    ),
}
COLUMNS: Mapping[str, Column] = {
    "test_mean": Column(
        title="Test", help="Mean over repeats, on the test part, of the weights with the best validation loss."
    ),
    "test_spread": Column(title="Spread", help="Standard deviation over repeats; there is none for one repeat."),
    "skill": Column(
        title="Skill",
        unit="%",
        help="How much smaller the error is than the best simple predictor's, mean over repeats; below zero it is larger.",
    ),
    "mase": Column(
        title="MASE",
        help="Mean absolute error over the mean step between neighbouring training values (Hyndman and Koehler 2006).",
    ),
    "band_held": Column(
        title="In the band",
        unit="%",
        help=f"Share of test values between the predicted 10 and 90 % quantiles, mean over repeats; {BAND} % should be.",
    ),
    "hidden_size": Column(
        title="Hidden size", unit="units", digits=4, provenance="setting", help="Units of each recurrent layer."
    ),
    "parameters": Column(
        title="Parameters",
        better="low",
        digits=9,
        provenance="formula",
        help="Number of parameters of one network, head included.",
    ),
    "weights_kilobytes": Column(
        title="Weights", unit="kB", better="low", provenance="formula", help="Size of the parameters as 32-bit floats."
    ),
    "updates": Column(title="Updates", digits=6, provenance="setting", help="Maximum steps of the optimiser."),
    "learning_rate": Column(title="Learning rate", provenance="setting", help="The chosen one, or the search's best."),
    "best_validation_loss": Column(
        title="Best validation loss", better="low", help="Lowest validation loss of each repeat, mean over repeats."
    ),
    "best_update": Column(
        title="... at update", digits=6, help="Update of the lowest validation loss, median over repeats."
    ),
    "final_validation_loss": Column(
        title="Final validation loss", better="low", help="Validation loss at the last evaluation, mean over repeats."
    ),
    "solved_update": Column(
        title="Solved at update",
        better="low",
        digits=6,
        help="Median over repeats; none if half of them never solved it.",
    ),
    "milliseconds_per_update": Column(
        title="Training", unit="ms per update", better="low", help="Median time of one update of all repeats together."
    ),
    "sequences_per_second": Column(
        title="Training speed",
        unit="sequences/s",
        better="high",
        help="Training sequences per second, all repeats together.",
    ),
    "inference_milliseconds": Column(
        title="Inference", unit="ms per sequence", better="low", help="Time for the answer to one whole sequence."
    ),
    "horizon": Column(
        title="Gradient horizon",
        unit="steps",
        help="How many steps back from the end the gradient of the trained network stays above 1 % of its largest norm; "
        "median over repeats.",
    ),
    "seeds": Column(title="Seeds", digits=3, provenance="setting", help="Independent trainings."),
    "diverged": Column(
        title="Diverged", better="low", digits=3, help="Seeds whose loss became infinite or not a number."
    ),
    "unsolved": Column(
        title="Not solved",
        better="low",
        digits=3,
        help="Seeds that never met the task's solved criterion, where it has one.",
    ),
}


def metric_column(name: str, *, higher_is_better: bool) -> Column:
    """Describe a metric by its name: `rmse_degrees_celsius` is headed "RMSE (degrees celsius)"."""
    kind, _, unit = name.partition("_")
    if "_per_" in name or "accuracy" in name:  # these names hold no unit
        kind, unit = name, ""
    if name == "scaled_pinball":
        kind, unit = "scaled pinball loss", ""
    if found := re.fullmatch(r"(pinball|coverage)_(\d\d)(?:_(.*))?", name):
        kind, unit = (
            f"{'pinball loss' if found[1] == 'pinball' else 'coverage of the band'}, {found[2]} %",
            found[3] or "",
        )
    title = {"rmse": "RMSE", "mae": "MAE", "mase": "MASE", "pinball": "Pinball loss"}.get(
        kind, kind.replace("_", " ").capitalize()
    )
    return Column(
        title=title,
        unit=unit.replace("_", " "),
        better="high" if higher_is_better else "low",
        help="Measured on the test part with the weights of the best validation loss.",
    )


def deciding_metric(result: ExperimentResult) -> tuple[str, Column]:
    """Return the metric that decides a comparison, and how to read it."""
    return spec_metric(result.spec)


def spec_metric(spec: ExperimentSpec) -> tuple[str, Column]:
    """Return the metric that will decide an experiment, and how to read it."""
    source, options = spec.source(), spec.dataset_options()
    name = metric_of(spec)
    return name, metric_column(name, higher_is_better=source.higher_is_better(options))


def is_share(metric: str) -> bool:
    """Return whether a metric is a share between 0 and 1, by its name."""
    return "accuracy" in metric or metric.startswith("coverage_")
