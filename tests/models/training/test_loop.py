"""The training loop: determinism, replicas, divergence, stop, early stopping."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from data.task import Part, TaskData
from models.networks.build import build_network
from models.records.results import RunResult
from models.spec.run import RunSpec
from models.training.batches import BatchOrder, PartTensors
from models.training.gradients import compute_gradients
from models.training.loop import train
from models.training.optimiser import Optimiser
from tests.models.networks.test_network import run_spec, tiny_task


def finished(run: RunSpec, data: TaskData | None = None, *, stop_after: int = 10**9) -> RunResult:
    """Train to the end, or until so many records came."""
    seen = []
    generator = train(run, data or small_adding(run), should_stop=lambda: len(seen) >= stop_after)
    while True:
        try:
            seen.append(next(generator))
        except StopIteration as end:
            return end.value


def small_adding(run: RunSpec) -> TaskData:
    """Return the run's adding problem, cut to few sequences so that a test takes milliseconds."""
    data = run.experiment.source().load(run.experiment.dataset_options(), run.experiment.seed)
    parts = {
        name: replace(
            data.part(name),
            **{field: getattr(data.part(name), field)[:96] for field in ("inputs", "targets", "lengths")},
        )
        for name in ("train", "validation", "test")
    }
    return replace(data, **parts)


SMALL = {"options": (("length", 10),), "updates": 40, "evaluations": 4, "hidden_size": 8}


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn"])
def test_train_twice_gives_the_same_bits(name: str) -> None:
    """The same spec gives the same weights, curves and scores."""
    first, second = (finished(run_spec(name, **SMALL)) for _ in range(2))
    for key, value in first.weights.items():
        np.testing.assert_array_equal(value, second.weights[key])
    for column in ("validation_loss", "training_loss", "metric", "gradient_norm"):
        np.testing.assert_array_equal(first.curves[column], second.curves[column])
    assert [seed.test_loss for seed in first.seeds] == [seed.test_loss for seed in second.seeds]


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn"])
def test_replica_alone_equals_replica_in_group(name: str) -> None:
    """A replica trained alone gives the numbers of the same replica in a group, to float32 rounding."""
    group = finished(run_spec(name, **SMALL | {"seeds": 3}))
    alone = finished(run_spec(name, **SMALL | {"seeds": 1, "seed": 2}), small_adding(run_spec(name, **SMALL)))
    for key, value in group.weights.items():
        np.testing.assert_allclose(value[2], alone.weights[key][0], atol=2e-5)
    assert group.seeds[2].test_loss == pytest.approx(alone.seeds[0].test_loss, rel=1e-4)


def test_one_update_changes_every_parameter() -> None:
    """No parameter is left out of the gradient or of the optimiser."""
    data = tiny_task("classification", tokens=4)
    data.train.inputs[0] = np.arange(7) % 4  # every token occurs
    network = build_network(run_spec(layers=2), data)
    before = network.weights()
    batch = (
        torch.from_numpy(data.train.inputs).expand(2, -1, -1),
        torch.from_numpy(data.train.targets).expand(2, -1),
        None,
    )
    compute_gradients(network, batch, data.kind, [])
    Optimiser("adam", network.parameters(), 0.01).step()
    for name, parameter in network.named_parameters():
        assert bool((parameter != before[name]).flatten(1).any(dim=1).all()), name


def test_tiny_set_is_overfitted() -> None:
    """A dozen sequences are learned by heart."""
    run = run_spec(dataset="digits", hidden_size=24, updates=300, learning_rate=0.02, seeds=1)
    result = finished(run, tiny_task("classification"))
    assert result.seeds[0].test_metrics["accuracy"] == 1.0


def test_diverged_replica_ends_alone_with_finite_weights() -> None:
    """A replica that blows up ends as `diverged` and keeps finite weights; a run of such replicas is `diverged`."""
    run = run_spec("rnn", **SMALL | {"learning_rate": 1.0, "optimiser": "sgd", "clip": 0.0, "updates": 200})
    data = small_adding(run)
    data.train.inputs[:] *= 1e6
    data.train.targets[:] *= 1e12
    result = finished(run, data)
    assert {seed.status for seed in result.seeds} == {"diverged"}
    assert result.status == "diverged"
    assert all(np.isfinite(value).all() for value in result.weights.values())


