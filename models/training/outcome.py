"""Finish a run: score the kept weights on the test part, time inference, and pack everything as plain arrays."""

import dataclasses
import statistics
import time

import numpy as np
import psutil
import torch
from torch import Tensor

from data.repeat_splits import RepeatedData
from models.records.results import COMPILING, RunResult, SeedResult, Stretch
from models.training.batches import PartTensors
from models.training.environment import environment
from models.training.evaluation import EVALUATION_BATCH, evaluate
from models.training.gradient_flow import gradient_flow
from models.training.group import TrainingGroup

MAX_SAMPLES = 512
MAX_SAMPLE_NUMBERS = 2_000_000
INFERENCE_REPEATS = 5


def finish(group: TrainingGroup, status: str, attempt: int, *, first: int = 0) -> RunResult:
    """Score the kept weights of every replica on its test part and pack the result.

    Args:
        group: Its replicas have all ended.
        status: `finished` or `stopped`.
        attempt: See `train`.
        first: Number of the repeat that the first replica is.
    """
    weights = _kept_weights(group)
    group.network.load(weights)
    test, validation = group.part("test"), group.part("validation")
    kept_losses, _ = evaluate(group.network, validation, group.kind, keep_outputs=False)
    test_losses, outputs = evaluate(group.network, test, group.kind)
    assert outputs is not None  # noqa: S101 - evaluate keeps outputs unless told not to
    answers = [outputs[index, :count].numpy() for index, count in enumerate(test.counts)]
    seeds = _seed_results(group, kept_losses, test_losses, answers, first)
    chosen = sample_indices(outputs[:, : test.shortest])
    diverged = all(seed.status == "diverged" for seed in seeds)
    return RunResult(
        spec=group.run,
        status="diverged" if diverged else status,
        parameters=group.network.parameters_per_replica(),
        kernel=group.kernel,
        seeds=seeds,
        curves=group.curves(),
        weights={name: value.cpu().numpy() for name, value in weights.items()},
        snapshots=tuple(group.snapshots),
        sample_indices=chosen,
        sample_outputs=outputs[:, chosen].numpy(),
        cost=_cost(group, test),
        environment=environment(group.kernel, group.device) | ({COMPILING: "yes"} if group.choice.temporary else {}),
        attempt=attempt,
        gradient_flow=_gradient_flow(group, weights),
    )


def _gradient_flow(group: TrainingGroup, weights: dict[str, Tensor]) -> dict[str, np.ndarray]:
    """Return the gradient flow of all replicas, of fresh and of kept weights."""
    initial = {name: value.cpu().numpy() for name, value in group.initial.items()}
    trained = {name: value.cpu().numpy() for name, value in weights.items()}
    measured = {"initial": initial, "trained": trained}
    data = RepeatedData(tasks=group.data.tasks, numbers=tuple(replica.number for replica in group.replicas))
    return {
        f"{moment}_{name}": values
        for moment, weighed in measured.items()
        for name, values in gradient_flow(group.run, data, weighed).items()
    }


def _kept_weights(group: TrainingGroup) -> dict[str, Tensor]:
    kept = [state.best for state in group.seeds if state.best is not None]
    return {name: torch.stack([best[name] for best in kept]) for name in kept[0]}


def _seed_results(
    group: TrainingGroup, kept_losses: Tensor, test_losses: Tensor, answers: list[np.ndarray], first: int
) -> tuple[SeedResult, ...]:
    results = []
    for index, (state, replica) in enumerate(zip(group.seeds, group.replicas, strict=True)):
        stretch = group.data.tasks[replica.number].stretch
        own = stretch is not None or len(group.data.tasks) > 1
        result = state.result(
            float(test_losses[index]),
            group.scorer.test_metrics(index, answers[index]),
            float(kept_losses[index]),
            stretch=None if stretch is None else Stretch(*stretch),
            stretch_index=replica.number if own else first + index,
        )
        scores, simple = group.scorer.by_series(index, answers[index])
        results.append(dataclasses.replace(result, series_scores=scores, series_baselines=simple))
    return tuple(results)


def sample_indices(outputs: Tensor) -> np.ndarray:
    """Return the test samples whose outputs are kept: all, or evenly spaced ones within a size limit."""
    per_sample = outputs[:, 0].numel()
    most = max(1, min(outputs.shape[1], MAX_SAMPLES, MAX_SAMPLE_NUMBERS // max(per_sample, 1)))
    return np.unique(np.linspace(0, outputs.shape[1] - 1, most).round().astype(np.int64))


def _cost(group: TrainingGroup, test: PartTensors) -> dict[str, float]:
    """Return measured cost; see `RunResult.cost`."""
    return {
        "milliseconds_per_update": 1e3 * group.seconds / group.update if group.update else 0.0,
        "sequences_per_second": group.sequences / group.seconds if group.seconds else 0.0,
        "inference_milliseconds_per_sequence": _inference_milliseconds(group, test),
        "worker_megabytes": psutil.Process().memory_info().rss / 2**20,
    }


@torch.inference_mode()
def _inference_milliseconds(group: TrainingGroup, test: PartTensors) -> float:
    """Return milliseconds per test sequence of one replica, in batches; the median of several repeats."""
    group.network.keep([0])
    group.network.eval()
    test.keep([0])
    count = min(test.counts[0], EVALUATION_BATCH)
    inputs, _, lengths = test.rows(torch.arange(count, device=group.device).view(1, -1))
    group.network(inputs, lengths)
    times = []
    for _ in range(INFERENCE_REPEATS):
        started = time.perf_counter()
        group.network(inputs, lengths)
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e3 / count
