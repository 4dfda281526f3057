"""Settings of the Memory page. The address holds all of those that are drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components.choice import choose_one
from data import fields
from data.catalog import catalogue, get_dataset
from data.fields import FieldInfo, Value
from models.cells import architectures
from models.errors import InvalidSpecError
from models.spec.experiment_settings import ExperimentSpec
from models.spec.link_query import OPTION_PREFIX
from models.spec.recommended import recommended
from models.spec.sweep import MAX_VALUES, SweepSpec

PAGE = "memory"
BOTH = "both"
BIASES = {"1": "+1", "0": "0", BOTH: "both"}
STARTS = {"standard": "standard", "chrono": "chrono", BOTH: "both"}
SECOND_AXES = {"hidden_size": "Hidden size", "forget_bias": "Forget-gate bias"}
FIRST_LAGS = {
    "adding": "10, 25, 50, 100",
    "multiplication": "10, 25, 50, 100",
    "temporal_order": "20, 40, 80, 160",
    "counting": "8, 16, 32, 64",
    "parity": "12, 24, 48, 96",
}
OTHER_LAGS = "10, 20, 40, 80"
MAP_RATES = "0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1"
MAP_SIZES, MAP_BIASES = "4, 8, 16, 32", "-2, 0, 1, 2, 4"
LONGEST = 1_000
TRAINING = ("hidden_size", "learning_rate", "updates", "seeds")


def horizon_form() -> SweepSpec:
    """Draw the settings of the memory horizon and return its sweep.

    Raises:
        InvalidSpecError: If a setting cannot be used; the sentences say why.
    """
    task = task_choice("adding")
    name, info = _lag(task)
    axes: dict[str, Sequence[Value]] = {
        OPTION_PREFIX + name: listed(f"lags_{task}", f"{info.label}s", FIRST_LAGS.get(task, OTHER_LAGS))
    }
    chosen = architecture_choice(("lstm", "gru", "rnn"))
    settings = training(task, {"seeds": 3})
    bias = choice("forget_bias", "Forget-gate bias", BIASES, "What is added to the forget gate's bias at the start.")
    start = choice(
        "initialisation",
        "Initialisation",
        STARTS,
        "Chrono spreads the gates' biases, so that units begin with memories of one step up to the whole sequence.",
    )
    if bias == BOTH:
        axes["forget_bias"] = (0.0, 1.0)
    else:
        settings["forget_bias"] = float(bias)
    if start == BOTH:
        axes["initialisation"] = ("standard", "chrono")
    else:
        settings["initialisation"] = start
    base = recommended(task, architectures=chosen, **settings)
    return SweepSpec(base=base, axes=tuple((axis, tuple(values)) for axis, values in axes.items()))


def map_form() -> SweepSpec:
    """Draw the settings of the trainability map and return its sweep.

    Raises:
        InvalidSpecError: If a setting cannot be used; the sentences say why.
    """
    task = task_choice("adding")
    options = lag_option(task, {"adding": 20, "copy_memory": 10, "delayed_recall": 10})
    chosen = architecture_choice(("lstm", "gru"))
    rates = listed("rates", "Learning rates", MAP_RATES)
    second = choice("against", "Against", SECOND_AXES, "The other axis of the map.")
    values = listed(second, f"{SECOND_AXES[second]}s", MAP_SIZES if second == "hidden_size" else MAP_BIASES)
    settings = training(task, {"seeds": 3, "updates": 300}, without=("learning_rate", second))
    infos = fields.infos(ExperimentSpec)
    settings["optimiser"] = choice("optimiser", "Optimiser", dict(infos["optimiser"].choices), infos["optimiser"].help)
    settings["clip"] = number("clip", infos["clip"], 1.0)
    base = recommended(task, architectures=chosen, options=options, **settings)
    return SweepSpec(base=base, axes=(("learning_rate", rates), (second, values)))


def length_form() -> tuple[SweepSpec, int]:
    """Draw the settings of length generalisation; return its single experiment and the longest length to test.

    Raises:
        InvalidSpecError: If a setting cannot be used; the sentences say why.
    """
    task = task_choice("counting")
    options = lag_option(task, {"adding": 20, "parity": 16, "counting": 16})
    trained = int(options[0][1])
    about = "Networks are tested from about a quarter of the trained length up to this one."
    farthest = FieldInfo(kind="integer", label="Longest at test", help=about, low=trained, high=LONGEST, step=10)
    longest = number(f"longest_{task}", farthest, min(LONGEST, 10 * trained))
    chosen = architecture_choice(("lstm", "gru", "rnn"))
    settings = training(task, {"seeds": 3})
    return SweepSpec(base=recommended(task, architectures=chosen, options=options, **settings)), int(longest)


def fresh_form() -> ExperimentSpec:
    """Draw the settings of networks that are never trained.

    Raises:
        InvalidSpecError: If a setting cannot be used; the sentences say why.
    """
    task = task_choice("adding")
    options = lag_option(task, {"adding": 60, "copy_memory": 50, "delayed_recall": 50})
    chosen = architecture_choice(("lstm", "gru", "rnn"))
    infos = fields.infos(ExperimentSpec)
    start = infos["initialisation"]
    return ExperimentSpec(
        dataset=task,
        options=options,
        architectures=chosen,
        hidden_size=number("hidden_size", infos["hidden_size"], 32),
        forget_bias=number("forget_bias", infos["forget_bias"], 1.0),
        initialisation=choice("initialisation", start.label, dict(start.choices), start.help),
        seeds=3,
        rate_search=0,
    )


def part_choice(parts: Mapping[str, str]) -> str:
    """Draw the choice of the part of the page."""
    key = state.setting(PAGE, "part", next(iter(parts)), lambda value: value in parts)
    return choose_one("Part", parts, key=key)


def task_choice(first: str) -> str:
    """Draw the choice of a task with an option for how far back its answers lie."""
    titles = {name: source.title for name, source in catalogue().items() if source.lag_option}
    task: str = st.selectbox(
        "Task",
        list(titles),
        format_func=titles.__getitem__,
        key=_key("task", first, lambda value: value in titles),
        help="Generated tasks whose answer lies a known number of steps back.",
    )
    st.caption(catalogue()[task].description)
    return task


def architecture_choice(first: Sequence[str]) -> tuple[str, ...]:
    """Draw the choice of architectures.

    Raises:
        InvalidSpecError: If none is chosen.
    """
    cells = architectures()
    chosen = st.pills(
        "Architectures",
        list(cells),
        selection_mode="multi",
        format_func=lambda name: cells[name].title,
        key=_key("architectures", list(first), lambda value: set(value) <= set(cells)),
    )
    if not chosen:
        raise InvalidSpecError(["Choose at least one architecture."])
    return tuple(name for name in cells if name in chosen)


def lag_option(task: str, first: Mapping[str, int]) -> tuple[tuple[str, Value], ...]:
    """Draw the option for how far back, and return it as the dataset's options."""
    name, info = _lag(task)
    usual = getattr(get_dataset(task).Options(), name)
    return ((name, number(f"{name}_{task}", info, first.get(task, usual))),)


