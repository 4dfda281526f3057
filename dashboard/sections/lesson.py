"""The lesson of a link: a question above the result, answered before anything is shown, then compared with the verdict."""

import streamlit as st

from dashboard import services, state
from dashboard.formatting import escaped
from dashboard.lessons import Lesson, lessons
from dashboard.sections.preview import show_preview
from models.analysis.verdict import judge
from models.records.results import ExperimentResult, ExperimentView
from models.spec.experiment_settings import ExperimentSpec


def _name() -> str:
    """Return the name of the lesson that the link carried, or an empty text."""
    return str(state.get(state.LESSON, ""))


def lesson_waits(spec: ExperimentSpec | None) -> bool:
    """Return whether results stay hidden because the lesson's question has no answer yet; the data are drawn instead.

    Args:
        spec: The settings; None while they cannot be used.
    """
    waits = _name() in lessons() and not _said(_name())
    if waits and spec is not None and not services.lacks_file(spec):
        show_preview(spec, opened=True)
    return waits


def show_lesson(view: ExperimentView | None) -> None:
    """Draw the lesson that the address names, or nothing.

    Args:
        view: The experiment that the page shows, or None.
    """
    name = _name()
    if not name:
        return
    if name not in lessons():
        st.warning(f"There is no lesson called {escaped(name)}. Learn lists all lessons.")
        state.put(state.LESSON, "")
        return
    lesson = lessons()[name]
    with st.container(border=True, key="lesson"):
        left, right = st.columns([0.8, 0.2], vertical_alignment="center")
        left.markdown(f"**Lesson: {lesson.title}**  \n{lesson.shown}")
        right.button("End the lesson", key="lesson_end", type="tertiary", on_click=state.put, args=(state.LESSON, ""))
        result = view.result if view is not None else None
        _ask(name, lesson, locked=result is not None and bool(_said(name)))
        _answer(name, lesson, view, result)


def _said(name: str) -> str:
    """Return the key of the answer that the visitor gave, or an empty text."""
    return str(state.get(f"lesson_said_{name}", ""))


def _ask(name: str, lesson: Lesson, *, locked: bool) -> None:
    """Draw the question; the answer is final once the result is shown."""
    answers, key = lesson.question.answers, f"lesson_answer_{name}"
    said = _said(name)

    def keep() -> None:
        state.put(f"lesson_said_{name}", state.get(key) or "")

    st.radio(
        lesson.question.text,
        list(answers),
        index=list(answers).index(said) if said in answers else None,
        format_func=answers.__getitem__,
        key=key,
        horizontal=True,
        disabled=locked,
        on_change=keep,
    )


def _answer(name: str, lesson: Lesson, view: ExperimentView | None, result: ExperimentResult | None) -> None:
    """Say what to do next, or compare the prediction with the verdict."""
    said = _said(name)
    if not said:
        st.caption("Choose an answer first. The result appears after it.")
    elif view is not None and not lesson.fits(view.spec):
        st.caption("These settings are not those of the lesson, so their result does not answer its question.")
        icon = ":material/replay:"
        st.button("Back to the lesson's settings", key="lesson_back", icon=icon, on_click=_restore, args=(lesson,))
    elif view is None or result is None:
        st.caption("Press Train: the run decides." if view is None else "The run decides when it has ended.")
    else:
        _reveal(lesson, said, view.id, result)


def _restore(lesson: Lesson) -> None:
    state.attach(None)
    state.fill(lesson.spec())


def _reveal(lesson: Lesson, said: str, identity: str, result: ExperimentResult) -> None:
    verdict = services.drawn(("verdict", identity), lambda: judge(result))
    found = lesson.question.find(verdict)
    text = f"You said **{lesson.question.answers[said]}**; the run says **{escaped(found.words)}**. {lesson.then}"
    if found.answer == said:
        st.success(text, icon=":material/check_circle:")
    else:
        st.info(text, icon=":material/compare_arrows:")
