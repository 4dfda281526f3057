"""What a forecast's networks were trained on, and how often its intervals held, in words."""

from data.quantiles import BAND
from data.uploads.shared_options import split_names
from models.analysis.forecast import Forecast
from models.analysis.wording import counted, joined
from models.spec.experiment_settings import ExperimentSpec


def _everything_sentences(forecast: Forecast) -> list[str]:
    if not forecast.everything:
        return []
    spoken = [source for source in forecast.sources if source.name in forecast.everything]
    told = joined([f"{source.title} for {counted(forecast.everything[source.name], 'update')}" for source in spoken])
    starts = max((source.networks for source in spoken), default=0)
    return [
        f"Trained on all rows: {told}, up to {counted(starts, 'start')} each.",
        "These networks have no test score of their own: widths and coverage are those of the tested networks.",
    ]


def _further_sentences(forecast: Forecast) -> list[str]:
    if not forecast.trained_steps:
        return []
    return [
        f"Steps after {forecast.trained_steps} come from predictions that were fed back as inputs (dashed in the chart); widths "
        "and coverage were measured the same way, for each step."
    ]


def _quantile_sentences(forecast: Forecast) -> list[str]:
    return [
        f"{source.title}: {found.held} of {found.points} test points lay between its 10 % and 90 % quantiles; {BAND} % should."
        for source in forecast.sources
        if (found := source.quantile_coverage) is not None and found.points and source.quantiles is not None
    ]


def coverage_sentences(forecast: Forecast) -> tuple[str, ...]:
    """Say what the networks were trained on, and for each architecture how often its widest interval held on data not used to make it."""
    told = [*_everything_sentences(forecast), *_further_sentences(forecast)]
    for source in forecast.sources:
        title = source.title.partition(":")[0]  # what a simple predictor does follows its name
        level = max(source.half_widths, default=0.0)
        found = source.coverage.get(level)
        if found is None:
            told.append(f"{title}: too few errors on unseen data for an interval.")
        elif not found.points:
            told.append(f"{title}: too few errors of earlier stretches to check the band on later ones.")
        else:
            told.append(
                f"{title}: the {level * 100:.0f} % band held {found.held} of {found.points} points of later stretches."
            )
    return (*told, *_quantile_sentences(forecast))


def missing_plan(spec: ExperimentSpec) -> str:
    """Ask for the rows that a forecast needs of columns that are known ahead; empty where there are no such columns."""
    options = dict(spec.options)
    if options.get("predict", "values") != "values":
        return ""
    planned, target, steps = (options.get(name) for name in ("known", "target", "horizon"))
    if not planned:
        return ""
    names = joined([f"`{name}`" for name in split_names(str(planned))])
    count, told = int(steps or 1), f"`{target}`" if target else "the target"
    if count == 1:
        rows, fix = "the row", f"a row with its time and {names} to the file, and leave {told} empty in it"
    else:
        rows, fix = (
            f"the next {count} rows",
            f"rows with their time and {names} to the file, and leave {told} empty in them",
        )
    return f"{names} is known ahead, so a forecast needs it for {rows} after the last one: add {fix}."
