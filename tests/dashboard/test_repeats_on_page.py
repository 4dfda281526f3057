"""Repeats on the Compare page: adding them, one split said in words, and the search of learning rates while it goes on."""

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import state
from dashboard.presets import presets
from models.analysis.cards import progress_text
from models.records.results import RunView
from models.spec.experiment_settings import ONE_SPLIT
from models.spec.fairness import plan_runs
from tests.dashboard.conftest import OpenPage
from tests.dashboard.drawn import open_tab, tabs
from tests.dashboard.fakes import FakeEngine

DEFAULT = next(iter(presets().values())).spec()


def shown(page: AppTest) -> str:
    """Return the experiment that the address names."""
    value = page.query_params[state.EXPERIMENT]
    return str(value[0] if isinstance(value, list) else value)


def test_add_repeats_continues_the_finished_experiment(open_page: OpenPage, engine: FakeEngine) -> None:
    """The button starts an experiment with eight more repeats from the finished one's result, and the form follows."""
    page = open_page()
    page.button(key="train").click().run()
    first = engine.view(shown(page))
    assert first is not None
    page.button(key="add_repeats").click().run()
    assert not page.exception
    assert engine.submitted == [DEFAULT, replace(DEFAULT, seeds=DEFAULT.seeds + 8)]
    assert engine.earlier[0] is None
    assert first.result is not None
    assert engine.earlier[1] is not None
    assert engine.earlier[1].runs == first.result.runs
    assert page.number_input(key=state.widget("seeds")).value == DEFAULT.seeds + 8
    assert shown(page) != first.id
    assert tabs(page)


def test_add_repeats_is_absent_where_there_are_as_many_as_there_may_be(open_page: OpenPage) -> None:
    """Thirty-two repeats are the most."""
    page = open_page(**dict(parse_qsl(replace(DEFAULT, seeds=32).to_query(), keep_blank_values=True)))
    page.button(key="train").click().run()
    assert not page.exception
    assert "add_repeats" not in {button.key for button in page.button}


@pytest.mark.parametrize(
    ("address", "said"), [({"dataset": "airline"}, 1), ({"dataset": "airline", "resampling": "data"}, 0)]
)
def test_old_link_says_that_its_repeats_share_one_split(
    open_page: OpenPage, address: dict[str, str], said: int
) -> None:
    """A link without `resampling` says so in the plan and in a fact of the verdict; one with data of its own does not."""
    page = open_page(**address)
    assert sum(ONE_SPLIT in text.value for text in page.markdown) == said
    page.button(key="train").click().run()
    open_tab(page, "Why this verdict")
    assert not page.exception
    folded = sum(ONE_SPLIT in text.value and "**What was varied.**" in text.value for text in page.markdown)
    assert sum(ONE_SPLIT in text.value for text in page.markdown) - folded == said


def test_progress_line_says_that_learning_rates_are_tried() -> None:
    """While the search goes on the line has its share, not an update of 0; afterwards updates as usual."""
    (run, _) = plan_runs(DEFAULT)
    view = RunView(spec=run, status="running", search=0.4)
    assert progress_text(view) == "trying 3 learning rates first, 40 % done"
    assert "updates" in progress_text(replace(view, search=None))
