"""Wording shared by all parts of a verdict: numbers, lists, and one sentence per pair."""

from collections.abc import Sequence

import numpy as np

from data import fields
from data.uploads.shared_options import split_names
from models.analysis.comparison_columns import Column
from models.analysis.pairs import PairComparison
from models.analysis.statistics import LEVEL, MAX_EXACT, SAMPLED_PATTERNS, min_repeats
from models.cells import get_cell
from models.spec.experiment_settings import ExperimentSpec

MAX_TARGETS = 3  # columns that are named before they are counted


def number(value: float) -> str:
    """Return a value with three significant digits, a true minus, and thin-spaced thousands."""
    if not np.isfinite(value):
        return "no value"
    text = f"{value:,.0f}".replace(",", "\u202f") if abs(value) >= 1000 else f"{value:.3g}"
    return f"\u2212{text[1:]}" if text.startswith("-") else text


def grouped(value: float) -> str:
    """Format a whole number with thin-spaced thousands."""
    return f"{value:,.0f}".replace(",", "\u202f")


def duration(seconds: float) -> str:
    """Format a duration: "4 s", "2 min 10 s", "1 h 5 min"."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: `1 repeat`, `3 repeats`, `3 stretches`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun}{'es' if noun.endswith('ch') else 's'}"


def joined(parts: Sequence[str]) -> str:
    """Join words: `a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def probability(value: float) -> str:
    """Return a probability with two significant digits."""
    return f"{value:.2g}" if value >= 0.001 else f"{value:.0e}"


def chance(p: float) -> str:
    """Say how often chance alone gives a difference at least as large: "in 38 of 100 cases"."""
    if p < 0.001:
        return "in fewer than 1 of 1,000 cases"
    return f"in {round(100 * p)} of 100 cases" if p >= 0.01 else f"in {round(1_000 * p)} of 1,000 cases"


def capitalised(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def metric_name(column: Column) -> str:
    """Return a metric's name inside a sentence: "accuracy", but "RMSE"."""
    return column.title if column.title.isupper() else column.title.lower()


def unit_of(column: Column) -> str:
    """Return a metric's unit as a suffix to a number; nothing for plain numbers."""
    return f" {column.unit}" if column.unit not in ("", "value") else ""


def question(spec: ExperimentSpec) -> str:
    """Return what is compared, with the target and the data: "LSTM and GRU forecast Umsatz from sales.csv".

    It may hold names from a visitor's file: escape it wherever it is shown.
    """
    names = joined([get_cell(name).title for name in spec.architectures])
    verb = "forecasts" if len(spec.architectures) == 1 else "forecast"
    target, file, title = target_name(spec), file_name(spec), spec.source().title
    if spec.source().family != "own":
        return f"{names} {verb} {target} from {short_data_name(spec)}" if target else f"{names} on {title}"
    if spec.dataset == "own_series" and dict(spec.options).get("predict") != "classes":
        return f"{names} {verb} {target or 'a column'} from {file}"
    return f"{names} on {target} in {file}" if target else f"{names} on {file}"


def file_name(spec: ExperimentSpec) -> str:
    """Return the name of a visitor's file, or "your file" where it is not known."""
    return str(dict(spec.options).get("file", "")) or "your file"


def target_name(spec: ExperimentSpec) -> str:
    """Return what is predicted, where the data have a choice of it: `Umsatz`; several columns are joined."""
    options = dict(spec.options)
    if spec.source().family == "own":
        targets = split_names(str(options.get("target") or options.get("label") or ""))
        return joined(targets) if len(targets) <= MAX_TARGETS else f"{len(targets)} columns"
    info = fields.infos(spec.source().Options).get("target")
    return dict(info.choices).get(str(options.get("target")), "") if info is not None else ""


def data_name(spec: ExperimentSpec) -> str:
    """Return the data of a finding, with the target where there is a choice: `Sunspots`, `Umsatz (sales.csv)`."""
    target, short = target_name(spec), short_data_name(spec)
    return f"{target} ({short})" if target else short


def short_data_name(spec: ExperimentSpec) -> str:
    """Return the data in a few words: a file's name, or a dataset's title without what follows a comma or bracket."""
    if spec.source().family == "own":
        return file_name(spec)
    return spec.source().title.split(",")[0].split(" (")[0].strip()


def noun(comparison: PairComparison) -> str:
    """Return what one repeat of a pair is called."""
    return "stretch" if comparison.timed else "repeat"


def won(comparison: PairComparison) -> str:
    """Say who won how often: `LSTM won 6 of 8 stretches, GRU 2`."""
    (first, second), (mine, other) = comparison.titles, comparison.wins
    if other > mine:
        first, second, mine, other = second, first, other, mine
    return f"{first} won {mine} of {counted(comparison.tested.repeats, noun(comparison))}, {second} {other}"


def short(comparison: PairComparison) -> str:
    """Return a verdict of at most five words."""
    if comparison.outcome == "better":
        return f"{comparison.winner} better" if comparison.tested.matters else f"{comparison.winner} better, barely"
    if comparison.outcome == "same":
        return "practically the same"
    if comparison.outcome == "too_close":
        return "too close to call"
    return f"too few repeats ({comparison.tested.repeats})"


def statement(comparison: PairComparison) -> str:
    """Return a pair's conclusion in one sentence, with its numbers."""
    return f"{claim(comparison)}{evidence(comparison)}."


def claim(comparison: PairComparison) -> str:
    """Say the outcome of a pair in words, without numbers."""
    both = joined(comparison.titles)
    if comparison.outcome == "better":
        trifle = "" if comparison.tested.matters else ", by less than matters"
        return f"{comparison.winner} is better than {comparison.loser}{trifle}"
    if comparison.outcome == "same":
        return f"{both} are the same for practical purposes"
    if comparison.outcome == "too_close":
        return f"{both} are too close to call"
    least = min_repeats(comparison.tested.level)
    return f"Too few repeats to compare {both} ({comparison.tested.repeats} of at least {least})"


def evidence(comparison: PairComparison) -> str:
    """Return the numbers that support a claim, to be appended to it: means, wins and p."""
    if not comparison.tested.repeats:
        return ": they have no completed repeat in common"
    values = ", ".join(
        f"{title} {number(mean)}" for title, mean in zip(comparison.titles, comparison.means, strict=True)
    )
    if comparison.tested.repeats == 1:
        return f": {values} in one {noun(comparison)}"
    return f": {values}; {won(comparison)}; {p_value(comparison)}"


def p_value(comparison: PairComparison) -> str:
    """Return the test's p, corrected where several pairs were tested, with the smallest possible one."""
    test = comparison.tested
    if test.p is None or test.corrected_p is None:
        return "no test"
    text = f"p = {probability(test.p)}"
    if test.level < LEVEL or test.corrected_p != test.p:
        text += f", {probability(test.corrected_p)} after correction for several pairs"
    return f"{text} (smallest possible {probability(test.smallest_p)})"


def test_name(repeats: int) -> str:
    """Return the name of the test used for a number of repeats."""
    if repeats <= MAX_EXACT:
        return "exact sign-flip test"
    return f"sign-flip test on a fixed random sample of {SAMPLED_PATTERNS:,} sign patterns"
