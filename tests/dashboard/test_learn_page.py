"""The Learn page: every statement with its evidence, equations of the cells, the measured picture."""

from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

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


@pytest.mark.usefixtures("_measured")
def test_page_shows_every_statement_and_what_checks_it() -> None:
    """Each statement is quoted; those with an experiment have their button; nothing is asserted without evidence."""
    test = AppTest.from_file(PAGE, default_timeout=240).run()
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
    test = AppTest.from_file(PAGE, default_timeout=240).run()
    written = " ".join(element.value for element in test.latex)
    for name in ("lstm", "gru"):
        for gate in get_cell(name).gates:
            assert gate.equation in written
