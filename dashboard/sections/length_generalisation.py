"""Length generalisation: networks tested at lengths that they were not trained on."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from dashboard import services, state
from dashboard.charts.lags import HEIGHT, length_scores
from dashboard.components.chart import chart, footer
from dashboard.components.choice import choose_one
from dashboard.components.placeholder import waiting
from dashboard.sections.memory_form import PAGE, length_form
from dashboard.sections.sweep_panel import show_sweep
from models.analysis.lengths import SCORE_LENGTHS, length_frame, lengths_to_test, measures, trained_length
from models.errors import EngineError
from models.records.results import RunResult
from models.records.sweep import SweepView

ABOUT = (
    "A network that learned the rule stays right on sequences longer than any in training. One that only learned those "
    "lengths does not."
)


def show_length_generalisation() -> None:
    """Draw the part."""
    st.markdown(ABOUT)
    with st.sidebar:
        spec, longest = length_form()
    state.commit_settings(PAGE)
    show_sweep(spec, lambda view: _draw(view, longest), name="length", label="Train and test")


def _draw(view: SweepView, longest: int) -> None:
    spec = view.spec.base
    trained = trained_length(spec)
    known = measures(spec)
    measure = next(iter(known))
    if len(known) > 1:
        titles = {name: column.title for name, column in known.items()}
        key = f"length_measure_{spec.source().kind}"
        measure = choose_one("Measure", titles, key=key, default=measure, visible=True)
    frame = length_frame(spec, _tested(view, lengths_to_test(spec, longest)))
    figure = length_scores(frame, measure, known[measure], trained=trained)
    chart(figure, key="length_generalisation")
    caption = "Points: repeats, each at up to 200 newly drawn sequences of that length. Line: median over repeats."
    footer(caption, lambda: frame, name="length-generalisation")


def _tested(view: SweepView, lengths: tuple[int, ...]) -> Mapping[str, Mapping[str, Any]]:
    """Return a worker's scores of every architecture that is trained."""
    futures = {}
    for outcome in view.outcomes:
        if outcome.result is not None:
            key = outcome.run.key
            futures[outcome.run.run.architecture] = services.analyse(
                SCORE_LENGTHS, (key, lengths), partial(_arguments, key, lengths)
            )
    needed = not all(future.done() for future in futures.values())
    with waiting("A worker tests the trained networks …", height=HEIGHT, name="lengths", needed=needed):
        return {name: services.answer(future) for name, future in futures.items()}


def _arguments(key: str, lengths: tuple[int, ...]) -> tuple[Any, ...]:
    run: RunResult | None = services.store().find_run(key)
    if run is None:
        raise EngineError("The trained networks are no longer kept; train them again.")
    return run.spec.to_dict(), dict(run.weights), list(lengths)
