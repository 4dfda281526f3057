"""Suzgun et al. 2019: one LSTM unit is enough for well-nested brackets."""

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import ruling, solved, spread

METRIC = "sequence_accuracy"


def rule(measured: Measured) -> Ruling:
    """Reproduced if at least half of the repeats get 99 % of the strings right at every step: one unit suffices."""
    lstm = measured.run("lstm")
    here = f"One unit solves it in {solved(lstm)} repeats. Strings right at every step: {spread(lstm.of(METRIC))}."
    return ruling(lstm.solved_count >= lstm.repeats / 2, here, partly=lstm.solved_count > 0)


@finding
def suzgun_one_unit() -> Finding:
    """Return the finding."""
    return Finding(
        name="suzgun_one_unit",
        topic="counting",
        claim="An LSTM with a single hidden unit is enough to recognise well-nested brackets of one kind (Dyck-1).",
        source=Source(
            authors="Suzgun, Gehrmann, Belinkov and Shieber",
            year=2019,
            title="LSTM Networks Can Perform Dynamic Counting",
            place="Workshop on Deep Learning and Formal Languages, ACL",
            part="abstract",
            link="https://aclanthology.org/W19-3905",
        ),
        then="A single layer with one hidden unit is practically sufficient; the table over ten runs was not read.",
        expected="Expected to hold in part of the repeats: one unit can count, but may start in a bad place.",
        experiments={
            "dyck": experiment(
                "dyck",
                ("lstm",),
                {"length": 32, "depth": 8},
                hidden_size=1,
                updates=4000,
                learning_rate=0.02,
                evaluations=20,
            )
        },
        rule=rule,
        differs="Strings of 32 brackets, nested at most 8 deep; the answer is which closing bracket may follow.",
        seconds=15,
    )
