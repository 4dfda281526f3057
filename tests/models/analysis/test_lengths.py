"""Scores at lengths beyond training, with networks made by hand."""

import numpy as np
import pytest

from data.catalog import catalogue, get_dataset
from data.errors import DataError
from models.analysis.lengths import (
    SCORE,
    WHOLE,
    length_frame,
    lengths_to_test,
    measures,
    score_lengths,
    score_name,
    trained_length,
)
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.weight_shapes import weight_shapes


def a_run(dataset: str, hidden: int = 4) -> tuple[ExperimentSpec, dict[str, object], dict[str, np.ndarray]]:
    """Return an experiment, its packed run, and zero weights of two replicas."""
    spec = ExperimentSpec(dataset=dataset, architectures=("rnn",), hidden_size=hidden, seeds=2)
    data = spec.source().load(spec.dataset_options(), 0)
    (run,) = plan_runs(spec)
    embedding = 16 if data.vocabulary else 0
    shapes = weight_shapes(run, data.input_size, data.output_size, embedding=embedding)
    return spec, run.to_dict(), {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes.items()}


def test_network_that_answers_one_half_scores_the_same_at_every_length() -> None:
    """The error of a constant does not depend on the length: it is that of the mean."""
    spec, run, weights = a_run("adding")
    found = score_lengths(run, weights, (10, 50, 700))
    assert found["lengths"] == [10, 50, 700]
    frame = length_frame(spec, {"rnn": found})
    assert len(frame) == 6
    assert set(frame["measure"]) == {SCORE}
    np.testing.assert_allclose(frame["value"], 0.333, atol=0.06)


def test_network_that_holds_one_bit_solves_parity_at_any_length() -> None:
    """A single unit that keeps its sign under 0 and flips it under 1 would; a constant is right half of the time."""
    spec, run, weights = a_run("parity")
    weights["head.bias"] = np.tile(np.array([1.0, 0.0], dtype=np.float32), (2, 1))
    found = score_lengths(run, weights, (16, 100))
    np.testing.assert_allclose(found[SCORE], 0.5, atol=0.06)
    assert np.all(np.array(found[WHOLE]) < 0.01)
    assert next(iter(measures(spec))) == SCORE


def test_counting_is_scored_by_whole_strings() -> None:
    """The one string of a count is right or wrong; always answering b is wrong at the end."""
    spec, run, weights = a_run("counting")
    weights["head.bias"] = np.tile(np.array([0.0, 1.0, 0.0], dtype=np.float32), (2, 1))
    found = score_lengths(run, weights, (1, 2, 300))
    assert found[WHOLE] == [[0.0, 0.0]] * 3
    np.testing.assert_allclose(found[SCORE], [[0.0] * 2, [0.5] * 2, [299 / 300] * 2])
    assert list(measures(spec)) == [WHOLE, SCORE]
    assert score_name(spec) == "accuracy"


def test_lengths_lie_evenly_in_ratio_and_include_the_trained_one() -> None:
    """From a quarter of it to the longest; what is out of bounds is not scored."""
    spec, run, weights = a_run("adding")
    lengths = lengths_to_test(spec, 500)
    assert lengths[0] == 12
    assert lengths[-1] == 500
    assert 50 in lengths
    assert list(lengths) == sorted(set(lengths))
    parity = a_run("parity")
    assert lengths_to_test(parity[0], 160)[0] == 12
    assert score_lengths(parity[1], parity[2], (3, 20))["lengths"] == [20]
    assert score_lengths(run, weights, (0, 5_000)) == {"lengths": []}
    assert length_frame(spec, {"rnn": {"lengths": []}}).empty
    assert trained_length(spec) == 50


@pytest.mark.parametrize("name", [name for name, source in catalogue().items() if source.lag_option])
def test_every_lag_task_runs_the_same_weights_at_another_lag(name: str) -> None:
    """Inputs, outputs and scales stay the same, and the test part is as long as was asked."""
    source = get_dataset(name)
    options = source.parse({})
    usual, longer = source.load(options, 0), source.at_lag(options, 2 * getattr(options, source.lag_option), 0)
    assert (usual.input_size, usual.output_size, usual.kind) == (longer.input_size, longer.output_size, longer.kind)
    assert longer.test.lengths.max() >= 1.5 * np.median(usual.train.lengths)
    if usual.scaler is not None:
        np.testing.assert_array_equal(usual.scaler.mean, longer.scaler.mean)


def test_dataset_without_a_lag_says_so() -> None:
    """There is nothing to lengthen in sunspots."""
    with pytest.raises(DataError, match="how far back"):
        get_dataset("sunspots").at_lag(get_dataset("sunspots").parse({}), 5, 0)
