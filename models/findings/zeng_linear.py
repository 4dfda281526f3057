"""Zeng et al. 2023: a linear model forecasts as well as a Transformer."""

from models.analysis.outcomes import compare_differences
from models.findings.finding import Finding, Ruling, Source, experiment, finding
from models.findings.measured import Measured
from models.findings.rules import better, p_value, paired, ruling, scores, spread

METRIC = "rmse_celsius"
LINEAR = ("AR(", "Ridge")


def rule(measured: Measured) -> Ruling:
    """Reproduced if the Transformer is not shown better than the better one of the linear models, and its mean error is larger."""
    runs = next(iter(measured.experiments.values()))
    transformer = runs["transformer"]
    titles = [name for name in transformer.baselines if name.startswith(LINEAR)]
    best = min(titles, key=lambda name: float(transformer.baseline(name, METRIC).mean()))
    linear = transformer.baseline(best, METRIC)
    (test,) = compare_differences([paired(transformer, transformer.of(METRIC), linear)], [0.02 * float(linear.mean())])
    here = f"{scores(runs, ('transformer', 'lstm', 'gru'), METRIC)} {best}: {spread(linear)}; Transformer against it {p_value(test)}."
    ahead = float(transformer.of(METRIC).mean()) < float(linear.mean())
    return ruling(not better(test) and not ahead, here, partly=not better(test))


@finding
def zeng_linear() -> Finding:
    """Return the finding."""
    return Finding(
        name="zeng_linear",
        topic="series",
        claim="Very simple linear models outperform Transformers at forecasting several steps ahead.",
        source=Source(
            authors="Zeng, Chen, Zhang and Xu",
            year=2023,
            title="Are Transformers Effective for Time Series Forecasting?",
            place="AAAI",
            part="abstract",
            link="https://arxiv.org/abs/2205.13504",
        ),
        then="On nine data sets a one-layer linear model beats Transformer models, often by a large margin; tables not read.",
        expected="Expected to hold, so small is the series.",
        experiments={
            "elnino": experiment(
                "elnino",
                ("transformer", "lstm", "gru"),
                {"window": 36, "horizon": 12},
                hidden_size=32,
                updates=500,
                learning_rate=0.003,
            )
        },
        rule=rule,
        differs="Monthly sea temperatures, 12 months ahead, one small Transformer layer; the linear models are AR and ridge regression by least squares.",
        reason="Neither is shown better: the errors of the eight stretches of time differ threefold, more than the models do.",
        seconds=60,
    )
