"""A sweep runner that trains nothing: it makes up as many results as a test asks for."""

from dataclasses import dataclass, field, replace

from data.task import TaskData
from models.engine.sweep_progress import SweepProgress
from models.errors import GatescopeError
from models.records.summaries import run_without_arrays
from models.records.sweep import FoundRun, SweepRecord, SweepView
from models.spec.experiment_settings import ExperimentSpec
from models.spec.sweep import SweepSpec
from models.spec.sweep_plan import plan_sweep
from tests.dashboard.fakes import made_up_run


def task(spec: ExperimentSpec) -> TaskData:
    """Return the data of a spec."""
    data: TaskData = spec.source().load(spec.dataset_options(), spec.seed)
    return data


@dataclass
class FakeSweeps:
    """What a page asks of `models.engine.sweep_runner.SweepRunner`.

    Attributes:
        done: How many runs of a started sweep have a result; None for all.
        diverged: How many of these, from the end, diverged.
        started: Sweeps that were started.
        stopped: Keys of those that were stopped.
        seconds: What every sweep is estimated to take.
        refusal: What `start` raises.
    """

    done: int | None = None
    diverged: int = 0
    started: list[SweepSpec] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    seconds: float = 30.0
    refusal: GatescopeError | None = None
    control: str = ""

    def begin(self) -> None:
        """Take nothing up."""

    def close(self) -> None:
        """End nothing."""

    def start(self, spec: SweepSpec, *, control: str = "") -> str:
        """Accept a sweep, or raise `refusal`."""
        if self.refusal is not None:
            raise self.refusal
        self.started.append(spec)
        self.control = control
        return spec.key()

    def stop(self, key: str) -> None:
        """Note that a sweep was stopped."""
        self.stopped.append(key)

    def view(self, spec: SweepSpec) -> SweepView:
        """Return a sweep as far as `done` says, if it was started."""
        runs = plan_sweep(spec).runs
        progress = SweepProgress(SweepRecord(spec=spec, status="new"), runs)
        if spec not in self.started:
            return replace(progress.view(), seconds_left=self.seconds)
        there = runs[: len(runs) if self.done is None else self.done]
        lost = {run.key for run in there[len(there) - self.diverged :]} if self.diverged else set()
        progress.take_found(
            {
                run.key: FoundRun(
                    f"experiment-of-point-{run.point:02d}",
                    run_without_arrays(
                        made_up_run(
                            run.run,
                            task(run.run.experiment),
                            status="diverged" if run.key in lost else "finished",
                        )
                    ),
                )
                for run in there
            }
        )
        status = "finished" if len(there) == len(runs) else "stopped" if self.stopped else "running"
        return replace(progress.view(), status=status, control=self.control)
