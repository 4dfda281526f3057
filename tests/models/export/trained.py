"""A really trained small experiment, once for all tests that need one."""

from functools import lru_cache

from data.task import TaskData
from models.cells import architectures
from models.engine.run_here import run_experiment
from models.export.dossier import Dossier
from models.spec.experiment import MAX_ARCHITECTURES, ExperimentSpec

NAMES = tuple(architectures())
GROUPS = tuple(NAMES[first : first + MAX_ARCHITECTURES] for first in range(0, len(NAMES), MAX_ARCHITECTURES))


@lru_cache(maxsize=len(GROUPS))
def trained(names: tuple[str, ...] = GROUPS[0]) -> tuple[Dossier, TaskData]:
    """Train architectures for a moment on sunspots, every one of `GROUPS`; return the experiment and its data."""
    spec = ExperimentSpec(
        dataset="sunspots",
        architectures=names,
        hidden_size=6,
        layers=2,
        seeds=2,
        updates=25,
        evaluations=3,
    )
    data = spec.source().load(spec.dataset_options(), spec.seed)
    return Dossier(result=run_experiment(spec, threads=1)), data
