"""The plan of a sweep, computed once: the plan of each point, and every run with its key and time."""

from dataclasses import dataclass, replace

from data.fields import Value
from models.errors import CapacityError
from models.spec.installation_limits import Limits
from models.spec.plan import Plan, make_plan
from models.spec.run import RunSpec
from models.spec.sizes import DataShape
from models.spec.sweep import SweepSpec
from models.spec.task_data import task_data

TIMES_AN_EXPERIMENT = 4.0  # maximum time of a sweep, relative to the longest allowed experiment


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRun:
    """One run of a sweep.

    Attributes:
        point: Position of its point.
        values: Name of each axis and its value here.
        run: The run.
        key: Its key.
        seconds: Its estimated training time.
    """

    point: int
    values: tuple[tuple[str, Value], ...]
    run: RunSpec
    key: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPlan:
    """What a sweep will do, computed before it trains.

    Attributes:
        points: The plan of each point, in order.
        runs: Every run, point by point.
        problems: One sentence per limit that it or one of its points exceeds; empty if no limits were given.
    """

    points: tuple[Plan, ...]
    runs: tuple[SweepRun, ...]
    problems: tuple[str, ...] = ()

    def check(self) -> None:
        """Raise `CapacityError` if the sweep exceeds a limit."""
        if self.problems:
            raise CapacityError(" ".join(self.problems))

    @property
    def seconds(self) -> float:
        """Estimated training time of all runs, one after another."""
        return sum(run.seconds for run in self.runs)


def plan_sweep(sweep: SweepSpec, *, limits: Limits | None = None) -> SweepPlan:
    """Plan a sweep; data that several points share is loaded once.

    Args:
        sweep: The sweep.
        limits: What is allowed; None allows everything.

    Raises:
        DataError: If the dataset's options leave too little data.
    """
    shapes: dict[object, DataShape] = {}
    points = []
    for point in sweep.points():
        drawn = point.spec.options  # the size of the data does not depend on its seed
        if drawn not in shapes:
            shapes[drawn] = DataShape.of(task_data(point.spec))
        points.append(make_plan(point.spec, shapes[drawn], limits=limits))
    runs = tuple(
        SweepRun(point=index, values=point.values, run=item.run, key=item.run.key(), seconds=item.cost.seconds)
        for index, (point, plan) in enumerate(zip(sweep.points(), points, strict=True))
        for item in plan.runs
    )
    planned = SweepPlan(points=tuple(points), runs=runs)
    return planned if limits is None else replace(planned, problems=_problems(planned, limits))


def _problems(planned: SweepPlan, limits: Limits) -> tuple[str, ...]:
    found = next((plan.problems for plan in planned.points if plan.problems), ())
    minutes, allowed = planned.seconds / 60, TIMES_AN_EXPERIMENT * limits.minutes
    if found or minutes <= allowed:
        return found
    return (
        f"This sweep would train for about {minutes:,.0f} minutes and {allowed:,.0f} are allowed here: choose fewer "
        "values, seeds or updates, or run it from the command line.",
    )
