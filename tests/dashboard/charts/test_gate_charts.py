"""Charts of the Gates page: what they draw, from which rows, and what an empty one says."""

import base64
from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboard import theme
from dashboard.charts import (
    damage,
    disagreement,
    film,
    gate_courses,
    saturation,
    trace_heatmaps,
)
from models.analysis import gate_frames
from models.analysis.answers import ANSWER_COLUMNS
from models.analysis.comparison_columns import Column
from models.analysis.disagreement import ERROR_COLUMNS
from models.analysis.snapshot_traces import Film
from models.analysis.traces import Panel
from models.cells import get_cell

STEPS, UNITS = 6, 4
METRIC = Column(title="MAE", unit="value", better="low", help="")
INPUTS = pd.DataFrame({"sample": 0, "step": range(1, STEPS + 1), "feature": "x", "value": 0.5, "symbol": ""})
SAMPLE = trace_heatmaps.Sample(inputs=INPUTS, picture="series", unit="degrees_celsius")


def panels(name: str = "lstm", *, scale: float = 1.0) -> tuple[Panel, ...]:
    """Return panels whose values count up."""
    cell = get_cell(name)
    values = np.linspace(0, 1, UNITS * STEPS).reshape(UNITS, STEPS)
    gates = [Panel(architecture=name, name=g.name, title=g.title, kind=g.kind, values=values) for g in cell.gates]
    states = [
        Panel(
            architecture=name,
            name=s.name,
            title=s.title,
            kind="state",
            values=values * (scale if s.name == "cell" else 1),
        )
        for s in cell.states
    ]
    return (*gates, *states)


def answers(told: str = "") -> pd.DataFrame:
    """Return answers that rise to a target of one; the first step does not count where they are classes."""
    frame = pd.DataFrame({"output": "y", "step": range(1, STEPS + 1), "value": np.linspace(0, 1, STEPS), "told": told})
    return frame.assign(target=[np.nan if told else 1.0, *[1.0] * (STEPS - 1)], right=[False, True] * 3)[
        list(ANSWER_COLUMNS)
    ]


def named(figure: go.Figure, name: str) -> go.Figure:
    """Return the first trace of a name."""
    return next(trace for trace in figure.data if trace.name == name)


def test_traces_show_input_every_panel_and_the_answer_on_one_time_axis() -> None:
    """Input above, one heatmap per gate and state, answer and target below, all with the same steps."""
    figure = trace_heatmaps.trace_heatmaps(panels(), SAMPLE, answers(), title="LSTM")
    heatmaps = [trace for trace in figure.data if trace.type == "heatmap"]
    assert [trace.name for trace in heatmaps] == [panel.title for panel in panels()]
    assert all(tuple(trace.x) == tuple(range(1, STEPS + 1)) for trace in heatmaps)
    assert figure.layout.xaxis.range == (0.5, STEPS + 0.5)
    assert tuple(named(figure, "y").y) == tuple(np.linspace(0, 1, STEPS).round(5))
    assert tuple(named(figure, "target").y) == (1.0, 1.0)
    assert figure.layout.yaxis8.title.text == "degrees celsius"
    assert [figure.layout.annotations[0].text, figure.layout.annotations[-1].text][0] == "Input"


def test_traces_draw_units_in_the_order_asked_for() -> None:
    """Rows follow the order, top first, and hover names the unit's own number."""
    figure = trace_heatmaps.trace_heatmaps(panels(), SAMPLE, answers(), title="LSTM", units=(3, 1, 4, 2))
    first = next(trace for trace in figure.data if trace.type == "heatmap")
    assert tuple(first.y) == ("3", "1", "4", "2")
    np.testing.assert_allclose(first.z[0], panels()[0].values[2], atol=1e-4)
    assert figure.layout.yaxis2.autorange == "reversed"


