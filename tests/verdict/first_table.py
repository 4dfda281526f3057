"""What version 0.1 said two things about, or too much about: every case again, with that version's own settings.

Version 0.1's words were measured once, with that version, and stand here as texts; everything else is trained anew.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pandas as pd

from data.catalog import get_dataset
from data.embedded import embedded
from models.analysis.pairs import PairComparison
from models.analysis.verdict import judge
from models.cells import get_cell
from models.engine.run_here import run_experiment
from models.records.results import ExperimentResult, RunResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.worker import execute
from tests.verdict.series import Series, file_options
from tests.verdict.tables import Row

NO_CLAIM = "no claim"
CUTS: dict[str, dict[float, str]] = {  # dataset to share of its rows and what version 0.1 said
    "airline": {0.7: "LSTM better", 1.0: "GRU better"},
    "sunspots": {0.6: NO_CLAIM, 0.7: NO_CLAIM, 0.8: NO_CLAIM, 0.9: "GRU better", 1.0: "GRU better"},
    "elnino": dict.fromkeys((0.6, 0.7, 0.8, 0.9), "GRU better") | {1.0: NO_CLAIM},
}
FILES = {"airline": "airline_monthly.csv", "sunspots": "sunspots_yearly.csv", "elnino": "elnino_sst_monthly.csv"}
RATES = {0.001: "GRU better", 0.003: "GRU better", 0.01: NO_CLAIM}
STOPPED_AT = {"lstm": 77, "gru": 96}  # of 600 updates


def first_table(most: int) -> Iterator[Row]:
    """Yield a row per case: what it is, what version 0.1 said, what is said now, p.

    Args:
        most: Cases of each kind; the newest cuts are kept.
    """
    for dataset, shares in CUTS.items():
        for share in list(shares)[-most:]:
            result = trained(*cut(dataset, share))
            yield (f"{dataset}, first {share:.0%} of the rows", shares[share], *said(result))
    for searched in (3, 0)[: 1 + (most > 1)]:
        for rate in list(RATES)[:most]:
            yield _typed(rate, searched)
    yield from _statements(most)


def cut(dataset: str, share: float) -> tuple[ExperimentSpec, Series]:
    """Return the dataset's recommended experiment on the first part of its series, as an own file, and the series."""
    source = get_dataset(dataset)
    values = pd.read_csv(embedded(FILES[dataset])).iloc[:, -1].to_numpy()
    series = Series(dataset, values, source.season).first(share)
    own = source.Options()
    options = (*file_options(series, own.window), ("differencing", own.differencing))
    return ExperimentSpec(dataset="own_series", options=options, **source.recommended), series


def trained(spec: ExperimentSpec, series: Series) -> ExperimentResult:
    """Train an experiment on a series in this process."""
    return run_experiment(spec, content=series.content(), threads=1)


def _typed(rate: float, searched: int) -> Row:
    """Train the default preset with a learning rate typed in; the search around it is on by default."""
    result = run_experiment(replace(_preset(), learning_rate=rate, rate_search=searched), threads=1)
    used = ", ".join(f"{get_cell(run.spec.architecture).title} {run.spec.learning_rate:g}" for run in result.runs)
    how = f"found: {used}" if searched else "search off"
    outcome, p = said(result)
    return (f"sunspots preset, learning rate {rate:g} typed in ({how})", RATES[rate], outcome, p)


def _statements(most: int) -> Iterator[Row]:
    """Train what version 0.1 worded wrongly: few repeats, a stopped training, a solved task."""
    yield ("sunspots preset, 6 repeats", "interval 0.0088 to 1.34, p = 0.19, no claim", *worded(six_repeats()))
    yield ("sunspots, stopped after 77 and 96 of 600", "an ordinary verdict", *worded(stopped()))
    if most > 1:
        for repeats in (3, 8):
            said_once = "not distinguishable; all three beat the baseline"
            yield (f"adding, length 100, {repeats} repeats", said_once, *worded(adding(repeats)))


def six_repeats() -> ExperimentResult:
    """Train the default preset with six repeats of one split, as the interval of version 0.1 was measured."""
    return run_experiment(replace(_preset(), seeds=6, resampling="start", rate_search=0), threads=1)


def stopped() -> ExperimentResult:
    """Train the default preset for 600 updates and stop both networks early."""
    spec = replace(_preset(), updates=600, rate_search=0)
    baselines = execute.repeat_baselines(spec)
    runs = tuple(_stopped(run.architecture, place, spec) for place, run in enumerate(plan_runs(spec)))
    return ExperimentResult(spec=spec, status="stopped", runs=runs, baselines={}, repeat_baselines=baselines)


def _stopped(name: str, place: int, spec: ExperimentSpec) -> RunResult:
    asked = count()  # once before the first update, once after each
    stop: Callable[[], bool] = lambda: next(asked) >= STOPPED_AT[name]  # noqa: E731
    return execute.run_trainer(plan_runs(spec)[place], emit=lambda _: None, should_stop=stop)


def adding(repeats: int) -> ExperimentResult:
    """Train the three architectures on the adding problem over 100 steps."""
    source = get_dataset("adding")
    spec = ExperimentSpec(
        dataset="adding",
        architectures=("lstm", "gru", "rnn"),
        options=(("length", 100),),
        seeds=repeats,
        **source.recommended,  # type: ignore[arg-type]
    )
    return run_experiment(spec, threads=1)


def said(result: ExperimentResult) -> tuple[str, str]:
    """Return the outcome of the first pair in words, and its p."""
    return outcome_and_p(judge(result).comparisons[0])


def outcome_and_p(pair: PairComparison) -> tuple[str, str]:
    """Return a pair's outcome in words, and its p."""
    outcome = f"{pair.better.upper()} better" if pair.better else pair.outcome.replace("_", " ")
    return outcome, "" if pair.tested.p is None else f"{pair.tested.p:.3f}"


def worded(result: ExperimentResult) -> tuple[str, str]:
    """Return headline, solved shares, interval and baselines in one text, and the first pair's p."""
    verdict = judge(result)
    pair = verdict.comparisons[0]
    parts = [verdict.headline, *[fact for fact in verdict.facts if fact.startswith("Solved") or "predictor" in fact]]
    if pair.tested.interval is not None and len(verdict.comparisons) == 1:
        low, high = pair.tested.interval
        parts.append(f"Interval {low:.3g} to {high:.3g}.")
    return " ".join(parts), outcome_and_p(pair)[1]


def _preset() -> ExperimentSpec:
    from dashboard.presets import presets

    return presets()["Sunspots forecast"].spec()
