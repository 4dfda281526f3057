"""Frames of the Cost page: values by formula and measured values."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from data import fields
from data.fields import integer
from models.analysis.comparison_columns import Column
from models.cells import get_cell
from models.spec.cost import flops_per_sequence, flops_per_step, flops_per_update
from models.spec.memory import activation_bytes, optimiser_bytes, weight_bytes
from models.spec.sizes import NetworkSize, parameter_count, parameter_groups

MEASURE_COSTS = "models.training.measure:measure_costs"
MEASURE_SCALING = "models.training.measure:measure_scaling"
TRAINING, INFERENCE, STREAMING, MEMORY = "training update", "inference", "streaming step", "training memory"
PART_COLUMNS = ("architecture", "title", "part", "matrix", "gate", "count")
MEMORY_COLUMNS = ("architecture", "title", "kind", "megabytes")
MEASURED_COLUMNS = (
    "architecture",
    "title",
    "hidden_size",
    "steps",
    "kernel",
    "quantity",
    "median",
    "low",
    "high",
    "rounds",
)
RATIO_COLUMNS = ("architecture", "title", "source", "ratio")
SCALING_COLUMNS = ("architecture", "title", "axis", "x", "kernel", "quantity", "median", "low", "high", "theory")
HIDDEN_POINTS = (8, 16, 32, 64, 128)
LENGTH_POINTS = (10, 20, 50, 100, 200)
THEORY = "by formula (FLOPs)"

COST_COLUMNS: Mapping[str, Column] = {
    "parameters": Column(
        title="Parameters", better="low", digits=9, provenance="formula", help="Number of parameters, head included."
    ),
    "weights_kilobytes": Column(
        title="Weights", unit="kB", better="low", provenance="formula", help="Size of the parameters as 32-bit floats."
    ),
    "activations_kilobytes": Column(
        title="Activations",
        unit="kB",
        better="low",
        provenance="formula",
        help="Kept by our kernel from the forward to the backward pass of one batch.",
    ),
    "kiloflops_per_step": Column(
        title="FLOPs per step",
        unit="thousand",
        better="low",
        provenance="formula",
        help="Matrix products of one streamed step.",
    ),
    "kiloflops_per_sequence": Column(
        title="FLOPs per sequence",
        unit="thousand",
        better="low",
        provenance="formula",
        help="Matrix products of one whole sequence.",
    ),
    "megaflops_per_update": Column(
        title="FLOPs per update",
        unit="million",
        better="low",
        provenance="formula",
        help="Matrix products of one batch, forward and backward.",
    ),
    TRAINING: Column(title="Update", unit="ms", better="low", help="Measured here, our kernel: median."),
    INFERENCE: Column(title="Inference", unit="ms", better="low", help="One whole sequence, our kernel: median."),
    STREAMING: Column(title="Streaming", unit="ms/step", better="low", help="One step in NumPy: median."),
    MEMORY: Column(title="Memory", unit="MB", better="low", help="Memory of one update, measured while it ran."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSettings:
    """The sizes of the Cost page."""

    hidden_size: int = integer(32, 1, 256, label="Hidden size", unit="units", help="Units of each recurrent layer.")
    layers: int = integer(1, 1, 4, label="Layers", help="Recurrent layers on top of each other.")
    input_size: int = integer(8, 1, 256, label="Inputs", unit="per step", help="Features of each step.")
    output_size: int = integer(1, 1, 256, label="Outputs", help="Outputs of the head.")
    steps: int = integer(50, 2, 1000, label="Length", unit="steps", help="Steps of each sequence.")
    batch_size: int = integer(32, 1, 512, label="Batch size", unit="sequences", help="Sequences per update.")

    def __post_init__(self) -> None:
        fields.check(self)

    def network(self, architecture: str, *, hidden_size: int | None = None) -> NetworkSize:
        """Return the network of an architecture, with `hidden_size` units if given."""
        return NetworkSize(
            architecture=architecture,
            hidden_size=hidden_size or self.hidden_size,
            layers=self.layers,
            input_size=self.input_size,
            encoded_size=self.input_size,
            output_size=self.output_size,
        )


def cost_frame(
    settings: CostSettings, architectures: Sequence[str], measured: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return one row per architecture.

    Args:
        settings: Sizes.
        architectures: Names.
        measured: A frame of `measured_frame`, or None.

    Returns:
        Columns `name`, `title` and those of `COST_COLUMNS`; what was not measured is NaN.
    """
    rows = [_formulas(settings, name) for name in architectures]
    frame = pd.DataFrame(rows).reindex(columns=["name", "title", *COST_COLUMNS])
    if measured is not None:
        for quantity in (TRAINING, INFERENCE, STREAMING, MEMORY):
            frame[quantity] = [_ours(measured, name, quantity) for name in frame["name"]]
    return frame.astype(dict.fromkeys(COST_COLUMNS, "float64"))


