"""Further than the horizon: a network's predictions become its next input, again and again.

Errors grow with each round, so these steps have widths and a coverage of their own: from every place in a test stretch from which
all steps end within the stretch, the network that had not seen the stretch goes on alone, and its errors are ranked per step as in
`models.analysis.conformal`. It works where a network sees only what it predicts or what is known ahead. NumPy; no torch. Axes: N places, C columns.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.baselines import ridge_model
from data.future_positions import following
from data.task import Array, TaskData
from data.window_recipe import WindowRecipe, window_recipe
from models.analysis.conformal import half_width, held_out_coverage, offered_levels
from models.analysis.forecast import Forecast, SourceForecast
from models.analysis.forecast_baseline import RIDGE_NAME
from models.analysis.forecast_errors import speaking, stretches_of
from models.analysis.wording import counted
from models.cells import get_cell
from models.cells.network import answer_network
from models.records.results import ExperimentResult, RunResult
from models.spec.repeats import repeat_data, repeat_recipe

Answer = Callable[[Array], Array]
MAX_STEPS = 60  # in all
MIN_PLACES = 5  # in the shortest stretch, from which all steps are checked


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FurtherForecast:
    """A forecast further than the horizon, or why there is none.

    Attributes:
        forecast: All steps from the first one on; those after `trained` come from predictions fed back. None without one.
        trained: Steps that the networks were trained to predict.
        obstacle: One sentence why there is no forecast further than the horizon; empty if there is one.
        limit: Why there are not more steps.
    """

    forecast: Forecast | None
    trained: int
    obstacle: str = ""
    limit: str = ""

    def shortfall(self, steps: int) -> str:
        """Say why there are fewer steps than wanted, in one sentence; empty if there are as many, or none."""
        made = steps if self.forecast is None else int(self.forecast.steps.max())
        if made >= steps:
            return ""
        return f"Made {counted(made, 'step')}: {self.limit}."


def further_forecast(
    result: ExperimentResult, tested: Forecast, steps: int, content: bytes | None = None
) -> FurtherForecast:
    """Feed predictions back until so many steps are predicted.

    Args:
        result: A finished comparison.
        tested: Its forecast.
        steps: Steps wanted; fewer are made where the test stretches are too short to check them.
        content: Bytes of the file that it was trained on, for datasets of the family `own`.
    """
    trained, spec = int(tested.steps.max()), result.spec
    first = _recipe(result, 0, content)
    obstacle = _obstacle(first)
    if first is None or obstacle:
        return FurtherForecast(forecast=None, trained=trained, obstacle=obstacle)
    datas = {repeat: repeat_data(spec, content, repeat) for repeat in range(_different(result))}
    shortest = min(len(data.test) + trained - 1 for data in datas.values())
    limits = _limits(first, shortest)
    count = min(steps, *limits)
    if count <= trained:
        said = (
            f"The test stretches have {counted(shortest, 'row')}, too few to check more than {counted(trained, 'step')}; give "
            "more rows, or train with a larger `horizon`."
        )
        return FurtherForecast(forecast=None, trained=trained, obstacle=said)
    recipes = {repeat: known for repeat in datas if (known := _recipe(result, repeat, content)) is not None}
    runs = [run for run in result.runs if run.weights]
    sources = [_of_run(run, recipes, datas, count) for run in runs]
    naive = next((source for source in tested.sources if not source.networks), None)
    if naive is not None:
        stretches = [repeats[0] for repeats in stretches_of(runs[0]).values()]
        sources.append(_of_baseline(naive, result, [(recipes[one], datas[one]) for one in stretches], count))
    columns = len(first.targets)
    made = replace(
        tested,
        targets=tuple(np.tile(first.targets, count).tolist()),
        steps=np.repeat(np.arange(1, count + 1), columns),
        times=np.repeat(following(first.positions, count), columns),
        sources=tuple(sources),
        naive=None if tested.naive is None else np.tile(tested.naive[:columns], count),
        trained_steps=trained,
    )
    return FurtherForecast(forecast=made, trained=trained, limit=limits[min(limits)])


def _limits(recipe: WindowRecipe, shortest: int) -> dict[int, str]:
    """Return numbers of steps beyond which nothing is forecast, each with its reason; `shortest` is the rows of the shortest stretch."""
    ahead = len(recipe.planned) - len(recipe.rows)
    return {
        ahead - ahead % recipe.horizon: "more rows of what is known ahead are not there",
        shortest - MIN_PLACES + 1: "for more, the test stretches are too short to check them",
        MAX_STEPS: "the most that are fed back",
    }


def _obstacle(recipe: WindowRecipe | None) -> str:
    if recipe is None:
        return "Predictions can be fed back for one series without gaps; this forecast needs more than its newest rows."
    unknown = [name for name in recipe.inputs if name not in (*recipe.targets, *recipe.known)]
    if unknown:
        return (
            f"`{unknown[0]}` is an input that is not predicted, so nothing is known of it after the last row; predict it, too, or "
            "leave it out of the inputs."
        )
    ahead = len(recipe.planned) - len(recipe.rows)
    if recipe.known and ahead < 2 * recipe.horizon:
        return (
            f"`{recipe.known[0]}` is known ahead for {counted(ahead, 'row')}, and {2 * recipe.horizon} are needed to go on after "
            f"{counted(recipe.horizon, 'step')}; add rows with their time and `{recipe.known[0]}` to the file."
        )
    return ""


def _recipe(result: ExperimentResult, repeat: int, content: bytes | None) -> WindowRecipe | None:
    spec = result.spec
    return window_recipe(repeat_recipe(spec, content, repeat), MAX_STEPS + int(dict(spec.options).get("horizon", 1)))


def _different(result: ExperimentResult) -> int:
    """Return how many different data the repeats have."""
    return 1 + max(max(repeats[0] for repeats in stretches_of(run).values()) for run in result.runs if run.seeds)


def _of_run(
    run: RunResult, recipes: Mapping[int, WindowRecipe], datas: Mapping[int, TaskData], steps: int
) -> SourceForecast:
    name, errors = run.spec.architecture, []
    for repeats in stretches_of(run).values():
        recipe, data = recipes[repeats[0]], datas[repeats[0]]
        places, truth = _places(recipe, data, steps)
        said = [roll_out(network_of(run, repeat), recipe, data, places, steps) for repeat in repeats]
        errors.append(np.mean(said, axis=0) - truth)
    number = min(stretches_of(run))
    newest, data = recipes[stretches_of(run)[number][0]], datas[stretches_of(run)[number][0]]
    last = np.array([len(newest.rows)])
    said = [roll_out(network_of(run, repeat), newest, data, last, steps)[0] for repeat in speaking(run)]
    return _source((name, get_cell(name).title), np.mean(said, axis=0), errors, networks=len(said))


def _of_baseline(
    naive: SourceForecast, result: ExperimentResult, stretches: Sequence[tuple[WindowRecipe, TaskData]], steps: int
) -> SourceForecast:
    """Return the same predictor's forecast of all steps; one that was fitted to the horizon is fed back like a network."""
    errors, values = [], np.full(steps, np.nan)
    source, options = result.spec.source(), result.spec.dataset_options()
    for recipe, data in stretches:
        if naive.name == RIDGE_NAME:
            answer = ridge_model(data)
            places, truth = _places(recipe, data, steps)
            errors.append(roll_out(answer, recipe, data, places, steps) - truth)
            values = roll_out(answer, recipe, data, np.array([len(recipe.rows)]), steps)[0]
        else:
            said, values = source.baseline_forecasts(options, data, steps=steps)[naive.name, naive.title]
            errors.append(said)
    return _source((naive.name, naive.title), values, errors, networks=0)


