"""Wang and Steinert-Threlkeld 2023: a Transformer goes less far beyond the trained lengths than an LSTM."""

import numpy as np

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import better, compare, nearly_all, p_value, ruling, spread

N = 16  # largest count in training


def rule(measured: Measured) -> Ruling:
    """Reproduced if the LSTM counts further than the Transformer in nearly all repeats, the test shows it, and the Transformer hardly leaves the trained range."""
    runs = next(iter(measured.experiments.values()))
    lstm, other = (runs[name].of("largest_n") for name in ("lstm", "transformer"))
    (test,) = compare(runs, [("lstm", "transformer")], "largest_n", higher=True)
    holds = better(test, higher=True) and nearly_all(lstm > other) and float(np.median(other)) <= 1.25 * N
    here = (
        f"Largest n without a mistake, trained to {N}: LSTM {spread(lstm)}, Transformer {spread(other)}; the LSTM counts further in "
        f"{int((lstm > other).sum())} of {len(lstm)} repeats, {p_value(test)}."
    )
    return ruling(holds, here, partly=better(test, higher=True))


@finding
def wang_extrapolation() -> Finding:
    """Return the finding."""
    return Finding(
        name="wang_extrapolation",
        topic="counting",
        claim="Transformers extrapolate to longer strings of counting languages less well than LSTMs.",
        source=Source(
            authors="Wang and Steinert-Threlkeld",
            year=2023,
            title="Evaluating Transformer's Ability to Learn Mildly Context-Sensitive Languages",
            place="BlackboxNLP workshop",
            part="abstract",
            link="https://arxiv.org/abs/2309.00857",
        ),
        then="Transformers do well on unseen strings of the trained lengths, but extrapolate to longer ones worse than LSTMs; tables not read.",
        expected="Expected to hold.",
        experiments={
            "counting": experiment(
                "counting", ("lstm", "transformer"), {"n": N}, hidden_size=16, updates=1500, learning_rate=0.005
            )
        },
        rule=rule,
        differs="a^n b^n, which is context-free, instead of mildly context-sensitive languages; one layer of 16 units.",
        seconds=90,
    )
