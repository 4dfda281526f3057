"""Why did it win? Mechanisms of a better score, each tested by training both again with it removed.

A mechanism is a gate of the winner (a variant without it is trained in its place), a column, or how far back the inputs reach. It is
found where the winner's advantage shrinks by the verdict's own test, the sign-flip test on paired differences of advantages, and at
least half of the advantage is gone. All mechanisms are tested on the same repeats, so p is corrected for their number jointly
(`joint_p`); by Holm's procedure, eight repeats could not decide more than six of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from data import fields
from data.task import Array, TaskData
from data.uploads.inspect import join_names, split_names
from models.analysis.comparison_columns import deciding_metric
from models.analysis.outcomes import Tested, compare_differences
from models.analysis.pairs import PairComparison, compare_all
from models.analysis.statistics import LEVEL, joint_p
from models.cells import get_cell
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec

VARIANTS = {
    "lstm": {
        "lstm_no_forget": "its forget gate",
        "lstm_no_input": "its input gate",
        "lstm_no_output": "its output gate",
        "cifg": "an input gate of its own",
        "janet": "output gate and input gate of their own",
        "rnn": "any gate",
    },
    "gru": {"mgu": "a reset gate of its own", "rnn": "any gate"},
    "gru_textbook": {"mgu": "a reset gate of its own", "rnn": "any gate"},
    "cifg": {"janet": "an output gate", "rnn": "any gate"},
    "peephole": {"lstm": "peepholes", "rnn": "any gate"},
}
REACH = ("window", "length", "delay")
SHARES = (2, 4)
MAX_COLUMNS = 6
ENOUGH = 0.5  # share of the advantage that must be gone
UNGATED = "gate:rnn"  # "any gate"
MIN_TESTED = 2  # repeats below which there is no test
NOTHING = "No mechanism found: the advantage stays, whatever of this was removed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanism:
    """Something that may explain an advantage.

    Attributes:
        name: Identifier.
        title: What it is, for a sentence: "the column wind".
        kind: `gate`, `column` or `reach`.
        spec: Settings of the experiment that trains both without it.
        winner: Which of its architectures stands for the winner.
        loser: Which one stands for the other.
    """

    name: str
    title: str
    kind: str
    spec: ExperimentSpec
    winner: str
    loser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What came out for one mechanism.

    Attributes:
        mechanism: The mechanism.
        before: The winner's mean advantage with it.
        after: The mean advantage without it.
        tested: The test of the shrinkage over repeats.
        found: Whether the advantage shrank clearly and by at least half.
    """

    mechanism: Mechanism
    before: float
    after: float
    tested: Tested
    found: bool


def better_pair(result: ExperimentResult) -> PairComparison | None:
    """Return the comparison whose winner is asked about: the first with the outcome `better`, or None."""
    metric, column = deciding_metric(result)
    pairs = compare_all(result, metric, column)
    return next((pair for pair in pairs if pair.better is not None), None)


def mechanisms(spec: ExperimentSpec, data: TaskData, *, winner: str, loser: str) -> tuple[Mechanism, ...]:
    """Return what can be tested: gates of the winner, columns, and how far back inputs reach."""
    both = replace(spec, architectures=(winner, loser))
    return (*_gates(both, winner, loser), *_columns(both, data, winner, loser), *_reaches(both, winner, loser))


def _gates(spec: ExperimentSpec, winner: str, loser: str) -> list[Mechanism]:
    found = []
    for variant, title in VARIANTS.get(winner, {}).items():
        if variant != loser:
            changed = replace(spec, architectures=(variant, loser))
            name = f"gate:{variant}"
            told = f"{title} (trained as {get_cell(variant).title})"
            found.append(Mechanism(name=name, title=told, kind="gate", spec=changed, winner=variant, loser=loser))
    return found


def _columns(spec: ExperimentSpec, data: TaskData, winner: str, loser: str) -> list[Mechanism]:
    """Return columns of an own series, one left out at a time; the target's own past stays an input."""
    if spec.dataset != "own_series" or len(data.feature_names) < 2:
        return []
    targets = set(split_names(str(dict(spec.options).get("target", ""))))
    found = []
    for column in [name for name in data.feature_names if name not in targets][:MAX_COLUMNS]:
        rest = join_names([name for name in data.feature_names if name != column])
        changed = with_option(spec, "inputs", rest)
        title = f"the column {column}"
        found.append(
            Mechanism(name=f"column:{column}", title=title, kind="column", spec=changed, winner=winner, loser=loser)
        )
    return found


