"""What a finding is, and the registry of findings.

A finding is one file of this package that makes one `Finding` under `@finding`; `findings()` finds it by walking the package.
"""

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from data.fields import Value
from models.errors import UnknownNameError
from models.findings.measured import Measured
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec

State = Literal["reproduced", "partly", "not reproduced", "not run"]
TOPICS = {
    "memory": "Gradients and memory",
    "counting": "Counting and grammars",
    "music": "Music and text",
    "variants": "Variants and ablations",
    "capacity": "Capacity and training",
    "cost": "Cost",
    "series": "Real series",
    "newer": "Newer architectures",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a finding was published.

    Attributes:
        authors: Family names, as in a citation.
        year: Year of publication.
        title: Title of the paper.
        place: Journal, conference or arXiv number.
        part: Table, figure, section or abstract that says it.
        checked: Whether that part was read; else it is shown as "from memory, not checked".
        link: DOI or arXiv address.
    """

    authors: str
    year: int
    title: str
    place: str
    part: str
    checked: bool = True
    link: str = ""

    @property
    def citation(self) -> str:
        """One line: authors, year, title, place, part."""
        unchecked = "" if self.checked else " (from memory, not checked)"
        return f"{self.authors} {self.year}: {self.title}. {self.place}, {self.part}{unchecked}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a rule decides.

    Attributes:
        state: The decision.
        here: The numbers measured here, in one or two sentences.
    """

    state: State
    here: str


Rule = Callable[[Measured], Ruling]
Further = Callable[[ExperimentResult], Mapping[str, Mapping[str, list[float]]]]
Measure = Callable[[], Mapping[str, Mapping[str, list[float]]]]
Chart = Literal["scores", "curve", "gradient", "numbers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A published statement, the experiments that repeat it, and the rule that decides.

    Attributes:
        name: Identifier.
        topic: A key of `TOPICS`.
        claim: The statement in one sentence.
        source: Where it was published.
        then: What was measured there, with its spread where one is given.
        expected: What was expected here before the first run, and why.
        experiments: Label to experiment; may be empty if `measure` gives all numbers. The first one is what a page opens.
        rule: Decides by the numbers of the runs alone.
        differs: How these experiments differ from those of the source.
        reason: If not `reproduced`: why, as far as it was measured.
        seconds: About how many seconds it takes on one core.
        further: Returns architecture to further numbers of each repeat, by name; they join its metrics. For what a result does
            not hold by itself, such as scores at other lengths.
        measure: Returns group to name to numbers, for what no training shows, such as time; see `Measured.numbers`.
        opens: The experiment that a page opens, if not the first one.
        chart: What shows it best: the scores of all repeats, the validation curve, the gradient by step, or measured numbers.
        metric: The test metric, curve (`loss` or `metric`), gradient or unit that the chart draws; empty takes the usual one.
        timed: Whether it measures time, so that two runs give different bits.
    """

    name: str
    topic: str
    claim: str
    source: Source
    then: str
    expected: str
    experiments: Mapping[str, ExperimentSpec]
    rule: Rule
    differs: str
    reason: str = ""
    seconds: int = 60
    further: Further | None = None
    measure: Measure | None = None
    opens: ExperimentSpec | None = None
    chart: Chart = "scores"
    metric: str = ""
    timed: bool = False

    @property
    def spec(self) -> ExperimentSpec:
        """The experiment that a page opens."""
        return self.opens or next(iter(self.experiments.values()))


def experiment(
    dataset: str, architectures: Sequence[str], options: Mapping[str, Value] | None = None, **settings: Any
) -> ExperimentSpec:
    """Return an experiment of a finding: eight repeats on new data each, one learning rate, ten evaluations.

    Args:
        dataset: Name of a dataset.
        architectures: Names of architectures.
        options: Options of the dataset.
        settings: Fields of `ExperimentSpec`, in place of these.
    """
    common = {"seeds": 8, "rate_search": 0, "evaluations": 10}
    return ExperimentSpec(
        dataset=dataset,
        options=tuple((options or {}).items()),
        architectures=tuple(architectures),
        **(common | settings),
    )


_FINDINGS: dict[str, Finding] = {}
_MADE_BY: dict[str, str] = {}


def finding(made: Callable[[], Finding]) -> Callable[[], Finding]:
    """Register what a function returns.

    Raises:
        ValueError: If the name is taken by another file, the topic does not exist, or it measures nothing.
    """
    entry = made()
    if entry.topic not in TOPICS:
        raise ValueError(f"finding `{entry.name}`: `topic` must be one of {', '.join(TOPICS)}, not `{entry.topic}`")
    if not entry.experiments and (entry.measure is None or entry.opens is None):
        raise ValueError(f"finding `{entry.name}`: without `experiments` it needs `measure` and `opens`")
    known = _MADE_BY.setdefault(entry.name, made.__module__)
    if known != made.__module__:
        raise ValueError(f"finding `{entry.name}` stands in {known} and in {made.__module__}")
    _FINDINGS[entry.name] = entry
    return made


@lru_cache(maxsize=1)
def _discover() -> None:
    for module in pkgutil.iter_modules([str(Path(__file__).parent)], "models.findings."):
        importlib.import_module(module.name)


def findings() -> Mapping[str, Finding]:
    """Return every finding by name, by topic and year."""
    _discover()
    topics = list(TOPICS)
    ordered = sorted(_FINDINGS.values(), key=lambda one: (topics.index(one.topic), one.source.year, one.name))
    return {one.name: one for one in ordered}


def get_finding(name: str) -> Finding:
    """Return a finding.

    Raises:
        UnknownNameError: If there is none of that name; the message names the nearest one.
    """
    known = findings()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "`python -m models reproduce --list` shows all."
        raise UnknownNameError(f"There is no finding `{name[:40]}`; {hint}")
    return known[name]
