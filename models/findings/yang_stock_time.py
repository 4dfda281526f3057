"""Yang, Yu and Zhou 2020: a GRU trains faster than an LSTM; here with PyTorch's own layers on a CPU."""

from models.findings.finding import Finding, Ruling, Source, finding
from models.findings.measured import Measured
from models.findings.rules import ruling
from models.findings.timing import STOCK, times
from models.spec.experiment_settings import ExperimentSpec

FASTER = 1.05  # how many times as fast counts as faster


def rule(measured: Measured) -> Ruling:
    """Reproduced if an update of the GRU takes clearly less time than one of the LSTM."""
    both = measured.numbers[STOCK]
    lstm, gru = both["lstm"][0], both["gru"][0]
    here = f"Milliseconds per update with {STOCK}: LSTM {lstm:.3g}, GRU {gru:.3g}; the GRU is {lstm / gru:.2f} times as fast."
    return ruling(lstm >= FASTER * gru, here)


@finding
def yang_stock_time() -> Finding:
    """Return the finding."""
    return Finding(
        name="yang_stock_time",
        topic="cost",
        claim="A GRU trains faster than an LSTM of the same size, with the library's own layers.",
        source=Source(
            authors="Yang, Yu and Zhou",
            year=2020,
            title="LSTM and GRU Neural Network Performance Comparison Study: Taking Yelp Review Dataset as an Example",
            place="IWECAI",
            part="abstract",
            link="https://doi.org/10.1109/IWECAI50956.2020.00027",
        ),
        then="On reviews of the Yelp data the GRU trains 29.29 % faster than the LSTM; no spread is given.",
        expected="Not expected to hold: PyTorch has a fused kernel for the LSTM on a CPU and none for the GRU.",
        experiments={},
        measure=times,
        opens=ExperimentSpec(dataset="sunspots", fairness="same_hidden"),
        rule=rule,
        differs="One update of five repeats with 32 units and 50 steps on a CPU core; their library and device are not known here.",
        reason="On a CPU stock PyTorch runs the LSTM in one fused kernel and the GRU step by step; the same measurement with one kernel for both turns it round.",
        seconds=30,
        chart="numbers",
        metric="Milliseconds per update",
        timed=True,
    )
