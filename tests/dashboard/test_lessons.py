"""Lessons: one file each, a link that carries one, and predict, then reveal."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import lessons as package
from dashboard import state
from dashboard.lessons import lessons
from dashboard.lessons.lesson import OPEN, SAME, Lesson
from models.analysis.verdict import judge
from models.records.results import ExperimentResult
from tests.dashboard.conftest import OpenPage
from tests.dashboard.drawn import tabs
from tests.dashboard.fakes import FakeEngine, made_up_result

FIRST = "sunspots"


def link(name: str) -> dict[str, str]:
    """Return the query of a lesson's link."""
    return state.link(lessons()[name].spec()) | {state.LESSON: name}


def answered(page: AppTest, name: str, answer: str) -> AppTest:
    """Answer a lesson's question."""
    return page.radio(key=f"lesson_answer_{name}").set_value(answer).run()


def words(page: AppTest) -> str:
    """Return everything in the boxes that reveal an answer."""
    return " ".join(box.value for box in (*page.success, *page.info))


def test_every_file_is_a_lesson_and_there_are_six() -> None:
    """A lesson is one file; nothing else lists them."""
    files = {file.stem for file in Path(str(package.__file__)).parent.glob("*.py")} - {"__init__", "lesson"}
    assert set(lessons()) == files
    assert len(files) >= 6


@pytest.mark.parametrize("name", list(lessons()))
def test_lesson_asks_about_what_its_settings_compare(name: str) -> None:
    """Every architecture that can be answered is trained, and the settings answer their own lesson."""
    lesson = lessons()[name]
    asked = {word for key in lesson.question.answers for word in key.split()} - {SAME, OPEN, "none"}
    assert asked <= set(lesson.spec().architectures)
    assert lesson.fits(replace(lesson.spec(), updates=100, seeds=3))
    assert not lesson.fits(replace(lesson.spec(), learning_rate=0.5))


@pytest.mark.parametrize("name", list(lessons()))
def test_found_answer_is_one_of_the_answers_or_none(name: str) -> None:
    """A verdict leads to an answer that could be predicted; too few repeats lead to none."""
    lesson = lessons()[name]
    enough, few = (made_up_result(replace(lesson.spec(), seeds=seeds)) for seeds in (8, 2))
    assert found(lesson, enough) in lesson.question.answers
    assert found(lesson, few) == ""


def found(lesson: Lesson, result: ExperimentResult) -> str:
    """Return what a result answers."""
    return lesson.question.find(judge(result)).answer


def test_result_is_hidden_until_the_question_is_answered(open_page: OpenPage) -> None:
    """Trained without an answer, the page shows no result; with one it compares the two."""
    page = open_page(**link(FIRST))
    assert not page.exception
    page = page.button(key="train").click().run()
    assert tabs(page) == []
    assert "You said" not in words(page)
    page = answered(page, FIRST, OPEN)
    assert not page.exception
    assert tabs(page)
    assert "You said **Too close to call**; the run says **" in words(page)
    assert page.radio(key=f"lesson_answer_{FIRST}").disabled


def test_lesson_stays_in_the_address_until_it_is_ended(open_page: OpenPage, engine: FakeEngine) -> None:
    """The link can be copied at any time; without the lesson the page is the usual one."""
    page = answered(open_page(**link(FIRST)), FIRST, "gru")
    assert engine.submitted == []
    assert FIRST in page.query_params[state.LESSON]
    page = page.button(key="lesson_end").click().run()
    assert state.LESSON not in page.query_params
    assert not page.radio


def test_other_settings_do_not_answer_a_lesson(open_page: OpenPage) -> None:
    """A run of other data is not compared with the prediction, and a button leads back."""
    other = state.link(lessons()["digits"].spec()) | {state.LESSON: FIRST}
    page = answered(open_page(**other), FIRST, "gru").button(key="train").click().run()
    assert "You said" not in words(page)
    page = page.button(key="lesson_back").click().run()
    assert not page.exception
    assert "sunspots" in page.query_params["dataset"]


def test_unknown_lesson_is_named_and_dropped(open_page: OpenPage) -> None:
    """A link with a lesson that does not exist opens the experiment."""
    page = open_page(lesson="alchemy")
    assert any("alchemy" in warning.value for warning in page.warning)
    assert not page.radio


def test_present_mode_does_not_show_a_lessons_answer(open_page: OpenPage) -> None:
    """A link with both asks first."""
    page = open_page(**link(FIRST), **{state.PRESENT: "1"})
    assert not page.exception
    assert page.radio(key=f"lesson_answer_{FIRST}")
    assert page.selectbox(key=state.widget("dataset"))
