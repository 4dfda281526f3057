"""The choice of a loss: old keys, links and stored experiments stay as they are; only forecasts of numbers have quantiles."""

import pytest

from data import fields
from data.errors import InvalidSpecError
from data.quantiles import QUANTILES
from models.spec.deciding_metric import metric_of, quantiles_of
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.sizes import DataShape, parameter_count, run_size
from models.spec.task_data import repeated_data, task_data


def spec(loss: str = "squared", **changes: object) -> ExperimentSpec:
    """Return an experiment on the sunspots."""
    return ExperimentSpec(**({"dataset": "sunspots", "seeds": 2, "loss": loss} | changes))  # type: ignore[arg-type]


def test_usual_loss_leaves_keys_and_links_as_they_were() -> None:
    """Values without the setting make the same spec, the same key, and the same link."""
    usual = spec()
    old = {name: value for name, value in usual.to_dict().items() if name != "loss"}
    assert ExperimentSpec.from_dict(old) == usual
    assert "loss" not in usual.key_values()
    assert "loss" not in usual.to_query()
    assert usual.key() == "ed1cbdd9685b0539e9acce76dd782886"


def test_quantile_loss_has_a_key_of_its_own_and_survives_links() -> None:
    """Another loss is another experiment and other runs; a link carries it."""
    other = spec("quantile")
    assert ExperimentSpec.from_query(other.to_query()) == other == ExperimentSpec.from_dict(other.to_dict())
    assert other.key() != spec().key()
    assert {run.key() for run in plan_runs(other)}.isdisjoint(run.key() for run in plan_runs(spec()))


def test_metric_that_decides_follows_the_loss() -> None:
    """RMSE becomes pinball loss in the same unit; MASE of several series the scaled pinball loss."""
    assert (metric_of(spec()), metric_of(spec("quantile"))) == ("rmse_sunspots", "pinball_sunspots")
    assert metric_of(spec("quantile", dataset="twelve_shops")) == "scaled_pinball"
    assert quantiles_of(spec()) == ()


@pytest.mark.parametrize("dataset", ["adding", "japanese_vowels", "embedded_reber", "seattle_labels"])
def test_quantiles_are_refused_where_no_series_of_numbers_is_forecast(dataset: str) -> None:
    """One sentence says where they are possible."""
    with pytest.raises(InvalidSpecError, match="`loss` must be `squared` here"):
        spec("quantile", dataset=dataset)


def test_head_has_a_number_per_quantile_and_data_are_the_same() -> None:
    """Parts are those of the usual loss; the head's size and the parameter count triple with the levels."""
    usual, other = task_data(spec()), task_data(spec("quantile"))
    assert other.quantiles == QUANTILES == repeated_data(spec("quantile")).tasks[0].quantiles
    assert (usual.head_size, other.head_size, other.output_size) == (1, 3, 1)
    counts = [
        parameter_count(run_size(plan_runs(one)[0], DataShape.of(task_data(one)))) for one in (spec(), spec("quantile"))
    ]
    assert counts[1] - counts[0] == 2 * (spec().hidden_size + 1)


def test_every_setting_belongs_to_a_group_that_the_sidebar_draws() -> None:
    """A setting of an unknown group would be dropped from the form, and with it from the address."""
    groups = {info.group for info in fields.infos(ExperimentSpec).values()}
    assert groups <= {"main", "data", "network", "training", "comparison"}
