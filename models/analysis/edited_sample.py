"""A changed sample beside the original: what each network answers and how its gates and states follow. NumPy, no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from data.task import IGNORED, Array, Part, TaskData
from models.analysis.answers import answer_frame
from models.analysis.predictions import chosen_samples
from models.analysis.traces import Panel, Place, panels_of
from models.cells import get_cell
from models.cells.network import run_network
from models.errors import DataError
from models.records.results import RunResult

ANSWER_COLUMNS = ("architecture", "which", "output", "step", "value", "told")
LONGEST_PROMPT = 400
ORIGINAL, EDITED = "original", "edited"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edited:
    """Both versions of a sample in one network.

    Attributes:
        original: Gates and states of the original, `(H, T)`.
        edited: The same of the edited sample.
        answers: Columns `ANSWER_COLUMNS`: the answer after every step, of both.
    """

    original: tuple[Panel, ...]
    edited: tuple[Panel, ...]
    answers: pd.DataFrame

    def difference(self) -> tuple[Panel, ...]:
        """Return edited minus original over the steps that both have."""
        return tuple(
            replace(new, values=new.values[:, :steps] - old.values[:, :steps])
            for old, new in zip(self.original, self.edited, strict=True)
            for steps in (min(old.values.shape[1], new.values.shape[1]),)
        )


def with_inputs(data: TaskData, place: Place, inputs: Array) -> TaskData:
    """Return a task whose only test sample has other inputs, `(T, F)` or tokens `(T,)`; its right answer stays.

    Raises:
        DataError: If a value is not finite, or there is no step.
    """
    if not len(inputs) or not np.isfinite(inputs).all():
        raise DataError("Every value of an edited sample must be a number, and it needs at least one step.")
    one = chosen_samples(data.part(place.part), np.array([place.sample]))
    targets = one.targets
    if data.each_step:
        steps = min(len(inputs), targets.shape[1])
        targets = np.full((1, len(inputs), *targets.shape[2:]), IGNORED, dtype=targets.dtype)
        targets[:, :steps] = one.targets[:, :steps]
    changed = Part(
        inputs=inputs[None].astype(one.inputs.dtype),
        targets=targets,
        lengths=np.array([len(inputs)], dtype=np.int64),
        base=one.base,
        positions=one.positions,
    )
    return replace(data, test=changed)


def prompt_tokens(data: TaskData, prompt: str) -> Array:
    """Return the tokens of a typed text; each letter, or each word where tokens are words.

    Raises:
        DataError: If a part of it is no token of the task.
    """
    places = {name: index for index, name in enumerate(data.vocabulary)}
    letters = all(len(name) == 1 for name in data.vocabulary)
    parts = list(prompt[:LONGEST_PROMPT]) if letters else prompt[:LONGEST_PROMPT].split()
    unknown = [part for part in parts if part not in places]
    if unknown or not parts:
        known = " ".join(list(places)[:20])
        raise DataError(
            f"`{unknown[0][:20]}` is no token of this task; it has {known}" if unknown else "Type at least one token."
        )
    return np.array([places[part] for part in parts], dtype=np.int64)


def value_range(data: TaskData, column: int, shown: Array) -> tuple[float, float]:
    """Return lower and upper end of an axis for a column: its range in the test part in the shown unit, a tenth wider, and all shown values."""
    part = data.test
    values = part.inputs[:1000, :, column][np.arange(part.inputs.shape[1]) < part.lengths[:1000, None]]
    if data.input_scaler is not None:
        values = values * data.input_scaler.std[column] + data.input_scaler.mean[column]
    finite = np.concatenate([values, shown[np.isfinite(shown)]])
    low, high = float(finite.min()), float(finite.max())
    margin = (high - low or 1.0) / 10
    return low - margin, high + margin


def edited_sample(run: RunResult, data: TaskData, place: Place, inputs: Array) -> Edited:
    """Run a sample and its edited version through one repeat of a network.

    Args:
        run: The network.
        data: The task.
        place: Sample, repeat and layer.
        inputs: The edited inputs, `(T, F)` as scaled for the network, or tokens `(T,)`.

    Raises:
        DataError: If the inputs are not finite.
    """
    weights = run.replica(place.replica)
    new = with_inputs(data, place, inputs)
    at = replace(place, sample=0, part="test")
    old_panels, old = _traced(run.spec.architecture, weights, data, place)
    new_panels, answers = _traced(run.spec.architecture, weights, new, at)
    frame = pd.concat([old.assign(which=ORIGINAL), answers.assign(which=EDITED)], ignore_index=True)
    frame = frame.assign(architecture=run.spec.architecture)[list(ANSWER_COLUMNS)]
    return Edited(original=old_panels, edited=new_panels, answers=frame)


def _traced(
    architecture: str, weights: Mapping[str, Array], data: TaskData, place: Place
) -> tuple[tuple[Panel, ...], pd.DataFrame]:
    part, chosen = data.part(place.part), slice(place.sample, place.sample + 1)
    steps = int(part.lengths[place.sample])
    trace = run_network(
        get_cell(architecture),
        weights,
        part.inputs[chosen, :steps],
        part.lengths[chosen],
        each_step=data.each_step,
    )
    panels = panels_of(architecture, trace.layers[place.layer], steps)
    return panels, answer_frame(weights, trace, data, place)
