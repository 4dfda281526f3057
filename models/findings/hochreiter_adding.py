"""Hochreiter and Schmidhuber 1997, experiment 4: an LSTM adds two numbers that lie far apart, a tanh RNN does not."""

from models.findings.finding import Finding, Source, experiment, finding
from models.findings.rules import solved_by


@finding
def hochreiter_adding() -> Finding:
    """Return the finding."""
    return Finding(
        name="hochreiter_adding",
        topic="memory",
        claim="An LSTM learns to add two marked numbers of a long sequence; recurrent networks without gates do not.",
        source=Source(
            authors="Hochreiter and Schmidhuber",
            year=1997,
            title="Long Short-Term Memory",
            place="Neural Computation 9(8)",
            part="section 5.4, table 7",
            link="https://doi.org/10.1162/neco.1997.9.8.1735",
        ),
        then="100 steps: 1 wrong of 2,560 (error above 0.04), never more than 3, after 74,000 sequences; means of 10 trials.",
        expected="Expected to hold: Adam and a forget gate make the task easier than it was, and 50 steps are fewer.",
        experiments={
            "adding": experiment(
                "adding", ("lstm", "rnn"), {"length": 50}, hidden_size=32, updates=2000, learning_rate=0.005
            )
        },
        rule=solved_by(("lstm",), ("rnn",), "mae_value"),
        differs="50 steps, values from 0 to 1, 32 units with forget gate, Adam, 64,000 sequences; solved means a mean error below 0.04 on a scale twice theirs.",
        seconds=30,
    )
