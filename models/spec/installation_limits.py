"""The limits of this installation: sizes of experiments, queue, uploads and workers.

The bounds of single settings are in `ExperimentSpec` and apply everywhere: to widgets, links, files, stored rows and
workers. This file can lower them, and limits their product. Every field is an environment variable:
`minutes` is `GATESCOPE_MAX_MINUTES`.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from data import fields
from data.fields import FieldInfo, integer, real
from models.errors import CapacityError
from models.platform import memory_bytes
from models.spec.cost import Estimate, estimate_run
from models.spec.experiment_settings import ExperimentSpec
from models.spec.memory import LANES
from models.spec.run import RunSpec
from models.spec.sizes import DataShape

PREFIX = "GATESCOPE_MAX_"
OLD_PREFIX = "GATESCOPE_MOST_"  # of version 0.1; read until version 0.3
MEGABYTE = 1_000_000
SERVER_MEGABYTES, WORKER_BASE_MEGABYTES = 350.0, 400.0  # what both take before anything trains
MIN_WORKER_MEGABYTES = 600.0
_LOWERED = ("hidden_size", "layers", "seeds", "updates", "batch_size", "evaluations", "encoder_size", "rate_search")
_SETTINGS = fields.infos(ExperimentSpec)


def _setting(name: str) -> Any:
    info = _SETTINGS[name]
    help = f"{info.label} of a new experiment."
    return integer(int(info.high), int(info.low), int(info.high), label=info.label, help=help, unit=info.unit)


def _per_hour(default: int, label: str) -> Any:
    return integer(default, 1, 100_000, label=label, unit="per hour", help=f"{label} of one visitor within an hour.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The maximum values. Fields are described by their metadata.

    Raises:
        InvalidSpecError: If a value is out of bounds.
    """

    minutes: float = real(
        30.0, 0.01, 1e5, label="Minutes", unit="min", help="Estimated training time of an experiment."
    )
    megabytes: float = real(
        1_500.0, 1.0, 1e6, label="Megabytes", unit="MB", help="Estimated memory of its largest run."
    )
    gigaflops: float = real(
        200_000.0, 0.001, 1e12, label="Gigaflops", unit="gigaflops", help="Estimated arithmetic of an experiment."
    )
    stored_megabytes: float = real(
        200.0, 0.1, 1e5, label="Stored", unit="MB", help="Estimated size of an experiment's results."
    )
    upload_megabytes: float = real(200.0, 0.01, 200.0, label="Upload", unit="MB", help="Size of an uploaded file.")
    held_megabytes: float = real(
        500.0, 1.0, 1e6, label="Held", unit="MB", help="Uploaded files in memory, of all visitors; the oldest go first."
    )
    uploads_per_hour: int = _per_hour(120, "Uploaded files")
    imports_per_hour: int = _per_hour(60, "Opened experiments")
    own_experiments_per_hour: int = _per_hour(60, "Experiments on own data")
    sweeps_per_hour: int = _per_hour(30, "Sweeps")
    notes_per_hour: int = _per_hour(200, "Notes, tags and decisions")
    waiting: int = integer(
        50, 1, 10_000, label="Waiting", unit="experiments", help="Waiting experiments of all visitors."
    )
    sessions: int = integer(
        100, 1, 100_000, label="Sessions", unit="visitors", help="Simultaneous visitors; others see a waiting page."
    )
    run_minutes: float = real(
        60.0, 0.01, 1e5, label="Run", unit="min", help="Duration of one run; after that it stops and keeps its results."
    )
    worker_megabytes: float = real(
        2_000.0,
        200.0,
        1e6,
        label="Worker",
        unit="MB",
        help="Memory of a worker process; above it, its largest run is stopped.",
    )
    unattended_minutes: float = real(
        10.0,
        0.0,
        1e5,
        label="Unattended",
        unit="min",
        help="Minutes without an open page before a visitor's run is stopped; 0 disables this.",
    )
    paused_minutes: float = real(
        10.0,
        0.01,
        1e5,
        label="Paused",
        unit="min",
        help="Minutes without a press after which a paused experiment goes on, because it keeps its worker.",
    )
    idle_minutes: float = real(
        10.0,
        0.0,
        1e5,
        label="Idle",
        unit="min",
        help="Minutes without work after which the worker process on the server's machine ends, which frees its memory; "
        "0 disables this.",
    )
    hidden_size: int = _setting("hidden_size")
    layers: int = _setting("layers")
    seeds: int = _setting("seeds")
    updates: int = _setting("updates")
    batch_size: int = _setting("batch_size")
    evaluations: int = _setting("evaluations")
    encoder_size: int = _setting("encoder_size")
    rate_search: int = _setting("rate_search")

    def __post_init__(self) -> None:
        fields.check(self)

    @classmethod
    def from_environment(cls) -> "Limits":
        """Return the limits that memory allows, overridden by the environment; an invalid variable is ignored."""
        found, _ = _read()
        return found


def misread() -> tuple[str, ...]:
    """Return one sentence per invalid or renamed environment variable, for the doctor and the log."""
    _, problems = _read()
    return problems


def _read() -> tuple[Limits, tuple[str, ...]]:
    values: dict[str, Any] = {}
    given, problems = _given()
    known = {variable(name): (name, info) for name, info in fields.infos(Limits).items()}
    for variable_name, text in given.items():
        if variable_name not in known:
            problems.append(fields.unknown(variable_name, known, "environment variable"))
            continue
        name, info = known[variable_name]
        value = fields.coerce(info, text)
        problem = fields.problem(variable_name, info, value)
        if problem is None:
            values[name] = value
        else:
            problems.append(problem)
    return replace(by_memory(), **values), tuple(problems)


