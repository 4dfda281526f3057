"""Every exit is walked with hostile texts: pages, reports, tables, JSON, weights, ONNX, scripts and files for trackers."""

import ast
import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import saved_experiments, services
from dashboard.report import report_html
from dashboard.sections.experiment_list import CHOSEN
from models.errors import InvalidSpecError
from models.export.dossier import Dossier, dossier
from models.export.experiment_document import to_json
from models.export.mlflow import mlflow_zip
from models.export.onnx import onnx_file
from models.export.report import markdown_report
from models.export.safetensors import weights_file
from models.export.script import script_download
from models.export.tables import comparison_latex, comparison_markdown, long_csv
from models.export.tensorboard import tensorboard_zip
from models.records.experiment import Decision, Note
from models.store.sql.fallback import FallbackStore
from tests.dashboard.conftest import ENTRY
from tests.dashboard.mutations import places
from tests.dashboard.test_experiments_page import MINE
from tests.dashboard.test_spoiled_experiments import DOCUMENTS, PAGES, store
from tests.models.export.trained import trained

__all__ = ["store"]
pytestmark = pytest.mark.slow
HOSTILE = {
    "image": "![i](https://evil.example/b.png)",
    "link": "[l](javascript:alert(1))",
    "element": "<img src=x onerror=alert(1)>",
    "script": "</script><script>alert(1)</script>",
    "direction": "a\u202egnp.exe\x07\x1b[31m",
    "formula": "\uff1dHYPERLINK(1)",
    "latex": "\\input{/etc/passwd}$x$",
    "lines": "a\n- b: c\n# d\n```\n",
}
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
MARKUP = re.compile(r"(?<!\\)!\[i\]\(|(?<!\\)\[l\]\(|(?<!\\)<img src=x|(?<!\\)<script>alert")
HTML = re.compile("<img src=x|<script>alert")
LIBRARY = re.compile("<script>.*?</script>", re.DOTALL)
FORMULA = re.compile(r"^\s*[=+@\uff1d\uff0b\uff20]")


class Tags(HTMLParser):
    """Collects the elements of a page that no report of ours has, and its event handlers."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.foreign: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what could load or run something."""
        if tag in ("img", "a", "iframe", "object", "form") or any(name.startswith("on") for name, _ in attrs):
            self.foreign.append(tag)


def text_places(document: Any, text: str) -> list[tuple[Any, ...]]:
    """Return the places of a document where an import accepts a text in place of another one."""
    texts = [path for path in places(document) if isinstance(_at(document, path), str)]
    return [path for path in texts if _accepted(_changed(document, [path], text))]


def _at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def _changed(document: Any, paths: list[tuple[Any, ...]], text: str) -> Any:
    changed = json.loads(json.dumps(document))
    for path in paths:
        _at(changed, path[:-1])[path[-1]] = text
    return changed


def _accepted(document: Any) -> str:
    try:
        return saved_experiments.open_file(json.dumps(document).encode())
    except InvalidSpecError:
        return ""


def spoken(identity: str, text: str) -> None:
    """Say the text in every way in which visitors may: notes, tags, decision."""
    saved_experiments.add_note(identity, Note(text=text, author=text))
    saved_experiments.set_tags(identity, (text[:30],))
    saved_experiments.set_decision(
        identity, Decision(question=text, decision=text, options=(text, "b"), reason=text, author=text)
    )


def texts_of(page: AppTest) -> Iterator[tuple[str, str]]:
    """Yield kind and text of everything on a page that a browser reads as Markdown or HTML."""
    waiting: list[Any] = [page.main, page.sidebar]
    while waiting:
        node = waiting.pop()
        waiting += getattr(node, "children", {}).values()
        proto = getattr(node, "proto", None)
        for name in ("body", "label", "help", "placeholder"):
            text = getattr(proto, name, "")
            if isinstance(text, str) and text:
                yield str(getattr(node, "type", "")), text


