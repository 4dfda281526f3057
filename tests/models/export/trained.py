"""A really trained small experiment, once for all tests that need one."""

from functools import lru_cache

from data.task import TaskData
from models.cells import architectures
from models.engine.run_here import run_experiment
from models.export.dossier import Dossier
from models.spec.experiment import ExperimentSpec


@lru_cache(maxsize=1)
def trained() -> tuple[Dossier, TaskData]:
    """Train every architecture for a moment on sunspots; return the experiment and its data."""
    spec = ExperimentSpec(
        dataset="sunspots",
        architectures=tuple(architectures()),
        hidden_size=6,
        layers=2,
        seeds=2,
        updates=25,
        evaluations=3,
    )
    data = spec.source().load(spec.dataset_options(), spec.seed)
    return Dossier(result=run_experiment(spec, threads=1)), data
