"""Files and stored rows with random corruption: refused with a sentence, or shown on every page and exported."""

import contextlib
import copy
import json
import os
import random
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import saved_experiments
from dashboard.report import report_html
from dashboard.sections.experiment_list import CHOSEN
from data.errors import GatescopeError
from models.analysis.comparison import comparison_table
from models.analysis.experiment_list import list_frame
from models.analysis.verdict import judge
from models.errors import EngineError, InvalidSpecError, StoreError
from models.export.dossier import Dossier, dossier
from models.export.experiment_document import to_json
from models.export.onnx import onnx_file
from models.export.report import markdown_report
from models.export.safetensors import weights_file
from models.export.script import script_download
from models.export.tables import comparison_latex, comparison_markdown, long_csv
from models.records.experiment import ExperimentQuery
from models.records.results import ExperimentResult
from models.store.sql.fallback import FallbackStore
from models.store.sql.startup import open_store
from tests.dashboard.conftest import ENTRY, replace_service
from tests.dashboard.mutations import VALUES, spoiled
from tests.dashboard.test_experiments_page import MINE, Kept
from tests.version_0_1 import FOLDER

FULL = os.environ.get("GATESCOPE_FULL") == "1"
FILES, ROWS = (8_000, 2_000) if FULL else (80, 40)
EACH_PAGE = int(os.environ.get("GATESCOPE_EACH_PAGE", "12"))  # one accepted file in so many is opened on every page
PAGES = ("compare", "experiments", "gates", "cell", "memory", "cost", "learn", "about")
DOCUMENTS = {
    path.stem: json.loads(path.read_bytes())
    for path in sorted(FOLDER.glob("*.json"))
    if "spec" in path.read_text()[:3000] and path.stem not in ("links", "shown")
}


class Idle(Kept):
    """An engine that knows what is kept, and whose workers answer nothing."""

    def call(self, function: str, *args: Any) -> "Future[Any]":
        """Answer with a sentence."""
        answer: Future[Any] = Future()
        answer.set_exception(EngineError(f"No worker is here for {function}."))
        return answer


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FallbackStore]:
    """A store in a file, behind pages whose engine trains nothing."""
    kept, engine = open_store(f"sqlite:///{tmp_path}/x.sqlite"), Idle()
    replace_service(monkeypatch, "store", lambda: kept)
    replace_service(monkeypatch, "engine", lambda: engine)
    monkeypatch.setattr(saved_experiments.state, "control", lambda: MINE)
    monkeypatch.setenv("GATESCOPE_MAX_IMPORTS_PER_HOUR", "100000")
    yield kept
    kept.close()
    st.cache_resource.clear()


def opened(document: Any) -> str | None:
    """Open a document as the page does; return its id, or None if it was refused with one sentence."""
    try:
        return saved_experiments.open_file(json.dumps(document).encode())
    except InvalidSpecError as error:
        told = str(error)
    assert 0 < len(told) < 3_000
    return None


def export_everything(kept: Dossier) -> None:
    """Make every file that can be downloaded; a sentence is an answer, too."""
    result = kept.result
    data = saved_experiments.experiment_data(kept.id, result.spec) if _has_data(result) else None
    makers = [to_json, lambda one: long_csv(one.result), lambda one: report_html(one, data), markdown_report]
    makers += [lambda one: comparison_markdown(one.result), lambda one: comparison_latex(one.result)]
    makers += [lambda one: comparison_table(one.result), lambda one: judge(one.result)]
    for run in result.runs if result.runs[0].weights else ():
        makers.append(lambda _, run=run: weights_file(run))
        if data is not None:
            makers.append(lambda _, run=run: onnx_file(run, 0, data))
    if data is not None:
        repeats = saved_experiments.experiment_repeats(kept.id, result.spec)
        makers.append(lambda one: script_download(one, repeats))
    for make in makers:
        with contextlib.suppress(GatescopeError):
            make(kept)


def _has_data(result: ExperimentResult) -> bool:
    return result.spec.source().family != "own"


def visit(identity: str) -> None:
    """Open an experiment on every page; none may end at the error boundary, which the fixture `failures` watches."""
    for name in PAGES:
        page = AppTest.from_file(str(ENTRY), default_timeout=240)
        page.session_state["control"] = MINE
        page.session_state[CHOSEN] = [identity]
        page.query_params["experiment"] = identity
        page.run()
        if name != "compare":
            page.query_params["experiment"] = identity
            page.switch_page(f"dashboard/pages/{name}.py").run()
        assert not page.exception, (name, page.exception)


@pytest.mark.slow
def test_experiments_on_own_data_are_shown_without_their_file(store: FallbackStore) -> None:
    """A JSON file holds no data, so every page does without; the curves cannot be drawn against arithmetic."""
    own = [document for document in DOCUMENTS.values() if document["spec"]["dataset"].startswith("own_")]
    assert own
    for document in own:
        identity = opened(document)
        assert identity is not None
        visit(identity)


@pytest.mark.slow
def test_absurd_times_are_no_ratio(store: FallbackStore) -> None:
    """A run that takes nothing beside one that takes for ever."""
    document = copy.deepcopy(DOCUMENTS["sunspots"])
    first, second = document["results"][:2]
    first["cost"]["milliseconds_per_update"], second["cost"]["milliseconds_per_update"] = 5e-324, 1e308
    second["kernel"] = first["kernel"]
    identity = opened(document)
    if identity is not None:
        export_everything(dossier(store, identity))
        visit(identity)


