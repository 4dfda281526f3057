"""A dataset's recommended settings as an experiment."""

from data.catalog import get_dataset
from models.spec.experiment_settings import ExperimentSpec


def recommended(dataset: str, **changes: object) -> ExperimentSpec:
    """Return a dataset's recommended settings with some changed.

    Args:
        dataset: Name of the dataset.
        **changes: Fields of `ExperimentSpec`.
    """
    return ExperimentSpec(dataset=dataset, **{**get_dataset(dataset).recommended, **changes})  # type: ignore[arg-type]
