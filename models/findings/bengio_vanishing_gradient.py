"""Bengio, Simard and Frasconi 1994: the gradient of a tanh RNN shrinks with every step back."""

import numpy as np

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import ruling

FIRST, LAST = 1, 50  # steps back over which the fall is fitted


def rule(measured: Measured) -> Ruling:
    """Reproduced if the logarithm of the gradient falls along a straight line, by a factor below 0.9 at each step back."""
    back = np.array(measured.run("rnn").gradient["initial_hidden"])[::-1]
    steps, logs = np.arange(FIRST, LAST + 1), np.log(np.maximum(back[FIRST : LAST + 1], 1e-300))
    slope = float(np.polyfit(steps, logs, 1)[0])
    explained = float(np.corrcoef(steps, logs)[0, 1] ** 2) if np.ptp(logs) else 0.0
    share = float(back[LAST] / back[0])
    here = (
        f"The gradient shrinks to {np.exp(slope):.2f} of itself with each step back (a straight line on a logarithmic scale "
        f"explains {explained:.1%}); after {LAST} steps {share:.1g} of it is left."
    )
    return ruling(bool(np.exp(slope) < 0.9 and explained > 0.95 and share < 1e-3), here)


@finding
def bengio_vanishing_gradient() -> Finding:
    """Return the finding."""
    return Finding(
        name="bengio_vanishing_gradient",
        topic="memory",
        claim="In a recurrent network without gates the gradient becomes exponentially smaller with the time that it has to bridge.",
        source=Source(
            authors="Bengio, Simard and Frasconi",
            year=1994,
            title="Learning Long-Term Dependencies with Gradient Descent is Difficult",
            place="IEEE Transactions on Neural Networks 5(2)",
            part="abstract",
            link="https://doi.org/10.1109/72.279181",
        ),
        then="A proof, without a table: learning by gradients gets harder the longer the dependency; abstract read, theorem from memory.",
        expected="Expected to hold: an untrained tanh RNN multiplies by a matrix with eigenvalues below 1 at every step.",
        experiments={
            "adding": experiment(
                "adding", ("rnn",), {"length": 60}, hidden_size=32, updates=50, learning_rate=0.001, evaluations=2
            )
        },
        rule=rule,
        differs="The gradient of the answer by the hidden state is measured at every step of the adding problem, before training; nothing is proved.",
        seconds=10,
        chart="gradient",
        metric="initial_hidden",
    )
