"""What is wrong with settings: their JSON types, their architectures, and options that a task does not allow."""

from collections.abc import Mapping, Sequence
from typing import Any

from data import fields
from data.catalog import Dataset
from data.errors import GatescopeError
from data.fields import Value
from data.task import EACH_STEP, TaskKind
from models.cells import registered_cell

MAX_ARCHITECTURES = 8
FAIRNESS = {
    "same_hidden": "Same hidden size",
    "same_parameters": "Same number of parameters",
    "same_time": "Same training time",
}
RESAMPLING = {"data": "New start and new data", "start": "New start, one split for all"}
FIRST_VERSION = {
    "resampling": "start",
    "seeds": 3,
    "rate_search": 0,
}  # defaults of version 0.1, for its links and files
OPTIMISERS = {"adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "sgd": "SGD with momentum 0.9"}
INITIALISATIONS = {
    "standard": "Standard (PyTorch)",
    "chrono": "Chrono (Tallec and Ollivier 2018)",
    "orthogonal": "Orthogonal recurrent weights (Saxe et al. 2014)",
}
READOUTS = {"last": "Last step", "mean": "Mean of all steps", "attention": "Learned weighting of all steps"}
LATER: tuple[tuple[str, Value], ...] = (
    *(("schedule", "constant"), ("bidirectional", False), ("readout", "last"), ("layer_norm", False)),
    ("loss", "squared"),
)  # settings that came later, with the defaults that keys leave out
LOSSES = {"squared": "Squared error: one value", "quantile": "Quantile loss: 10, 50 and 90 %"}
WHOLE_SEQUENCES = ("classification", "labelling")


def shape_problems(raw: Mapping[str, Any]) -> list[str]:
    """Check the JSON type of fields without metadata before unpacking them."""
    found = []
    if not isinstance(raw.get("dataset"), str):
        found.append("`dataset` must be the name of a dataset.")
    if not isinstance(raw.get("options", {}), Mapping):
        found.append("`options` must be an object of option names and values.")
    names = raw.get("architectures", [])
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        found.append("`architectures` must be a list of names.")
    return found


def architecture_problems(names: Sequence[str]) -> list[str]:
    """Check how many architectures there are, and that each one exists and stands there once."""
    found = []
    if not 1 <= len(names) <= MAX_ARCHITECTURES or len(set(names)) != len(names):
        found.append(
            f"`architectures` must be one to {MAX_ARCHITECTURES} different names, not {fields.shown(', '.join(names))}."
        )
    for name in dict.fromkeys(names):
        try:
            registered_cell(name)
        except GatescopeError as error:
            found.append(str(error))
    return found


def network_problems(kind: TaskKind, *, bidirectional: bool, readout: str) -> list[str]:
    """Refuse what would see the future, and a readout where every step has its own answer."""
    found = []
    if bidirectional and kind not in WHOLE_SEQUENCES:
        what = "what may come next" if kind in EACH_STEP else "a number that follows the sequence"
        found.append(
            f"`bidirectional` is for tasks that classify or label whole sequences; here {what} must be predicted, and a "
            "network that reads from the end would see the future."
        )
    if readout != "last" and kind in EACH_STEP:
        found.append(f"`readout` must be `last` here, not `{readout}`: every step has an answer of its own.")
    return found


def loss_problems(loss: str, source: Dataset, options: Any) -> list[str]:
    """Refuse quantiles where no series of numbers is forecast."""
    if loss == "quantile" and not source.predicts_quantiles(options):
        return [
            "`loss` must be `squared` here, not `quantile`: quantiles are predicted where a series of numbers is forecast."
        ]
    return []
