"""Frames of samples hold what the task holds."""

import numpy as np
import pytest

from data.catalog import get_dataset
from data.task import IGNORED, Part, Scaler, TaskData
from models.analysis.samples import part_frame, sample_frame, step_labels, target_points, target_text


def task(**changes) -> TaskData:
    """Return a task of two numeric sequences of unequal length."""
    inputs = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    part = Part(inputs=inputs, targets=np.array([[0.5], [-1.0]], dtype=np.float32), lengths=np.array([3, 2]))
    known = {
        "kind": "regression",
        "train": part,
        "validation": part,
        "test": part,
        "input_size": 2,
        "output_size": 1,
        "feature_names": ("a", "b"),
        "target_names": ("y",),
        "unit": "degrees_celsius",
        "scaler": Scaler(mean=np.array([10.0]), std=np.array([4.0])),
    }
    return TaskData(**(known | changes))


def tokens() -> TaskData:
    """Return a task of two token sequences with labels at each step."""
    part = Part(
        inputs=np.array([[0, 1, 0], [1, 1, 0]]),
        targets=np.array([[IGNORED, 1, 0], [0, 0, IGNORED]]),
        lengths=np.array([3, 2]),
    )
    names = ("x", "y")
    parts = {"train": part, "validation": part, "test": part}
    return task(
        kind="labelling", input_size=2, output_size=2, vocabulary=names, class_names=names, scaler=None, **parts
    )


def test_sample_frame_has_a_row_per_step_and_feature() -> None:
    """Numeric inputs are laid out step by step, without padding."""
    frame = sample_frame(task(), "train", (1,))
    assert frame["step"].tolist() == [1, 1, 2, 2]
    assert frame["feature"].tolist() == ["a", "b", "a", "b"]
    assert frame["value"].tolist() == [6, 7, 8, 9]
    assert set(frame["symbol"]) == {""}


def test_sample_frame_names_tokens() -> None:
    """Tokens come with their names."""
    frame = sample_frame(tokens(), "test", (0, 1))
    assert frame["symbol"].tolist() == ["x", "y", "x", "y", "y"]
    assert frame["sample"].tolist() == [0, 0, 0, 1, 1]


def test_sample_frame_of_no_sample_has_its_columns() -> None:
    """An empty choice is an empty frame of the same columns."""
    assert list(sample_frame(task(), "train", ()).columns) == list(sample_frame(task(), "train", (0,)).columns)


def test_target_text_is_in_the_unit_of_the_data() -> None:
    """A standardised target is told in its own unit."""
    assert target_text(task(), "train", 0) == "12 degrees celsius"


def test_target_text_adds_differences_to_their_base() -> None:
    """A predicted difference is told as the value that it leads to."""
    part = Part(
        inputs=np.zeros((1, 3, 2), dtype=np.float32),
        targets=np.zeros((1, 1), dtype=np.float32),
        lengths=np.array([3]),
        base=np.array([[100.0]], dtype=np.float32),
    )
    assert target_text(task(train=part, unit=""), "train", 0) == "110"


def test_target_text_of_steps_marks_what_does_not_count() -> None:
    """Labels stand beside each other; a step that does not count is a dot."""
    assert target_text(tokens(), "test", 0) == "·yx"
    assert target_text(tokens(), "test", 1) == "xx"
    assert step_labels(task(class_names=("rain", "sun")), np.array([1, 0])) == "sun rain"


def test_target_text_of_a_class_is_its_name() -> None:
    """A class is told by name."""
    part = Part(inputs=np.zeros((1, 3, 2), dtype=np.float32), targets=np.array([1]), lengths=np.array([3]))
    assert target_text(task(kind="classification", train=part, class_names=("no", "yes")), "train", 0) == "yes"


@pytest.mark.parametrize("column", ["sequences", "shortest", "longest"])
def test_part_frame_has_sizes(column: str) -> None:
    """Every part has its number of sequences and their lengths."""
    frame = part_frame(task()).set_index("part")
    assert frame.loc["Training", column] == {"sequences": 2, "shortest": 2, "longest": 3}[column]


def forecast(**options: object) -> TaskData:
    """Return the sunspot forecast with some options."""
    source = get_dataset("sunspots")
    return source.load(source.parse(options), seed=0)


def test_restored_inputs_are_the_numbers_of_the_file() -> None:
    """Scaling is undone: inputs of the first sample are the first sunspot numbers, its answer the next one."""
    data = forecast(window="3")
    frame = sample_frame(data, "train", (0,), restored=True)
    points = target_points(data, "train", (0,))
    assert frame["value"].tolist() == pytest.approx([5.0, 11.0, 16.0], abs=1e-3)
    assert points[["step", "feature"]].to_numpy().tolist() == [[4, "sunspots"]]
    assert points["value"].tolist() == pytest.approx([23.0], abs=1e-3)
    assert data.input_unit == "sunspots"


def test_target_points_follow_the_horizon() -> None:
    """Several steps ahead are as many points behind the window."""
    assert target_points(forecast(window="3", horizon="3"), "train", (0, 5))["step"].tolist() == [4, 5, 6] * 2


def test_changes_have_no_point_on_the_lines() -> None:
    """With differencing the answer is a value and the inputs are changes, so nothing is marked."""
    assert target_points(forecast(differencing="first"), "train", (0,)).empty
