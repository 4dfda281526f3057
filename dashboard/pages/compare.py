"""Compare: which one learns this better, and am I sure?"""

import streamlit as st

from dashboard import services, state, uploads
from dashboard.forms import settings_form
from dashboard.navigation import PageInfo
from dashboard.presets import presets
from dashboard.sections.add_repeats import show_add_repeats
from dashboard.sections.comparison import show_comparison
from dashboard.sections.exports import show_downloads
from dashboard.sections.file_reading import show_reading
from dashboard.sections.forecast import show_forecast
from dashboard.sections.gallery import show_gallery
from dashboard.sections.gates import show_gates
from dashboard.sections.predictions import show_predictions
from dashboard.sections.preview import show_preview
from dashboard.sections.run_plan import show_plan
from dashboard.sections.series_scores import show_series
from dashboard.sections.storage import show_trouble
from dashboard.sections.train_button import show_header, shown_settings
from dashboard.sections.training import show_training
from dashboard.sections.verdict import show_verdict
from dashboard.sections.written_text import show_writing
from data.fields import Value
from models.errors import GatescopeError, InvalidSpecError
from models.spec.experiment_settings import ExperimentSpec

PAGE = PageInfo(
    title="Compare",
    icon=":material/compare_arrows:",
    url="",
    order=0,
    question="Which one learns this better, and am I sure?",
)


def page() -> None:
    """Draw the page from top to bottom."""
    default = next(iter(presets().values())).spec()
    state.begin(default, services.spec_of)
    spec = _settings()
    if notice := state.notice():
        st.warning(notice)
    uploads.drop_anywhere()
    problem = ""
    try:
        problem = show_header(spec)
        show_trouble()
        if spec is not None:
            state.commit(spec)
        view = services.view(state.experiment())
        if view is None:
            _nothing_yet(spec, missing=state.experiment() is not None)
        elif spec is not None:
            show_reading(spec, opened=_content(spec) != _content(view.spec))
        if spec is not None and not services.lacks_file(spec):
            show_plan(spec)
            show_preview(spec, opened=view is None)
        if view is None:
            return
        if spec is not None and spec != view.spec:
            st.info(f"Below: {shown_settings(view.spec)}. The settings have changed since; Train runs the new ones.")
        show_training(view)
        if view.result is not None:
            show_verdict(view.id, view.result)
            show_add_repeats(view, key="add_repeats")
            show_comparison(view.id, view.result)
            show_series(view.id, view.result)
            show_gates(view.id, view.result)
            show_predictions(view.id, view.result)
            show_forecast(view.id, view.result)
            show_downloads(view.id, view.result)
            show_writing(view.id, view.result)
            services.note_result(view)
    except GatescopeError as error:
        if str(error) != problem:
            st.error(str(error))


def _settings() -> ExperimentSpec | None:
    """Draw the sidebar; return its spec, or None with every problem shown."""
    with st.sidebar:
        try:
            return settings_form()
        except InvalidSpecError as error:
            for problem in error.problems:
                st.error(problem)
    return None


def _content(spec: ExperimentSpec) -> Value | None:
    """Return the digest of the uploaded file that the settings use; None without a file."""
    return dict(spec.options).get("content")


def _nothing_yet(spec: ExperimentSpec | None, *, missing: bool) -> None:
    """Draw what is shown before there are results: how the visitor's file is read, or how to start."""
    if missing:
        st.info(
            "The experiment of this link is no longer stored, but its settings are in the link: press Train to get the same "
            "numbers again."
        )
    if spec is not None and spec.source().family == "own" and not services.lacks_file(spec):
        show_reading(spec, opened=True)
        return
    st.markdown(
        "**Press Train** and here will appear: loss curves while the networks learn, a verdict with its uncertainty, a "
        "table of accuracy, size and speed, heatmaps of every gate, and predictions on data that no network has seen."
    )
    show_gallery(spec)


if __name__ == "__main__":
    page()
