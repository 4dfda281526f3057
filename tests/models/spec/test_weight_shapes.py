"""Shapes computed without torch are those of the networks that torch builds."""

from dataclasses import replace

import numpy as np
import pytest

from data.catalog import get_dataset
from models.cells import architectures
from models.errors import StoreError
from models.networks.build import build_network
from models.spec.weight_shapes import check_weights, weight_shapes
from tests.models.records.samples import a_result, a_spec, the_runs


@pytest.mark.parametrize("architecture", sorted(architectures()))
@pytest.mark.parametrize(("dataset", "encoder_size"), [("adding", 0), ("adding", 3), ("copy_memory", 0)])
def test_weight_shapes_are_those_of_the_network(architecture: str, dataset: str, encoder_size: int) -> None:
    """Every tensor has the name and shape that the check expects, and the check accepts them."""
    spec = a_spec(dataset=dataset, architectures=(architecture,), encoder_size=encoder_size, layers=2)
    (run,), data = the_runs(spec), get_dataset(dataset).load(spec.dataset_options(), 0)
    built = {name: tuple(value.shape) for name, value in build_network(run, data).weights().items()}
    embedding = (encoder_size or 16) if data.vocabulary else 0
    assert weight_shapes(run, data.input_size, data.output_size, embedding=embedding) == built
    check_weights(run, {name: (shape, np.float32) for name, shape in built.items()})


@pytest.mark.parametrize("change", ["missing", "extra", "transposed", "other seeds", "doubles"])
def test_other_tensors_are_refused(change: str) -> None:
    """A missing, additional, reshaped or retyped tensor is found before it is used."""
    (run, _), found = the_runs(a_spec()), {}
    for name, value in a_result(run).weights.items():
        found[name] = (value.shape, value.dtype)
    if change == "missing":
        del found["head.bias"]
    elif change == "extra":
        found["head.extra"] = ((1,), np.float32)
    elif change == "transposed":
        found["head.weight"] = (found["head.weight"][0][::-1], np.float32)
    elif change == "other seeds":
        run = replace(run, experiment=a_spec(seeds=3))
    else:
        found["head.weight"] = (found["head.weight"][0], np.float64)
    with pytest.raises(StoreError):
        check_weights(run, found)
