"""Gu and Dao 2023: a recurrence that does not look at its input cannot copy selectively."""

import numpy as np

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import better, compare, p_value, ruling, scores

METRIC = "accuracy"


def rule(measured: Measured) -> Ruling:
    """Reproduced if minGRU is shown better, gets at least 95 % in the median, and LRU less than 80 %."""
    runs = next(iter(measured.experiments.values()))
    (test,) = compare(runs, [("min_gru", "lru")], METRIC, higher=True)
    shown = better(test, higher=True)
    selective, fixed = (float(np.median(runs[name].of(METRIC))) for name in ("min_gru", "lru"))
    here = f"{scores(runs, ('min_gru', 'lru'), METRIC)} Difference: {p_value(test)}."
    return ruling(shown and selective >= 0.95 and fixed < 0.8, here, partly=shown)


@finding
def gu_selectivity() -> Finding:
    """Return the finding."""
    return Finding(
        name="gu_selectivity",
        topic="newer",
        claim="A linear recurrence with fixed coefficients cannot copy selectively; one whose coefficients depend on the input can.",
        source=Source(
            authors="Gu and Dao",
            year=2023,
            title="Mamba: Linear-Time Sequence Modeling with Selective State Spaces",
            place="arXiv 2312.00752",
            part="section 3.1, as summarised by several readers",
            link="https://arxiv.org/abs/2312.00752",
        ),
        then="Models that are constant in time, such as S4, fail; selective ones solve it almost completely. Table not read.",
        expected="Expected to hold in its direction: LRU stands for the fixed recurrence, minGRU for the selective one.",
        experiments={
            "selective_copying": experiment(
                "selective_copying",
                ("min_gru", "lru"),
                {"length": 32, "symbols": 4},
                layers=2,
                hidden_size=32,
                updates=1500,
                learning_rate=0.005,
                seeds=6,
            )
        },
        rule=rule,
        differs="32 steps, 4 symbols, two layers of 32 units; minGRU and LRU in place of S6 and S4.",
        seconds=120,
    )
