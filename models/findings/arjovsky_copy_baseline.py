"""Arjovsky, Shah and Bengio 2016: LSTM and tanh RNN copy no better than without memory after 100 steps."""

import numpy as np

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import ruling, spread

METRIC = "cross_entropy_nats"
MEMORYLESS = 10 * float(np.log(8)) / 120


def rule(measured: Measured) -> Ruling:
    """Reproduced if no repeat of either gets 5 % below the loss without memory."""
    runs = {name: measured.run(name).of(METRIC) for name in ("lstm", "rnn")}
    stuck = {name: bool((values > 0.95 * MEMORYLESS).all()) for name, values in runs.items()}
    here = (
        f"Cross-entropy: LSTM {spread(runs['lstm'])}, tanh RNN {spread(runs['rnn'])}; without memory "
        f"{MEMORYLESS:.3f} nats."
    )
    return ruling(all(stuck.values()), here, partly=stuck["rnn"])


@finding
def arjovsky_copy_baseline() -> Finding:
    """Return the finding."""
    return Finding(
        name="arjovsky_copy_baseline",
        topic="memory",
        claim="On the copying task with a pause of 100 steps, LSTM and tanh RNN stay at the loss of a predictor without memory.",
        source=Source(
            authors="Arjovsky, Shah and Bengio",
            year=2016,
            title="Unitary Evolution Recurrent Neural Networks",
            place="ICML",
            part="figure on the copying problem",
            checked=False,
            link="https://arxiv.org/abs/1511.06464",
        ),
        then="Cross-entropy at 10 ln 8 / (T + 20), which is 0.173 nats at T = 100, for the tanh RNN throughout and the LSTM for thousands of updates.",
        expected="Expected to hold: 800 updates are few for this task.",
        experiments={
            "copy_memory": experiment(
                "copy_memory",
                ("lstm", "rnn"),
                {"delay": 100, "symbols": 10},
                hidden_size=40,
                updates=800,
                learning_rate=0.003,
                seeds=6,
            )
        },
        rule=rule,
        differs="40 units as there, from memory; Adam, clipping, 25,600 sequences, far fewer than there.",
        seconds=60,
    )