def test_stop_keeps_what_was_learned() -> None:
    """A stopped run has the status, its curve up to there, and scores."""
    result = finished(run_spec(**SMALL | {"updates": 5000}), stop_after=2)
    assert result.status == "stopped"
    assert {seed.status for seed in result.seeds} == {"stopped"}
    assert 0 < result.seeds[0].updates < 5000
    assert np.isfinite(result.seeds[0].test_loss)


def test_patience_ends_replicas_early_and_keeps_their_best() -> None:
    """A replica stops after so many evaluations without a better loss; its best weights give its validation loss."""
    settings = SMALL | {"updates": 400, "evaluations": 200, "patience": 3, "learning_rate": 0.05}
    result = finished(run_spec("rnn", **settings))
    for seed in result.seeds:
        assert seed.updates < 400
        rows = result.curves["seed"] == seed.seed
        best = result.curves["validation_loss"][rows].min()
        assert seed.validation_loss == pytest.approx(best, rel=1e-5)


def test_batch_order_covers_every_sample_once_per_epoch() -> None:
    """Each epoch is a permutation, the rest of it included, and replicas have different orders."""
    generators = [torch.Generator().manual_seed(seed) for seed in (0, 1)]
    order = BatchOrder(PartTensors([a_part(10)], [0, 0], torch.device("cpu")), 4, generators)
    epoch = torch.cat([next(order) for _ in range(3)], dim=1)
    assert sorted(epoch[0].tolist()) == list(range(10))
    assert epoch[0].tolist() != epoch[1].tolist()


def a_part(count: int, steps: int = 3) -> Part:
    """Return a part whose inputs count up."""
    inputs = np.arange(count * steps, dtype=np.float32).reshape(count, steps, 1)
    return Part(inputs=inputs, targets=inputs[:, -1], lengths=np.full(count, steps))


def test_batch_order_of_unequal_parts_has_whole_batches_only() -> None:
    """Replicas with 10 and 7 samples get 4 each, every sample of an epoch at most once, from their own rows."""
    part = PartTensors([a_part(10), a_part(7)], [0, 1], torch.device("cpu"))
    generators = [torch.Generator().manual_seed(seed) for seed in (0, 1)]
    batches = list(itertools.islice(BatchOrder(part, 4, generators), 30))
    assert {tuple(batch.shape) for batch in batches} == {(2, 4)}
    first = torch.cat(batches[:2], dim=1)
    assert len(set(first[0].tolist())) == 8
    assert len(set(batches[0][1].tolist())) == 4
    assert max(int(batch[1].max()) for batch in batches) == 6
    assert {int(row) for batch in batches for row in batch[0]} == set(range(10))


@pytest.mark.parametrize("pool", [0, 10**9])
def test_rows_are_each_replicas_own(pool: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 2 of the second part is not row 2 of the first, whether they lie in one tensor or not; steps are filled up."""
    monkeypatch.setattr("models.training.batches.MAX_POOL_BYTES", pool)
    short, long = a_part(4, steps=2), a_part(5, steps=3)
    part = PartTensors([short, long], [1, 0, 1], torch.device("cpu"))
    inputs, targets, lengths = part.rows(torch.tensor([[2], [2], [0]]))
    assert inputs[:, 0, :, 0].tolist() == [[6, 7, 8], [4, 5, 0], [0, 1, 2]]
    assert targets[:, 0, 0].tolist() == [8, 5, 2]
    assert lengths is not None
    assert lengths[:, 0].tolist() == [3, 2, 3]
    part.keep([1])
    assert part.counts == [4]
    assert part.rows(torch.tensor([[3]]))[1].tolist() == [[[7.0]]]


def test_snapshots_start_at_zero_and_are_denser_early() -> None:
    """At least twelve snapshots, the first before any update, gaps growing."""
    result = finished(run_spec(**SMALL | {"updates": 200}))
    updates = [snapshot.update for snapshot in result.snapshots]
    assert updates[0] == 0
    assert updates[-1] == 200
    assert len(updates) >= 12
    assert updates[2] - updates[1] < updates[-1] - updates[-2]