@pytest.mark.parametrize("kind", list(HOSTILE))
def test_no_page_shows_a_hostile_text_as_more_than_text(store: FallbackStore, kind: str) -> None:
    """Whatever an imported file, a note, a tag or a decision says."""
    document = DOCUMENTS["own_series"]
    identity = _accepted(_changed(document, text_places(document, HOSTILE[kind]), HOSTILE[kind]))
    assert identity
    spoken(identity, HOSTILE[kind])
    seen = 0
    for name in PAGES:
        page = AppTest.from_file(str(ENTRY), default_timeout=240)
        page.session_state["control"] = MINE
        page.session_state[CHOSEN] = [identity]
        page.query_params["experiment"] = identity
        page.run()
        if name != "compare":
            page.query_params["experiment"] = identity
            page.switch_page(f"dashboard/pages/{name}.py").run()
        for element, text in texts_of(page):
            seen += 1
            if element != "text":  # which a browser shows letter by letter
                assert not (HTML if element == "html" else MARKUP).search(text), (name, element, text[:300])
            assert not INVISIBLE.search(text), (name, element, text[:300])
    assert seen > 200
    everything_harmless(dossier(store, identity))


def everything_harmless(kept: Dossier) -> None:
    """Hold every text export of a dossier against what its reader would make of it."""
    html, markdown = report_html(kept, None).decode(), markdown_report(kept)
    assert Tags(html).foreign == []
    assert not HTML.search(LIBRARY.sub("", html))
    for text in (LIBRARY.sub("", html), markdown, comparison_markdown(kept.result), comparison_latex(kept.result)):
        assert not INVISIBLE.search(text)
    for text in (markdown, comparison_markdown(kept.result)):
        assert not MARKUP.search(text)
    assert "\\input" not in comparison_latex(kept.result)
    for row in csv.reader(io.StringIO(long_csv(kept.result).decode("utf-8-sig"))):
        assert not any(FORMULA.match(cell) for cell in row), row
    assert json.loads(to_json(kept))
    for make in (mlflow_zip, tensorboard_zip):
        harmless_files(make, kept)


def harmless_files(make: Callable[[Dossier], bytes], kept: Dossier) -> None:
    """Hold that a zip stays in its folder and that its texts hold neither controls nor lines of a visitor's own."""
    with zipfile.ZipFile(io.BytesIO(make(kept))) as packed:
        for name in packed.namelist():
            assert ".." not in name
            assert not name.startswith("/")
            assert re.fullmatch(r"[\w.@ /+-]+", name), name
            if name.endswith((".yaml", ".txt", ".md")) or "/tags/" in name or "/params/" in name:
                text = packed.read(name).decode()
                assert not INVISIBLE.search(text), name
                assert "\n- b: c" not in text, name


def hostile_dossier(text: str) -> tuple[Dossier, Any]:
    """Return a trained experiment whose every free text is hostile, and the data of its repeats."""
    kept, repeats = trained()
    runs = tuple(
        replace(
            run,
            kernel=text,
            environment=dict.fromkeys(run.environment, text),
        )
        for run in kept.result.runs
    )
    said = Decision(question=text, decision=text, options=(text, "b"), reason=text, author=text)
    dressed = replace(kept, result=replace(kept.result, runs=runs), notes=(Note(text=text, author=text),))
    return replace(dressed, decision=said, earlier_decisions=(said,), tags=(text[:30],)), repeats


@pytest.mark.parametrize("kind", list(HOSTILE))
def test_files_of_a_trained_experiment_hold_hostile_texts_as_text(kind: str) -> None:
    """Weights, ONNX and scripts carry kernel, environment and stretches too, as in a database that others write to."""
    kept, repeats = hostile_dossier(HOSTILE[kind])
    everything_harmless(kept)
    _, script = script_download(kept, repeats)
    source = script.decode() if not script.startswith(b"PK") else _python_in(script)
    ast.parse(source)
    assert not INVISIBLE.search(source)
    for run in kept.result.runs[:2]:
        for content in (weights_file(run), onnx_file(run, 0, repeats.tasks[repeats.numbers[0]])):
            assert b"\x1b[31m" not in content
            assert "\u202e".encode() not in content


def _python_in(packed: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        return "\n".join(files.read(name).decode() for name in files.namelist() if name.endswith(".py"))


def test_list_and_notes_of_stored_hostile_texts(store: FallbackStore) -> None:
    """What is kept is what was said, without what cannot be seen."""
    identity = _accepted(DOCUMENTS["sunspots"])
    spoken(identity, HOSTILE["direction"])
    assert services.store().notes(identity)[-1].text
    assert not INVISIBLE.search(services.store().notes(identity)[-1].text)
