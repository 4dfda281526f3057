"""Zhou et al. 2016: a unit with one gate is as accurate as a GRU, with fewer parameters."""

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import compare, p_value, ruling, scores, worse


def rule(measured: Measured) -> Ruling:
    """Reproduced if it is not shown worse on either task and has fewer parameters."""
    adding, digits = (measured.experiments[label] for label in ("adding", "digits"))
    (sums,) = compare(adding, [("mgu", "gru")], "mae_value")
    (reads,) = compare(digits, [("mgu", "gru")], "accuracy", higher=True)
    held = [not worse(sums), not worse(reads, higher=True)]
    fewer = digits["mgu"].parameters < digits["gru"].parameters
    here = (
        f"{scores(adding, ('mgu', 'gru'), 'mae_value')} {p_value(sums)}. {scores(digits, ('mgu', 'gru'), 'accuracy')} "
        f"{p_value(reads)}. Parameters: {digits['mgu'].parameters:,} against {digits['gru'].parameters:,}."
    )
    return ruling(all(held) and fewer, here, partly=any(held))


@finding
def zhou_minimal_gate() -> Finding:
    """Return the finding."""
    return Finding(
        name="zhou_minimal_gate",
        topic="variants",
        claim="A minimal gated unit with one gate has an accuracy comparable to the GRU's, with fewer parameters.",
        source=Source(
            authors="Zhou, Wu, Zhang and Zhou",
            year=2016,
            title="Minimal Gated Unit for Recurrent Neural Networks",
            place="International Journal of Automation and Computing 13(3)",
            part="abstract",
            link="https://arxiv.org/abs/1603.09420",
        ),
        then="Comparable accuracy on various sequence data, fewer parameters, faster training; tables not read.",
        expected="Expected to hold on the adding problem, unsure on digits.",
        experiments={
            "adding": experiment(
                "adding", ("mgu", "gru"), {"length": 50}, hidden_size=32, updates=1500, learning_rate=0.005
            ),
            "digits": experiment("digits", ("mgu", "gru"), hidden_size=32, updates=1500, learning_rate=0.005),
        },
        rule=rule,
        differs="Adding problem of 50 steps and digits row by row, 32 units, equal hidden size.",
        seconds=60,
    )
