"""`python -m tests.known_results`: results from papers about architectures without recurrence or without depth, run here.

Each takes minutes with its eight repeats. It prints every architecture's range over repeats and whether the result came out;
the status is 1 if one did not.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from models.engine.run_here import run_experiment
from models.spec.experiment_settings import ExperimentSpec

Scores = Mapping[str, np.ndarray]
SEEDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownResult:
    """A published result, smaller.

    Attributes:
        claim: What the paper found, with its source.
        metric: Test metric to look at.
        experiments: Label to experiment; scores are kept as `label/architecture`, or the architecture for an empty label.
        holds: Whether scores `(repeats,)` by name show it in at least seven of eight repeats.
    """

    claim: str
    metric: str
    experiments: Mapping[str, ExperimentSpec]
    holds: Callable[[Scores], bool]


def spec(dataset: str, architectures: tuple[str, ...], options: Mapping[str, int], **changes: object) -> ExperimentSpec:
    """Return an experiment with eight repeats on new data each and without a search of learning rates."""
    common: dict[str, object] = {"seeds": SEEDS, "rate_search": 0, "evaluations": 10}
    return ExperimentSpec(
        dataset=dataset,
        options=tuple(options.items()),
        architectures=architectures,
        **(common | changes),  # type: ignore[arg-type]
    )


def most(passed: np.ndarray) -> bool:
    """Return whether at least seven of eight repeats passed."""
    return int(np.sum(passed)) >= SEEDS - 1


def selective(layers: int) -> ExperimentSpec:
    """Return selective copying of four symbols among 32 steps with minGRU."""
    return spec(
        "selective_copying",
        ("min_gru",),
        {"length": 32, "symbols": 4},
        layers=layers,
        hidden_size=64,
        updates=2000,
        learning_rate=0.005,
    )


KNOWN = {
    "copy": KnownResult(
        claim="A TCN solves copy memory at a delay of 100 where an LSTM of the same size struggles (Bai et al. 2018)",
        metric="accuracy",
        experiments={
            "": spec(
                "copy_memory",
                ("tcn", "lstm"),
                {"delay": 100, "symbols": 5},
                fairness="same_parameters",
                hidden_size=16,
                updates=1200,
                learning_rate=0.003,
            )
        },
        holds=lambda scores: most(scores["tcn"] >= 0.99) and most(scores["lstm"] < 0.9),
    ),
    "selective": KnownResult(
        claim="minGRU needs two or more layers for selective copying (Feng et al. 2024)",
        metric="accuracy",
        experiments={f"{layers} layers": selective(layers) for layers in (1, 2, 3)},
        holds=lambda scores: (
            most(scores["1 layers/min_gru"] < 0.75)
            and most(scores["2 layers/min_gru"] > scores["1 layers/min_gru"] + 0.1)
        ),
    ),
    "counting": KnownResult(
        claim="A Transformer does not go beyond the trained lengths where an LSTM counts on (Bhattamishra et al. 2020)",
        metric="largest_n",
        experiments={
            "": spec("counting", ("lstm", "transformer"), {"n": 16}, hidden_size=16, updates=1500, learning_rate=0.005)
        },
        holds=lambda scores: most(scores["transformer"] < 24) and most(scores["lstm"] > scores["transformer"]),
    ),
}


def measured(known: KnownResult) -> dict[str, np.ndarray]:
    """Train a known result's experiments; return the test metric of every repeat by name."""
    found = {}
    for label, experiment in known.experiments.items():
        result = run_experiment(experiment, threads=1)
        for run in result.runs:
            name = f"{label}/{run.spec.architecture}" if label else run.spec.architecture
            found[name] = np.array([seed.test_metrics[known.metric] for seed in run.seeds])
            low, high = found[name].min(), found[name].max()
            size = f"{run.spec.hidden_size} units, {run.parameters} parameters"
            print(
                f"  {name}: {known.metric} median {np.median(found[name]):.3g}, {low:.3g} to {high:.3g} ({size})",
                flush=True,
            )
    return found


def main() -> int:
    """Run the results that are named, or all."""
    parser = argparse.ArgumentParser(description="Run published results with eight repeats.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(KNOWN)}; default: all")
    names = parser.parse_args().names or list(KNOWN)
    failed = 0
    for name in names:
        known = KNOWN[name]
        print(f"{known.claim}:", flush=True)
        holds = known.holds(measured(known))
        print(f"  {'holds' if holds else 'DOES NOT HOLD'}", flush=True)
        failed += not holds
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
