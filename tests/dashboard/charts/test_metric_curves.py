"""Curves of the deciding metric: one thick line per architecture, the criterion and the baselines drawn."""

import pandas as pd

from dashboard.charts.metric_curves import metric_curves
from data.catalog import Solved
from models.analysis.comparison import CURVE_FRAME_COLUMNS
from models.analysis.comparison_columns import Column

COLUMN = Column(title="MAE", unit="value", help="")
ROWS = [
    (name, title, seed, update, update / 10, update * 1e3, "metric", 1.0 / update + seed)
    for name, title in (("lstm", "LSTM"), ("gru", "GRU"))
    for seed in (0, 1)
    for update in (10, 20)
]


def test_metric_curves_draw_means_criterion_and_baselines() -> None:
    """Means are computed over seeds; the criterion and each baseline are lines at their values."""
    frame = pd.DataFrame(ROWS, columns=list(CURVE_FRAME_COLUMNS))
    solved = Solved(metric="mae_value", threshold=0.04, source="H")
    chart = metric_curves(frame, COLUMN, solved=solved, baselines={"Always <one>": 0.33})
    thick = {trace.name: [round(y, 9) for y in trace.y] for trace in chart.data if trace.showlegend}
    assert thick == {"LSTM": [0.6, 0.55], "GRU": [0.6, 0.55]}
    assert [shape.y0 for shape in chart.layout.shapes] == [0.04, 0.33]
    assert "Always &lt;one&gt;" in [note.text for note in chart.layout.annotations]
    assert "LSTM 0.55 after 20 updates" in chart.layout.meta


def test_metric_curves_say_what_will_appear() -> None:
    """Without an evaluation the figure has its title and a sentence."""
    chart = metric_curves(pd.DataFrame(columns=list(CURVE_FRAME_COLUMNS)), COLUMN)
    assert "first evaluation" in chart.layout.annotations[0].text
    assert chart.layout.title.text
