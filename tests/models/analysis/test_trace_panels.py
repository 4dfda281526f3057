"""Panels are what the network computes at the chosen place."""

import numpy as np

from models.analysis.traces import TRACE_COLUMNS, Place, trace_frame, trace_panels
from models.cells import get_cell
from models.cells.network import run_network
from models.spec.experiment_settings import ExperimentSpec
from tests.dashboard.fakes import made_up_result

SPEC = ExperimentSpec(dataset="adding", options=(("length", 10),), hidden_size=4, layers=2, seeds=2)
DATA = SPEC.source().load(SPEC.dataset_options(), SPEC.seed)
RESULT = made_up_result(SPEC)


def test_panels_follow_sample_replica_and_layer() -> None:
    """The traced layer of the chosen replica on the chosen sample is what the network computes there."""
    run = RESULT.run("lstm")
    panels = trace_panels(run, DATA, Place(sample=7, replica=1, layer=1))
    whole = run_network(
        get_cell("lstm"),
        run.replica(1),
        DATA.test.inputs[:10],
        DATA.test.lengths[:10],
        each_step=False,
    )
    for panel in panels:
        np.testing.assert_allclose(panel.values, whole.layers[1][panel.name][7].T, atol=1e-6)


def test_trace_frame_is_long_and_counts_from_one() -> None:
    """Every unit, step and quantity is a row."""
    panels = trace_panels(RESULT.run("gru"), DATA, Place())
    frame = trace_frame(panels)
    assert tuple(frame.columns) == TRACE_COLUMNS
    assert len(frame) == 4 * 4 * 10
    chosen = frame[(frame["quantity"] == "Reset gate") & (frame["unit"] == 2) & (frame["step"] == 3)]
    assert chosen["value"].item() == panels[0].values[1, 2]
    assert trace_frame([]).empty