def _lag(task: str) -> tuple[str, FieldInfo]:
    source = get_dataset(task)
    name = source.lag_option or ""
    return name, fields.infos(source.Options)[name]


def training(task: str, first: Mapping[str, Value], *, without: Sequence[str] = ()) -> dict[str, Any]:
    """Draw the settings of training; their defaults are the task's recommendation. A sweep searches no learning rates."""
    infos = fields.infos(ExperimentSpec)
    usual = {name: ExperimentSpec.__dataclass_fields__[name].default for name in TRAINING}
    usual |= {**get_dataset(task).recommended, **first}
    drawn = {name: number(f"{name}_{task}", infos[name], usual[name]) for name in TRAINING if name not in without}
    return drawn | {"rate_search": 0}


def number(name: str, info: FieldInfo, first: Any) -> Any:
    """Draw a number within a field's bounds."""
    kind = int if info.kind == "integer" else float
    low, high = kind(info.low), kind(info.high)
    value = st.number_input(
        f"{info.label} ({info.unit})" if info.unit else info.label,
        min_value=low,
        max_value=high,
        step=kind(info.step),
        format="%d" if kind is int else "%g",
        key=_key(name, min(max(kind(first), low), high), lambda value: low <= value <= high),
        help=info.help,
    )
    return kind(value)


def choice(name: str, label: str, choices: Mapping[str, str], about: str) -> str:
    """Draw a choice whose first entry is the default: side by side where it is short."""
    key = _key(name, next(iter(choices)), lambda value: value in choices)
    if sum(map(len, choices.values())) < 30:
        return choose_one(label, choices, key=key, visible=True, help=about)
    return st.selectbox(label, list(choices), format_func=choices.__getitem__, key=key, help=about)


def listed(name: str, label: str, first: str) -> tuple[str, ...]:
    """Draw a list of numbers as a text with commas; they are checked where the sweep is made.

    Raises:
        InvalidSpecError: If there is none, or too many.
    """
    key = _key(name, first, lambda value: True)
    text = st.text_input(label, key=key, max_chars=300, help="Numbers with commas; each is trained.")
    values = tuple(part.strip() for part in text.replace(";", ",").split(",") if part.strip())
    if not 1 <= len(values) <= MAX_VALUES:
        raise InvalidSpecError([f"{label}: give 1 to {MAX_VALUES} numbers with commas."])
    return values


def _key(name: str, first: Any, accepts: Any) -> str:
    """Return the key of a setting of the part that is shown; each part has its own."""
    part = state.get(f"{PAGE}_part")
    return state.setting(PAGE, f"{part}_{name}", first, accepts)
