"""El-Naggar, Madhyastha and Weyde 2022: an LSTM does not count on for ever."""

import numpy as np

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import nearly_all, ruling, spread

N, REACH = 16, 64  # largest count in training, and in the test


def rule(measured: Measured) -> Ruling:
    """Reproduced if nearly no LSTM is right up to four times the trained count, though all leave the trained range."""
    counts = measured.run("lstm").of("largest_n")
    here = (
        f"Largest n without a mistake, trained to {N} and tested to {REACH}: {spread(counts)}; "
        f"{int(np.sum(counts >= REACH))} of {len(counts)} repeats reach the end."
    )
    return ruling(nearly_all(counts < REACH), here)


@finding
def elnaggar_long_counting() -> Finding:
    """Return the finding."""
    return Finding(
        name="elnaggar_long_counting",
        topic="counting",
        claim="An LSTM fails to count in sequences much longer than those of training.",
        source=Source(
            authors="El-Naggar, Madhyastha and Weyde",
            year=2022,
            title="Exploring the Long-Term Generalization of Counting Behavior in RNNs",
            place="arXiv 2211.16429",
            part="abstract",
            link="https://arxiv.org/abs/2211.16429",
        ),
        then="LSTM, GRU and ReLU networks fail on sequences much longer than in training, the GRU sooner; tables not read.",
        expected="Expected to hold: the state that counts slips a little with each step.",
        experiments={
            "counting": experiment("counting", ("lstm",), {"n": N}, hidden_size=10, updates=2500, learning_rate=0.005)
        },
        rule=rule,
        differs="a^n b^n up to four times the trained n, instead of brackets in far longer strings; 10 units instead of one.",
        seconds=30,
    )
