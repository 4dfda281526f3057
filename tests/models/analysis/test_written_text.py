"""Texts of next-token models: repeatable, of the asked length, sharper at low temperature."""

import numpy as np

from models.analysis.written_text import MAX_MOMENTS, TEXT_LENGTH, writing_frame
from models.cells import get_cell
from models.cells.sampling import sample_text
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.training.loop import train


def test_sample_text_follows_the_scores() -> None:
    """A head that always prefers one token writes that token; a high temperature writes others, too."""
    cell = get_cell("gru")
    shapes = cell.weight_shapes(2, 3)
    weights = {f"recurrent.0.{name}": np.zeros(shape) for name, shape in shapes.items()}
    weights |= {
        "encoder.embedding": np.zeros((4, 2)),
        "head.weight": np.zeros((4, 3)),
        "head.bias": np.array([0, 0, 2.0, 0]),
    }
    sharp = sample_text(cell, weights, "abcd", length=30, temperature=0.1, seed=0)
    assert sharp == "c" * 30
    wild = sample_text(cell, weights, "abcd", length=200, temperature=5.0, seed=0)
    assert set(wild) == set("abcd")
    assert wild == sample_text(cell, weights, "abcd", length=200, temperature=5.0, seed=0)


def test_writing_frame_has_moments_of_every_architecture() -> None:
    """Few, ordered moments up to the last update; every text has the length and the task's characters."""
    spec = ExperimentSpec(dataset="first_names", updates=12, seeds=1, hidden_size=4, batch_size=8, evaluations=1)
    data = spec.source().load(spec.dataset_options(), 0)
    runs = []
    for run in plan_runs(spec):
        generator = train(run, data)
        while True:
            try:
                record = next(generator)
                assert len(record.samples) == bool(record.points)
            except StopIteration as end:
                runs.append(end.value)
                break
    frame = writing_frame(
        ExperimentResult(spec=spec, status="finished", runs=tuple(runs), baselines={}), data, temperature=1.0
    )
    for _, rows in frame.groupby("architecture"):
        assert len(rows) <= MAX_MOMENTS
        assert rows["update"].is_monotonic_increasing
        assert rows["update"].iloc[-1] == 12
    assert all(len(text) == TEXT_LENGTH for text in frame["text"])
