"""What a lesson is, the two kinds of question, and the discovery of all lessons."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from dashboard.presets import presets
from data.fields import Value
from models.analysis.verdict import Verdict
from models.analysis.wording import joined, short
from models.cells import get_cell
from models.spec.experiment_settings import ExperimentSpec

SAME, OPEN, NONE = "same", "too_close", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a run answered.

    Attributes:
        answer: Key of the answer; empty if the run gives none.
        words: The verdict in a few words.
    """

    answer: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with its answers, and what a verdict says to it.

    Attributes:
        text: The question.
        answers: Key of each answer to its words.
        find: Reads a verdict.
    """

    text: str
    answers: Mapping[str, str]
    find: Callable[[Verdict], Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A lesson: the visitor predicts, the run answers.

    Attributes:
        title: Its name on the page.
        preset: Title of the preset it is about.
        shown: What is shown, in one or two sentences.
        question: What is asked.
        then: Where to look after the answer; it claims nothing about the outcome.
        changes: Fields of the spec that differ from the preset's.
        order: Place in the list.
    """

    title: str
    preset: str
    shown: str
    question: Question
    then: str
    changes: Mapping[str, Value] = field(default_factory=dict)
    order: int = 50

    def spec(self) -> ExperimentSpec:
        """Return the lesson's settings."""
        return replace(presets()[self.preset].spec(), **dict(self.changes))  # type: ignore[arg-type]

    def fits(self, spec: ExperimentSpec) -> bool:
        """Return whether a run with these settings answers the lesson: the same data and networks; its length may differ."""
        asked = self.spec()
        kept = {name: getattr(asked, name) for name in ("updates", "evaluations", "seeds", "seed", "hidden_size")}
        return replace(spec, **kept) == asked


def which_is_better(text: str, first: str, second: str) -> Question:
    """Return a question about a pair of architectures; all four outcomes of the verdict can be predicted."""
    titles = {name: f"{get_cell(name).title} is better" for name in (first, second)}

    def find(verdict: Verdict) -> Found:
        pair = next((one for one in verdict.comparisons if set(one.pair) == {first, second}), None)
        if pair is None:
            return Found(answer="", words="no verdict")
        keys = {"better": pair.better or "", "same": SAME, "too_close": OPEN}
        return Found(answer=keys.get(pair.outcome, ""), words=short(pair))

    answers = titles | {SAME: "Practically the same", OPEN: "Too close to call"}
    return Question(text=text, answers=answers, find=find)


def which_beat_the_baseline(text: str, first: str, second: str) -> Question:
    """Return a question about which of two architectures beats the best simple predictor."""
    one, other = get_cell(first).title, get_cell(second).title
    answers = {f"{first} {second}": "Both do", first: f"Only {one}", second: f"Only {other}", NONE: "Neither does"}

    def find(verdict: Verdict) -> Found:
        tested = {item.architecture: item for item in verdict.baselines if item.architecture in (first, second)}
        if len(tested) < 2 or any(item.outcome == "too_few" for item in tested.values()):
            return Found(answer="", words="too few repeats to say")
        beating = [name for name in (first, second) if tested[name].outcome == "beats"]
        names = joined([get_cell(name).title for name in beating])
        words = f"{names} {'beats' if len(beating) == 1 else 'beat'} it" if beating else "neither is shown to beat it"
        return Found(answer=" ".join(beating) or NONE, words=words)

    return Question(text=text, answers=answers, find=find)


@lru_cache(maxsize=1)
def lessons() -> Mapping[str, Lesson]:
    """Return all lessons by name: every module of this package with a `LESSON`."""
    found = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)], "dashboard.lessons."):
        lesson = getattr(importlib.import_module(module.name), "LESSON", None)
        if lesson is not None:
            found[module.name.rpartition(".")[2]] = lesson
    return dict(sorted(found.items(), key=lambda item: item[1].order))
