"""A really trained small experiment, once for all tests that need one."""

from functools import lru_cache

from data.repeat_splits import RepeatedData
from models.cells import architectures
from models.engine.run_here import run_experiment
from models.export.dossier import Dossier
from models.spec.experiment_settings import MAX_ARCHITECTURES, ExperimentSpec
from models.spec.task_data import repeated_data

NAMES = tuple(architectures())
GROUPS = tuple(NAMES[first : first + MAX_ARCHITECTURES] for first in range(0, len(NAMES), MAX_ARCHITECTURES))


@lru_cache(maxsize=len(GROUPS))
def trained(names: tuple[str, ...] = GROUPS[0]) -> tuple[Dossier, RepeatedData]:
    """Train architectures for a moment on sunspots, every one of `GROUPS`; return it and the data of its repeats."""
    spec = ExperimentSpec(
        dataset="sunspots",
        architectures=names,
        hidden_size=6,
        layers=2,
        seeds=2,
        updates=25,
        evaluations=3,
    )
    return Dossier(result=run_experiment(spec, threads=1)), repeated_data(spec)
