"""How far back the last output of the selected networks reaches, by the gradient with respect to their inputs."""

import numpy as np
import pandas as pd

from dashboard.charts.input_gradients import horizon_chart
from dashboard.components.chart import chart, footer
from dashboard.sections.selection import Selection
from dashboard.sections.worker_answers import per_architecture

GRADIENT_HORIZON = "models.training.input_gradients:gradient_horizon"
MAX_SAMPLES = 16


def show_gradient_horizon(selection: Selection) -> None:
    """Draw the gradient's norm at every step of the input."""
    part, repeat = selection.data.test, selection.place.replica
    longest = np.flatnonzero(part.lengths == part.lengths.max())[:MAX_SAMPLES]
    inputs = part.inputs[longest, : int(part.lengths.max())]
    found = per_architecture(
        selection,
        GRADIENT_HORIZON,
        (repeat,),
        lambda run: (run.spec.architecture, run.replica(repeat), inputs),
    )
    frames = [
        pd.DataFrame({"architecture": name, "step": np.arange(1, len(norms) + 1), "norm": norms})
        for name, (norms, _) in found.items()
    ]
    frame = pd.concat(frames, ignore_index=True)
    chart(horizon_chart(frame, {name: steps for name, (_, steps) in found.items()}), key="gradient_horizon")
    caption = (
        f"Root mean square over {len(longest)} samples of full length. It reaches back to the first step with at least 1 % of "
        "the largest norm."
    )
    footer(caption, lambda: frame, name="gradient-horizon")
