"""Gers and Schmidhuber 2001: an LSTM learns a^n b^n, where traditional recurrent networks stay behind."""

import numpy as np

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import better, compare, nearly_all, p_value, ruling, spread

N = 16  # largest count in training


def rule(measured: Measured) -> Ruling:
    """Reproduced if the LSTM counts further than the tanh RNN in nearly all repeats, the test shows it, and the tanh RNN hardly leaves the trained range."""
    runs = next(iter(measured.experiments.values()))
    lstm, other = (runs[name].of("largest_n") for name in ("lstm", "rnn"))
    (test,) = compare(runs, [("lstm", "rnn")], "largest_n", higher=True)
    holds = better(test, higher=True) and nearly_all(lstm > other) and float(np.median(other)) <= 1.25 * N
    here = (
        f"Largest n without a mistake, trained to {N}: LSTM {spread(lstm)}, tanh RNN {spread(other)}; the LSTM counts further in "
        f"{int((lstm > other).sum())} of {len(lstm)} repeats, {p_value(test)}."
    )
    return ruling(holds, here, partly=better(test, higher=True))


@finding
def gers_context_free() -> Finding:
    """Return the finding."""
    return Finding(
        name="gers_context_free",
        topic="counting",
        claim="An LSTM learns the context-free language a^n b^n better than traditional recurrent networks.",
        source=Source(
            authors="Gers and Schmidhuber",
            year=2001,
            title="LSTM Recurrent Networks Learn Simple Context-Free and Context-Sensitive Languages",
            place="IEEE Transactions on Neural Networks 12(6)",
            part="abstract",
            link="https://doi.org/10.1109/72.963769",
        ),
        then="LSTM is better than traditional and than specialised networks, and the first to learn a^n b^n c^n; tables not read.",
        expected="Expected to hold.",
        experiments={
            "counting": experiment(
                "counting", ("lstm", "rnn"), {"n": N}, hidden_size=10, updates=2500, learning_rate=0.005
            )
        },
        rule=rule,
        differs="Trained to n = 16; forget gate and Adam instead of the LSTM with peepholes and online learning.",
        seconds=40,
    )
