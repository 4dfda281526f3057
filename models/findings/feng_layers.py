"""Feng et al. 2024: minGRU needs more than one layer for selective copying."""

from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import nearly_all, ruling, spread

METRIC = "accuracy"


def rule(measured: Measured) -> Ruling:
    """Reproduced if nearly all one-layer runs stay below 75 %, and nearly all of two and of three layers reach 95 %."""
    one, two, three = (measured.run("min_gru", f"{layers} layers").of(METRIC) for layers in (1, 2, 3))
    fails, gains = nearly_all(one < 0.75), nearly_all(two > one + 0.1)
    here = f"Accuracy: one layer {spread(one)}, two {spread(two)}, three {spread(three)}."
    return ruling(fails and nearly_all(two >= 0.95) and nearly_all(three >= 0.95), here, partly=fails and gains)


@finding
def feng_layers() -> Finding:
    """Return the finding."""
    return Finding(
        name="feng_layers",
        topic="newer",
        claim="One layer of minGRU fails at selective copying; two or three solve it, since the gates of later layers can see the past.",
        source=Source(
            authors="Feng, Tung, Ahmed, Bengio and Hajimirsadeghi",
            year=2024,
            title="Were RNNs All We Needed?",
            place="arXiv 2410.01201",
            part="table on the number of layers",
            checked=False,
            link="https://arxiv.org/abs/2410.01201",
        ),
        then="minGRU: about 37 % with one layer, 97 % with two, 99 % with three; three runs each.",
        expected="Expected to hold in its order; shorter sequences should be easier for one layer.",
        experiments={
            f"{layers} layers": experiment(
                "selective_copying",
                ("min_gru",),
                {"length": 32, "symbols": 4},
                layers=layers,
                hidden_size=48,
                updates=1500,
                learning_rate=0.005,
                seeds=6,
            )
            for layers in (1, 2, 3)
        },
        rule=rule,
        differs="32 steps and 4 symbols instead of 4,096 and 16; 48 units, without the block of later versions.",
        seconds=200,
    )
