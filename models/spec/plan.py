"""The plan of an experiment, computed once per change of settings: its runs, their sizes and cost, and any problems.

Page, engine, sweeps and command line pass this value on; only workers check again what they receive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from models.errors import CapacityError
from models.spec.cost import Estimate, estimate_run, total
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.installation_limits import Limits, problems
from models.spec.run import RunSpec
from models.spec.sizes import DataShape, network_size, parameter_count
from models.spec.task_data import task_data


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """One architecture after the fairness rule.

    Attributes:
        run: The run.
        parameters: Number of parameters of one replica.
        cost: Its estimated cost.
        mismatch: Relative deviation from the common budget of `same_parameters` (0.004 is 0.4 % more); 0 under other rules.
        seconds: Expected training time if a speed was measured, else None.
    """

    run: RunSpec
    parameters: int
    cost: Estimate
    mismatch: float = 0.0
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an experiment will do, computed before it trains.

    Attributes:
        spec: The experiment.
        runs: One per architecture, in the order of the spec.
        cost: The cost of all runs.
        problems: One sentence per limit that it exceeds; empty without any, or if no limits were given.
    """

    spec: ExperimentSpec
    runs: tuple[PlannedRun, ...]
    cost: Estimate
    problems: tuple[str, ...] = ()

    def run_specs(self) -> tuple[RunSpec, ...]:
        """Return the runs without sizes and cost."""
        return tuple(planned.run for planned in self.runs)

    def check(self) -> None:
        """Raise `CapacityError` if the experiment exceeds a limit."""
        if self.problems:
            raise CapacityError(" ".join(self.problems))

    def only(self, architectures: Sequence[str]) -> "Plan":
        """Return the plan of the same experiment with some of its architectures, their sizes unchanged."""
        spec = replace(self.spec, architectures=tuple(architectures))
        found = {item.run.architecture: item for item in self.runs}
        chosen = tuple(found[name] for name in architectures)
        runs = tuple(replace(item, run=replace(item.run, experiment=spec)) for item in chosen)
        return replace(self, spec=spec, runs=runs, cost=total(item.cost for item in runs))


def make_plan(
    spec: ExperimentSpec,
    shape: DataShape,
    *,
    speeds: Mapping[str, float] | None = None,
    limits: Limits | None = None,
) -> Plan:
    """Plan an experiment.

    Args:
        spec: The experiment.
        shape: Sizes of its data.
        speeds: Architecture to measured milliseconds per update.
        limits: What is allowed; None allows everything.
    """
    runs = plan_runs(spec, shape, speeds=speeds)
    counts = [parameter_count(network_size(spec, run.architecture, run.hidden_size, shape)) for run in runs]
    budget = (max(counts) + min(counts)) / 2
    planned = tuple(
        PlannedRun(
            run=run,
            parameters=parameters,
            cost=estimate_run(run, shape),
            mismatch=parameters / budget - 1 if spec.fairness == "same_parameters" else 0.0,
            seconds=run.updates * speeds[run.architecture] / 1000 if speeds else None,
        )
        for run, parameters in zip(runs, counts, strict=True)
    )
    cost = total(item.cost for item in planned)
    found = problems(spec, cost, limits) if limits is not None else ()
    return Plan(spec=spec, runs=planned, cost=cost, problems=found)


def plan_for(spec: ExperimentSpec, content: bytes | None = None, *, limits: Limits | None = None) -> Plan:
    """Load an experiment's data and plan it, without measuring anything.

    Args:
        spec: The experiment.
        content: Bytes of an uploaded file, for datasets of the family `own`.
        limits: What is allowed; None allows everything.

    Raises:
        DataError: If the dataset's options leave too little data.
    """
    return make_plan(spec, DataShape.of(task_data(spec, content), content), limits=limits)