def _formulas(settings: CostSettings, name: str) -> dict[str, Any]:
    size = settings.network(name)
    return {
        "name": name,
        "title": get_cell(name).title,
        "parameters": parameter_count(size),
        "weights_kilobytes": weight_bytes(size) / 1000,
        "activations_kilobytes": activation_bytes(size, settings.steps, settings.batch_size) / 1000,
        "kiloflops_per_step": flops_per_step(size) / 1e3,
        "kiloflops_per_sequence": flops_per_sequence(size, settings.steps) / 1e3,
        "megaflops_per_update": flops_per_update(size, settings.steps, settings.batch_size) / 1e6,
    }


def _ours(measured: pd.DataFrame, name: str, quantity: str) -> float:
    """Return the median of the first kernel listed for a quantity: ours, or NumPy for streaming."""
    rows = measured[(measured["architecture"] == name) & (measured["quantity"] == quantity)]
    return float(rows["median"].iloc[0]) if len(rows) else float("nan")


def parts_frame(settings: CostSettings, architectures: Sequence[str]) -> pd.DataFrame:
    """Return the number of parameters by part, matrix and gate, with the columns `PART_COLUMNS`."""
    rows = [
        {"architecture": name, "title": get_cell(name).title} | asdict(group)
        for name in architectures
        for group in parameter_groups(settings.network(name))
    ]
    return pd.DataFrame(rows, columns=list(PART_COLUMNS))


def memory_frame(settings: CostSettings, architectures: Sequence[str]) -> pd.DataFrame:
    """Return the memory of training by purpose, with the columns `MEMORY_COLUMNS`."""
    rows = []
    for name in architectures:
        size = settings.network(name)
        weights = weight_bytes(size)
        kinds = {
            "Weights": weights,
            "Gradients": weights,
            "Optimiser": optimiser_bytes(size, "adam"),
            "Activations": activation_bytes(size, settings.steps, settings.batch_size),
        }
        about = {"architecture": name, "title": get_cell(name).title}
        rows += [about | {"kind": kind, "megabytes": count / 1e6} for kind, count in kinds.items()]
    return pd.DataFrame(rows, columns=list(MEMORY_COLUMNS))


def measured_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return measured rows with titles, with the columns `MEASURED_COLUMNS`; times in ms, memory in MB."""
    titled = [{**row, "title": get_cell(row["architecture"]).title} for row in rows]
    return pd.DataFrame(titled, columns=list(MEASURED_COLUMNS))


def ratio_frame(settings: CostSettings, measured: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Return the time of an update relative to a reference architecture, by formula and with each kernel.

    Returns:
        Columns `RATIO_COLUMNS`; `source` is `THEORY` or a kernel. A kernel without the reference is left out.
    """
    names = list(dict.fromkeys(measured["architecture"]))
    flops = {n: flops_per_update(settings.network(n), settings.steps, settings.batch_size) for n in names}
    values = {THEORY: {name: float(count) for name, count in flops.items()}}
    for _, row in measured[measured["quantity"] == TRAINING].iterrows():
        kernel = "ours" if str(row["kernel"]).startswith("ours") else str(row["kernel"])
        values.setdefault(kernel, {})[str(row["architecture"])] = float(row["median"])
    rows = [
        {"architecture": name, "title": get_cell(name).title, "source": source, "ratio": value / by_name[reference]}
        for source, by_name in values.items()
        if reference in by_name
        for name, value in by_name.items()
    ]
    return pd.DataFrame(rows, columns=list(RATIO_COLUMNS))


