"""Jozefowicz, Zaremba and Sutskever 2015: the GRU is ahead of an LSTM whose forget gate starts half closed."""

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import better, compare, p_value, ruling, spread

METRIC = "accuracy"


def rule(measured: Measured) -> Ruling:
    """Reproduced if the GRU is shown better at a bias of 0, and the LSTM with a bias of 1 better than that with 0."""
    zero, one = (measured.experiments[label] for label in ("bias 0", "bias 1"))
    (behind,) = compare(zero, [("gru", "lstm")], METRIC, higher=True)
    runs = {"gru": zero["gru"], "lstm": one["lstm"]}
    gain = {"one": one["lstm"], "zero": zero["lstm"]}
    (helped,) = compare(gain, [("one", "zero")], METRIC, higher=True)
    held = [better(behind, higher=True), better(helped, higher=True)]
    here = (
        f"Accuracy: GRU {spread(runs['gru'].of(METRIC))}, LSTM with a bias of 0 {spread(zero['lstm'].of(METRIC))} "
        f"({p_value(behind)}), with a bias of 1 {spread(runs['lstm'].of(METRIC))} (against 0: {p_value(helped)})."
    )
    return ruling(all(held), here, partly=any(held))


@finding
def jozefowicz_gru() -> Finding:
    """Return the finding."""
    return Finding(
        name="jozefowicz_gru",
        topic="variants",
        claim="With its usual start, the LSTM is behind the GRU; a forget bias of 1 is what it lacks.",
        source=Source(
            authors="Jozefowicz, Zaremba and Sutskever",
            year=2015,
            title="An Empirical Exploration of Recurrent Network Architectures",
            place="ICML",
            part="abstract, and a sentence as quoted by several readers",
            link="https://proceedings.mlr.press/v37/jozefowicz15.html",
        ),
        then="GRU better than LSTM on all tasks but language modelling; a bias of 1 closes the gap. Tables not read.",
        expected="Expected to hold on a task of memory.",
        experiments={
            "bias 0": experiment(
                "delayed_recall",
                ("lstm", "gru"),
                {"delay": 20},
                hidden_size=32,
                updates=1000,
                learning_rate=0.003,
                forget_bias=0.0,
            ),
            "bias 1": experiment(
                "delayed_recall",
                ("lstm", "gru"),
                {"delay": 20},
                hidden_size=32,
                updates=1000,
                learning_rate=0.003,
                forget_bias=1.0,
            ),
        },
        rule=rule,
        differs="Recall of the first symbol after 20 others instead of arithmetic, XML, text and music; 32 units.",
        seconds=20,
    )
