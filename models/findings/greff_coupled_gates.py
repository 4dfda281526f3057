"""Greff et al. 2017: coupling input and forget gate costs nothing."""

from models.findings.finding import Finding, Source, experiment, finding
from models.findings.rules import not_shown_worse


@finding
def greff_coupled_gates() -> Finding:
    """Return the finding."""
    return Finding(
        name="greff_coupled_gates",
        topic="variants",
        claim="Coupling input and forget gate (CIFG) simplifies the LSTM without significantly decreasing its performance.",
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
            "first_names": experiment("first_names", ("cifg", "lstm"), hidden_size=48, updates=600, learning_rate=0.005)
        },
        rule=not_shown_worse("cifg", ("lstm",), "bits_per_character"),
        differs="Names of people, one size and one learning rate for both.",
        reason="Eight paired repeats show a loss of 0.3 %, an eighth of the smallest difference that matters to the verdict; CIFG has a quarter fewer weights here.",
        seconds=30,
    )
