"""The horizontal axis of everything that is drawn per step of one sample: dates, symbols, or numbers."""

from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.frames import escape
from dashboard.charts.preview import visible
from data.task import TaskData
from models.analysis.step_labels import input_unit, step_dates, step_symbols
from models.analysis.traces import Place
from models.spec.experiment_settings import Options

MAX_DATES, MAX_SYMBOLS = 5, 30
LONGEST = 12  # letters of a label


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAxis:
    """How steps are called.

    Attributes:
        dates: Position of every step on the time axis; empty where there is none.
        symbols: Token of every step; empty for numeric inputs.
        unit: In what the input is measured; empty for symbols.
    """

    dates: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    unit: str = ""

    @classmethod
    def of(cls, data: TaskData, place: Place, options: Options = ()) -> "StepAxis":
        """Return the axis of one sample of a task; the dataset's options say whether inputs are changes."""
        differenced = dict(options).get("differencing", "none") != "none"
        symbols = step_symbols(data, place.part, place.sample)
        return cls(
            dates=step_dates(data, place.part, place.sample),
            symbols=symbols,
            unit="" if symbols else input_unit(data, differenced=differenced),
        )

    @property
    def input_head(self) -> str:
        """Title of a panel that shows the input."""
        return f"Input ({escape(self.unit)})" if self.unit else "Input"

    @property
    def title(self) -> str:
        """Title of the axis."""
        if self.symbols:
            return "Symbol"
        if not self.dates:
            return "Step"
        return "Step" if all(date.isdigit() and len(date) != 4 for date in self.dates) else "Date"

    def name(self, step: int) -> str:
        """Return a step, from 1, as it is written: "step 3 (1987-04)"."""
        known = self.symbols or self.dates
        told = visible(known[step - 1]) if step <= len(known) else ""
        return f"step {step} ({escape(told)})" if told else f"step {step}"


def apply_axis(chart: go.Figure, axis: StepAxis, steps: int, *, row: int) -> None:
    """Write the labels of steps below a subplot; without dates and symbols Plotly's own numbers stay."""
    chart.update_xaxes(title_text=axis.title, showticklabels=True, row=row, col=1)
    labels = axis.symbols or axis.dates
    if len(labels) < steps:
        return
    most = MAX_SYMBOLS if axis.symbols else MAX_DATES
    pace = max(1, -(-steps // most))
    places = list(range(1, steps + 1, pace))
    texts = [escape(visible(labels[place - 1])[:LONGEST]) for place in places]
    chart.update_xaxes(tickvals=places, ticktext=texts, tickangle=0, row=row, col=1)


def name_steps(chart: go.Figure, axis: StepAxis) -> None:
    """Let the labels of lines name a step's date or symbol, where they do not say something else."""
    if not axis.dates and not axis.symbols:
        return
    for trace in chart.select_traces({"type": "scatter"}):
        if trace.customdata is None and trace.mode != "text" and trace.hovertemplate:
            trace.customdata = [axis.name(int(step)) for step in trace.x]
            trace.hovertemplate = trace.hovertemplate.replace("step %{x}", "%{customdata}")
