"""Saxe, McClelland and Ganguli 2014: random orthogonal weights carry the gradient through many layers, here through many steps."""

import numpy as np

from models.findings.finding import Finding, Ruling, Source, finding
from models.findings.measured import Measured
from models.findings.rules import ruling
from models.spec.experiment_settings import ExperimentSpec

BACK = 50  # steps
FAITHFUL = 0.01  # share of the gradient that still counts as carried
STARTS = ("standard", "orthogonal")


def left(measured: Measured, label: str) -> float:
    """Return the share of the hidden state's gradient that is left after `BACK` steps, before any training."""
    back = np.array(measured.run("rnn", label).gradient["initial_hidden"])[::-1]
    return float(back[BACK] / back[0])


def rule(measured: Measured) -> Ruling:
    """Reproduced if orthogonal weights leave at least 1 % of the gradient and the usual ones less than a millionth."""
    usual, orthogonal = (left(measured, start) for start in STARTS)
    here = f"Of a tanh RNN's gradient {BACK} steps back, {orthogonal:.2g} is left with orthogonal weights and {usual:.1g} with the usual ones."
    return ruling(orthogonal >= FAITHFUL and usual < 1e-6, here, partly=orthogonal > 1000 * usual)


@finding
def saxe_orthogonal() -> Finding:
    """Return the finding."""
    return Finding(
        name="saxe_orthogonal",
        topic="memory",
        claim="Random orthogonal initial weights propagate gradients faithfully through great depth; the usual scaled random ones do not.",
        source=Source(
            authors="Saxe, McClelland and Ganguli",
            year=2014,
            title="Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
            place="ICLR",
            part="abstract",
            link="https://arxiv.org/abs/1312.6120",
        ),
        then="Deep linear networks learn at a speed that does not depend on depth; in nonlinear ones, near the edge of chaos, gradients are carried.",
        expected="Expected to hold in part: tanh shrinks a little at every step, and time stands in for depth.",
        experiments={
            start: ExperimentSpec(
                dataset="adding",
                options=(("length", 60),),
                architectures=("rnn",),
                rate_search=0,
                hidden_size=32,
                updates=50,
                learning_rate=0.001,
                evaluations=2,
                initialisation=start,
            )
            for start in STARTS
        },
        rule=rule,
        reason="With orthogonal weights the gradient loses a tenth at each step instead of two fifths: what is left is the tanh, which shrinks it too.",
        differs="Steps of a tanh RNN in place of layers; the gradient before training instead of the time to learn.",
        seconds=10,
        chart="gradient",
        metric="initial_hidden",
    )
