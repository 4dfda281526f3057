"""Yunita et al. 2025: no recurrent architecture is significantly better on sunspots."""

from itertools import combinations

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import compare, ruling, scores

METRIC = "rmse_sunspots"
NAMES = ("rnn", "lstm", "gru")


def rule(measured: Measured) -> Ruling:
    """Reproduced if the verdict's test shows no difference between any two."""
    runs = next(iter(measured.experiments.values()))
    tests = compare(runs, list(combinations(NAMES, 2)), METRIC)
    smallest = min((test.corrected_p for test in tests if test.corrected_p is not None), default=1.0)
    here = f"{scores(runs, NAMES, METRIC)} Smallest p of the three pairs: {smallest:.2g}."
    return ruling(not any(test.outcome == "better" for test in tests), here)


@finding
def yunita_sunspots() -> Finding:
    """Return the finding."""
    return Finding(
        name="yunita_sunspots",
        topic="series",
        claim="On sunspots, tanh RNN, LSTM and GRU do not differ significantly.",
        source=Source(
            authors="Yunita, Pratama, Almuzakki, Ramadhan, Akhir, Mansur and Basori",
            year=2025,
            title="Performance analysis of neural network architectures for time series forecasting: A comparative study of RNN, LSTM, GRU, and hybrid models",
            place="MethodsX",
            part="abstract",
            link="https://doi.org/10.1016/j.mex.2025.103462",
        ),
        then="Nine architectures, 100 runs each, three series: no significant difference by Friedman's test.",
        expected="Expected to hold.",
        experiments={
            "sunspots": experiment("sunspots", ("rnn", "lstm", "gru"), hidden_size=32, updates=400, learning_rate=0.005)
        },
        rule=rule,
        differs="Yearly numbers, one step ahead, eight stretches of time; three architectures and pairwise sign-flip tests instead of nine and Friedman's test.",
        seconds=15,
    )
