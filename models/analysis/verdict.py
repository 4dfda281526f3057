"""What a comparison shows and how sure it is: paired by seed, "not distinguishable" unless the numbers say otherwise."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.analysis import wording
from models.analysis.comparison import deciding_metric
from models.analysis.pairs import Failures, PairComparison, compare_all, count_failures
from models.records.results import ExperimentResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A comparison in words and numbers.

    Attributes:
        headline: Who is better on what, by how much and how sure.
        sentences: Topic (`result`, `failures`, `cost`, `baseline`, `limits`) to one or more sentences; no empty ones.
        comparisons: Every pair of architectures.
        failures: Every architecture.
        short: At most five words.
    """

    headline: str
    sentences: Mapping[str, str]
    comparisons: tuple[PairComparison, ...]
    failures: tuple[Failures, ...]
    short: str

    @property
    def paragraph(self) -> str:
        """All sentences, in order."""
        return " ".join(self.sentences.values())

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; NaN becomes None."""
        plain = {
            "paragraph": self.paragraph,
            "short": self.short,
            "comparisons": [_described(comparison) for comparison in self.comparisons],
            "failures": [asdict(failures) for failures in self.failures],
        }
        cleaned: dict[str, Any] = _plain(plain)
        return cleaned


def _described(comparison: PairComparison) -> dict[str, Any]:
    words = {"statement": wording.statement(comparison), "short": wording.short(comparison)}
    return asdict(comparison) | words


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def judge(result: ExperimentResult) -> Verdict:
    """Compare every pair of architectures of a result and say in words what that shows and what it does not.

    Args:
        result: At least one run; a comparison needs two.
    """
    metric, column = deciding_metric(result)
    comparisons = compare_all(result.runs, metric, column)
    failures = tuple(count_failures(run, result) for run in result.runs)
    sentences = {
        "result": wording.findings(comparisons, column),
        "failures": wording.failed(failures, result),
        "cost": wording.costs(result.runs),
        "baseline": wording.against_baselines(result, metric, column),
        "limits": wording.limits(result),
    }
    return Verdict(
        headline=wording.headline(comparisons, column),
        sentences={topic: text for topic, text in sentences.items() if text},
        comparisons=comparisons,
        failures=failures,
        short=wording.short_of_all(comparisons),
    )


def verdict_document(result: ExperimentResult) -> dict[str, Any]:
    """Return the verdict of a result as plain JSON values: `paragraph`, `short`, `comparisons`, `failures`."""
    return judge(result).to_dict()
