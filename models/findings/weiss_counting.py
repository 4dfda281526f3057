"""Weiss, Goldberg and Yahav 2018: an LSTM counts on beyond the trained lengths, a GRU does not."""

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
def weiss_counting() -> Finding:
    """Return the finding."""
    return Finding(
        name="weiss_counting",
        topic="counting",
        claim="An LSTM learns to count and goes on beyond the lengths of training; a GRU cannot count.",
        source=Source(
            authors="Weiss, Goldberg and Yahav",
            year=2018,
            title="On the Practical Computational Power of Finite Precision RNNs for Language Recognition",
            place="ACL, short papers",
            part="abstract; lengths as noted by a reader who repeated it",
            link="https://aclanthology.org/P18-2117",
        ),
        then="Trained on a^n b^n up to n = 100, the LSTM of 10 units goes on to n = 256; the GRU fails from n = 38 on (38 from memory, not checked).",
        expected="Expected to hold: 16 and 10 units change the numbers, not the mechanism.",
        experiments={
            "counting": experiment(
                "counting", ("lstm", "gru"), {"n": N}, hidden_size=10, updates=2500, learning_rate=0.005
            )
        },
        rule=rule,
        differs="Trained to n = 16 instead of 100, and only the next symbol is asked for; 10 units as there.",
        seconds=40,
    )
