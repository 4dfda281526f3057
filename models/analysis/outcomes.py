"""The conclusion from paired differences: one of four outcomes of a single test.

- `better`: the sign-flip test rejects at 5 %, after Holm's correction for all comparisons made together.
- `same`: the 90 % interval lies within the margin (two one-sided tests at 5 %): no difference that matters.
- `too_few`: too few repeats for any claim.
- `too_close`: everything else.

Takes plain arrays and returns plain values; it does not know what is compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from models.analysis.statistics import (
    LEVEL,
    Floats,
    holm,
    holm_levels,
    interval,
    min_repeats,
    repeats_to_claim,
    repeats_to_equate,
    sign_flip_p,
    smallest_p,
)

Outcome = Literal["better", "same", "too_close", "too_few"]
EQUIVALENCE = 1 - 2 * LEVEL  # confidence of the interval that matches two one-sided tests at LEVEL
MARGIN_OF_ERRORS = 2.0  # percent of the better mean
MARGIN_OF_SHARES = 1.0  # percentage points


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """The test of one set of paired differences.

    Attributes:
        repeats: How many differences there are.
        difference: Their mean; NaN without any.
        p: Two-sided p of the sign-flip test, None below two repeats.
        corrected_p: After Holm's correction.
        smallest_p: Smallest p that this number of repeats can give.
        level: The level at which Holm's procedure tests `p`.
        interval: The shifts that the test does not reject at `level`; None with too few repeats.
        equivalence: The 90 % interval that is compared with the margin; None with too few repeats.
        margin: The smallest difference that matters.
        outcome: See the module.
        repeats_needed: Number of repeats that would probably decide an open outcome; None if unknown.
    """

    repeats: int
    difference: float
    p: float | None
    corrected_p: float | None
    smallest_p: float
    level: float
    interval: tuple[float, float] | None
    equivalence: tuple[float, float] | None
    margin: float
    outcome: Outcome
    repeats_needed: int | None

    @property
    def matters(self) -> bool:
        """Whether the mean difference is at least the margin."""
        return abs(self.difference) >= self.margin


def compare_differences(samples: Sequence[ArrayLike], margins: Sequence[float]) -> tuple[Tested, ...]:
    """Test several sets of paired differences together.

    Args:
        samples: One `(n,)` array per comparison; lengths may differ.
        margins: The smallest difference that matters, one per comparison.
    """
    values = [np.asarray(sample, dtype=np.float64) for sample in samples]
    tested = [place for place, sample in enumerate(values) if len(sample) > 1]
    p_values = [float(sign_flip_p(values[place])) for place in tested]
    p = dict(zip(tested, p_values, strict=True))
    corrected = dict(zip(tested, holm(p_values), strict=True))
    levels = dict(zip(tested, holm_levels(p_values), strict=True))
    return tuple(
        _tested(sample, margin, p.get(place), corrected.get(place), levels.get(place, LEVEL / max(1, len(values))))
        for place, (sample, margin) in enumerate(zip(values, margins, strict=True))
    )


def _tested(values: Floats, margin: float, p: float | None, corrected: float | None, level: float) -> Tested:
    equivalence = interval(values, EQUIVALENCE)
    outcome = _outcome(len(values), p, level, equivalence, margin)
    return Tested(
        repeats=len(values),
        difference=float(np.mean(values)) if len(values) else float("nan"),
        p=p,
        corrected_p=corrected,
        smallest_p=smallest_p(len(values)),
        level=level,
        interval=interval(values, 1 - level),
        equivalence=equivalence,
        margin=margin,
        outcome=outcome,
        repeats_needed=_repeats_needed(values, margin, level, outcome),
    )


def without_equality(tested: Tested) -> Tested:
    """Return a test with an open outcome instead of `same`, for use if other evidence shows that the two differ."""
    return replace(tested, outcome="too_close") if tested.outcome == "same" else tested


def _outcome(
    repeats: int, p: float | None, level: float, equivalence: tuple[float, float] | None, margin: float
) -> Outcome:
    if p is None or smallest_p(repeats) >= level:
        return "too_few"
    if p < level:
        return "better"
    if equivalence is not None and -margin <= equivalence[0] and equivalence[1] <= margin:
        return "same"
    return "too_close"


def _repeats_needed(values: Floats, margin: float, level: float, outcome: Outcome) -> int | None:
    """Estimate how many repeats would give a claim, or show that the difference does not matter."""
    if outcome in ("better", "same"):
        return None
    if outcome == "too_few":
        return min_repeats(level)
    estimates = (repeats_to_claim(values, level), repeats_to_equate(values, margin))
    known = [estimate for estimate in estimates if estimate is not None]
    return max(min(known), len(values) + 1) if known else None


def margin_of(means: Sequence[float], *, share: bool, higher_is_better: bool = False, percent: float = 0.0) -> float:
    """Return the smallest difference that matters, in the metric's unit.

    Args:
        means: Mean of each model.
        share: Whether the metric is a share between 0 and 1: the margin is then in percentage points. Otherwise it is
            relative to the better mean.
        higher_is_better: Which mean is the better one.
        percent: The margin in the settings; 0 takes `MARGIN_OF_ERRORS` or `MARGIN_OF_SHARES`.
    """
    if share:
        return (percent or MARGIN_OF_SHARES) / 100
    finite = [mean for mean in means if np.isfinite(mean)]
    if not finite:
        return 0.0
    return (percent or MARGIN_OF_ERRORS) / 100 * abs(max(finite) if higher_is_better else min(finite))