def test_cell_states_have_a_scale_of_their_own() -> None:
    """A large cell state does not wash out hidden states; gates stay on the fixed scale."""
    figure = trace_heatmaps.trace_heatmaps(panels(scale=-7.0), SAMPLE, answers(), title="LSTM", limit=7.0)
    axes = {trace.name: trace.coloraxis for trace in figure.data if trace.type == "heatmap"}
    assert axes["Cell state"] == "coloraxis3"
    assert axes["Hidden state"] == axes["Candidate"] == "coloraxis2"
    assert axes["Forget gate"] == "coloraxis"
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (0, 1)
    assert (figure.layout.coloraxis3.cmin, figure.layout.coloraxis3.cmax) == (-7, 7)
    assert (figure.layout.coloraxis2.cmin, figure.layout.coloraxis2.cmax) == (-1, 1)
    gru = trace_heatmaps.trace_heatmaps(panels("gru"), SAMPLE, answers(), title="GRU", limit=7.0)
    assert "coloraxis3" not in gru.to_dict()["layout"]


def test_class_answers_have_coloured_dots() -> None:
    """Green where the likeliest answer is right, orange where not, clear where the step does not count."""
    figure = trace_heatmaps.trace_heatmaps(panels(), SAMPLE, answers("a"), title="LSTM")
    colours = named(figure, "y").marker.color
    assert colours[0] == theme.CLEAR
    assert colours[1] == theme.RIGHT
    assert colours[2] == theme.WRONG
    assert "target" not in [trace.name for trace in figure.data]


def courses(name: str) -> pd.DataFrame:
    """Return a constant course of every gate and state."""
    cell = get_cell(name)
    return pd.concat(
        pd.DataFrame(
            {
                "architecture": name,
                "quantity": quantity,
                "title": gate_frames.shown_title(cell, quantity),
                "kind": kind,
                "step": range(1, STEPS + 1),
                "mean": 0.4,
                "spread": 0.1,
            }
        )
        for quantity, kind in gate_frames.quantities(cell).items()
    )


def test_courses_draw_mean_and_spread_of_every_gate() -> None:
    """One panel per gate and candidate: a line at the mean and a band of one standard deviation."""
    figure = gate_courses.gate_courses(courses("gru"), title="GRU")
    assert [note.text for note in figure.layout.annotations] == ["Reset gate", "Update gate (1 = write)", "Candidate"]
    assert set(named(figure, "Reset gate").y) == {0.4}
    assert set(named(figure, "Reset gate, spread").y) == {0.5, 0.3}
    assert named(figure, "Reset gate").line.color == theme.hue("gru")


def test_average_hidden_states_share_one_chart() -> None:
    """Both architectures are in it, in their hues."""
    figure = gate_courses.hidden_course(pd.concat([courses("lstm"), courses("gru")]))
    assert {trace.name for trace in figure.data if trace.showlegend is not False} == {"LSTM", "GRU"}
    assert named(figure, "GRU").line.color == theme.hue("gru")
    assert "LSTM forget gate 0.40" in gate_courses.gate_courses(courses("lstm"), title="LSTM").layout.meta


def saturated() -> pd.DataFrame:
    """Return a unit that is always open and one that is half the time shut, for two gates."""
    rows = [
        ("gru", gate, gate, 7, unit, *shares, 0.5)
        for gate in "rz"
        for unit, shares in ((1, (1.0, 0.0)), (2, (0.2, 0.5)))
    ]
    return pd.DataFrame(rows, columns=list(gate_frames.SATURATION_COLUMNS))


def test_saturation_has_a_panel_per_gate_with_a_dot_per_unit() -> None:
    """Shares below 0.1 go across, shares above 0.9 upwards."""
    figure = saturation.saturation(saturated())
    dots = [trace for trace in figure.data if trace.mode == "markers"]
    assert len(dots) == 2
    assert (tuple(dots[0].x), tuple(dots[0].y)) == ((0.0, 0.5), (1.0, 0.2))
    assert tuple(dots[0].customdata[1][:2]) == (2, 7)
    assert "above 0.9 in 60%" in figure.layout.meta


def test_half_lives_are_drawn_per_architecture_and_moment() -> None:
    """A box per architecture and moment on a logarithmic axis; an endless memory is drawn at its end."""
    rows = [
        ("lstm", moment, 0, unit, life) for moment in ("initial", "trained") for unit, life in ((1, 2.0), (2, np.inf))
    ]
    frame = pd.DataFrame(rows, columns=list(gate_frames.HALF_LIFE_COLUMNS))
    figure = saturation.half_life_boxes(frame, steps=50)
    assert [trace.name for trace in figure.data] == ["LSTM, initial", "LSTM, trained"]
    assert tuple(figure.data[0].x) == (2.0, saturation.LONGEST)
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.shapes[0].x0 == 50