@pytest.mark.slow
def test_spoiled_files_are_refused_or_shown_everywhere(store: FallbackStore) -> None:
    """Every accepted one can be listed, judged and exported; some are opened on every page."""
    draw, accepted = random.Random(0), []
    for number in range(FILES):
        name = list(DOCUMENTS)[number % len(DOCUMENTS)]
        document = spoiled(DOCUMENTS[name], draw)
        identity = opened(document)
        if identity is None:
            continue
        accepted.append(identity)
        found = store.list_experiments(ExperimentQuery(limit=1))
        assert not found.unreadable, document
        list_frame(found.rows)
        export_everything(dossier(store, identity))
        if len(accepted) % EACH_PAGE == 1:
            visit(identity)
    assert FILES / 20 < len(accepted) < FILES / 2


def test_untouched_files_are_accepted_and_shown_everywhere(store: FallbackStore) -> None:
    """The fuzzer starts from a valid file."""
    for document in DOCUMENTS.values():
        identity = opened(document)
        assert identity is not None
        export_everything(dossier(store, identity))


COLUMNS = {
    "experiment": ("spec", "baselines", "created", "status", "message", "control", "folded"),
    "run": ("spec", "status", "attempt", "message", "result", "losses", "architecture"),
    "note": ("text", "author", "created"),
    "decision": ("record",),
    "tag": ("name",),
}


def spoil_row(path: Path, draw: random.Random) -> tuple[str, str, Any]:
    """Put an odd value into a column of the newest experiment, or change the JSON in it."""
    table = draw.choice(list(COLUMNS))
    column = draw.choice(COLUMNS[table])
    with closing(sqlite3.connect(path)) as connection, connection:
        newest = connection.execute("SELECT id FROM experiment ORDER BY number DESC LIMIT 1").fetchone()[0]
        key = "id" if table == "experiment" else "experiment"
        row = connection.execute(f"SELECT {column} FROM {table} WHERE {key} = ?", (newest,)).fetchone()  # noqa: S608
        value = _odd(row[0] if row else None, draw)
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (value, newest))  # noqa: S608
    return table, column, value


def _odd(value: Any, draw: random.Random) -> Any:
    """Return another value for a column: of the kind that SQLite takes, or spoiled JSON."""
    if isinstance(value, str) and value[:1] in "[{" and draw.random() < 0.8:
        with contextlib.suppress(ValueError):  # a text that was odd before
            return json.dumps(spoiled(json.loads(value), draw))
    odd = draw.choice(VALUES)
    if odd is None or isinstance(odd, (list, dict)) or (isinstance(odd, int) and abs(odd) >= 2**63):
        return draw.choice((b"\xff\x00", "[" * 50, "{", "null", -7, 1e400))
    return odd


@pytest.mark.slow
def test_spoiled_rows_take_no_page_away(store: FallbackStore, tmp_path: Path) -> None:
    """The others are listed, the odd one says why and can be deleted by who started it."""
    draw = random.Random(1)
    first = opened(DOCUMENTS["sunspots"])
    assert first is not None
    odd = 0
    for number in range(ROWS):
        document = dict(DOCUMENTS["digits" if number % 2 else "adding_diverged"])
        identity = opened(document)
        assert identity is not None
        try:
            spoilt = spoil_row(tmp_path / "x.sqlite", draw)
        except sqlite3.IntegrityError:  # the database itself refuses it
            continue
        found = store.list_experiments(ExperimentQuery(limit=50))
        told = {one.id for one in found.unreadable}
        assert first in {row.view.id for row in found.rows}, spoilt
        list_frame(found.rows)
        with contextlib.suppress(StoreError):
            export_everything(dossier(store, identity))
        if told:
            odd += 1
            if odd % (EACH_PAGE // 2) == 1:
                page = visit_list()
                assert not page.exception, spoilt
                assert "cannot be shown" in " ".join(str(one.value) for one in page.markdown)
        if store.control(identity) is None or identity not in told:
            store.delete(identity)
        elif store.control(identity) == MINE:
            saved_experiments.delete_kept(identity)
        else:
            store.delete(identity)
        assert not store.list_experiments(ExperimentQuery(limit=50)).unreadable
    assert odd > ROWS / 8


def visit_list() -> AppTest:
    """Open the Experiments page."""
    page = AppTest.from_file(str(ENTRY), default_timeout=240)
    page.session_state["control"] = MINE
    return page.run().switch_page("dashboard/pages/experiments.py").run()


def test_owner_deletes_what_cannot_be_read(store: FallbackStore, tmp_path: Path) -> None:
    """With one bad row the list is still shown, and one press removes the row."""
    good, bad = opened(DOCUMENTS["digits"]), opened(DOCUMENTS["sunspots"])
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as connection, connection:
        connection.execute("UPDATE run SET status = 'on fire' WHERE experiment = ?", (bad,))
    page = visit_list()
    assert len(page.dataframe[0].value) == 1
    page.button(key=f"delete_unreadable_{bad}").click().run()
    assert not page.exception
    assert [row.view.id for row in store.list_experiments(ExperimentQuery()).rows] == [good]
    assert "cannot be shown" not in " ".join(str(one.value) for one in page.markdown)


def test_tag_that_is_no_text_takes_no_list_away(store: FallbackStore, tmp_path: Path) -> None:
    """SQLite takes bytes where texts belong; the experiment is shown as unreadable, the other one as ever."""
    good, bad = opened(DOCUMENTS["digits"]), opened(DOCUMENTS["sunspots"])
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as connection, connection:
        connection.execute("INSERT INTO tag (experiment, name) VALUES (?, ?)", (bad, b"\xff\x00"))
    found = store.list_experiments(ExperimentQuery())
    assert [row.view.id for row in found.rows] == [good]
    assert [one.id for one in found.unreadable] == [bad]
    assert not visit_list().exception
    with pytest.raises(StoreError):
        store.tags(bad or "")
