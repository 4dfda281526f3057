"""What a store keeps besides results: accepted experiments with notes, decision and tags, and queries for lists of them."""

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from data.escape_output import plain, plain_lines
from models.errors import InvalidSpecError
from models.records.results import Baselines, ExperimentView
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec

_ID = re.compile(r"[A-Za-z0-9_-]{22}")
MAX_IN_A_NOTE = 2_000
MAX_IN_A_FIELD = 500
MAX_IN_A_TAG = 30
MAX_NOTES = 500
MAX_EARLIER_DECISIONS = 100
MAX_TAGS = 20
MAX_OPTIONS = 10
MAX_ON_A_PAGE = 200
UNDO_SECONDS = 600.0


def new_id() -> str:
    """Return 128 random bits as 22 base64url characters, for the id of an experiment or a control token."""
    return secrets.token_urlsafe(16)


def valid_id(text: object) -> bool:
    """Return whether a text has the form of an id; only such texts reach a query."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def now() -> datetime:
    """Return the current time, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExperimentRecord:
    """An experiment as it was accepted, without results.

    Attributes:
        id: Its id; whoever has it may view.
        spec: Its settings.
        runs: One per architecture, after the fairness rule.
        control: Token of the browser that started it; whoever has it may stop and delete the experiment.
        baselines: Baseline title to its test metrics, averaged over the repeats.
        repeat_baselines: The same for each repeat.
        content: Uploaded bytes, for datasets of the family `own`.
        created: Time of acceptance, UTC.
        imported: Whether its results come from a file; such results are shown but never reused for other experiments.
        sweep: Key of its sweep, or empty.
    """

    id: str
    spec: ExperimentSpec
    runs: tuple[RunSpec, ...]
    control: str
    baselines: Baselines = field(default_factory=dict)
    repeat_baselines: tuple[Baselines, ...] = ()
    content: bytes | None = None
    created: datetime = field(default_factory=now)
    imported: bool = False
    sweep: str = ""


def may_control(record: ExperimentRecord | None, token: str) -> bool:
    """Return whether a token gives the right to stop and delete; nobody may control an experiment without a token."""
    return record is not None and may_control_with(record.control, token)


def may_control_with(control: str, token: str) -> bool:
    """Return whether a token is the control token; nobody may control an experiment without one."""
    return bool(control and token) and hmac.compare_digest(control.encode(), token.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A short remark on an experiment, plain text.

    Raises:
        InvalidSpecError: If the text is empty.
    """

    text: str
    author: str = ""
    created: datetime = field(default_factory=now)
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", plain_lines(self.text, MAX_IN_A_NOTE))
        object.__setattr__(self, "author", plain(self.author))
        if not self.text:
            raise InvalidSpecError(["A note needs a text."])


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a team concluded from an experiment, and why.

    Raises:
        InvalidSpecError: If question or decision is empty.
    """

    question: str
    decision: str
    options: tuple[str, ...] = ()
    reason: str = ""
    author: str = ""
    decided: datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        for name, most in (("question", MAX_IN_A_FIELD), ("decision", MAX_IN_A_FIELD), ("reason", MAX_IN_A_NOTE)):
            object.__setattr__(self, name, plain_lines(getattr(self, name), most))
        options = tuple(text for text in (plain(option, MAX_IN_A_FIELD) for option in self.options) if text)
        object.__setattr__(self, "options", options[:MAX_OPTIONS])
        object.__setattr__(self, "author", plain(self.author))
        if not self.question or not self.decision:
            raise InvalidSpecError(["A decision needs the question and what was decided."])


def clean_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Return tags as short lower-case names, each once, sorted.

    Raises:
        InvalidSpecError: If there are more than `MAX_TAGS`.
    """
    names = sorted({name for name in (plain(tag, MAX_IN_A_TAG).casefold() for tag in tags) if name})
    if len(names) > MAX_TAGS:
        raise InvalidSpecError([f"An experiment can have at most {MAX_TAGS} tags, not {len(names)}."])
    return tuple(names)


class SortBy(StrEnum):
    """Columns by which a list of experiments can be sorted."""

    CREATED = "created"
    DATASET = "dataset"
    ARCHITECTURES = "architectures"
    STATUS = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentQuery:
    """Which experiments to list.

    Attributes:
        search: Words that must all occur in dataset, architectures, tags, notes or decision, in any case.
        status: Only experiments with one of these statuses; all if empty.
        datasets: Only experiments on these datasets; all if empty.
        architecture: Only experiments with this architecture; all if empty.
        tag: Only experiments with this tag; all if empty.
        sweep: Only experiments of this sweep; empty for those outside sweeps, None for all.
        control: Only experiments with this control token and those without one (command line); None for everyone's.
        sort: Column to sort by.
        descending: Largest or newest first.
        offset: How many to skip.
        limit: How many at most.
    """

    search: str = ""
    status: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    architecture: str = ""
    tag: str = ""
    sweep: str | None = ""
    control: str | None = None
    sort: SortBy = SortBy.CREATED
    descending: bool = True
    offset: int = 0
    limit: int = 50

    def __post_init__(self) -> None:
        object.__setattr__(self, "sort", SortBy(self.sort))
        object.__setattr__(self, "offset", min(max(int(self.offset), 0), 1_000_000))
        object.__setattr__(self, "limit", min(max(int(self.limit), 1), MAX_ON_A_PAGE))

    def words(self) -> tuple[str, ...]:
        """Return the words of the search, case-folded."""
        return tuple(plain(self.search, 200).casefold().split()[:10])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExperimentSummary:
    """One row of a list.

    Attributes:
        view: The experiment and its result without their arrays: curves, weights, snapshots and samples.
        created: Time of acceptance, UTC.
        tags: Its tags.
        notes: How many notes it has.
        decision: What was decided, or None.
        losses: Architecture to its mean validation loss at up to `SPARKLINE` evaluations.
        control: Its control token.
    """

    view: ExperimentView
    created: datetime
    tags: tuple[str, ...] = ()
    notes: int = 0
    decision: Decision | None = None
    losses: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    control: str = ""


SPARKLINE = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableExperiment:
    """A stored experiment that this version cannot read; it can be deleted.

    Attributes:
        id: Its id.
        control: Its control token.
        reason: Why it cannot be read, in one sentence.
    """

    id: str
    control: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExperimentList:
    """A page of a list.

    Attributes:
        rows: The experiments of this page.
        total: How many experiments match the filters on all pages.
        unreadable: Those on this page that cannot be read, for example because a newer version wrote them.
    """

    rows: tuple[ExperimentSummary, ...]
    total: int
    unreadable: tuple[UnreadableExperiment, ...] = ()


def search_text(*parts: Any) -> str:
    """Return texts case-folded for searching."""
    return "\n".join(str(part) for part in parts if part).casefold()


def spec_search_text(spec: ExperimentSpec) -> str:
    """Return the text that a search matches: names and titles of dataset and architectures."""
    from models.cells import get_cell

    titles = [get_cell(name).title for name in spec.architectures]
    return search_text(spec.dataset, spec.source().title, *spec.architectures, *titles)