def damages() -> pd.DataFrame:
    """Return one question and one clamp with two seeds each, the second of which diverged once."""
    rows = [
        ("lstm", "never_forget", "Never forget?", "", "", 0, 0.1, 0.5, 0.4),
        ("lstm", "never_forget", "Never forget?", "", "", 1, 0.1, 0.7, 0.6),
        ("lstm", "forget_gate:zero", "Forget gate: 0", "forget_gate", "0", 0, 0.1, 0.9, 0.8),
        ("lstm", "forget_gate:zero", "Forget gate: 0", "forget_gate", "0", 1, 0.1, np.nan, np.nan),
    ]
    return pd.DataFrame(rows, columns=list(gate_frames.DAMAGE_COLUMNS))


def test_damage_shows_mean_seeds_and_where_it_was() -> None:
    """A bar is the mean over seeds, dots are the seeds, a dashed line is the trained network."""
    frame = damages()
    figure = damage.damage_by_question(frame[frame["gate"] == ""], METRIC)
    assert tuple(figure.data[0].y) == pytest.approx((0.6,))
    assert tuple(figure.data[1].y) == (0.5, 0.7)
    assert figure.layout.shapes[0].y0 == pytest.approx(0.1)
    assert figure.layout.yaxis.title.text == "MAE (value)"
    by_gate = damage.damage_by_gate(frame[frame["gate"] != ""], METRIC, title="LSTM", top=2.0)
    assert tuple(by_gate.data[0].x) == ("Forget gate",)
    assert tuple(by_gate.data[0].y) == (0.9,)  # the seed without a score is left out
    assert by_gate.layout.yaxis.range == (0, 2.0)
    assert "Never forget? 0.1 to 0.6" in figure.layout.meta


def test_ranking_names_units_and_carries_them_in_bars() -> None:
    """Bars come in the order of damage and know their unit, for a click."""
    frame = gate_frames.ablation_frame("gru", 1.0, np.array([1.1, 3.0, 0.9]), higher_is_better=False)
    figure = damage.unit_ranking(frame, METRIC, title="GRU")
    assert tuple(figure.data[0].x) == ("2", "1", "3")
    assert [int(point[0]) for point in figure.data[0].customdata] == [2, 1, 3]
    assert figure.layout.xaxis.type == "category"
    assert "unit 2 2" in figure.layout.meta


def test_unit_trace_draws_gates_apart_from_states() -> None:
    """One unit's gates share a panel from 0 to 1, its candidate and states another."""
    figure = trace_heatmaps.unit_trace(panels("gru"), 2, title="GRU: unit 2")
    assert {trace.name: trace.yaxis for trace in figure.data} == {
        "Reset gate": "y",
        "Update gate": "y",
        "Candidate": "y2",
        "Hidden state": "y2",
    }
    np.testing.assert_allclose(named(figure, "Reset gate").y, panels("gru")[0].values[1], atol=1e-5)


def errors() -> pd.DataFrame:
    """Return three samples: LSTM better on one, GRU on two."""
    rows = [(s, "t", a, e) for a, es in (("lstm", (1.0, 2.0, 3.0)), ("gru", (2.0, 1.0, 1.0))) for s, e in enumerate(es)]
    return pd.DataFrame(rows, columns=list(ERROR_COLUMNS))


def test_disagreement_places_samples_and_marks_the_chosen_one() -> None:
    """Each dot is a sample in the hue of the better architecture; the one that is looked at is larger."""
    figure = disagreement.disagreement(errors(), "lstm", "gru", error="Absolute error", chosen=2)
    dots = figure.data[1]
    assert (tuple(dots.x), tuple(dots.y)) == ((1.0, 2.0, 3.0), (2.0, 1.0, 1.0))
    assert tuple(dots.marker.color) == (theme.hue("lstm"), theme.hue("gru"), theme.hue("gru"))
    assert int(np.argmax(dots.marker.size)) == 2
    assert [point[0] for point in dots.customdata] == [0, 1, 2]
    assert "GRU is nearer on 2, LSTM on 1" in figure.layout.meta


