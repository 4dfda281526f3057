"""Appleyard, Kociský and Blunsom 2016: the same network trains an order of magnitude faster when its operations are fused."""

from models.findings.finding import Finding, Ruling, Source, finding
from models.findings.measured import Measured
from models.findings.rules import ruling
from models.findings.timing import FUSED, STOCK, times
from models.spec.experiment_settings import ExperimentSpec

ORDER = 5.0  # times as fast that counts as an order of magnitude


def rule(measured: Measured) -> Ruling:
    """Reproduced if the GRU, which stock PyTorch runs step by step, trains at least five times as fast when fused."""
    gains = {
        name: measured.numbers[STOCK][name][0] / measured.numbers[FUSED][name][0] for name in ("gru", "rnn", "lstm")
    }
    here = (
        f"Fused kernels are {gains['gru']:.1f} times as fast as stock PyTorch for the GRU, {gains['rnn']:.1f} times for the tanh "
        f"RNN and {gains['lstm']:.1f} times for the LSTM, which stock PyTorch fuses, too."
    )
    return ruling(gains["gru"] >= ORDER, here, partly=gains["gru"] >= 2)


@finding
def appleyard_fused() -> Finding:
    """Return the finding."""
    return Finding(
        name="appleyard_fused",
        topic="cost",
        claim="Fusing the operations of a recurrent network makes training an order of magnitude faster than a naive implementation.",
        source=Source(
            authors="Appleyard, Kociský and Blunsom",
            year=2016,
            title="Optimizing Performance of Recurrent Neural Networks on GPUs",
            place="arXiv 1604.01946",
            part="abstract",
            link="https://arxiv.org/abs/1604.01946",
        ),
        then="An order of magnitude over a naive implementation, across a range of network sizes, on a GPU.",
        expected="Expected to hold in direction: a CPU loses less time between operations than a GPU.",
        experiments={},
        measure=times,
        opens=ExperimentSpec(dataset="sunspots", architectures=("lstm", "gru", "rnn")),
        rule=rule,
        differs="A CPU core instead of a GPU; the naive implementation is PyTorch's own layer, one module per repeat.",
        seconds=30,
        chart="numbers",
        metric="Milliseconds per update",
        timed=True,
    )
