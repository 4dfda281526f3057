"""Frames about gates, for charts and downloads. NumPy and pandas only."""

from collections.abc import Mapping, Sequence
from io import BytesIO

import numpy as np
import pandas as pd

from data.task import Array
from models.analysis.gate_statistics import LayerStatistics
from models.analysis.interventions import VALUES, Damage
from models.analysis.traces import Panel
from models.cells import Cell, get_cell
from models.records.results import RunResult

COURSE_COLUMNS = ("architecture", "quantity", "title", "kind", "step", "mean", "spread")
SATURATION_COLUMNS = ("architecture", "quantity", "title", "seed", "unit", "opened", "closed", "mean")
HALF_LIFE_COLUMNS = ("architecture", "moment", "seed", "unit", "half_life")
LEARNING_COLUMNS = ("architecture", "quantity", "title", "seed", "update", "mean")
DAMAGE_COLUMNS = ("architecture", "name", "title", "gate", "value", "seed", "before", "after", "damage")
ABLATION_COLUMNS = ("architecture", "rank", "unit", "before", "after", "damage")

Statistics = Sequence[Sequence[LayerStatistics]]  # per replica, per layer


def shown_title(cell: Cell, name: str) -> str:
    """Return the name of a gate or state in the shown convention."""
    for gate in cell.gates:
        if gate.name == name:
            return f"{gate.title} (1 = write)" if gate.complement else gate.title
    return next(state.title for state in cell.states if state.name == name)


def quantities(cell: Cell) -> dict[str, str]:
    """Return the name of every gate, candidate and state with its kind, in the order of the equations."""
    return {gate.name: gate.kind for gate in cell.gates} | {state.name: "state" for state in cell.states}


def course_frame(architecture: str, found: Statistics, layer: int) -> pd.DataFrame:
    """Return mean and spread over units, samples and seeds at each step; columns `COURSE_COLUMNS`, steps from 1.

    Steps that no sample has are left out.
    """
    cell, frames = get_cell(architecture), []
    for name, kind in quantities(cell).items():
        means = np.array([seed[layer].mean[name] for seed in found])  # (R, T)
        squares = np.array([seed[layer].spread[name] for seed in found]) ** 2
        spread = np.sqrt(squares.mean(0) + means.var(0))  # of seeds taken together
        columns = {"step": np.arange(1, means.shape[1] + 1), "mean": means.mean(0), "spread": spread}
        named = {"architecture": architecture, "quantity": name, "title": shown_title(cell, name), "kind": kind}
        frames.append(pd.DataFrame(columns | named))
    return pd.concat(frames, ignore_index=True)[list(COURSE_COLUMNS)].dropna(ignore_index=True)


def saturation_frame(run: RunResult, found: Statistics, layer: int) -> pd.DataFrame:
    """Return each unit's share of steps with a gate above 0.9 and below 0.1; columns `SATURATION_COLUMNS`."""
    cell = get_cell(run.spec.architecture)
    frames = []
    for seed, statistics in zip(run.seeds, found, strict=False):
        for name, opened in statistics[layer].opened.items():
            columns = {
                "architecture": cell.name,
                "quantity": name,
                "title": shown_title(cell, name),
                "seed": seed.seed,
                "unit": np.arange(1, len(opened) + 1),
                "opened": opened,
                "closed": statistics[layer].closed[name],
                "mean": statistics[layer].unit_mean[name],
            }
            frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(SATURATION_COLUMNS))


def half_life_frame(run: RunResult, moments: Mapping[str, Statistics], layer: int) -> pd.DataFrame:
    """Return each unit's half-life in steps at several moments of training; columns `HALF_LIFE_COLUMNS`.

    Architectures without a gate that keeps memory have no rows.
    """
    frames = [
        pd.DataFrame({"unit": np.arange(1, len(lives) + 1), "half_life": lives}).assign(
            architecture=run.spec.architecture, moment=moment, seed=seed.seed
        )[list(HALF_LIFE_COLUMNS)]
        for moment, found in moments.items()
        for seed, statistics in zip(run.seeds, found, strict=False)
        if len(lives := statistics[layer].half_life)
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(HALF_LIFE_COLUMNS))


