"""The Experiments page on a real store, without a browser and without training."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import services, state
from dashboard.sections.experiment_list import CHOSEN
from dashboard.sections.result_tabs import KEY
from models.export.dossier import Dossier
from models.export.experiment_document import to_json
from models.records.experiment import Decision, ExperimentQuery, ExperimentRecord, Note, may_control, new_id
from models.records.results import ExperimentResult, ExperimentView
from models.spec.experiment_settings import ExperimentSpec
from models.store.interface import Store
from models.store.sql.in_memory import MemoryStore
from tests.dashboard.conftest import ENTRY, replace_service
from tests.dashboard.drawn import drawn_chart, says
from tests.dashboard.fakes import FakeEngine, made_up_result

MINE = "m" * 22
EVIL = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) :material/delete: =1+1"
OpenList = Callable[..., AppTest]


class Kept(FakeEngine):
    """An engine that runs nothing and looks everything up."""

    def view(self, identity: str) -> ExperimentView | None:
        """Return what the store has."""
        return services.store().view(identity)

    def may_control(self, identity: str, token: str) -> bool:
        """Compare with the store's token."""
        return may_control(services.store().record(identity), token)


@lru_cache(maxsize=8)
def result_of(dataset: str = "sunspots", hidden_size: int = 8) -> ExperimentResult:
    """Return a comparison that nobody trained."""
    return made_up_result(ExperimentSpec(dataset=dataset, hidden_size=hidden_size, seeds=2, updates=40, evaluations=4))


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Put a store in memory and a quiet engine behind the page."""
    kept, engine = MemoryStore(), Kept()
    replace_service(monkeypatch, "store", lambda: kept)
    replace_service(monkeypatch, "engine", lambda: engine)
    yield kept
    st.cache_resource.clear()


def keep(store: Store, result: ExperimentResult | None = None, *, control: str = MINE) -> str:
    """Keep a finished experiment; return its id."""
    result = result or result_of()
    runs = tuple(run.spec for run in result.runs)
    record = ExperimentRecord(id=new_id(), spec=result.spec, runs=runs, control=control, baselines=result.baselines)
    store.keep(record, result)
    return record.id


@pytest.fixture
def open_list(store: Store) -> OpenList:
    """Open the page, with some experiments chosen."""

    def opened(*chosen: str, **address: str) -> AppTest:
        page = AppTest.from_file(str(ENTRY), default_timeout=240)
        page.session_state["control"] = MINE
        page.session_state[CHOSEN] = list(chosen)
        page.run()
        page.query_params.clear()  # as a browser does on the way to another page
        for name, value in address.items():
            page.query_params[name] = value
        page.switch_page("dashboard/pages/experiments.py").run()
        assert not page.exception
        return page

    return opened


def listed(page: AppTest) -> list[str]:
    """Return the datasets in the list."""
    return page.dataframe[0].value["dataset"].tolist() if page.dataframe else []


def said(page: AppTest) -> str:
    """Return everything that the page says in words."""
    parts = [*page.markdown, *page.caption, *page.text, *page.info, *page.warning, *page.error]
    return "\n".join(str(part.value) for part in parts)


def test_empty_list_says_what_will_be_there(open_list: OpenList) -> None:
    """Before the first training the page explains itself and offers to open a file."""
    page = open_list()
    assert "what you train on the Compare page is listed here" in said(page)
    assert not page.dataframe


def test_list_shows_verdict_cost_status_and_loss(open_list: OpenList, store: Store) -> None:
    """A row shows an experiment at a glance; other visitors' experiments are not listed."""
    mine = keep(store)
    keep(store, result_of("adding"), control="o" * 22)
    keep(store, result_of("digits"), control="")
    store.set_tags(mine, ("=evil()",))
    page = open_list()
    frame = page.dataframe[0].value
    assert listed(page) == ["Handwritten digits", "Sunspots, yearly"]
    row = frame.iloc[1]
    assert row["verdict"] == "too few repeats (2)"
    assert (row["status"], row["architectures"], row["cost"]) == ("finished", "LSTM and GRU", 4.0)
    assert len(row["loss"]) == 4
    assert list(row["tags"]) == ["'=evil()"]


