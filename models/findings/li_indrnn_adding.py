"""Li et al. 2018: an IndRNN learns the adding problem over more steps than an LSTM."""

from models.findings.finding import Finding, Source, experiment, finding
from models.findings.rules import shown_better


@finding
def li_indrnn_adding() -> Finding:
    """Return the finding."""
    return Finding(
        name="li_indrnn_adding",
        topic="memory",
        claim="A network of units that each see only their own past (IndRNN, with ReLU) learns longer dependencies than an LSTM.",
        source=Source(
            authors="Li, Li, Cook, Zhu and Gao",
            year=2018,
            title="Independently Recurrent Neural Network (IndRNN): Building A Longer and Deeper RNN",
            place="CVPR",
            part="abstract",
            link="https://arxiv.org/abs/1803.04831",
        ),
        then="It processes over 5,000 steps, where LSTM and tanh RNN do not; the table of the adding problem was not read.",
        expected="Unsure: the paper trains two layers of 128 units for far longer.",
        experiments={
            "adding": experiment(
                "adding",
                ("ind_rnn", "lstm"),
                {"length": 150},
                layers=2,
                hidden_size=32,
                updates=1500,
                learning_rate=0.001,
                seeds=6,
            )
        },
        rule=shown_better("ind_rnn", ("lstm",), "mae_value"),
        differs="150 steps, two layers of 32 units, 48,000 sequences.",
        seconds=200,
    )
