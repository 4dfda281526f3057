"""The parts of the check that need no training: many made-up comparisons, judged by the functions that the pages use."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np

from models.analysis.baselines import compare_with_baselines
from models.analysis.comparison_columns import deciding_metric
from models.analysis.outcomes import compare_differences
from models.analysis.statistics import LEVEL, holm, interval, sign_flip_p
from tests.models.analysis.builders import METRIC, result_of
from tests.verdict.shapes import SHAPES, Draw
from tests.verdict.tables import Row, percent

REPEATS = (6, 8, 12, 20)
SHIFT = 0.7


def coverage(trials: int) -> Iterator[Row]:
    """Measure how often the 95 % interval holds the true difference, for every shape of scores and number of repeats."""
    for name, draw in SHAPES.items():
        yield (name, *(percent(covered(draw, repeats, trials)) for repeats in REPEATS))
    skewed: Draw = lambda random, size: random.exponential(1, size) - 1  # noqa: E731
    yield (
        "(not promised: differences themselves exponential)",
        *(percent(covered(skewed, repeats, trials, paired=False)) for repeats in REPEATS),
    )


def covered(draw: Draw, repeats: int, trials: int, *, paired: bool = True) -> float:
    """Return the share of intervals that hold the true difference.

    Args:
        draw: Shape of the scores; of the differences where they are not `paired`.
        repeats: Differences per trial.
        trials: How many trials.
        paired: Whether a difference is that of two scores.
    """
    random = np.random.default_rng([repeats, trials])
    held = 0
    for _ in range(trials):
        values = draw(random, (repeats,)) - draw(random, (repeats,)) if paired else draw(random, (repeats,))
        found = interval(values + SHIFT, 1 - LEVEL)
        held += found is not None and found[0] <= SHIFT <= found[1]
    return held / trials


def false_claims(trials: int) -> Iterator[Row]:
    """Measure how often any pair of up to seven identical architectures is claimed to differ."""
    for architectures in (2, 3, 5, 7):
        shares = [percent(any_claim(architectures, repeats, trials)) for repeats in (8, 12, 20)]
        yield (f"{architectures} identical architectures", *shares)


def any_claim(architectures: int, repeats: int, trials: int) -> float:
    """Return the share of comparisons of identical architectures with a claim; every shape takes its turn."""
    random = np.random.default_rng([architectures, repeats])
    shapes = list(SHAPES.values())
    scores = [shapes[trial % len(shapes)](random, (architectures, repeats)) for trial in range(trials)]
    pairs = list(combinations(range(architectures), 2))
    differences = np.array([[each[first] - each[second] for first, second in pairs] for each in scores])
    return float(np.mean([min(holm(p)) < LEVEL for p in sign_flip_p(differences)]))


def power(trials: int) -> Iterator[Row]:
    """Measure how often a planted difference of so many deviations of the paired difference is found."""
    for effect in (0.0, 0.5, 1.0, 2.0):
        yield (f"{effect:g} standard deviations", *(percent(found(effect, repeats, trials)) for repeats in REPEATS))


def found(effect: float, repeats: int, trials: int) -> float:
    """Return the share of claims that name the better one, for normal differences around an effect."""
    values = np.random.default_rng([repeats, round(100 * effect)]).normal(effect, 1, (trials, repeats))
    claims = (sign_flip_p(values) < LEVEL) & (values.mean(axis=1) > 0)
    return float(np.mean(claims)) if effect else float(np.mean(sign_flip_p(values) < LEVEL))


def equality(trials: int) -> Iterator[Row]:
    """Measure how often true equality is shown to be `same`, for margins of so many deviations of a difference."""
    for width in (0.5, 1.0, 1.5, 2.0):
        yield (f"margin of {width:g} standard deviations", *(percent(same(width, n, trials)) for n in (8, 12, 20)))


def same(margin: float, repeats: int, trials: int, *, difference: float = 0.0) -> float:
    """Return the share of `same` among normal differences with deviation 1 around a true difference."""
    values = np.random.default_rng([repeats, round(100 * margin)]).normal(difference, 1, (trials, repeats))
    outcomes = [compare_differences([sample], [margin])[0].outcome for sample in values]
    return outcomes.count("same") / trials


def wrong_equality(trials: int) -> Iterator[Row]:
    """Measure how often a true difference of exactly the margin is called `same`: at most 5 % by design."""
    for width in (1.0, 2.0):
        shares = [percent(same(width, repeats, trials, difference=width)) for repeats in (8, 12, 20)]
        yield (f"true difference equal to the margin of {width:g} standard deviations", *shares)


def nothing_learned(trials: int) -> Iterator[Row]:
    """Measure how often a network that guesses a constant near the mean is said to beat the mean."""
    for one_split in (False, True):
        outcomes = [_guess(np.random.default_rng([trial, one_split]), one_split=one_split) for trial in range(trials)]
        name = "one test part for all repeats" if one_split else "each repeat on its own data"
        yield (name, *(percent(outcomes.count(outcome) / trials) for outcome in ("beats", "no_better", "worse")))


def _guess(random: np.random.Generator, *, one_split: bool) -> str:
    """Judge eight constant guesses against the mean of the training part, each on 60 test values."""
    truth = np.repeat(random.normal(size=(1, 60)), 8, axis=0) if one_split else random.normal(size=(8, 60))
    fitted = np.full((8, 1), random.normal(0, 0.1)) if one_split else random.normal(0, 0.1, (8, 1))
    learned = fitted + random.normal(0, 0.05) + random.normal(0, 0.02, (8, 1))  # a bias that all starts share
    mean, network = (np.sqrt(np.mean((truth - guess) ** 2, axis=1)) for guess in (fitted, learned))
    result = result_of({"gru": list(network)}, baselines={"Mean": {METRIC: float(mean.mean())}})
    if not one_split:
        result = replace(result, repeat_baselines=tuple({"Mean": {METRIC: float(value)}} for value in mean))
    (judged,) = compare_with_baselines(result, *deciding_metric(result))
    return judged.outcome
