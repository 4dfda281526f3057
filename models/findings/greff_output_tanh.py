"""Greff et al. 2017: an LSTM needs the tanh between its memory and what it shows, where the memory has no bounds."""

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import compare, p_value, ruling, scores, worse

WITHOUT = "lstm_no_tanh"
MEASURES = {"first_names": ("bits_per_character", False), "counting": ("largest_n", True)}


def rule(measured: Measured) -> Ruling:
    """Reproduced if the LSTM without output tanh is shown worse on names and on counting, partly if on one of them."""
    held, here = [], []
    for label, (metric, higher) in MEASURES.items():
        runs = measured.experiments[label]
        (test,) = compare(runs, [(WITHOUT, "lstm")], metric, higher=higher)
        held.append(worse(test, higher=higher))
        here.append(f"{scores(runs, (WITHOUT, 'lstm'), metric)} Difference: {p_value(test)}.")
    return ruling(all(held), " ".join(here), partly=any(held))


@finding
def greff_output_tanh() -> Finding:
    """Return the finding."""
    return Finding(
        name="greff_output_tanh",
        topic="variants",
        claim="The tanh on the output is the other critical part of an LSTM, necessary whenever the cell state has no bounds.",
        source=Source(
            authors="Greff, Srivastava, Koutník, Steunebrink and Schmidhuber",
            year=2017,
            title="LSTM: A Search Space Odyssey",
            place="IEEE Transactions on Neural Networks and Learning Systems 28(10)",
            part="abstract; the figures by variant were not read",
            link="https://arxiv.org/abs/1503.04069",
        ),
        then="5,400 runs on three tasks: one of the two critical components, beside the forget gate.",
        expected="Expected to hold where the cell state grows, as in counting, and not on short names, where it stays small.",
        experiments={
            "first_names": experiment(
                "first_names", (WITHOUT, "lstm"), hidden_size=48, updates=600, learning_rate=0.005
            ),
            "counting": experiment(
                "counting", (WITHOUT, "lstm"), {"n": 16}, hidden_size=10, updates=1500, learning_rate=0.005
            ),
        },
        rule=rule,
        differs="Names of at most a dozen letters, and counting, where the cell state grows with n; theirs were speech, handwriting and music.",
        reason="On names the variant without tanh is even better: the cell state stays small there. Where it grows, in counting, it is worse.",
        seconds=120,
    )