def scaling_points(settings: CostSettings, architectures: Sequence[str]) -> list[tuple[dict[str, Any], int]]:
    """Return the points to measure for the scaling charts: each architecture at several sizes and lengths."""
    points = [
        (asdict(settings.network(name, hidden_size=hidden)), settings.steps)
        for hidden in HIDDEN_POINTS
        for name in architectures
    ]
    return points + [(asdict(settings.network(name)), steps) for steps in LENGTH_POINTS for name in architectures]


def scaling_frame(settings: CostSettings, measured: pd.DataFrame) -> pd.DataFrame:
    """Return measured time and memory over size and length, each with its theoretical value.

    Args:
        settings: The fixed sizes.
        measured: A frame of `measured_frame` of the points of `scaling_points`.

    Returns:
        Columns `SCALING_COLUMNS`: `axis` is `hidden_size` or `steps`, `x` its value. `theory` of memory is the formula's
        value; of time it is proportional to FLOPs and equals the measured value at the largest `x`.
    """
    frames = [_scaling_of(settings, measured, axis) for axis in ("hidden_size", "steps")]
    return pd.concat(frames, ignore_index=True).reindex(columns=list(SCALING_COLUMNS))


def _scaling_of(settings: CostSettings, measured: pd.DataFrame, axis: str) -> pd.DataFrame:
    other = "steps" if axis == "hidden_size" else "hidden_size"
    chosen = measured[measured[other] == getattr(settings, other)]
    chosen = chosen.drop_duplicates(["architecture", "kernel", "quantity", axis]).sort_values(axis)
    chosen = chosen.assign(axis=axis, x=chosen[axis], work=[_work(settings, row) for _, row in chosen.iterrows()])
    keys = ["architecture", "kernel", "quantity"]
    groups = chosen.groupby(keys, sort=False)
    scale = groups["median"].transform("last") / groups["work"].transform("last")
    scale = scale.where(chosen["quantity"] == TRAINING, 1.0)
    frame: pd.DataFrame = chosen.assign(theory=chosen["work"] * scale)
    return frame


def _work(settings: CostSettings, row: pd.Series) -> float:
    """Return FLOPs for a time, megabytes for memory."""
    size = settings.network(str(row["architecture"]), hidden_size=int(row["hidden_size"]))
    steps, batch = int(row["steps"]), settings.batch_size
    if row["quantity"] == TRAINING:
        return float(flops_per_update(size, steps, batch))
    if row["quantity"] == MEMORY:
        held = 2 * weight_bytes(size) + optimiser_bytes(size, "adam") + activation_bytes(size, steps, batch)
        return held / 1e6
    return float(np.nan)


def explanation(ratios: pd.DataFrame) -> str:
    """Say in one or two sentences how measured ratios differ from the theoretical ones, and why."""
    parts = []
    for title, rows in ratios.groupby("title", sort=False):
        by_source = dict(zip(rows["source"], rows["ratio"], strict=True))
        theory = by_source.pop(THEORY, float("nan"))
        if abs(theory - 1) < 1e-9 or not by_source:
            continue
        found = ", ".join(f"{source} {ratio:.2f}" for source, ratio in by_source.items())
        parts.append(f"{title} {theory:.2f} by formula, measured: {found}")
    if not parts:
        return ""
    return (
        f"Time of an update against the reference: {'; '.join(parts)}. Formulas count matrix products alone; what they leave "
        "out (element-wise work, Python, the optimiser) weighs more in small networks. Stock PyTorch on a CPU has one fused "
        "kernel, the LSTM's; its GRU and tanh RNN run operation by operation, so timing stock kernels flatters the LSTM."
    )
