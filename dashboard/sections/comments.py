"""Comments at a chart: notes of the experiment that name the chart they are about."""

import streamlit as st

from dashboard import saved_experiments, services
from dashboard.formatting import escaped, sentence_of
from models.errors import GatescopeError
from models.records.chart_notes import about, split
from models.records.experiment import MAX_IN_A_NOTE, Note
from models.records.results import ExperimentView


def show_comments(view: ExperimentView, chart: str) -> None:
    """Draw the button that opens the comments at a chart of a finished experiment; its notes are read when it is opened."""
    if view.result is None:
        return
    part = st.popover(
        "Comments", icon=":material/chat_bubble:", type="tertiary", key=f"comments_{_slug(chart)}", on_change="rerun"
    )
    if part.open:
        with part:
            _comments(view.id, chart)


def _comments(identity: str, chart: str) -> None:
    own = [note for note in services.store().notes(identity) if split(note.text)[0] == chart]
    for note in own:
        st.caption(f"{note.created:%Y-%m-%d %H:%M} UTC{' · ' + escaped(note.author) if note.author else ''}")
        st.text(split(note.text)[1])
    if not saved_experiments.may_write(identity):
        st.caption("Only whoever started this experiment can write here." if own else "There are no comments.")
        return
    with st.form(f"comment_{_slug(chart)}", clear_on_submit=True, border=False):
        text = st.text_area(
            "Comment", max_chars=MAX_IN_A_NOTE - 60, height=90, placeholder=f"What do you see in {chart}?"
        )
        author = st.text_input("Name (optional)", max_chars=80)
        if st.form_submit_button("Add comment"):
            _add(identity, chart, text, author)


def _add(identity: str, chart: str, text: str, author: str) -> None:
    try:
        saved_experiments.add_note(identity, Note(text=about(chart, text), author=author))
    except GatescopeError as error:
        st.error(sentence_of(error))
        return
    st.rerun()


def _slug(chart: str) -> str:
    return chart.lower().replace(" ", "_")
