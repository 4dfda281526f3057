"""The registry of datasets, scalers, splits and random streams."""

from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.catalog import Solved, catalogue, dataset, get_dataset
from data.errors import UnknownNameError
from data.splits import split_in_time
from data.task import Scaler, generator


def test_catalogue_is_sorted_by_family_and_title() -> None:
    """Real data first, then generated, then the visitor's own; titles in order."""
    order = {"real": 0, "synthetic": 1, "own": 2}
    keys = [(order[entry.family], entry.title) for entry in catalogue().values()]
    assert keys == sorted(keys)
    assert all(get_dataset(name).name == name for name in catalogue())


def test_get_dataset_names_the_nearest() -> None:
    """A misspelt name gets the one that was meant."""
    with pytest.raises(UnknownNameError, match="There is no dataset `ading`; did you mean `adding`"):
        get_dataset("ading")


def test_dataset_refuses_a_taken_name() -> None:
    """Two classes may not share a name; the first stays."""
    taken = type(get_dataset("adding"))

    class Impostor(taken):  # type: ignore[misc,valid-type]
        """Another class under the same name."""

        name: ClassVar[str] = "adding"

    with pytest.raises(ValueError, match="dataset `adding` is registered twice"):
        dataset(Impostor)
    assert type(get_dataset("adding")) is taken


def test_dataset_may_be_registered_again_when_its_module_is_reloaded() -> None:
    """The same class may come twice."""
    entry = get_dataset("adding")
    assert dataset(type(entry)) is type(entry)
    assert catalogue()["adding"].name == "adding"


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_scaler_inverse_undoes_transform(values: list[float], mean: float, deviation: float) -> None:
    """There and back gives the same values."""
    scaler = Scaler(mean=np.array([mean]), std=np.array([deviation]))
    column = np.array(values)[:, None]
    assert scaler.inverse(scaler.transform(column)) == pytest.approx(column, rel=1e-9, abs=1e-6)


@given(st.integers(0, 10_000))
def test_split_in_time_covers_every_sample_once_in_order(count: int) -> None:
    """The three slices follow each other without gap or overlap."""
    pieces = [np.arange(count)[piece] for piece in split_in_time(count)]
    assert np.concatenate(pieces).tolist() == list(range(count))
    assert [len(piece) for piece in pieces[:2]] == [int(count * 0.70), int(count * 0.85) - int(count * 0.70)]


def test_generator_streams_are_repeatable_and_independent() -> None:
    """The same seed and name give the same numbers; another of either gives others."""
    first = generator(0, "train").random(5)
    assert (generator(0, "train").random(5) == first).all()
    assert not np.isin(generator(1, "train").random(5), first).any()
    assert not np.isin(generator(0, "test").random(5), first).any()


def test_solved_points_the_way_of_its_metric() -> None:
    """An error must fall below the threshold; an accuracy must reach it."""
    error = Solved(metric="mae", threshold=0.04, source="a paper")
    share = Solved(metric="accuracy", threshold=0.99, source="a paper", higher_is_better=True)
    assert [error.reached(value) for value in (0.03, 0.04, float("nan"))] == [True, False, False]
    assert [share.reached(value) for value in (0.98, 0.99, float("nan"))] == [False, True, False]
