"""Greff et al. 2017: an LSTM needs the tanh between its memory and what it shows."""

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import compare, p_value, ruling, scores, worse

METRIC = "bits_per_character"


def rule(measured: Measured) -> Ruling:
    """Reproduced if the LSTM without output tanh is shown worse."""
    runs = next(iter(measured.experiments.values()))
    (test,) = compare(runs, [("lstm_no_tanh", "lstm")], METRIC)
    return ruling(worse(test), f"{scores(runs, ('lstm_no_tanh', 'lstm'), METRIC)} Difference: {p_value(test)}.")


@finding
def greff_output_tanh() -> Finding:
    """Return the finding."""
    return Finding(
        name="greff_output_tanh",
        topic="variants",
        claim="The tanh on the output is the other critical part of an LSTM: without it the network is significantly worse.",
        source=Source(
            authors="Greff, Srivastava, Koutník, Steunebrink and Schmidhuber",
            year=2017,
            title="LSTM: A Search Space Odyssey",
            place="IEEE Transactions on Neural Networks and Learning Systems 28(10)",
            part="abstract; the figures by variant were not read",
            link="https://arxiv.org/abs/1503.04069",
        ),
        then="The second critical component, necessary whenever the cell state is unbounded.",
        expected="Expected not to hold on short sequences, where the cell state stays small.",
        experiments={
            "first_names": experiment(
                "first_names", ("lstm_no_tanh", "lstm"), hidden_size=48, updates=600, learning_rate=0.005
            )
        },
        rule=rule,
        differs="Names of people, at most a dozen letters; theirs were speech, handwriting and music.",
        seconds=30,
    )
