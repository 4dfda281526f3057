"""The numbers of a finding's runs: plain values that a file keeps and that a rule decides by."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.records.results import ExperimentResult, RunResult

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNumbers:
    """One architecture of one experiment.

    Attributes:
        hidden_size: Units of a layer.
        parameters: Parameters of one repeat, head included.
        kernel: Implementation of the recurrence.
        updates: Updates that were asked for.
        learning_rate: The rate that was used.
        status: Status of each repeat.
        metrics: Test metric to its value in each repeat.
        solved: Update after which each repeat met the solved criterion, None where it never did.
        stretches: Number of the stretch of time that each repeat was tested on; equal numbers are one stretch.
        timed: Whether repeats are stretches of time.
        baselines: Simple predictor to test metric to its value in each repeat.
        curve: `update`, `loss` and `metric` over validation data: lists by evaluation, median over repeats.
        gradient: Name in `RunResult.gradient_flow` to its median over repeats, step by step; the first step first.
    """

    hidden_size: int
    parameters: int
    kernel: str
    updates: int
    learning_rate: float
    status: list[str]
    metrics: Mapping[str, list[float]]
    solved: list[int | None]
    stretches: list[int]
    timed: bool = False
    baselines: Mapping[str, Mapping[str, list[float]]] = field(default_factory=dict)
    curve: Mapping[str, list[float]] = field(default_factory=dict)
    gradient: Mapping[str, list[float]] = field(default_factory=dict)

    def of(self, metric: str) -> Floats:
        """Return a test metric of every repeat."""
        return np.array([np.nan if value is None else value for value in self.metrics[metric]], dtype=np.float64)

    def baseline(self, title: str, metric: str) -> Floats:
        """Return a simple predictor's test metric in every repeat."""
        return np.array(self.baselines[title][metric], dtype=np.float64)

    @property
    def solved_count(self) -> int:
        """How many repeats met the solved criterion."""
        return sum(update is not None for update in self.solved)

    @property
    def repeats(self) -> int:
        """How many repeats were trained."""
        return len(self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All numbers of a finding.

    Attributes:
        experiments: Label of an experiment to architecture to its numbers.
        numbers: What `Finding.measure` returned: group to name to numbers, such as kernel to architecture to milliseconds.
    """

    experiments: Mapping[str, Mapping[str, RunNumbers]]
    numbers: Mapping[str, Mapping[str, list[float]]] = field(default_factory=dict)

    def run(self, architecture: str, label: str = "") -> RunNumbers:
        """Return the numbers of an architecture; the label may be left out where there is one experiment."""
        chosen = self.experiments[label] if label else next(iter(self.experiments.values()))
        return chosen[architecture]

    def to_dict(self) -> dict[str, Any]:
        """Return the experiments as plain JSON values; see `plain_numbers` for the rest."""
        return {
            label: {name: _plain(asdict(numbers)) for name, numbers in runs.items()}
            for label, runs in self.experiments.items()
        }

    def plain_numbers(self) -> dict[str, Any]:
        """Return `numbers` as plain JSON values."""
        plain: dict[str, Any] = _plain(self.numbers)
        return plain

    @classmethod
    def from_dict(
        cls,
        raw: Mapping[str, Mapping[str, Mapping[str, Any]]],
        numbers: Mapping[str, Mapping[str, list[float]]] | None = None,
    ) -> "Measured":
        """Read what `to_dict` and `plain_numbers` wrote."""
        experiments = {
            label: {name: RunNumbers(**values) for name, values in runs.items()} for label, runs in raw.items()
        }
        return cls(experiments=experiments, numbers=numbers or {})


def numbers_of(
    result: ExperimentResult, extra: Mapping[str, Mapping[str, list[float]]] | None = None
) -> dict[str, RunNumbers]:
    """Return architecture to the numbers of its run.

    Args:
        result: A finished experiment.
        extra: Architecture to further numbers of each repeat, see `models.findings.finding.Finding.further`.
    """
    found = {run.spec.architecture: _numbers(result, run) for run in result.runs}
    return {
        name: replace(numbers, metrics={**numbers.metrics, **(extra or {}).get(name, {})})
        for name, numbers in found.items()
    }


def _numbers(result: ExperimentResult, run: RunResult) -> RunNumbers:
    names = run.seeds[0].test_metrics
    return RunNumbers(
        hidden_size=run.spec.hidden_size,
        parameters=run.parameters,
        kernel=run.kernel,
        updates=run.spec.updates,
        learning_rate=run.spec.learning_rate,
        status=[seed.status for seed in run.seeds],
        metrics={name: [float(seed.test_metrics[name]) for seed in run.seeds] for name in names},
        solved=[seed.solved_update for seed in run.seeds],
        stretches=[seed.stretch_index for seed in run.seeds],
        timed=any(seed.stretch is not None for seed in run.seeds),
        baselines=_baselines(result, len(run.seeds)),
        curve=_curve(run),
        gradient={name: np.median(rows, axis=0).tolist() for name, rows in run.gradient_flow.items() if rows.ndim == 2},
    )


def _baselines(result: ExperimentResult, repeats: int) -> dict[str, dict[str, list[float]]]:
    every = result.repeat_baselines or (result.baselines,) * repeats
    titles = [title for title in every[0] if all(title in one for one in every)] if every else []
    return {
        title: {metric: [float(one[title][metric]) for one in every] for metric in every[0][title]} for title in titles
    }


def _curve(run: RunResult) -> dict[str, list[float]]:
    updates = np.unique(run.curves["update"])
    columns = {"loss": "validation_loss", "metric": "metric"}
    found = {
        name: [float(np.median(run.curves[column][run.curves["update"] == update])) for update in updates]
        for name, column in columns.items()
    }
    return {"update": [float(update) for update in updates], **found}


def _plain(value: Any) -> Any:
    """Return JSON values: numbers to six digits, which is what a rule may look at, and None for what is not finite."""
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    return value
