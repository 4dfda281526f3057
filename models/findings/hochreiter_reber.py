"""Hochreiter and Schmidhuber 1997, experiment 1: an LSTM learns the embedded Reber grammar, an Elman network does not."""

from models.findings.finding import Finding, Source, experiment, finding
from models.findings.rules import solved_by


@finding
def hochreiter_reber() -> Finding:
    """Return the finding."""
    return Finding(
        name="hochreiter_reber",
        topic="memory",
        claim="An LSTM learns a grammar whose second symbol must return before the end; an Elman network does not.",
        source=Source(
            authors="Hochreiter and Schmidhuber",
            year=1997,
            title="Long Short-Term Memory",
            place="Neural Computation 9(8)",
            part="section 5.1, table 1",
            link="https://doi.org/10.1162/neco.1997.9.8.1735",
        ),
        then="LSTM: 97 to 100 % of the trials, 2 failures in 150, after 8,440 to 39,740 strings; Elman network: 0 %.",
        expected="Expected to hold for the LSTM; unsure for the tanh RNN, which is trained through the whole string here.",
        experiments={
            "embedded_reber": experiment(
                "embedded_reber",
                ("lstm", "rnn"),
                hidden_size=16,
                updates=3000,
                learning_rate=0.01,
                initialisation="chrono",
            )
        },
        rule=solved_by(("lstm",), ("rnn",), "sequence_accuracy"),
        differs="16 units, Adam, 4,000 strings of which none is in the test part; the tanh RNN learns by the whole gradient, Elman's network saw one step back.",
        seconds=60,
    )
