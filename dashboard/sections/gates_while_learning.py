"""Gates during training: one slider replays the snapshots in the browser."""

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.charts.film import cursor_frames, film_frames, film_heatmaps, learning_chart
from dashboard.charts.step_axis import StepAxis
from dashboard.components.chart import footer
from dashboard.components.film import Reel, film
from dashboard.formatting import grouped
from dashboard.sections.selection import Selection
from dashboard.sections.worker_answers import arguments, per_architecture
from models.analysis.gate_frames import learning_frame
from models.analysis.gate_jobs import LEARNING, MAX_LEARNING_SAMPLES
from models.analysis.roles import shared_roles
from models.analysis.snapshot_traces import Film, snapshot_replicas
from models.analysis.snapshot_traces import film as make_film
from models.records.results import RunResult


def show_learning(selection: Selection) -> None:
    """Draw heatmaps of the chosen sample at every snapshot, and mean gates above the loss curve."""
    runs = [run for run in selection.result.runs if selection.place.replica < snapshot_replicas(run)]
    films = {run.spec.architecture: made for run in runs if (made := make_film(run, selection.data, selection.place))}
    if not films:
        st.info("No weights were kept during the training of this repeat. The first repeats have them.")
        return
    found = per_architecture(
        selection,
        LEARNING,
        (),
        lambda run: arguments(selection, run, [each.weights for each in run.snapshots]),
        runs=runs,
    )
    gates = pd.concat(
        [learning_frame(run, found[run.spec.architecture], selection.place.layer) for run in runs], ignore_index=True
    )
    losses = pd.concat([_losses(run, selection.seed) for run in runs], ignore_index=True)
    _draw(selection, films, gates, losses)
    caption = (
        f"Heatmaps: the chosen sample, repeat and layer. Curves: mean over {MAX_LEARNING_SAMPLES} test samples, all units, and "
        "all repeats whose weights were kept. They were kept more often early, when gates change most."
    )
    footer(caption, lambda: gates, name="gates-while-learning")


def _draw(selection: Selection, films: dict[str, Film], gates: pd.DataFrame, losses: pd.DataFrame) -> None:
    """Bring films to the same number of frames and show them with one slider."""
    count = max(len(made.updates) for made in films.values())
    moments = next(made.updates for made in films.values() if len(made.updates) == count)
    reels, axis = [], StepAxis.of(selection.data, selection.place)
    roles = shared_roles([made.frames[-1] for made in films.values()])
    for name, made in films.items():
        frames = film_frames(made, roles=roles)
        frames += [frames[-1]] * (count - len(frames))
        reels.append(Reel(figure=film_heatmaps(made, axis, roles=roles), frames=frames, name=f"film-{name}"))
    curve = learning_chart(gates, losses)
    reels.append(Reel(figure=curve, frames=cursor_frames(curve, moments), name="gates-learning", wide=True))
    film(reels, [f"after {grouped(int(update))} updates" for update in moments], key="film")


def _losses(run: RunResult, seed: int) -> pd.DataFrame:
    chosen = np.asarray(run.curves["seed"]) == seed
    return pd.DataFrame(
        {
            "architecture": run.spec.architecture,
            "update": np.asarray(run.curves["update"])[chosen],
            "loss": np.asarray(run.curves["validation_loss"])[chosen],
        }
    )
