"""What a comparison shows and how sure it is, in three layers: headline, facts, details."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import numpy as np

from data.escape_output import markdown
from models.analysis import wording
from models.analysis.baselines import BaselineComparison, compare_with_baselines
from models.analysis.comparison_columns import deciding_metric
from models.analysis.details import Detail, details
from models.analysis.facts import cheaper, facts
from models.analysis.headline import headline, short_of_all
from models.analysis.pairs import PairComparison, compare_all, leader
from models.analysis.training_ends import TrainingEnd, training_ends
from models.records.results import ExperimentResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A comparison in words and numbers.

    Attributes:
        headline: The finding in at most fifteen words.
        facts: Three to five short lines: scores, wins, cost, baseline, margin.
        details: Test, intervals, what would decide, what was varied, limits.
        comparisons: Every pair of architectures.
        baselines: Every architecture against the best simple predictor of each repeat.
        ends: How the training of every architecture ended.
        short: At most five words.
        leader: Name of the architecture that is shown to be better than every other one, or None.
    """

    headline: str
    facts: tuple[str, ...]
    details: tuple[Detail, ...]
    comparisons: tuple[PairComparison, ...]
    baselines: tuple[BaselineComparison, ...]
    ends: tuple[TrainingEnd, ...]
    short: str
    leader: str | None

    @property
    def paragraph(self) -> str:
        """Headline and facts as one text."""
        return " ".join((self.headline, *self.facts))

    def _repr_html_(self) -> str:
        """Return headline and facts as HTML, and the details behind a click, for notebooks."""
        facts = "".join(f"<li>{escape(fact)}</li>" for fact in self.facts)
        details = "".join(f"<p><b>{escape(heading)}.</b> {escape(text)}</p>" for heading, text in self.details)
        folded = f"<details><summary>Why this verdict</summary>{details}</details>"
        return f"<p><b>{escape(self.headline)}</b></p><ul>{facts}</ul>{folded}"

    def _repr_markdown_(self) -> str:
        """Return headline and facts as Markdown, for notebooks."""
        return "\n".join(
            (f"**{markdown(self.headline, 400)}**", "", *(f"- {markdown(fact, 4000)}" for fact in self.facts))
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; NaN becomes None. See `docs/verdict.md`."""
        plain = {
            "headline": self.headline,
            "facts": list(self.facts),
            "details": [f"{heading}: {text}" for heading, text in self.details],
            "comparisons": [_described(comparison) for comparison in self.comparisons],
            "baselines": [_baseline(item) for item in self.baselines],
            "short": self.short,
            "paragraph": self.paragraph,
            "failures": [_failures(end) for end in self.ends],
        }
        cleaned: dict[str, Any] = _plain(plain)
        return cleaned


def _described(pair: PairComparison) -> dict[str, Any]:
    """Return a pair's entry, the names of version 0.1 last."""
    test = pair.tested
    return {
        "pair": list(pair.pair),
        "outcome": pair.outcome,
        "better": pair.better,
        "p": test.p,
        "smallest_p": test.smallest_p,
        "difference": test.difference,
        "interval": test.interval,
        "margin": test.margin,
        "wins": dict(zip(pair.pair, pair.wins, strict=True)),
        "repeats": test.repeats,
        "statement": wording.statement(pair),
        "corrected_p": test.corrected_p,
        "confidence": 1 - test.level,
        "equivalence_interval": test.equivalence,
        "matters": test.matters,
        "repeats_needed": test.repeats_needed,
        "solved": pair.solved,
        "solved_p": pair.solved_p,
        **_of_version_0_1(pair),
    }


def _of_version_0_1(pair: PairComparison) -> dict[str, Any]:
    return {
        "titles": pair.titles,
        "metric": pair.metric,
        "higher_is_better": pair.higher_is_better,
        "seeds": pair.tested.repeats,
        "means": pair.means,
        "differences": [(repeat.index, repeat.difference) for repeat in pair.repeats],
        "seeds_needed": pair.tested.repeats_needed,
        "short": wording.short(pair),
    }


def _baseline(item: BaselineComparison) -> dict[str, Any]:
    return {
        "architecture": item.architecture,
        "baseline": item.baseline,
        "outcome": item.outcome,
        "p": item.tested.p,
        "smallest_p": item.tested.smallest_p,
        "difference": item.tested.difference,
        "interval": item.tested.interval,
        "repeats": item.tested.repeats,
    }


def _failures(end: TrainingEnd) -> Mapping[str, Any]:
    return asdict(end)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def judge(result: ExperimentResult) -> Verdict:
    """Compare every pair of architectures of a result and say in words what that shows and what it does not."""
    metric, column = deciding_metric(result)
    comparisons = compare_all(result, metric, column)
    baselines = compare_with_baselines(result, metric, column)
    ends = training_ends(result)
    return Verdict(
        headline=headline(result, comparisons, cheaper(result.runs)),
        facts=facts(result, metric, column, comparisons, baselines),
        details=details(result, column, comparisons, baselines, ends),
        comparisons=comparisons,
        baselines=baselines,
        ends=ends,
        short=short_of_all(result, comparisons),
        leader=leader(result.runs, comparisons),
    )


def verdict_document(result: ExperimentResult) -> dict[str, Any]:
    """Return the verdict of a result as plain JSON values, see `Verdict.to_dict`."""
    return judge(result).to_dict()
