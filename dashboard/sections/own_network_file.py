"""Open a trained network of one's own: its file, its parts, its data, and a name under which it is kept."""

from dataclasses import dataclass, field

import streamlit as st

from dashboard import services, state
from dashboard.formatting import escaped, grouped
from dashboard.sections.selection import experiment_title
from dashboard.streamlit_uploads import was_removed
from data.catalog import catalogue
from models.checkpoints.layers import Checkpoint
from models.checkpoints.open_file import ENDINGS, MAX_BYTES, open_checkpoint
from models.checkpoints.own_data import DataChoice, numeric_columns
from models.checkpoints.own_network import Parts, assemble, before_choices, propose
from models.errors import CheckpointError, GatescopeError
from models.spec.experiment_settings import ExperimentSpec
from models.spec.installation_limits import check_upload
from models.spec.recommended import recommended
from models.store.own_networks import KeptNetwork

OPENED, PROBLEM = "own_checkpoint", "own_checkpoint_problem"
KEPT = "own_networks_kept"  # id to name, of this session
FILE, TYPED, DATASET, EXPERIMENT = "A file", "Numbers typed here", "A dataset", "The data of an experiment"
SCALINGS = {"fit": "fitted on the file", "given": "given", "none": "none"}
LONGEST_NAME = 40
READ = (
    "safetensors, PyTorch (`state_dict`, or whole nn.LSTM, nn.GRU and nn.RNN layers), ONNX, Keras 3 (`.keras`, `.weights.h5`). "
    "No code in a file is run. The file stays on this server, and anyone with the link can look at the network."
)


def open_own_network() -> str | None:
    """Draw the uploader and what follows; return the id of a network that was kept now, or None."""
    st.file_uploader(
        "Your trained network",
        type=list(ENDINGS),
        key="own_network_file",
        on_change=_opened,
        max_upload_size=MAX_BYTES // 10**6,
        help=READ,
    )
    if problem := state.get(PROBLEM):
        st.error(escaped(problem, longest=len(problem)))
    kept = state.get(OPENED)
    if kept is None:
        st.caption(READ)
        return None
    name, found = kept
    st.dataframe(found.rows(), hide_index=True, key="own_layers")
    for note in found.notes:
        st.caption(escaped(note, longest=len(note)))
    try:
        parts = _parts(found)
        title = st.text_input("Name", value=name[:LONGEST_NAME], max_chars=LONGEST_NAME, key="own_name")
        chosen = _data(assemble(found, parts, name=title or name).input_size)
        if st.button("Look into it", type="primary", icon=":material/visibility:", key="own_look"):
            return _keep(found, parts, title or name, chosen)
    except GatescopeError as error:
        st.error(escaped(str(error), longest=600))
    return None


def _opened() -> None:
    file = state.get("own_network_file")
    if was_removed(file):
        return
    state.put(PROBLEM, None)
    state.put(OPENED, None)
    if file is None:
        return
    try:
        found = open_checkpoint(file.getvalue(), file.name)
        state.put(OPENED, (file.name.rpartition("/")[2].rpartition(".")[0] or "network", found))
        for key in ("own_stack", "own_before", "own_head", "own_name"):
            state.take(key)
    except GatescopeError as error:
        state.put(PROBLEM, str(error))


def _parts(found: Checkpoint) -> Parts:
    """Draw the choice of input layer, recurrent stack and head, with the proposal chosen."""
    proposed = propose(found)
    names = [layer.name for layer in found.recurrent]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stack = st.multiselect(
            "Recurrent stack, from input to output", names, default=list(proposed.stack), key="own_stack", width=340
        )
        if not stack:
            raise CheckpointError("Choose at least one recurrent layer.")
        first = next(layer for layer in found.recurrent if layer.name == stack[0])
        before = ["", *before_choices(found, first)]
        at = before.index(proposed.before) if proposed.before in before else 0
        chosen = st.selectbox("Before it", before, index=at, format_func=_none, key="own_before", width=200)
        heads = ["", *[layer.name for layer in found.dense]]
        at = heads.index(proposed.head) if proposed.head in heads else 0
        head = st.selectbox("Head", heads, index=at, format_func=_none, key="own_head", width=200)
    return Parts(stack=tuple(stack), before=chosen, head=head)


def _none(name: str) -> str:
    return name or "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fed:
    """What the network is to be fed with: a file and how it is read, or settings of a dataset."""

    filename: str = ""
    content: bytes | None = None
    choice: DataChoice = field(default_factory=DataChoice)
    spec: ExperimentSpec | None = None
    experiment: str = ""


