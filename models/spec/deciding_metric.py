"""The metric that decides an experiment: its dataset's own, or that of quantiles where these are predicted."""

from dataclasses import replace

from data.quantiles import QUANTILES, quantile_metric
from data.task import TaskData
from models.spec.experiment_settings import ExperimentSpec


def metric_of(spec: ExperimentSpec) -> str:
    """Return the name of the metric that decides an experiment."""
    own = spec.source().metric(spec.dataset_options())
    return quantile_metric(own) if spec.loss == "quantile" else own


def quantiles_of(spec: ExperimentSpec) -> tuple[float, ...]:
    """Return the levels that networks predict of each target; empty for one value each. See `TaskData.quantiles`."""
    return QUANTILES if spec.loss == "quantile" else ()


def for_loss(spec: ExperimentSpec, data: TaskData) -> TaskData:
    """Return the task for networks that are trained with the loss of an experiment."""
    levels = quantiles_of(spec)
    return replace(data, quantiles=levels) if levels else data
