"""Velarde et al. 2022: where a week repeats, LSTM and GRU beat the last value."""

from models.analysis.outcomes import compare_differences
from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import better, p_value, ruling, spread, title

METRIC = "rmse_value"
BASELINE = "Persistence: the last value"


def rule(measured: Measured) -> Ruling:
    """Reproduced if both networks are shown better than the last value."""
    runs = next(iter(measured.experiments.values()))
    last = runs["lstm"].baseline(BASELINE, METRIC)
    ratios = {name: runs[name].of(METRIC) / last for name in ("lstm", "gru")}
    tests = dict(zip(ratios, compare_differences([values - 1 for values in ratios.values()], [0.1, 0.1]), strict=True))
    here = "Error as a share of the last value's: " + ", ".join(
        f"{title(name)} {spread(ratios[name])} ({p_value(tests[name])})" for name in ratios
    )
    return ruling(all(better(tests[name]) for name in ratios), f"{here}.")


@finding
def velarde_activities() -> Finding:
    """Return the finding."""
    return Finding(
        name="velarde_activities",
        topic="series",
        claim="On activities that repeat weekly, LSTM and GRU significantly outperform repeating the last value.",
        source=Source(
            authors="Velarde, Brañez, Bueno, Heredia and Lopez-Ledezma",
            year=2022,
            title="An Open Source and Reproducible Implementation of LSTM and GRU Networks for Time Series Forecasting",
            place="Engineering Proceedings 18(1), 30",
            part="abstract",
            link="https://doi.org/10.3390/engproc2022018030",
        ),
        then="Ten generated series of five busy and two quiet days, 1 and 20 steps ahead: significantly better than the baseline.",
        expected="Expected to hold.",
        experiments={
            "week": experiment(
                "daily_values", ("lstm", "gru"), {"series": "week"}, hidden_size=32, updates=600, learning_rate=0.003
            )
        },
        rule=rule,
        differs="One day ahead, with noise of a tenth of the busy days' value.",
        seconds=20,
    )
