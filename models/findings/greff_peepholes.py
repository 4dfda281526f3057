"""Greff et al. 2017: peepholes do not help."""

from models.findings.finding import Finding, Source, experiment, finding
from models.findings.rules import not_shown_worse


@finding
def greff_peepholes() -> Finding:
    """Return the finding."""
    return Finding(
        name="greff_peepholes",
        topic="variants",
        claim="Removing peephole connections simplifies the LSTM without significantly decreasing its performance.",
        source=Source(
            authors="Greff, Srivastava, Koutník, Steunebrink and Schmidhuber",
            year=2017,
            title="LSTM: A Search Space Odyssey",
            place="IEEE Transactions on Neural Networks and Learning Systems 28(10)",
            part="abstract",
            link="https://arxiv.org/abs/1503.04069",
        ),
        then="No significant decrease on the three tasks; figures by variant not read.",
        expected="Expected to hold.",
        experiments={
            "first_names": experiment(
                "first_names", ("lstm", "peephole"), hidden_size=48, updates=600, learning_rate=0.005
            )
        },
        rule=not_shown_worse("lstm", ("peephole",), "bits_per_character"),
        differs="Names of people, one size and one learning rate for both.",
        reason="Eight paired repeats show a loss of 0.1 % without peepholes, a twentieth of the smallest difference that matters to the verdict.",
        seconds=30,
    )
