"""Khavari et al. 2025: linear recurrences whose memory only shrinks cannot track parity."""

from models.findings.finding import Finding, Source, experiment, finding
from models.findings.rules import solved_by


@finding
def khavari_state_tracking() -> Finding:
    """Return the finding."""
    return Finding(
        name="khavari_state_tracking",
        topic="newer",
        claim="Linear recurrences that keep a share between 0 and 1 of their memory, like minGRU, cannot learn parity; LSTM and GRU can.",
        source=Source(
            authors="Khavari, Shakerinava, Khullar, Huang, Rivest, Ravanbakhsh and Chandar",
            year=2025,
            title="Parity Requires Unified Input Dependence and Negative Eigenvalues in SSMs",
            place="MOSS workshop, ICML",
            part="abstract",
            link="https://arxiv.org/abs/2508.07395",
        ),
        then="Models without negative eigenvalues cannot solve parity, whatever their depth: a theorem, supported by experiments.",
        expected="Expected to hold: minGRU multiplies its memory by a number in 0..1 that does not depend on it.",
        experiments={
            "parity": experiment(
                "parity", ("lstm", "gru", "min_gru"), {"length": 32}, hidden_size=16, updates=1500, learning_rate=0.005
            )
        },
        rule=solved_by(("lstm", "gru"), ("min_gru",), "accuracy"),
        differs="minGRU instead of Mamba and S4D, one layer of 16 units, 32 bits.",
        seconds=40,
    )
