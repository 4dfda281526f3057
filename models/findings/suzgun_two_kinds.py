"""Suzgun et al. 2019: with two kinds of brackets, which need a stack, no recurrent network does well."""

import numpy as np

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import ruling, scores, solved, title

METRIC = "sequence_accuracy"
NAMES = ("lstm", "gru", "rnn")


def rule(measured: Measured) -> Ruling:
    """Reproduced if no repeat solves it and every architecture gets fewer than half of the strings right, in the median."""
    runs = {name: measured.run(name) for name in NAMES}
    unsolved = all(run.solved_count == 0 for run in runs.values())
    poor = all(float(np.median(run.of(METRIC))) < 0.5 for run in runs.values())
    counts = ", ".join(f"{title(name)} {solved(runs[name])}" for name in NAMES)
    return ruling(unsolved and poor, f"Solved: {counts}. {scores(runs, NAMES, METRIC)}", partly=unsolved)


@finding
def suzgun_two_kinds() -> Finding:
    """Return the finding."""
    return Finding(
        name="suzgun_two_kinds",
        topic="counting",
        claim="No recurrent network performs well on brackets of two kinds (Dyck-2), which need a stack.",
        source=Source(
            authors="Suzgun, Gehrmann, Belinkov and Shieber",
            year=2019,
            title="LSTM Networks Can Perform Dynamic Counting",
            place="Workshop on Deep Learning and Formal Languages, ACL",
            part="abstract",
            link="https://aclanthology.org/W19-3905",
        ),
        then="None of the recurrent networks performed well on Dyck-2; the table was not read.",
        expected="Expected to hold in part: the networks are small as there, but depth and length are bounded.",
        experiments={
            "dyck": experiment(
                "dyck",
                ("lstm", "gru", "rnn"),
                {"length": 64, "depth": 20, "brackets": 2},
                hidden_size=8,
                updates=1500,
                learning_rate=0.01,
            )
        },
        rule=rule,
        differs="Strings of 64 brackets, nested at most 20 deep; fewer than ten units, as there.",
        seconds=90,
    )