def test_team_server_lists_everybodys(open_list: OpenList, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With GATESCOPE_LIST=all a team sees all its experiments."""
    keep(store, control="o" * 22)
    monkeypatch.setenv("GATESCOPE_LIST", "all")
    assert listed(open_list()) == ["Sunspots, yearly"]


def test_search_and_order_narrow_the_list(open_list: OpenList, store: Store) -> None:
    """Words and order act on the whole list."""
    keep(store, result_of("adding"))
    keep(store)
    page = open_list()
    page.text_input(key="experiments_search").set_value("adding lstm").run()
    assert listed(page) == ["Adding problem"]
    page.text_input(key="experiments_search").set_value("nothing like it").run()
    assert "No experiment matches" in said(page)
    page.text_input(key="experiments_search").set_value("").run()
    page.selectbox(key="experiments_order").set_value("Oldest first").run()
    assert listed(page) == ["Adding problem", "Sunspots, yearly"]


def test_link_opens_somebody_elses_experiment_for_reading(open_list: OpenList, store: Store) -> None:
    """Whoever has the id sees the result and may not delete it."""
    identity = keep(store, control="o" * 22)
    page = open_list(experiment=identity)
    assert [header.value for header in page.header] == ["LSTM and GRU on Sunspots, yearly"]
    assert "Too few repeats to compare LSTM and GRU on Sunspots: 2 of 6." in said(page)
    assert not [button for button in page.button if button.key == "detail_delete"]


def test_hostile_texts_are_shown_letter_by_letter(open_list: OpenList, store: Store) -> None:
    """Notes and decisions are text elements; what stands in Markdown is escaped."""
    identity = keep(store)
    store.add_note(identity, Note(text=EVIL, author=EVIL))
    store.set_decision(identity, Decision(question=EVIL, decision=EVIL, options=(EVIL,), reason=EVIL, author=EVIL))
    page = open_list(identity)
    assert sum(EVIL in text.value for text in page.text) == 5
    for element in (*page.markdown, *page.caption):
        shown = str(element.value)
        assert "<img" not in shown.replace("\\<", "")
        assert "[x]" not in shown
        assert "javascript:alert" not in shown
        assert ":material/delete:" not in shown


def test_note_is_added_and_empty_one_refused(open_list: OpenList, store: Store) -> None:
    """A note arrives in the store and on the page; an empty one gets a sentence."""
    identity = keep(store)
    page = open_list(identity)
    page.text_area[0].set_value("GRU is cheaper.")
    _submit(page, "Add note")
    assert [note.text for note in store.notes(identity)] == ["GRU is cheaper."]
    page.text_area[0].set_value("  ")
    _submit(page, "Add note")
    assert "A note needs a text" in said(page)


def test_decision_is_recorded_changed_and_taken_back(open_list: OpenList, store: Store) -> None:
    """The form writes the decision; what is missing is said."""
    identity = keep(store)
    page = open_list(identity)
    _submit(page, "Save decision")
    assert "needs the question and what was decided" in said(page)
    fields = {field.label: field for field in page.text_input}
    fields["Question"].set_value("Which?")
    fields["Decision"].set_value("GRU")
    _submit(page, "Save decision")
    assert store.decision(identity).decision == "GRU"
    page.run()
    page.button(key=f"undecide_{identity}").click().run()
    assert store.decision(identity) is None


def _submit(page: AppTest, label: str) -> None:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception


def test_delete_asks_first_and_can_be_undone(open_list: OpenList, store: Store) -> None:
    """The starter deletes with a second click, and one click brings everything back."""
    identity = keep(store)
    store.add_note(identity, Note(text="kept"))
    page = open_list(identity)
    page.button(key="detail_delete").click().run()
    assert store.view(identity) is None
    assert "Deleted" in said(page)
    page.button(key="undo_delete").click().run()
    assert not page.exception
    assert store.view(identity) is not None
    assert [note.text for note in store.notes(identity)] == ["kept"]


def test_two_experiments_stand_side_by_side(open_list: OpenList, store: Store) -> None:
    """Curves are overlaid, only differing settings are listed, and fair pairs get a verdict."""
    first, second = keep(store), keep(store, result_of(hidden_size=16))
    page = open_list(first, second)
    assert [header.value for header in page.header] == ["Side by side"]
    figure: dict[str, Any] = drawn_chart(page, "overlay")["figure"]
    assert [trace["name"] for trace in figure["data"]] == ["LSTM of A", "GRU of A", "LSTM of B", "GRU of B"]
    settings = page.dataframe[1].value
    assert settings["setting"].tolist() == ["Hidden size"]
    assert "LSTM of A" in said(page)
    page.toggle(key="differences_only").set_value(False).run()
    assert len(page.dataframe[1].value) > 10


def test_unlike_experiments_get_a_sentence_instead_of_a_verdict(open_list: OpenList, store: Store) -> None:
    """Experiments on different data are overlaid and not judged."""
    page = open_list(keep(store), keep(store, result_of("adding")))
    assert "cannot be compared" in said(page)
    assert "different data: Sunspots, yearly and Adding problem" in said(page)


def test_exported_file_opens_as_a_new_experiment(open_list: OpenList, store: Store) -> None:
    """A JSON export becomes an experiment of this browser, with its notes."""
    content = to_json(Dossier(result=result_of(), notes=(Note(text="from elsewhere"),), tags=("old",)))
    page = open_list()
    page.file_uploader(key="import_file").set_value(("x.json", content, "application/json"))
    _submit(page, "Open file")
    (row,) = store.list_experiments(ExperimentQuery(control=MINE)).rows
    assert store.record(row.view.id).imported
    assert row.tags == ("old",)
    assert "from elsewhere" in said(page)


@pytest.mark.parametrize("dataset", ["sunspots", "founding_documents"])
@pytest.mark.parametrize(
    ("tab", "sentence"), [("Predictions", "was not in the file"), ("Gates", "were too large for the file")]
)
def test_file_without_networks_opens_on_compare(
    open_list: OpenList, store: Store, dataset: str, tab: str, sentence: str
) -> None:
    """Large networks are not in the file: curves and verdict are shown, and a sentence replaces the rest."""
    made = result_of(dataset)
    made = replace(made, runs=tuple(replace(run, weights={}) for run in made.runs))
    page = open_list()
    page.file_uploader(key="import_file").set_value(("x.json", to_json(Dossier(result=made)), "application/json"))
    _submit(page, "Open file")
    page.session_state[KEY] = tab
    page.button(key="detail_open").click().run()
    assert not page.exception
    assert sentence in said(page)
    assert says(page, "Too few repeats to compare LSTM and GRU")


def test_file_that_is_none_gets_a_sentence(open_list: OpenList, store: Store) -> None:
    """A wrong file changes nothing."""
    page = open_list()
    page.file_uploader(key="import_file").set_value(("x.json", b"[1]", "application/json"))
    _submit(page, "Open file")
    assert "not a Gatescope experiment" in said(page)
    assert store.list_experiments(ExperimentQuery()).total == 0


def test_lost_experiment_is_said(open_list: OpenList) -> None:
    """A link with only the id of an experiment that is no longer stored gets a sentence."""
    page = open_list(experiment=new_id())
    assert "no longer kept, and the link does not hold its settings" in said(page)
    assert "train_again" not in [button.key for button in page.button]


def test_lost_experiment_can_be_computed_again_from_its_link(open_list: OpenList, store: Store) -> None:
    """The address of an open experiment is its whole link; when the result is lost, that leads to its settings."""
    spec = result_of("adding").spec
    lost = keep(store, result_of("adding"))
    page = open_list(lost)
    link = {name: value[0] if isinstance(value, list) else value for name, value in page.query_params.items()}
    assert link == state.link(spec, lost)
    store.delete(lost, undo_seconds=-1.0)
    store.purge()
    page = open_list(**link)
    assert "give the same numbers again" in said(page)
    page.button(key="train_again").click().run()
    assert not page.exception
    assert page.title[0].value == "LSTM and GRU on Adding problem"
    assert page.session_state["experiment"] is None


def test_storage_that_does_not_last_is_said(open_list: OpenList, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the host loses its files, the page says what to export."""
    monkeypatch.setenv("GATESCOPE_EPHEMERAL", "1")
    assert "until this app restarts" in said(open_list())


def test_store_in_trouble_shows_its_notice(open_list: OpenList, store: Store) -> None:
    """The banner says why experiments are kept in memory."""
    store._notice = "New experiments are kept only until this server ends."
    assert "kept only until this server ends" in said(open_list())