@lru_cache(maxsize=1)
def by_memory() -> Limits:
    """Return the usual limits, lowered to the memory of this machine or container.

    The server takes about 350 MB, a worker process is killed at 1.5 times its limit, and both together must fit.
    """
    room = 0.9 * memory_bytes() / MEGABYTE - SERVER_MEGABYTES
    worker = min(2_000.0, max(MIN_WORKER_MEGABYTES, room / 1.5))
    largest = min(1_500.0, max(50.0, min(worker, room) - WORKER_BASE_MEGABYTES))
    return Limits(worker_megabytes=round(worker), megabytes=round(largest))


def _given() -> tuple[dict[str, str], list[str]]:
    """Return the variables that are set, under their current names, and a sentence per old name."""
    present = {name: text.strip() for name, text in os.environ.items() if text.strip()}
    given = {name: text for name, text in present.items() if name.startswith(PREFIX)}
    problems = []
    for old in sorted(name for name in present if name.startswith(OLD_PREFIX)):
        new = PREFIX + old.removeprefix(OLD_PREFIX)
        problems.append(f"`{old}` is now called `{new}`; version 0.3 will no longer read the old name.")
        given.setdefault(new, present[old])
    return given, problems


def variable(name: str) -> str:
    """Return the environment variable that sets a limit."""
    return f"{PREFIX}{name.upper()}"


def lowered(name: str, info: FieldInfo, value: object = None) -> FieldInfo:
    """Return a setting's description with the bound that a form offers.

    Args:
        name: Field of `ExperimentSpec`.
        info: Its description.
        value: The form's current value, perhaps from a link. It is never cut to the bound; `problems` reports it instead.
    """
    if name not in _LOWERED:
        return info
    high: float = getattr(Limits.from_environment(), name)
    if isinstance(value, (int, float)):
        high = max(high, value)
    return replace(info, high=min(info.high, high))


def problems(spec: ExperimentSpec, cost: Estimate, limits: Limits) -> tuple[str, ...]:
    """Return one sentence per setting that is too large or, if none is, at most one about the total cost.

    Args:
        spec: The experiment.
        cost: Its estimated cost.
        limits: What is allowed.
    """
    return tuple(_setting_problems(spec, limits)) or tuple(filter(None, [_product_problem(spec, cost, limits)]))


def _setting_problems(spec: ExperimentSpec, limits: Limits) -> Iterator[str]:
    for name in _LOWERED:
        value, most = getattr(spec, name), getattr(limits, name)
        if value > most:
            label = _SETTINGS[name].label
            yield f"{label} (`{name}`) is {value:,}, and at most {most:,} is allowed here."


def check_run(run: RunSpec, shape: DataShape, limits: Limits | None = None) -> Estimate:
    """Check one run against the limits and return its cost; a worker checks again what it receives.

    Raises:
        CapacityError: If it exceeds a limit.
    """
    allowed = limits or Limits.from_environment()
    cost = estimate_run(run, shape)
    if problem := _product_problem(run.experiment, cost, allowed):
        raise CapacityError(problem)
    return cost


def _product_problem(spec: ExperimentSpec, cost: Estimate, allowed: Limits) -> str:
    megabytes, minutes, gigaflops = cost.bytes / MEGABYTE, cost.seconds / 60, cost.flops / 1e9
    if megabytes > allowed.megabytes:
        return (
            f"This needs about {megabytes:,.0f} MB of memory and {allowed.megabytes:,.0f} MB are allowed here: choose "
            f"{_smaller(spec, cost, allowed.megabytes * MEGABYTE)}."
        )
    if minutes > allowed.minutes:
        updates = _share(spec.updates, allowed.minutes / minutes)
        return (
            f"This would train for about {minutes:,.0f} minutes and {allowed.minutes:,.0f} are allowed here: choose at "
            f"most {updates:,} updates, fewer repeats, or fewer hidden units."
        )
    if gigaflops > allowed.gigaflops:
        updates = _share(spec.updates, allowed.gigaflops / gigaflops)
        return (
            f"This takes about {gigaflops:,.0f} gigaflops and {allowed.gigaflops:,.0f} are allowed here: choose at most "
            f"{updates:,} updates, fewer repeats, or fewer hidden units."
        )
    stored = cost.stored_bytes / MEGABYTE
    if stored > allowed.stored_megabytes:
        return (
            f"Its results would take about {stored:,.0f} MB and {allowed.stored_megabytes:,.0f} MB are allowed here: "
            "choose fewer repeats, hidden units or layers."
        )
    return ""


def _smaller(spec: ExperimentSpec, cost: Estimate, most: float) -> str:
    """Return which settings fit into a number of bytes."""
    batch = int(spec.batch_size * (1 - (cost.bytes - most) / cost.batch_bytes))
    if batch >= LANES:
        return f"a batch size of at most {batch - batch % LANES}, fewer repeats, or fewer hidden units"
    repeats = int(spec.seeds * most / cost.bytes)
    return f"at most {repeats} repeats, or fewer hidden units" if repeats else "fewer hidden units, layers and repeats"


def _share(value: int, share: float) -> int:
    return max(1, int(value * share))


def check_upload(content: bytes | None, limits: Limits | None = None) -> None:
    """Check the size of an uploaded file.

    Raises:
        CapacityError: If it is larger than is allowed here.
    """
    most = (limits or Limits.from_environment()).upload_megabytes
    if content is not None and len(content) > most * 2**20:
        raise CapacityError(
            f"The file is {len(content) / 2**20:,.1f} MB, and at most {most:,.1f} MB are allowed here: leave out rows "
            "or columns."
        )
