"""Hochreiter and Schmidhuber 1997, experiment 4: an LSTM adds two numbers over 50 steps and more, a tanh RNN does not."""

from models.findings.finding import Finding, Ruling, Source, finding
from models.findings.measured import Measured
from models.findings.rules import MOST, ruling, solved, spread
from models.spec.experiment_settings import ExperimentSpec

METRIC = "mae_value"


def rule(measured: Measured) -> Ruling:
    """Reproduced if nearly all LSTMs solve it and nearly no tanh RNN does."""
    lstm, rnn = measured.run("lstm"), measured.run("rnn")
    holds = lstm.solved_count >= MOST * lstm.repeats and rnn.solved_count <= (1 - MOST) * rnn.repeats
    here = (
        f"Solved (mean error below 0.04): LSTM {solved(lstm)}, tanh RNN {solved(rnn)}. Mean error: LSTM "
        f"{spread(lstm.of(METRIC))}, tanh RNN {spread(rnn.of(METRIC))}."
    )
    return ruling(holds, here, partly=lstm.solved_count >= MOST * lstm.repeats)


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
            "adding": ExperimentSpec(
                dataset="adding",
                options=(("length", 50),),
                architectures=("lstm", "rnn"),
                hidden_size=32,
                updates=2000,
                learning_rate=0.005,
                rate_search=0,
                evaluations=10,
            )
        },
        rule=rule,
        differs="50 steps, values from 0 to 1, 32 units with forget gate, Adam, 64,000 sequences; solved means a mean error below 0.04 on a scale twice theirs.",
        seconds=30,
    )
