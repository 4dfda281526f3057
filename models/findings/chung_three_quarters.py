"""Chung et al. 2014: a GRU has three blocks of weights where an LSTM has four."""

from models.findings.finding import Finding, Ruling, Source, finding
from models.findings.measured import Measured
from models.findings.rules import ruling
from models.spec.experiment_settings import ExperimentSpec

SIZES = ((1, 8), (1, 32), (88, 36), (16, 128))  # inputs, units
MODULES = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}


def count() -> dict[str, dict[str, list[float]]]:
    """Return architecture to the number of parameters of PyTorch's own layer, by inputs and units."""
    from torch import nn

    return {
        name: {
            f"{inputs} inputs, {units} units": [
                float(sum(weight.numel() for weight in getattr(nn, module)(inputs, units).parameters()))
            ]
            for inputs, units in SIZES
        }
        for name, module in MODULES.items()
    }


def rule(measured: Measured) -> Ruling:
    """Reproduced if the counts are as 3 to 4 at every size."""
    lstm, gru = (measured.numbers[name] for name in ("lstm", "gru"))
    counts = ", ".join(f"{gru[size][0]:.0f} to {lstm[size][0]:.0f} ({size})" for size in lstm)
    return ruling(all(4 * gru[size][0] == 3 * lstm[size][0] for size in lstm), f"GRU to LSTM: {counts}.")


@finding
def chung_three_quarters() -> Finding:
    """Return the finding."""
    return Finding(
        name="chung_three_quarters",
        topic="cost",
        claim="At equal inputs and units a GRU's layer has three quarters of an LSTM's parameters.",
        source=Source(
            authors="Chung, Gulcehre, Cho and Bengio",
            year=2014,
            title="Empirical Evaluation of Gated Recurrent Neural Networks on Sequence Modeling",
            place="arXiv 1412.3555",
            part="sections 3.1 and 3.2; the ratio is not printed there",
            link="https://arxiv.org/abs/1412.3555",
        ),
        then="The equations of the LSTM have four blocks of weights, those of the GRU three.",
        expected="Expected to hold exactly: it is counting.",
        experiments={},
        measure=count,
        opens=ExperimentSpec(dataset="sunspots", architectures=tuple(MODULES)),
        rule=rule,
        differs="Parameters of PyTorch's own layers, which have two biases per block; without the output layer.",
        seconds=1,
        chart="numbers",
        metric="Parameters",
    )
