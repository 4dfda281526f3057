"""The Gates page on a network of one's own: open one, or the one of a link; beside it a network trained here or a second one."""

from dataclasses import replace

import streamlit as st

from dashboard import services, state
from dashboard.formatting import escaped, sentence_of
from dashboard.sections.own_network_file import KEPT, open_own_network
from dashboard.sections.sample_choice import choose_sample
from dashboard.sections.selection import OWN_PAGE, TABS, Selection, experiment_title, sample_caption
from data.task import TaskData
from models.analysis.own_runs import first_repeat, own_result, own_run, scoring_spec
from models.analysis.traces import Place
from models.analysis.unit_order import ORDERS
from models.cells import get_cell
from models.cells.network import layer_count
from models.checkpoints.own_data import CHANGE, task_of_dataset
from models.errors import CheckpointError
from models.records.results import ExperimentResult, RunResult
from models.spec.experiment_settings import ExperimentSpec
from models.store.own_networks import KeptNetwork

PAGE = OWN_PAGE
TRAINED, OWN = "Trained here", "Your own network"
_MODE, _SEEN = "look_into", "own_seen"
_OPEN, _FOLD = "own_open", "own_fold"  # whether the form is open, and whether to fold it in the next run


def choose_mode() -> bool:
    """Draw the switch between experiments and one's own network; return whether it is one's own."""
    state.open_settings(PAGE)
    linked = state.asked(PAGE, "network")
    if linked and linked != state.get(_SEEN):
        state.put(_SEEN, linked)
        state.put(_MODE, OWN)
    if state.get(_MODE) is None:
        state.put(_MODE, TRAINED)
    st.segmented_control("Look into", [TRAINED, OWN], key=_MODE, label_visibility="collapsed")
    return bool(state.get(_MODE) == OWN)


def choose_own_network() -> Selection | None:
    """Draw the choice of network, what stands beside it, sample, layer and order; return the selection.

    Raises:
        GatescopeError: If network or data cannot be used.
    """
    identity = str(state.get(_SEEN) or "")
    if state.take(_FOLD) or state.get(_OPEN) is None:
        state.put(_OPEN, not identity)
    with st.expander("Open a network", icon=":material/upload_file:", key=_OPEN, on_change="rerun"):
        added = open_own_network()
    if added:
        state.put(_SEEN, added)
        state.put(_FOLD, True)
        st.rerun()  # with the form folded, so that the gates are in sight
    if not identity:
        return None
    kept = services.own_networks().find(identity)
    if kept is None:
        st.warning("The network of this link is no longer kept.")
        return None
    data = services.own_task(identity, kept)
    _about(identity, kept, data)
    spec = scoring_spec(data, services.own_spec(kept))
    runs, beside = _runs(identity, kept, data, spec)
    return _selection(identity, beside, kept, own_result(runs, spec), data)


def _about(identity: str, kept: KeptNetwork, data: TaskData) -> None:
    network = kept.network
    told = f"**{escaped(network.name)}**: {_kind(kept)}, {network.parameters:,} parameters."
    st.markdown(told)
    for note in (*network.notes, *data.notes):
        st.caption(escaped(note, longest=len(note)))
    if services.own_networks().owns(identity, state.control()) and st.button(
        "Delete this network", icon=":material/delete:", type="tertiary", key="own_delete"
    ):
        services.own_networks().delete(identity, state.control())
        state.put(_SEEN, None)
        st.rerun()


def _kind(kept: KeptNetwork) -> str:
    network, count = kept.network, len(kept.network.layer_names)
    both = ""
    if any("forward" in name for name in network.layer_names):
        both, count = ", both directions", count // 2
    return f"{network.cell.title}, {count} {'layer' if count == 1 else 'layers'}{both}, read from {network.form}"


def _runs(identity: str, kept: KeptNetwork, data: TaskData, spec: ExperimentSpec) -> tuple[tuple[RunResult, ...], str]:
    """Draw what may stand beside the network; return the runs and the id of what was chosen."""
    known = {"": "nothing"} | {one: f"{name} (yours)" for one, name in state.get(KEPT, {}).items() if one != identity}
    known |= {
        one: experiment_title(row.view.spec, row.created.strftime("%d %b %H:%M"))
        for one, row in services.own_experiments().items()
    }
    linked = state.asked(PAGE, "beside")
    if linked and linked not in known:
        known[linked] = "linked"
    key = state.setting(PAGE, "beside", "", known.__contains__)
    chosen = st.selectbox("Beside it", list(known), format_func=known.__getitem__, key=key)
    own = own_run(kept.network, data, spec)
    if not chosen:
        return (own,), ""
    try:
        return (own, *_beside(chosen, kept, data, spec)), chosen
    except CheckpointError as error:
        st.warning(sentence_of(error))
        return (own,), ""


def _beside(chosen: str, kept: KeptNetwork, data: TaskData, spec: ExperimentSpec) -> tuple[RunResult, ...]:
    other = services.own_networks().find(chosen)
    if other is not None:
        task_of_dataset(other.network, data)
        same = len(other.network.layer_names) == len(kept.network.layer_names)
        if other.network.output_size != data.output_size or not same:
            raise CheckpointError("Networks side by side must have the same number of layers, directions and outputs.")
        name = other.network.name if other.network.name != kept.network.name else f"{other.network.name} (2)"
        return (own_run(replace(other.network, name=name), data, spec),)
    view = services.view(chosen)
    if view is None or view.result is None:
        raise CheckpointError("What should stand beside it is no longer kept.")
    runs = [
        run
        for run in view.result.runs
        if run.weights
        and run.weights["head.weight"].shape[1] == data.output_size
        and layer_count(run.weights) == len(kept.network.layer_names)
        and get_cell(run.spec.architecture).recurrent
    ]
    width = services.task_data(view.spec).input_size
    if not runs or width != data.input_size:
        raise CheckpointError(
            f"The networks of that experiment take {width} values per step; inputs, outputs and layers must be as many as here."
        )
    return tuple(first_repeat(run, data) for run in runs)


def _selection(identity: str, beside: str, kept: KeptNetwork, result: ExperimentResult, data: TaskData) -> Selection:
    names = kept.network.layer_names
    with st.container(horizontal=True, vertical_alignment="bottom", key="own_place"):
        sample = choose_sample(PAGE, result, data, replica=0, label="Sample")
        layer = 0
        if len(names) > 1:
            key = state.setting(PAGE, "layer", names[0], names.__contains__)
            layer = names.index(st.selectbox("Layer", names, key=key, width=170))
        key = state.setting(PAGE, "order", "index", ORDERS.__contains__)
        order = st.selectbox("Units ordered by", list(ORDERS), format_func=ORDERS.__getitem__, key=key, width=200)
    state.setting(PAGE, "tab", TABS[0], TABS.__contains__)
    state.commit_settings(PAGE, network=identity)
    st.caption("The address is the link to this network. Anyone with it can look.")
    if data.unit != CHANGE:
        st.caption(sample_caption(data, sample))
    return Selection(
        identity=f"own {identity} {beside}",
        result=result,
        data=data,
        place=Place(sample=sample, layer=layer),
        order=order,
        own=True,
        layer_names=names,
    )