def made_film() -> Film:
    """Return a film of two snapshots: all gates shut, then the counting values."""
    last = tuple(panel for panel in panels() if panel.kind != "state")
    shut = tuple(Panel(architecture="lstm", name=p.name, title=p.title, kind=p.kind, values=p.values * 0) for p in last)
    return Film(architecture="lstm", updates=np.array([0, 100]), frames=(shut, last), units=np.arange(1, UNITS + 1))


def test_film_frames_pack_every_heatmap_in_hundredths() -> None:
    """Each frame changes each heatmap; the packed bytes are its values in hundredths."""
    figure, frames = film.film_heatmaps(made_film()), film.film_frames(made_film())
    assert len(figure.data) == len(frames[0]) == len(frames[1]) == 4
    packed = np.frombuffer(base64.b64decode(frames[1][2]["packed"]), np.int8).reshape(frames[1][2]["shape"])
    np.testing.assert_allclose(packed / 100, made_film().frames[1][2].values, atol=0.0051)
    assert not np.frombuffer(base64.b64decode(frames[0][0]["packed"]), np.int8).any()
    assert "Forget gate from 0.00 to 0.50" in figure.layout.meta


def test_cursors_move_over_mean_gates_and_loss() -> None:
    """The last two traces of the learning chart are cursors; frames put them at the snapshot, update 0 included."""
    gates = pd.DataFrame(
        [("lstm", "forget_gate", "Forget gate", 0, update, 0.5) for update in (0, 100)],
        columns=list(gate_frames.LEARNING_COLUMNS),
    )
    losses = pd.DataFrame({"architecture": "lstm", "update": [50, 100], "loss": [1.0, 0.1]})
    chart = film.learning_chart(gates, losses)
    assert [trace.name for trace in chart.data] == ["LSTM forget gate", "LSTM loss", "cursor", "cursor"]
    first, last = film.cursor_frames(chart, [0, 100])
    assert [change["trace"] for change in first] == [2, 3]
    assert first[0]["values"]["x"] == [film.FRESH] * 2
    assert last[1]["values"]["x"] == [100.0] * 2
    assert chart.layout.xaxis.type == "log"


EMPTY: dict[str, Callable[[], go.Figure]] = {
    "traces": lambda: trace_heatmaps.trace_heatmaps((), SAMPLE, answers(), title="LSTM"),
    "courses": lambda: gate_courses.gate_courses(courses("lstm").iloc[:0], title="LSTM"),
    "hidden": lambda: gate_courses.hidden_course(courses("lstm").iloc[:0]),
    "saturation": lambda: saturation.saturation(saturated().iloc[:0]),
    "half-lives": lambda: saturation.half_life_boxes(
        pd.DataFrame(columns=list(gate_frames.HALF_LIFE_COLUMNS)), steps=5
    ),
    "questions": lambda: damage.damage_by_question(damages().iloc[:0], METRIC),
    "gates": lambda: damage.damage_by_gate(damages().iloc[:0], METRIC, title="tanh RNN"),
    "ranking": lambda: damage.unit_ranking(pd.DataFrame(columns=list(gate_frames.ABLATION_COLUMNS)), METRIC, title="x"),
    "unit": lambda: trace_heatmaps.unit_trace((), 1, title="x"),
    "disagreement": lambda: disagreement.disagreement(errors(), "lstm", "rnn", error="Absolute error"),
    "learning": lambda: film.learning_chart(
        pd.DataFrame(columns=list(gate_frames.LEARNING_COLUMNS)),
        pd.DataFrame(columns=["architecture", "update", "loss"]),
    ),
}


@pytest.mark.parametrize("name", list(EMPTY))
def test_nothing_to_show_gives_a_titled_figure_with_a_sentence(name: str) -> None:
    """An empty frame is a figure that says so, never an error."""
    figure = EMPTY[name]()
    assert figure.layout.title.text
    assert figure.layout.annotations[0].text.endswith(".")


def test_missing_column_is_named() -> None:
    """A frame without a needed column is refused by name."""
    with pytest.raises(ValueError, match="`spread`"):
        gate_courses.gate_courses(courses("lstm").drop(columns="spread"), title="LSTM")
