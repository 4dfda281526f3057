"""How a series is cut into windows, and the options with which a page, the command line or a link sets it."""

from dataclasses import dataclass
from typing import Any

from data.fields import choice, integer

DIFFERENCING = {"none": "None: predict the value", "first": "First: predict the change"}
SEASONAL = {"seasonal": "Seasonal: predict the change since the last season"}
SCALING = {"standard": "Mean 0, deviation 1", "range": "0 to 1", "none": "As it is"}
ALL = "all"
INPUTS = {ALL: "All columns", "target": "The target's own past"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPlan:
    """How to turn a series into samples.

    Attributes:
        window: Rows of a sample's input.
        targets: Columns to predict.
        inputs: Input columns; empty for all.
        horizon: Rows to predict, one after another.
        differencing: `none`, `first` or `seasonal`; applies to inputs and targets.
        scaling: `standard`, `range` or `none`; fitted on the training part.
        known: Columns that are known ahead, such as a planned price: each row shows their values `horizon` rows later, so
            that the window's last rows show those of the rows to predict.
    """

    window: int
    targets: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    horizon: int = 1
    differencing: str = "none"
    scaling: str = "standard"
    known: tuple[str, ...] = ()


def window_field(default: int, low: int, high: int, *, unit: str) -> Any:
    """Make the option for the number of input rows of a sample; `unit` names a row (`years`)."""
    words = "How far back each sample sees. Longer windows show more of the past and leave fewer samples."
    return integer(default, low, high, label="Window", unit=unit, help=words)


def horizon_field(default: int, high: int, *, unit: str) -> Any:
    """Make the option for the number of predicted rows; `unit` names a row."""
    words = "How many steps ahead are predicted, all of them at once. The score averages over the steps."
    return integer(default, 1, high, label="Horizon", unit=unit, help=words)


def differencing_field(default: str = "none", *, seasonal: bool = False) -> Any:
    """Make the option for differencing; `seasonal` also offers the change since the last season."""
    words = "Predict the value or its change. A network cannot predict values beyond those it has seen; changes it can."
    return choice(default, DIFFERENCING | (SEASONAL if seasonal else {}), label="Differencing", help=words)


def inputs_field() -> Any:
    """Make the option for the input columns."""
    words = "What the network sees. More columns can help, and with few samples they can also fit noise."
    return choice(ALL, INPUTS, label="Inputs", help=words)


def scaling_field() -> Any:
    """Make the option for scaling."""
    words = "How numbers are scaled before training, fitted on the training part only. Scores are in the data's unit."
    return choice("standard", SCALING, label="Scaling", help=words, group="advanced")
