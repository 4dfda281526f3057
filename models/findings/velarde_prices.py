"""Velarde et al. 2022: on prices, LSTM and GRU are no better than the last value."""

from models.analysis.outcomes import compare_differences
from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import better, p_value, ruling, spread, title

METRIC = "rmse_value"
BASELINE = "Persistence: the last value"


def rule(measured: Measured) -> Ruling:
    """Reproduced if neither network is shown better than the last value, and both lie within 10 % of it."""
    runs = next(iter(measured.experiments.values()))
    last = runs["lstm"].baseline(BASELINE, METRIC)
    ratios = {name: runs[name].of(METRIC) / last for name in ("lstm", "gru")}
    tests = dict(zip(ratios, compare_differences([values - 1 for values in ratios.values()], [0.1, 0.1]), strict=True))
    here = "Error as a share of the last value's: " + ", ".join(
        f"{title(name)} {spread(ratios[name])} ({p_value(tests[name])})" for name in ratios
    )
    return ruling(all(not better(tests[name]) and abs(ratios[name].mean() - 1) <= 0.1 for name in ratios), f"{here}.")


@finding
def velarde_prices() -> Finding:
    """Return the finding."""
    return Finding(
        name="velarde_prices",
        topic="series",
        claim="On stock prices, forecasts of LSTM and GRU are about as good as repeating the last value.",
        source=Source(
            authors="Velarde, Brañez, Bueno, Heredia and Lopez-Ledezma",
            year=2022,
            title="An Open Source and Reproducible Implementation of LSTM and GRU Networks for Time Series Forecasting",
            place="Engineering Proceedings 18(1), 30",
            part="abstract",
            link="https://doi.org/10.3390/engproc2022018030",
        ),
        then="Ten stocks of an Indian bank index: LSTM and GRU perform as the baseline does that repeats the last value; tables not read.",
        expected="Expected to hold: nothing can be learned from a random walk.",
        experiments={
            "walk": experiment(
                "daily_values", ("lstm", "gru"), {"series": "walk"}, hidden_size=32, updates=1000, learning_rate=0.003
            )
        },
        rule=rule,
        differs="Random walks are generated, since no price series may be shipped; one day ahead.",
        seconds=30,
    )
