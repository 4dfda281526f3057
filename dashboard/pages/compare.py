"""Compare: which one learns this better, and am I sure?"""

import streamlit as st

from dashboard import services, state, uploads
from dashboard.form_words import in_form_words
from dashboard.formatting import sentence_of
from dashboard.forms import settings_form
from dashboard.navigation import PageInfo
from dashboard.presets import presets
from dashboard.sections.file_reading import show_reading
from dashboard.sections.gallery import show_gallery
from dashboard.sections.lesson import lesson_waits, show_lesson
from dashboard.sections.overview import show_overview
from dashboard.sections.presentation import show_presentation
from dashboard.sections.preview import show_preview
from dashboard.sections.result_tabs import show_tabs
from dashboard.sections.run_plan import show_plan
from dashboard.sections.storage import show_trouble
from dashboard.sections.train_button import show_header, shown_settings
from data.fields import Value
from models.errors import GatescopeError, InvalidSpecError
from models.records.results import ExperimentView
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
    if state.get(state.PRESENT) and show_presentation():
        return
    spec = _settings()
    if notice := state.notice():
        st.warning(notice)
    uploads.drop_anywhere()
    problem = ""
    try:
        above = st.container()
        problem = show_header(spec)
        show_trouble()
        if spec is not None:
            state.commit(spec)
        view = services.view(state.experiment())
        with above:
            show_lesson(view)
        if lesson_waits(spec):
            return
        _say_what_is_shown(spec, view)
        show_overview(spec, view)
        if view is None:
            _below(spec)
            return
        if view.result is not None:
            show_tabs(view, view.result)
            services.note_result(view)
        if spec is not None and spec != view.spec:
            show_plan(spec)
        if spec is None or services.lacks_file(spec):
            return
        if _content(spec) == _content(view.spec):
            show_reading(spec, opened=False)
        show_preview(spec, opened=False)
    except GatescopeError as error:
        if str(error) != problem:
            st.error(sentence_of(in_form_words(str(error))))


def _settings() -> ExperimentSpec | None:
    """Draw the sidebar; return its spec, or None with every problem shown."""
    with st.sidebar:
        try:
            return settings_form()
        except InvalidSpecError as error:
            for problem in error.problems:
                st.error(sentence_of(in_form_words(problem)))
    return None


def _content(spec: ExperimentSpec) -> Value | None:
    """Return the digest of the uploaded file that the settings use; None without a file."""
    return dict(spec.options).get("content")


def _say_what_is_shown(spec: ExperimentSpec | None, view: ExperimentView | None) -> None:
    """Say where the results of a link are gone, or belong to other settings than the form's."""
    if view is None and state.experiment() is not None:
        st.info(
            "The experiment of this link is no longer stored, but its settings are in the link: press Train to get the same "
            "numbers again."
        )
    elif view is not None and spec is not None and spec != view.spec:
        st.info(f"Below: {shown_settings(view.spec)}. The settings have changed since; Train runs the new ones.")
        if _content(spec) != _content(view.spec):
            show_reading(spec, opened=True)


def _below(spec: ExperimentSpec | None) -> None:
    """Draw what helps before there are results: how the visitor's file is read and the data, or questions to begin with."""
    usable = spec is not None and not services.lacks_file(spec)
    if spec is None or not usable or spec.source().family != "own":
        show_gallery(spec)
    if spec is not None and usable:
        show_reading(spec, opened=True)
        show_plan(spec)
        show_preview(spec, opened=True)


if __name__ == "__main__":
    page()
