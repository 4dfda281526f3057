"""The Gates page's selection: which finished experiment, and which sample, seed and layer of it."""

from dataclasses import dataclass, replace

import streamlit as st

from dashboard import services, state
from dashboard.formatting import escaped, listed
from dashboard.navigation import page_file
from dashboard.presets import presets
from dashboard.sections.sample_choice import choose_sample
from data.task import TaskData
from models.analysis.repeats import repeat_name
from models.analysis.samples import target_text
from models.analysis.step_labels import step_dates
from models.analysis.traces import Place, layer_names
from models.analysis.unit_order import ORDERS, Order
from models.cells import get_cell
from models.records.experiment import ExperimentSummary
from models.records.results import ExperimentResult, ExperimentView
from models.spec.experiment_settings import ExperimentSpec

CHOSEN = "look_experiment"
PAGE = "look"
OWN_PAGE = "own_network"
TABS = (
    "Heatmaps",
    "Switch it off",
    "While learning",
    "Units",
    "Inputs",
    "Edit a sample",
    "Find alike",
    "Why did it win",
)
NOTHING = (
    "No experiment has finished yet. After a training this page shows heatmaps of every gate and state of LSTM and GRU side by "
    "side, how gates changed while learning, what a gate, a unit or an input is worth, and where both disagree."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Selection:
    """The selection.

    Attributes:
        identity: Id of the experiment.
        result: Its result; every run in it has trained weights.
        data: Its task.
        place: Sample, seed and layer.
        order: How units are ordered.
        own: Whether it is a visitor's network, whose data go to workers with every question.
        layer_names: Names of its layers and directions; empty for an experiment.
    """

    identity: str
    result: ExperimentResult
    data: TaskData
    place: Place
    order: Order
    own: bool = False
    layer_names: tuple[str, ...] = ()

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the recurrent layers."""
        return self.layer_names or tuple(layer_names(self.spec).values())

    @property
    def spec(self) -> ExperimentSpec:
        """The experiment's settings."""
        return self.result.spec

    @property
    def tab_key(self) -> str:
        """Key under which the session holds the open tab; the address has it as `tab`."""
        return f"{OWN_PAGE if self.own else PAGE}_tab"

    @property
    def seed(self) -> int:
        """The seed of the selected replica."""
        return self.spec.seed_values()[self.place.replica]


def choose_experiment() -> ExperimentView | None:
    """Draw the picker of finished experiments; return the chosen one, or None with a hint on what would appear."""
    if state.open_settings(PAGE):
        state.pointed_at()
    pointed = services.view(state.experiment())
    known = {
        identity: experiment_title(row.view.spec, row.created.strftime("%d %b %H:%M")) for identity, row in _finished()
    }
    if pointed is not None and pointed.result is not None and pointed.id not in known:
        known = {pointed.id: experiment_title(pointed.spec, "linked")} | known
    if not known:
        _nothing_yet(pointed)
        return None
    if pointed is not None and pointed.result is None:
        st.info("This experiment has not finished yet; another one is shown.", icon=":material/hourglass_top:")
    elif pointed is None and state.experiment():
        st.info("The experiment of this link is no longer kept; another one is shown.")
    current = pointed.id if pointed is not None and pointed.id in known else next(iter(known))
    state.put(CHOSEN, current)
    st.selectbox("Experiment", list(known), format_func=known.__getitem__, key=CHOSEN, on_change=_switch)
    view = services.view(current)
    if view is not None:
        state.point_at(view.id, view.spec)
    return view


def _finished() -> list[tuple[str, ExperimentSummary]]:
    return list(services.own_experiments().items())


def _switch() -> None:
    view = services.view(state.get(CHOSEN))
    if view is not None:
        state.point_at(view.id, view.spec)


def experiment_title(spec: ExperimentSpec, when: str) -> str:
    """Return an experiment's name in a list."""
    names = listed([get_cell(name).title for name in spec.architectures])
    return f"{names} on {spec.source().title}, {spec.hidden_size} units ({when})"


def _nothing_yet(pointed: ExperimentView | None) -> None:
    if pointed is None and state.experiment():
        st.warning("The experiment of this link is no longer kept.")
    elif pointed is not None:
        st.info("This experiment has not finished yet: nothing to look into.", icon=":material/hourglass_top:")
    st.markdown(NOTHING)
    preset = presets().get("Adding problem: gates matter") or next(iter(presets().values()))
    if st.button(f"Open “{preset.title}” on Compare", type="primary", icon=":material/play_arrow:", key="to_compare"):
        state.go_to(page_file(""), state.link(preset.spec()))


def with_weights(result: ExperimentResult) -> ExperimentResult | None:
    """Return a result with only the runs that have weights, or None with the reason."""
    runs = tuple(run for run in result.runs if run.weights)
    if len(runs) < len(result.runs):
        st.info(
            "This experiment came without the weights of its networks, so there is nothing to look into. Train it again "
            "on Compare: the same settings give the same networks."
            if not runs
            else "Architectures without kept weights are left out."
        )
    return replace(result, runs=runs) if runs else None


def with_gates(selection: Selection) -> Selection | None:
    """Return a selection with only the recurrent architectures; None if nothing remains."""
    runs = tuple(run for run in selection.result.runs if get_cell(run.spec.architecture).recurrent)
    return replace(selection, result=replace(selection.result, runs=runs)) if runs else None


def not_recurrent(selection: Selection) -> list[str]:
    """Return the titles of the architectures without gates because they are not recurrent."""
    cells = [get_cell(run.spec.architecture) for run in selection.result.runs]
    return [cell.title for cell in cells if not cell.recurrent]


def choose_place(identity: str, result: ExperimentResult) -> tuple[Place, Order]:
    """Draw the choice of sample, repeat, layer and order of units; the address holds what is chosen."""
    seeds, layers = list(result.spec.seed_values()), list(layer_names(result.spec))
    seed_key = state.setting(PAGE, "seed", seeds[0], seeds.__contains__)
    replica = seeds.index(state.get(seed_key))
    data = services.task_data(result.spec, replica)
    with st.container(horizontal=True, vertical_alignment="bottom", key="look"):
        sample = choose_sample(PAGE, result, data, replica=replica, label="Test sample")
        names = {one.seed: repeat_name(one) for one in result.runs[0].seeds}
        st.selectbox("Repeat", seeds, key=seed_key, width=150, format_func=lambda one: names.get(one, str(one)))
        layer = 1
        if len(layers) > 1:
            layer = st.selectbox(
                "Layer",
                layers,
                key=state.setting(PAGE, "layer", 1, layers.__contains__),
                width=130,
                format_func=layer_names(result.spec).__getitem__,
            )
        key = state.setting(PAGE, "order", "index", ORDERS.__contains__)
        order = st.selectbox("Units ordered by", list(ORDERS), format_func=ORDERS.__getitem__, key=key, width=200)
    state.setting(PAGE, "tab", TABS[0], TABS.__contains__)
    state.commit_settings(PAGE, experiment=identity)
    st.caption(sample_caption(data, sample))
    return Place(sample=sample, replica=replica, layer=layer - 1), order


def sample_caption(data: TaskData, sample: int) -> str:
    """Say which sample is shown: its date, where it has one, and its right answer."""
    dates = step_dates(data, "test", sample)
    seen = f"{escaped(f'{dates[0]} to {dates[-1]}')}. " if dates else ""
    return f"{seen}The right answer of this sample: **{escaped(target_text(data, 'test', sample))}**"
