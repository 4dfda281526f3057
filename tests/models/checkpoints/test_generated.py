"""Networks of other frameworks give their outputs here; 200 generated checkpoints of every form, cell, depth and direction."""

import os
from pathlib import Path

import numpy as np
import pytest

from models.analysis.traces import panels_of
from models.cells.network import run_network
from models.checkpoints.open_file import open_checkpoint
from models.checkpoints.own_network import OwnNetwork, assemble, propose
from tests.models.checkpoints.generated import FORMS, Generated, generate, settings_of

SHORT = 15
LONG = 200 if os.environ.get("GATESCOPE_FULL") == "1" else 35
KERAS = Path(__file__).parents[2] / "files" / "keras"


def opened(content: bytes, filename: str) -> OwnNetwork:
    """Open a file as the page does, with the proposal for its parts."""
    found = open_checkpoint(content, filename)
    return assemble(found, propose(found), name="net")


def outputs(network: OwnNetwork, inputs: np.ndarray, *, each_step: bool = True) -> np.ndarray:
    """Return what the converted network answers."""
    lengths = np.full(len(inputs), inputs.shape[1])
    return run_network(network.cell, network.weights, inputs, lengths, each_step=each_step).outputs


def check(made: Generated) -> None:
    """Compare outputs with the source framework's, and draw every gate."""
    network = opened(made.content, made.filename)
    lengths = np.full(len(made.inputs), made.inputs.shape[1])
    trace = run_network(network.cell, network.weights, made.inputs, lengths, each_step=True)
    np.testing.assert_allclose(trace.outputs, made.outputs, atol=made.settings.tolerance, rtol=0)
    assert len(trace.layers) == made.settings.layers * (1 + made.settings.both) == len(network.layer_names)
    for layer in trace.layers:
        for panel in panels_of(network.architecture, layer, made.inputs.shape[1]):
            assert panel.values.shape == (made.settings.units, made.inputs.shape[1])
            assert panel.kind != "gate" or ((panel.values >= 0) & (panel.values <= 1)).all()


@pytest.mark.parametrize("number", range(SHORT))
def test_a_generated_checkpoint_gives_the_outputs_of_its_framework(number: int) -> None:
    """To 1e-5, or 1e-2 where weights were saved as float16."""
    check(generate(number))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(SHORT, LONG))
def test_each_of_200_checkpoints_gives_the_outputs_of_its_framework(number: int) -> None:
    """More of them; all 200 with `GATESCOPE_FULL=1`."""
    check(generate(number))


def test_the_200_checkpoints_cover_what_they_are_said_to() -> None:
    """Every form comes with every cell, depth, bias, direction and precision."""
    drawn = [settings_of(number) for number in range(200)]
    for form in FORMS:
        own = [one for one in drawn if one.form == form]
        assert {one.kind for one in own} == {"LSTM", "GRU", "RNN"}
        assert {one.layers for one in own} == {1, 2, 3}
        assert {one.bias for one in own} == {one.both for one in own} == {one.half for one in own} == {True, False}
    assert {one.textbook for one in drawn if one.form == "onnx" and one.kind == "GRU"} == {True, False}
    assert min(one.units for one in drawn) == 1
    assert max(one.units for one in drawn) > 400


@pytest.mark.parametrize("path", sorted(KERAS.glob("*.npz")), ids=lambda path: path.stem)
def test_a_file_that_keras_wrote_gives_keras_outputs(path: Path) -> None:
    """Both forms of file, both reset conventions, both directions; written by the version of Keras in `README.md` there."""
    stored = np.load(path)
    for ending in (".keras", ".weights.h5"):
        file = path.with_name(path.stem + ending)
        if file.exists():
            found = outputs(opened(file.read_bytes(), file.name), stored["inputs"], each_step=bool(stored["each_step"]))
            np.testing.assert_allclose(found, stored["outputs"], atol=1e-5, rtol=0)


def test_there_are_files_that_keras_wrote() -> None:
    """The test above would pass without any."""
    assert len(list(KERAS.glob("*.npz"))) >= 10
