"""Greff et al. 2017: of the three gates, the forget gate is the one that an LSTM can least do without."""

import numpy as np

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import compare, p_value, ruling, spread, title, worse

METRIC = "bits_per_character"
WITHOUT = ("lstm_no_forget", "lstm_no_input", "lstm_no_output")


def rule(measured: Measured) -> Ruling:
    """Reproduced if the LSTM without forget gate is shown worse, and loses more than without another gate."""
    runs = next(iter(measured.experiments.values()))
    tests = compare(runs, [(name, "lstm") for name in WITHOUT], METRIC)
    costs = {name: float(np.mean(runs[name].of(METRIC) - runs["lstm"].of(METRIC))) for name in WITHOUT}
    shown = worse(tests[0])
    words = ", ".join(
        f"{title(name).removeprefix('LSTM ')} {costs[name]:+.3f} ({p_value(test)})"
        for name, test in zip(WITHOUT, tests, strict=True)
    )
    here = f"LSTM {spread(runs['lstm'].of(METRIC))} bits per character; {words}."
    return ruling(shown and costs[WITHOUT[0]] == max(costs.values()), here, partly=shown)


@finding
def greff_gates() -> Finding:
    """Return the finding."""
    return Finding(
        name="greff_gates",
        topic="variants",
        claim="Of an LSTM's parts, the forget gate is critical: without it the network is significantly worse.",
        source=Source(
            authors="Greff, Srivastava, Koutník, Steunebrink and Schmidhuber",
            year=2017,
            title="LSTM: A Search Space Odyssey",
            place="IEEE Transactions on Neural Networks and Learning Systems 28(10)",
            part="abstract; the figures by variant were not read",
            link="https://arxiv.org/abs/1503.04069",
        ),
        then="5,400 runs on three tasks: the forget gate is one of two critical components of the LSTM block.",
        expected="Expected to hold, with a small loss: names are short, so little has to be forgotten.",
        experiments={
            "first_names": experiment(
                "first_names", ("lstm", *WITHOUT), hidden_size=48, updates=600, learning_rate=0.005
            )
        },
        rule=rule,
        differs="Each gate is removed and the network trained anew, as there; names of people instead of speech, handwriting and music.",
        seconds=60,
    )
