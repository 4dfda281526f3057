"""Bai, Kolter and Koltun 2018: a TCN copies after 100 steps where an LSTM of equal size does not."""

from models.findings.finding import Finding, Source, experiment, finding
from models.findings.rules import solved_by


@finding
def bai_copy() -> Finding:
    """Return the finding."""
    return Finding(
        name="bai_copy",
        topic="newer",
        claim="A convolutional network (TCN) remembers longer than an LSTM of the same size: it copies symbols after a long pause.",
        source=Source(
            authors="Bai, Kolter and Koltun",
            year=2018,
            title="An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence Modeling",
            place="arXiv 1803.01271",
            part="abstract; the figure on copying memory from memory, not checked",
            link="https://arxiv.org/abs/1803.01271",
        ),
        then="TCNs show a longer effective memory than LSTMs; at T = 1000 the TCN copies almost perfectly and the LSTM hardly.",
        expected="Expected to hold.",
        experiments={
            "copy_memory": experiment(
                "copy_memory",
                ("tcn", "lstm"),
                {"delay": 100, "symbols": 5},
                fairness="same_parameters",
                hidden_size=16,
                updates=800,
                learning_rate=0.003,
                seeds=6,
            )
        },
        rule=solved_by(("tcn",), ("lstm",), "accuracy"),
        differs="A pause of 100 steps and 5 symbols instead of 500 to 2,000 and 10; 12,000 parameters.",
        seconds=200,
    )