def _data(width: int) -> _Fed:
    """Draw the choice of data."""
    where = st.segmented_control("Input data", [FILE, TYPED, DATASET, EXPERIMENT], default=FILE, key="own_data_from")
    if where == DATASET:
        return _dataset(width)
    if where == EXPERIMENT:
        return _experiment()
    name, content = _typed(width) if where == TYPED else _file()
    if content is None:
        st.caption(f"The network takes {_values(width)} per step: one row per step.")
        return _Fed()
    return _Fed(filename=name, content=content, choice=_choice(content, name))


def _values(width: int) -> str:
    return f"{width} {'value' if width == 1 else 'values'}"


def _dataset(width: int) -> _Fed:
    """Draw the choice of a dataset with its recommended options."""
    known = {name: entry.title for name, entry in catalogue().items() if entry.family != "own"}
    chosen = st.selectbox("Dataset", list(known), format_func=known.__getitem__, key="own_dataset", width=340)
    spec = recommended(chosen)
    data = services.task_data(spec)
    has = f"{grouped(data.input_size)} symbols" if data.vocabulary else f"{_values(data.input_size)} per step"
    st.caption(f"This dataset has {has}. The network takes {_values(width)}, or as many symbols.")
    return _Fed(spec=spec)


def _experiment() -> _Fed:
    known = {
        identity: experiment_title(row.view.spec, row.created.strftime("%d %b %H:%M"))
        for identity, row in services.own_experiments().items()
    }
    if not known:
        raise CheckpointError("No experiment has finished yet. Choose a dataset, or give a file.")
    chosen = st.selectbox("Experiment", list(known), format_func=known.__getitem__, key="own_data_experiment")
    return _Fed(spec=services.spec_of(chosen), experiment=chosen)


def _file() -> tuple[str, bytes | None]:
    file = st.file_uploader(
        "A table, one row per step", type=["csv", "tsv", "txt", "xlsx", "parquet"], key="own_data_file"
    )
    if file is None:
        return "", None
    content = file.getvalue()
    check_upload(content)
    return file.name, content


def _typed(width: int) -> tuple[str, bytes | None]:
    text = st.text_area(
        "One row per step, values with commas between", key="own_data_typed", max_chars=20_000, placeholder="0.1, 0.2"
    )
    if not text.strip():
        return "", None
    header = ",".join(f"x{index + 1}" for index in range(width))
    return "typed.csv", f"{header}\n{text.strip()}\n".encode()


def _choice(content: bytes, name: str) -> DataChoice:
    numbers = list(numeric_columns(content, name))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        columns = st.multiselect(
            "Input columns, in order", numbers, key="own_columns", placeholder="the first ones", width=260
        )
        targets = st.multiselect(
            "What it predicts", numbers, key="own_targets", placeholder="nothing: no score", width=260
        )
        window = st.number_input("Rows of one input", 0, 2_000, 0, key="own_window", help="0: up to 200", width=140)
        horizon = st.number_input("Rows ahead", 1, 2_000, 1, key="own_horizon", width=110)
        scaling = st.selectbox("Scale", list(SCALINGS), format_func=SCALINGS.__getitem__, key="own_scaling", width=150)
    mean = deviation = ""
    if scaling == "given":
        with st.container(horizontal=True):
            mean = st.text_input("Means, with commas between", key="own_mean")
            deviation = st.text_input("Standard deviations", key="own_deviation")
    return DataChoice(
        columns=tuple(columns),
        targets=tuple(targets),
        window=int(window),
        horizon=int(horizon),
        scaling=scaling,
        mean=_numbers(mean),
        deviation=_numbers(deviation),
    )


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise CheckpointError("Means and standard deviations must be numbers with commas between.") from error


def _keep(found: Checkpoint, parts: Parts, name: str, fed: _Fed) -> str:
    if fed.content is None and fed.spec is None:
        raise CheckpointError("Give the network some data first: a file, typed numbers, a dataset, or an experiment.")
    kept = KeptNetwork(
        network=assemble(found, parts, name=name),
        choice=fed.choice,
        filename=fed.filename,
        content=fed.content,
        query=fed.spec.to_query() if fed.spec else "",
        experiment=fed.experiment,
    )
    services.load_own_task(kept)
    identity = services.own_networks().keep(kept, state.control())
    state.put(KEPT, state.get(KEPT, {}) | {identity: name})
    return identity
