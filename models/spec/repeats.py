"""The data of one repeat of an experiment."""

from data.catalog import load_one_repeat, max_different, repeat_number
from data.forecast_recipe import ForecastRecipe
from data.repeat_splits import repeats_note
from data.task import TaskData
from models.spec.deciding_metric import for_loss
from models.spec.experiment_settings import ExperimentSpec


def different_data(spec: ExperimentSpec, first: TaskData, content: bytes | None = None) -> int:
    """Return how many different sets of data the repeats of a spec use.

    For a series this counts all its stretches, even with fewer repeats, because their sizes depend on their number.

    Args:
        spec: The experiment.
        first: The data of its first repeat.
        content: See `repeat_data`.
    """
    if spec.resampling == "start":
        return 1
    source, options = spec.source(), spec.dataset_options()
    return source.stretches(options, content) or min(spec.seeds, max_different(source, options, first, content))


def data_note(spec: ExperimentSpec, first: TaskData, content: bytes | None = None) -> str:
    """Return a sentence if repeats must reuse generated or split data, else an empty text.

    Args:
        spec: The experiment.
        first: The data of its first repeat.
        content: See `repeat_data`.
    """
    if spec.resampling == "start" or spec.source().stretches(spec.dataset_options(), content):
        return ""
    return repeats_note(different_data(spec, first, content), spec.seeds)


def repeat_data(spec: ExperimentSpec, content: bytes | None = None, repeat: int = 0) -> TaskData:
    """Load the data of one repeat: its own, or the one split that all share.

    Args:
        spec: The experiment.
        content: Bytes of an uploaded file, for datasets of the family `own`.
        repeat: Which repeat; 0 has the newest stretch of a series.

    Raises:
        DataError: If the options leave too little data.
    """
    source, options = spec.source(), spec.dataset_options()
    if spec.resampling == "start":
        return for_loss(spec, source.load(options, spec.seed, content))
    return for_loss(spec, load_one_repeat(source, options, spec.seed, repeat=repeat, content=content))


def repeat_recipe(spec: ExperimentSpec, content: bytes | None = None, repeat: int = 0) -> ForecastRecipe | None:
    """Return how the newest rows become a forecast with the networks of one repeat; None where nothing is forecast.

    Args:
        spec: The experiment.
        content: See `repeat_data`.
        repeat: Which repeat.
    """
    source, options = spec.source(), spec.dataset_options()
    number = None
    if spec.resampling != "start":
        number = repeat_number(source, options, spec.seed, repeat=repeat, content=content)
    return source.forecast_recipe(options, spec.seed, number=number, content=content)
