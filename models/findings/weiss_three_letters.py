"""Weiss, Goldberg and Yahav 2018: with two counters, too, an LSTM counts further than a GRU."""

import numpy as np

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import better, compare, nearly_all, p_value, ruling, spread

N = 16  # largest count in training


def rule(measured: Measured) -> Ruling:
    """Reproduced if the LSTM counts further than the GRU in nearly all repeats, the test shows it, and the GRU hardly leaves the trained range."""
    runs = next(iter(measured.experiments.values()))
    lstm, other = (runs[name].of("largest_n") for name in ("lstm", "gru"))
    (test,) = compare(runs, [("lstm", "gru")], "largest_n", higher=True)
    holds = better(test, higher=True) and nearly_all(lstm > other) and float(np.median(other)) <= 1.25 * N
    here = (
        f"Largest n without a mistake, trained to {N}: LSTM {spread(lstm)}, GRU {spread(other)}; the LSTM counts further in "
        f"{int((lstm > other).sum())} of {len(lstm)} repeats, {p_value(test)}."
    )
    return ruling(holds, here, partly=better(test, higher=True))


@finding
def weiss_three_letters() -> Finding:
    """Return the finding."""
    return Finding(
        name="weiss_three_letters",
        topic="counting",
        claim="An LSTM also learns a^n b^n c^n, which needs two counters, and goes further than a GRU.",
        source=Source(
            authors="Weiss, Goldberg and Yahav",
            year=2018,
            title="On the Practical Computational Power of Finite Precision RNNs for Language Recognition",
            place="ACL, short papers",
            part="abstract and the authors' notebook; lengths from memory",
            link="https://aclanthology.org/P18-2117",
        ),
        then="Trained to n = 50, the LSTM is right to n = 100, the GRU fails from n = 9 on (lengths from memory, not checked).",
        expected="Expected to hold, with a smaller distance than for one counter.",
        experiments={
            "counting": experiment(
                "counting",
                ("lstm", "gru"),
                {"n": N, "language": "anbncn"},
                hidden_size=10,
                updates=2500,
                learning_rate=0.005,
            )
        },
        rule=rule,
        differs="Trained to n = 16 instead of 50.",
        seconds=40,
    )
