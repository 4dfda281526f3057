"""What a step of a series is called, and how many steps ahead its dataset may be trained for."""

from data import fields
from data.calendar_steps import step_of
from data.fields import FieldInfo
from data.future_positions import times_of_positions
from models.analysis.forecast import Forecast
from models.spec.experiment_settings import ExperimentSpec

_ROWS = "rows"


def horizon_field(spec: ExperimentSpec) -> FieldInfo | None:
    """Return the option of steps ahead; None where the dataset has none."""
    return fields.infos(spec.source().Options).get("horizon")


def step_words(spec: ExperimentSpec, forecast: Forecast) -> str:
    """Return what the steps of a forecast are called, in the plural: `months`, `working days`, `steps of 15 minutes`.

    A dataset names its own steps; those of a file come from its dates, and without dates they are `rows`.
    """
    info = horizon_field(spec)
    if info is not None and info.unit not in ("", _ROWS):
        return info.unit
    history = forecast.history
    own = history[history["series"] == history["series"].iloc[-1]]["time"].tolist() if len(history) else []
    times = times_of_positions(own) if own and all(isinstance(one, str) for one in own) else None
    if times is None:
        return _ROWS
    step = step_of(times)
    if not step.count:
        return _ROWS
    return f"{step.words}s" if step.count == 1 else f"steps of {step.words}"