def _source(named: tuple[str, str], mean: Array, errors: Sequence[Array], *, networks: int) -> SourceForecast:
    pooled = np.concatenate(errors)
    widths = {level: half_width(pooled, level) for level in offered_levels(len(pooled))}
    return SourceForecast(
        name=named[0],
        title=named[1],
        mean=mean,
        half_widths={level: width for level, width in widths.items() if width is not None},
        coverage={level: held_out_coverage(errors, level) for level in widths},
        networks=networks,
        errors=len(pooled),
        rmse=np.sqrt(np.mean(pooled**2, axis=0)),
        mae=np.mean(np.abs(pooled), axis=0),
    )


def _places(recipe: WindowRecipe, data: TaskData, steps: int) -> tuple[Array, Array]:
    """Return the `(N,)` places of a test stretch from which all steps end within it, and `(N, steps * C)` what came, in the unit."""
    length = len(data.test) + recipe.horizon - 1
    end = _end_of(recipe, data)
    places = np.arange(end - length, end - steps + 1)
    levels = recipe.levels.transform(recipe.take(recipe.rows, recipe.targets))
    truth: Array = levels[places[:, None] + np.arange(steps)].reshape(len(places), -1)
    return places, truth


def _end_of(recipe: WindowRecipe, data: TaskData) -> int:
    """Return the row after the last one of a test part, by its last position."""
    last = np.asarray(data.test.positions).reshape(len(data.test), -1)[-1, -1]
    return int(np.flatnonzero(recipe.positions == last)[-1]) + 1


def network_of(run: RunResult, repeat: int) -> Answer:
    """Return a repeat's network as a function of windows `(N, W, F)`."""
    cell, weights = get_cell(run.spec.architecture), run.replica(repeat)

    def answer(inputs: Array) -> Array:
        lengths = np.full(len(inputs), inputs.shape[1], dtype=np.int64)
        return answer_network(cell, weights, inputs, lengths, each_step=False)

    return answer


def roll_out(answer: Answer, recipe: WindowRecipe, data: TaskData, places: Array, steps: int) -> Array:
    """Return `(N, steps * C)` predictions in the unit: as many as are trained at a time, then fed back.

    Args:
        answer: Turns windows into standardised outputs.
        recipe: How rows become windows; its inputs are predicted or known ahead.
        data: The data whose scale the outputs have.
        places: `(N,)` numbers of the rows that are predicted first.
        steps: Steps ahead.
    """
    rows, found = recipe.rows[places[:, None] + np.arange(-recipe.needed, 0)], []
    for done in range(0, steps, recipe.horizon):
        outputs = data.medians(answer(recipe.features(rows, places + done)))
        restored = outputs if data.scaler is None else data.scaler.inverse(outputs)
        base = recipe.base(rows)
        said = restored if base is None else restored + base
        said = said.reshape(len(rows), recipe.horizon, len(recipe.targets))
        found.append(said)
        rows = np.concatenate([rows, recipe.next_rows(said, places + done)], axis=1)
    result: Array = np.concatenate(found, axis=1)[:, :steps].reshape(len(rows), -1)
    return result
