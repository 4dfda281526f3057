"""Who may do what with an experiment: the table, the words of it, and the page."""

from pathlib import Path

import pytest
import streamlit as st

from dashboard import saved_experiments, services, state
from models.errors import StoreError
from models.records.experiment import Decision, Note
from models.records.rights import RIGHTS, Action, Role, may, role
from tests.dashboard.test_experiments_page import MINE, OpenList, keep, open_list, store

__all__ = ["open_list", "store"]
OTHER = "o" * 22
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("control", "token", "team", "expected"),
    [
        (MINE, MINE, False, Role.STARTER),
        (MINE, MINE, True, Role.STARTER),
        (MINE, OTHER, True, Role.TEAM),
        (MINE, OTHER, False, Role.LINK),
        ("", OTHER, False, Role.LOCAL),
        ("", "", False, Role.LOCAL),
        (MINE, "", False, Role.LINK),
    ],
)
def test_role_follows_from_tokens_and_mode(control: str, token: str, team: bool, expected: Role) -> None:
    """An empty token gives no rights."""
    assert role(control, token, team=team) is expected


def test_link_gives_the_right_to_look_and_nothing_else() -> None:
    """As the README promises; and nobody but the starter stops or deletes."""
    allowed = {action for action in Action if may(action, MINE, OTHER, team=False)}
    assert allowed == {Action.SEE}
    for one in (Action.STOP, Action.DELETE, Action.CLOSE):
        assert [who for who, rights in RIGHTS.items() if one in rights] == [Role.STARTER]


def test_table_of_the_documentation_is_the_one_of_the_code() -> None:
    """Row by row."""
    lines = (ROOT / "docs" / "rights.md").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|")[2:-1] for line in lines if line.startswith("|")][2:]
    told = [[cell.strip() == "yes" for cell in row] for row in rows]
    order = (Action.SEE, Action.WRITE, Action.STOP, Action.DELETE, Action.CLOSE)
    assert told == [[one in RIGHTS[who] for one in order] for who in Role]


def test_page_of_a_link_shows_notes_and_takes_none(open_list: OpenList, store: object) -> None:
    """Notes and tags are text, the form is not there, and a forged press is refused."""
    theirs = keep(store, control=OTHER)
    services.store().add_note(theirs, Note(text="Seen by all."))
    services.store().set_tags(theirs, ("prices", "weekly"))
    page = open_list(theirs)
    assert "Seen by all." in [text.value for text in page.text]
    assert not page.text_area
    assert "Tags: prices, weekly" in [line.value for line in page.caption]
    assert not [field for field in page.multiselect if field.label == "Tags"]


def test_write_without_the_right_is_refused_and_changes_nothing(store: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever reaches the functions behind the page; on a team's server the same is allowed."""
    theirs = keep(store, control=OTHER)
    monkeypatch.setattr(state, "control", lambda: MINE)
    decided = Decision(question="?", decision="LSTM")
    for write in (
        lambda: saved_experiments.set_tags(theirs, ("x",)),
        lambda: saved_experiments.add_note(theirs, Note(text="x")),
        lambda: saved_experiments.set_decision(theirs, decided),
    ):
        with pytest.raises(StoreError, match="right to view"):
            write()
    kept = services.store()
    assert (kept.tags(theirs), kept.notes(theirs), kept.decision(theirs)) == ((), (), None)
    monkeypatch.setenv(saved_experiments.LIST_VARIABLE, "all")
    saved_experiments.set_decision(theirs, decided)
    assert kept.decision(theirs) == decided
    st.cache_resource.clear()


def test_closed_experiment_takes_nothing_until_it_is_opened(store: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither from its owner nor from a team; and only the owner closes and opens it."""
    mine = keep(store, control=MINE)
    monkeypatch.setattr(state, "control", lambda: OTHER)
    monkeypatch.setenv(saved_experiments.LIST_VARIABLE, "all")
    with pytest.raises(StoreError, match="can close it"):
        saved_experiments.set_closed(mine, closed=True)
    saved_experiments.add_note(mine, Note(text="still open"))
    monkeypatch.setattr(state, "control", lambda: MINE)
    saved_experiments.set_closed(mine, closed=True)
    for who in (MINE, OTHER):
        monkeypatch.setattr(state, "control", lambda who=who: who)
        with pytest.raises(StoreError, match="closed to writing"):
            saved_experiments.add_note(mine, Note(text="too late"))
    assert [note.text for note in services.store().notes(mine)] == ["still open"]
    monkeypatch.setattr(state, "control", lambda: MINE)
    saved_experiments.set_closed(mine, closed=False)
    saved_experiments.add_note(mine, Note(text="again"))
    assert len(services.store().notes(mine)) == 2
    st.cache_resource.clear()


def test_owner_closes_on_the_page_and_sees_earlier_decisions(open_list: OpenList, store: object) -> None:
    """The button changes its words, the forms go and come back."""
    mine = keep(store, control=MINE)
    for text in ("LSTM", "GRU"):
        services.store().set_decision(mine, Decision(question="Which one?", decision=text))
    page = open_list(mine)
    assert "Earlier decisions (1)" in [part.label for part in page.expander]
    assert [area.label for area in page.text_area].count("Note") == 1
    page.button(key="detail_close").click().run()
    assert "Note" not in [area.label for area in page.text_area]
    assert any("Closed to writing" in line.value for line in page.caption)
    page.button(key="detail_close").click().run()
    assert "Note" in [area.label for area in page.text_area]
