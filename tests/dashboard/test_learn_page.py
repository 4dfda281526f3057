"""The Learn page: every statement with its evidence, equations of the cells, the measured picture."""

from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.lessons import lessons
from dashboard.pages.learn import PARTS
from models.analysis.statements import statements
from models.cells import get_cell
from tests.dashboard.conftest import replace_service

PAGE = Path(__file__).parents[2] / "dashboard" / "pages" / "learn.py"


@pytest.fixture
def _measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the page a made-up gradient flow and an empty store, so that no worker starts."""
    done: Future[object] = Future()
    flow = {"hidden": np.geomspace(1e-4, 1, 20)[None].repeat(3, 0), "horizon": np.full(3, 9.0)}
    done.set_result(dict.fromkeys(("lstm", "gru", "rnn"), flow))
    replace_service(monkeypatch, "analyse", lambda *_: done)
    replace_service(monkeypatch, "known_result", lambda spec: None)


def opened(part: str) -> AppTest:
    """Open a part of the page."""
    page = AppTest.from_file(PAGE, default_timeout=240)
    page.query_params["part"] = part
    return page.run()


@pytest.mark.usefixtures("_measured")
@pytest.mark.parametrize("part", list(PARTS))
def test_every_part_is_drawn_alone(part: str) -> None:
    """A link opens a part, under its own heading and without the others."""
    page = opened(part)
    assert not page.exception
    assert [heading.value for heading in page.header] == [PARTS[part][0]]


@pytest.mark.usefixtures("_measured")
def test_lessons_have_a_card_and_open_on_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each lesson's question is there, and Open leads to its link."""
    opened_at: list[dict[str, str]] = []
    monkeypatch.setattr(st, "switch_page", lambda page, query_params: opened_at.append(query_params))
    page = opened("lessons")
    text = " ".join(element.value for element in page.markdown)
    assert all(lesson.question.text in text for lesson in lessons().values())
    page.button(key="lesson_open_digits").click().run()
    assert opened_at[0]["lesson"] == "digits"
    assert opened_at[0]["dataset"] == "digits"


@pytest.mark.usefixtures("_measured")
def test_page_shows_every_statement_and_what_checks_it() -> None:
    """Each statement is quoted; those with an experiment have their button; nothing is asserted without evidence."""
    test = opened("statements")
    assert not test.exception
    text = " ".join(element.value for element in test.markdown)
    for statement in statements().values():
        assert statement.said in text
    checked = [statement for statement in statements().values() if statement.spec is not None]
    assert len([button for button in test.button if button.label == "Check it"]) == len(checked)
    assert text.count("not checked here yet") == len(checked)
    named = [f"published_{one.name}_{found}" for one in statements().values() for found in one.findings]
    assert named
    assert set(named) <= {str(button.key) for button in test.button}


@pytest.mark.usefixtures("_measured")
def test_page_writes_the_equations_that_are_computed() -> None:
    """The equations of LSTM and GRU stand there word for word as the cells state them."""
    test = opened("equations")
    written = " ".join(element.value for element in test.latex)
    for name in ("lstm", "gru"):
        for gate in get_cell(name).gates:
            assert gate.equation in written
