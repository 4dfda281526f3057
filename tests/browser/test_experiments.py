"""The Experiments page in a real browser: keep, find, note, download, open, delete, share."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import onnx
import pytest
from safetensors.numpy import load

from models.spec.recommended import recommended
from tests.browser.conftest import OpenTab

EVIL = "<img src=x onerror=window.hacked=1> [x](javascript:alert(1)) :material/delete: =1+1"
TABLE = "[data-testid=stDataFrame]"


def trained(tab: Any) -> str:
    """Train a small experiment that the address asks for; return the address with its id."""
    tab.get_by_role("button", name="Train", exact=True).click()
    tab.get_by_role("heading", name="Predictions", exact=True).wait_for()
    tab.wait_for_function("location.search.includes('experiment=')")
    address: str = tab.url
    return address


def small(**changes: Any) -> str:
    """Return the address of an experiment that trains in a moment."""
    return f"/?{recommended('sunspots', updates=20, evaluations=4, seeds=2, hidden_size=8, **changes).to_query()}"


def choose_row(tab: Any, row: int) -> None:
    """Choose a row of the table."""
    box = tab.locator(TABLE).first.bounding_box()
    tab.mouse.click(box["x"] + 18, box["y"] + 36 + 38 * row + 19)


def download(tab: Any, name: str) -> bytes:
    """Press a download button; return what came."""
    with tab.expect_download() as saved:
        tab.get_by_role("button", name=name, exact=False).click()
    return Path(saved.value.path()).read_bytes()


@pytest.fixture
def shown(open_tab: OpenTab) -> Any:
    """A tab on the Experiments page whose only own experiment is open."""
    tab = open_tab(small())
    tab.address = trained(tab)
    tab.get_by_role("link", name="Experiments").click()
    tab.get_by_role("heading", name="Experiments", exact=True).wait_for()
    tab.get_by_role("button", name="Change and train").wait_for()
    return tab


def test_note_survives_a_reload_and_stays_text(shown: Any) -> None:
    """A hostile note is shown letter by letter, after a reload too, in the list's search as well."""
    shown.get_by_role("textbox", name="Note", exact=True).fill(EVIL)
    shown.get_by_role("textbox", name="Name (optional)").first.fill(EVIL)
    shown.get_by_role("button", name="Add note").click()
    shown.get_by_text(EVIL, exact=True).wait_for()
    shown.reload()
    shown.get_by_text(EVIL, exact=True).wait_for()
    assert shown.evaluate("window.hacked") is None
    main = shown.get_by_test_id("stMain")
    assert main.locator("img[src=x]").count() == 0
    assert main.locator("a[href^=javascript]").count() == 0
    assert main.locator("[aria-label='delete icon']").count() == 0


def test_downloads_are_what_they_say(shown: Any) -> None:
    """Every kind of file arrives whole."""
    shown.get_by_text("Download report, numbers, code and networks").click()
    report = download(shown, "Report (HTML)")
    assert report.startswith(b"<!doctype html>")
    assert report.count(b'class="chart"') >= 3
    assert download(shown, "Report (Markdown)").startswith(b"# LSTM and GRU on Sunspots")
    rows = list(csv.DictReader(io.StringIO(download(shown, "All numbers (CSV)").decode())))
    assert {"lstm", "gru"} <= {row["architecture"] for row in rows}
    document = json.loads(download(shown, "Everything (JSON)"))
    assert document["format"] == "gatescope-experiment"
    assert b"\\toprule" in download(shown, "Table (LaTeX)")
    assert "recurrent.0.weight_ih" in load(download(shown, "LSTM weights"))
    onnx.checker.check_model(onnx.load_from_string(download(shown, "GRU ONNX")))
    compile(download(shown, "PyTorch script"), "script", "exec")


def test_exported_file_opens_elsewhere(shown: Any, open_tab: OpenTab) -> None:
    """What was exported as JSON is another browser's own experiment after it was opened there, with its notes."""
    shown.get_by_role("textbox", name="Note", exact=True).fill("Seen on Monday.")
    shown.get_by_role("button", name="Add note").click()
    shown.get_by_text("Seen on Monday.").wait_for()
    shown.get_by_text("Download report, numbers, code and networks").click()
    document = download(shown, "Everything (JSON)")
    other = open_tab("/experiments")
    other.get_by_text("Open an exported experiment").click()
    chosen = {"name": "experiment.json", "mimeType": "application/json", "buffer": document}
    other.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(chosen)
    other.get_by_text("experiment.json").wait_for()
    other.get_by_role("button", name="Open file").click()
    other.get_by_text("Opened from a file; trained elsewhere.").wait_for()
    other.get_by_text("Seen on Monday.").wait_for()
    assert other.get_by_role("button", name="Delete").count() == 1
    other.get_by_role("button", name="Open on Compare").click()
    other.get_by_role("heading", name="Predictions", exact=True).wait_for()


def test_delete_and_undo(shown: Any) -> None:
    """Deleting asks first; one click brings the experiment back."""
    shown.get_by_role("button", name="Delete", exact=False).first.click()
    shown.get_by_role("button", name="Delete it").click()
    shown.get_by_text("Deleted. It can be brought back").wait_for()
    shown.get_by_role("button", name="Change and train").wait_for(state="detached")
    shown.get_by_role("button", name="Undo").click()
    shown.get_by_role("button", name="Change and train").wait_for()


def test_other_browser_sees_and_may_not_delete(shown: Any, open_tab: OpenTab) -> None:
    """The link shows the result to anyone; the list and the right to delete stay with the starter's browser."""
    other = open_tab(shown.address)
    other.get_by_role("heading", name="Predictions", exact=True).wait_for()
    other.get_by_role("link", name="Experiments").click()
    other.get_by_role("button", name="Change and train").wait_for()
    assert other.get_by_role("button", name="Delete").count() == 0
    other.get_by_text("You have trained nothing on this server yet.").wait_for()
    shown.reload()
    shown.get_by_role("button", name="Change and train").wait_for()
    assert shown.get_by_role("button", name="Delete").count() == 1


def test_two_rows_are_compared_and_a_change_is_trained(shown: Any) -> None:
    """A second experiment, made by changing the first one, is compared with it on the same page."""
    shown.get_by_role("button", name="Change and train").click()
    shown.get_by_role("heading", name="LSTM and GRU on Sunspots, yearly").wait_for()
    shown.wait_for_function("!location.search.includes('experiment=')")
    trained(shown)
    shown.get_by_role("link", name="Experiments").click()
    shown.get_by_role("button", name="Change and train").wait_for()
    shown.get_by_text("2 experiments.", exact=False).wait_for()
    choose_row(shown, 0)
    shown.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    choose_row(shown, 1)
    shown.get_by_role("heading", name="Side by side").wait_for()
    shown.get_by_text("All settings are the same.").wait_for()
