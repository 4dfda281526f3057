"""Hochreiter and Schmidhuber 1997, experiment 5: an LSTM multiplies two numbers that lie far apart."""

from models.findings.finding import Finding, Source, experiment, finding
from models.findings.rules import solved_by


@finding
def hochreiter_multiplication() -> Finding:
    """Return the finding."""
    return Finding(
        name="hochreiter_multiplication",
        topic="memory",
        claim="An LSTM also learns a task that summing up alone does not solve: the product of two marked numbers.",
        source=Source(
            authors="Hochreiter and Schmidhuber",
            year=1997,
            title="Long Short-Term Memory",
            place="Neural Computation 9(8)",
            part="section 5.5, table 8",
            link="https://doi.org/10.1162/neco.1997.9.8.1735",
        ),
        then="100 steps: 14 wrong of 2,560 (error above 0.04), never more than 15, after 1,273,000 sequences; means of 10 trials.",
        expected="Expected to hold, and the tanh RNN was expected to fail as it does on the sum.",
        experiments={
            "multiplication": experiment(
                "multiplication", ("lstm", "rnn"), {"length": 50}, hidden_size=32, updates=2000, learning_rate=0.005
            )
        },
        rule=solved_by(("lstm",), ("rnn",), "mae_value"),
        differs="50 steps, 32 units with forget gate, Adam, 64,000 sequences; the tanh RNN is added.",
        seconds=30,
    )
