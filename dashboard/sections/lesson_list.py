"""The lessons on Learn: what each asks, a button that opens it, and its link for a class."""

import streamlit as st

from dashboard import state
from dashboard.components.copying import copy_buttons
from dashboard.lessons import Lesson, lessons
from dashboard.navigation import page_file

ABOUT = (
    "Predict, then look: a lesson asks one question before the result is shown, and compares the answer with the verdict. "
    "Send its link to your class. To give everyone the same finished run, open the lesson, train it, and copy the address "
    "from your browser."
)


def show_lessons() -> None:
    """Draw a card for each lesson."""
    st.markdown(ABOUT)
    for name, lesson in lessons().items():
        with st.container(border=True):
            _card(name, lesson)


def _card(name: str, lesson: Lesson) -> None:
    st.markdown(f"#### {lesson.title}")
    st.markdown(f"{lesson.shown} **{lesson.question.text}**")
    spec = lesson.spec()
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Open", key=f"lesson_open_{name}", icon=":material/school:", help="Opens the lesson on Compare."):
            st.switch_page(page_file(""), query_params=state.link(spec) | {state.LESSON: name})
        copy_buttons({"Copy link": state.url(spec, lesson=name)}, key=f"lesson_link_{name}")
