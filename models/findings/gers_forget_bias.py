"""Gers, Schmidhuber and Cummins 2000: a forget gate that starts open lets the error flow back; one that starts half closed does not."""

import itertools

import numpy as np

from models.findings.finding import Finding, Ruling, Source, finding
from models.findings.measured import Measured
from models.findings.rules import ruling
from models.spec.experiment_settings import ExperimentSpec

BIASES = (0.0, 1.0, 3.0)
BACK = 50  # steps


def left(measured: Measured, label: str) -> float:
    """Return the share of the cell state's gradient that is left after `BACK` steps, before any training."""
    back = np.array(measured.run("lstm", label).gradient["initial_cell"])[::-1]
    return float(back[BACK] / back[0])


def rule(measured: Measured) -> Ruling:
    """Reproduced if each larger bias leaves at least ten times as much of the gradient."""
    shares = [left(measured, f"bias {bias:.0f}") for bias in BIASES]
    grows = [later >= 10 * earlier for earlier, later in itertools.pairwise(shares)]
    parts = ", ".join(f"{share:.1g} at a bias of {bias:.0f}" for bias, share in zip(BIASES, shares, strict=True))
    return ruling(
        all(grows), f"Of the cell's gradient {BACK} steps back, this share is left: {parts}.", partly=any(grows)
    )


@finding
def gers_forget_bias() -> Finding:
    """Return the finding."""
    return Finding(
        name="gers_forget_bias",
        topic="memory",
        claim="A forget gate whose bias starts positive lets an untrained LSTM's error flow far back; at a bias of 0 it dies out.",
        source=Source(
            authors="Gers, Schmidhuber and Cummins",
            year=2000,
            title="Learning to Forget: Continual Prediction with LSTM",
            place="Neural Computation 12(10)",
            part="abstract read; initial biases of the gates",
            checked=False,
            link="https://doi.org/10.1162/089976600300015015",
        ),
        then="Forget gates got positive initial biases, so that they start near 1 and the cell keeps all; no numbers are known here.",
        expected="Expected to hold: it follows from the product of the gates' values.",
        experiments={
            f"bias {bias:.0f}": ExperimentSpec(
                dataset="adding",
                options=(("length", 60),),
                architectures=("lstm",),
                rate_search=0,
                hidden_size=32,
                updates=50,
                learning_rate=0.001,
                evaluations=2,
                forget_bias=bias,
            )
            for bias in BIASES
        },
        rule=rule,
        differs="The gradient of the answer by the cell state before training, at three biases; no continual stream.",
        seconds=10,
        chart="gradient",
        metric="initial_cell",
    )