def _reaches(spec: ExperimentSpec, winner: str, loser: str) -> list[Mechanism]:
    """Return shorter windows or sequences: half and a quarter, within the option's bounds."""
    infos, given = fields.infos(spec.source().Options), spec.dataset_options()
    found = []
    for option in REACH:
        now = getattr(given, option, None)
        if option not in infos or type(now) is not int:
            continue
        for share in SHARES:
            fewer = now // share
            if fewer >= max(1, int(infos[option].low or 1)) and fewer < now:
                changed = with_option(spec, option, fewer)
                title = f"what is more than {fewer} steps back" if option == "window" else f"a {option} above {fewer}"
                name = f"{option}:{fewer}"
                found.append(Mechanism(name=name, title=title, kind="reach", spec=changed, winner=winner, loser=loser))
    return found


def with_option(spec: ExperimentSpec, name: str, value: Any) -> ExperimentSpec:
    """Return settings with one option of the dataset changed."""
    return replace(spec, options=tuple((dict(spec.options) | {name: value}).items()))


def advantages(result: ExperimentResult, winner: str, loser: str) -> dict[int, float]:
    """Return by how much the winner is better in every repeat or stretch; below zero it is worse."""
    metric, column = deciding_metric(result)
    for pair in compare_all(result, metric, column):
        if set(pair.pair) == {winner, loser}:
            sign = (1.0 if pair.pair[0] == winner else -1.0) * (1.0 if pair.higher_is_better else -1.0)
            return {repeat.index: sign * repeat.difference for repeat in pair.repeats}
    return {}


def explain(
    result: ExperimentResult, winner: str, loser: str, answers: Sequence[tuple[Mechanism, ExperimentResult]]
) -> tuple[Explained, ...]:
    """Test every mechanism whose training has finished, all together.

    Args:
        result: The experiment with the better verdict.
        winner: The architecture that won.
        loser: The other one.
        answers: Mechanisms with the results of training without them.
    """
    with_it = advantages(result, winner, loser)
    without = [advantages(other, one.winner, one.loser) for one, other in answers]
    shared = sorted(with_it.keys() & set.intersection(*map(set, without))) if without else []
    if not shared:
        return ()
    before = np.array([with_it[index] for index in shared])
    after = np.array([[left[index] for index in shared] for left in without])
    tests = compare_differences(list(before - after), [0.0] * len(after))
    return tuple(
        Explained(
            mechanism=mechanism,
            before=float(before.mean()),
            after=float(left.mean()),
            tested=test,
            found=_found(float(before.mean()), test),
        )
        for (mechanism, _), left, test in zip(answers, after, _together(tests, before - after), strict=True)
    )


def _together(tests: Sequence[Tested], shrunk: Array) -> list[Tested]:
    """Return the tests with p corrected jointly, because all of them share their repeats."""
    if shrunk.shape[1] < MIN_TESTED:
        return list(tests)
    return [replace(test, corrected_p=p) for test, p in zip(tests, joint_p(shrunk), strict=True)]


def _found(before: float, tested: Tested) -> bool:
    p = tested.corrected_p
    return p is not None and p < LEVEL and tested.difference > 0 and tested.difference >= ENOUGH * before


def strongest(found: Sequence[Explained]) -> list[Explained]:
    """Return what was found, the largest shrinkage first; "any gate" only where no single gate was found."""
    named = sorted((one for one in found if one.found), key=lambda one: -one.tested.difference)
    single = any(one.mechanism.kind == "gate" and one.mechanism.name != UNGATED for one in named)
    return [one for one in named if not (single and one.mechanism.name == UNGATED)]


def conclusion(found: Sequence[Explained], winner: str) -> str:
    """Return the answer in one sentence; that nothing was found is an answer, too."""
    named = strongest(found)
    if not named:
        return NOTHING
    first = named[0]
    share = min(first.tested.difference / first.before, 1.0)
    also = f" Also: {', '.join(one.mechanism.title for one in named[1:])}." if len(named) > 1 else ""
    return f"{get_cell(winner).title} won by {first.mechanism.title}: without it {share:.0%} of the advantage is gone.{also}"
