"""Share a result: its link, and a summary of one paragraph as text or Markdown."""

import streamlit as st

from dashboard import services, state
from dashboard.components.copying import copy_buttons
from models.analysis.summary import markdown_summary, text_summary
from models.analysis.verdict import judge
from models.records.results import ExperimentView


def show_sharing(view: ExperimentView) -> None:
    """Draw the button that opens what can be copied."""
    part = st.popover("Share", icon=":material/share:", key="share", on_change="rerun")
    if part.open:
        with part:
            _texts(view)


def _texts(view: ExperimentView) -> None:
    result = view.result
    if result is None:
        return
    verdict = services.drawn(("verdict", view.id), lambda: judge(result))
    link = state.url(view.spec, view.id)
    text, marked = text_summary(result, verdict, link), markdown_summary(result, verdict, link)
    if st.button("Present", icon=":material/slideshow:", key="start_presenting", help="Large type and no controls."):
        state.put(state.PRESENT, True)
        st.rerun()
    copy_buttons({"Copy summary": text, "Copy as Markdown": marked, "Copy link": link}, key="copy")
    st.caption("The link opens this result for anyone and holds all settings. Only your browser can delete it.")
    st.code(text_summary(result, verdict), language=None, wrap_lines=True)