def learning_frame(run: RunResult, found: Sequence[Statistics], layer: int) -> pd.DataFrame:
    """Return each gate's mean over units, steps and samples at every snapshot; columns `LEARNING_COLUMNS`."""
    cell, rows = get_cell(run.spec.architecture), []
    for snapshot, replicas in zip(run.snapshots, found, strict=True):
        for seed, statistics in zip(run.seeds, replicas, strict=False):
            for gate in cell.gates:
                if gate.kind == "gate":
                    mean = float(statistics[layer].unit_mean[gate.name].mean())
                    title = shown_title(cell, gate.name)
                    rows.append((cell.name, gate.name, title, seed.seed, snapshot.update, mean))
    return pd.DataFrame(rows, columns=list(LEARNING_COLUMNS))


def damage_frame(
    run: RunResult, found: Sequence[Sequence[Damage]], metric: str, *, higher_is_better: bool
) -> pd.DataFrame:
    """Return the metric of every seed before and after each intervention; columns `DAMAGE_COLUMNS`.

    Args:
        run: The run.
        found: Per replica, the score without change and under every intervention.
        metric: Name of the metric.
        higher_is_better: Whether a larger value is better.

    Returns:
        `damage` is how much worse the metric became; below zero it became better. `gate` and `value` are empty for
        interventions that are more than one clamp.
    """
    rows = []
    for seed, (before, *damages) in zip(run.seeds, found, strict=False):
        start = before.metrics[metric]
        for damage in damages:
            asked, after = damage.intervention, damage.metrics[metric]
            gate, value = asked.name.split(":") if ":" in asked.name else ("", "")
            worse = start - after if higher_is_better else after - start
            shown = VALUES.get(value, "")  # type: ignore[call-overload]
            rows.append((run.spec.architecture, asked.name, asked.title, gate, shown, seed.seed, start, after, worse))
    return pd.DataFrame(rows, columns=list(DAMAGE_COLUMNS))


def ablation_frame(architecture: str, before: float, after: Array, *, higher_is_better: bool) -> pd.DataFrame:
    """Return units by the damage of silencing them, worst first; columns `ABLATION_COLUMNS`, units from 1."""
    damage = before - after if higher_is_better else after - before
    order = np.argsort(-np.nan_to_num(damage, nan=np.inf), kind="stable")
    columns = {
        "rank": np.arange(1, len(order) + 1),
        "unit": order + 1,
        "before": before,
        "after": after[order],
        "damage": damage[order],
    }
    return pd.DataFrame(columns).assign(architecture=architecture)[list(ABLATION_COLUMNS)]


def npz_bytes(layers: Mapping[str, Sequence[Panel]], facts: Mapping[str, str]) -> bytes:
    """Return traces as a NumPy archive whose axes have names.

    Args:
        layers: Prefix of the names, as `lstm.layer1`, to that layer's panels.
        facts: Descriptions of the traces; one text array each.

    Returns:
        An archive with `<prefix>.<quantity>`, each `(unit, step)`; `<prefix>.unit` and `<prefix>.step` number both axes
        from 1, and `axes` names them. It contains only numbers and texts, so it loads without pickle.
    """
    arrays: dict[str, Array] = {"axes": np.array(["unit", "step"])}
    arrays |= {name: np.array(text) for name, text in facts.items()}
    for prefix, panels in layers.items():
        for panel in panels:
            units, steps = panel.values.shape
            arrays[f"{prefix}.unit"] = np.arange(1, units + 1)
            arrays[f"{prefix}.step"] = np.arange(1, steps + 1)
            arrays[f"{prefix}.{panel.name}"] = panel.values
            arrays[f"{prefix}.{panel.name}.title"] = np.array(panel.title)
    buffer = BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()
