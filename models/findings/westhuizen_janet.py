"""Van der Westhuizen and Lasenby 2018: a forget gate alone is enough, and better than three gates."""

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import better, compare, p_value, ruling, scores, worse

METRIC = "accuracy"
SETTINGS = {"hidden_size": 32, "updates": 2400, "learning_rate": 0.005}


def rule(measured: Measured) -> Ruling:
    """Reproduced if JANET with chrono start is shown better than the LSTM with the standard start."""
    runs = {"janet": measured.run("janet", "chrono"), "lstm": measured.run("lstm", "standard")}
    (test,) = compare(runs, [("janet", "lstm")], METRIC, higher=True)
    here = f"{scores(runs, ('janet', 'lstm'), METRIC)} Difference: {p_value(test)}."
    return ruling(better(test, higher=True), here, partly=not worse(test, higher=True))


@finding
def westhuizen_janet() -> Finding:
    """Return the finding."""
    return Finding(
        name="westhuizen_janet",
        topic="variants",
        claim="An LSTM with a forget gate alone (JANET), started by chrono, is better than the standard LSTM on images read pixel by pixel.",
        source=Source(
            authors="van der Westhuizen and Lasenby",
            year=2018,
            title="The Unreasonable Effectiveness of the Forget Gate",
            place="arXiv 1804.04849",
            part="abstract",
            link="https://arxiv.org/abs/1804.04849",
        ),
        then="MNIST pixel by pixel: JANET 99 %, LSTM 98.5 %; permuted pixels 92.5 % against 91 %.",
        expected="Expected to hold: the chrono start alone should decide it.",
        experiments={
            "chrono": experiment("digits", ("janet",), {"reading": "pixels"}, initialisation="chrono", **SETTINGS),
            "standard": experiment("digits", ("lstm",), {"reading": "pixels"}, **SETTINGS),
        },
        rule=rule,
        differs="Digits of 8 by 8 pixels (64 steps instead of 784), 32 units, 2,400 updates.",
        reason="With 64 steps instead of 784 the two are level: the standard start reaches as far back as these images need.",
        seconds=120,
    )
