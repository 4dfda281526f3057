"""Bhattamishra, Ahuja and Goyal 2020: an LSTM learns parity, a Transformer does not."""

from models.findings.finding import Finding, Source, experiment, finding
from models.findings.rules import solved_by


@finding
def bhattamishra_parity() -> Finding:
    """Return the finding."""
    return Finding(
        name="bhattamishra_parity",
        topic="counting",
        claim="An LSTM learns languages that need counting modulo a number, such as parity; a Transformer does not.",
        source=Source(
            authors="Bhattamishra, Ahuja and Goyal",
            year=2020,
            title="On the Ability and Limitations of Transformers to Recognize Formal Languages",
            place="EMNLP",
            part="abstract and the authors' repository",
            link="https://arxiv.org/abs/2009.11264",
        ),
        then="In contrast to LSTMs, Transformers are limited on periodicity and modular counting; the table was not read.",
        expected="Expected to hold.",
        experiments={
            "parity": experiment(
                "parity", ("lstm", "transformer"), {"length": 32}, hidden_size=16, updates=1500, learning_rate=0.005
            )
        },
        rule=solved_by(("lstm",), ("transformer",), "accuracy"),
        differs="32 bits with an answer at each, one Transformer layer of 16 units.",
        seconds=60,
    )
