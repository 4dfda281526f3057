"""Names from a visitor's file are plain text wherever they appear: pages, charts, spreadsheet, report, Markdown, LaTeX."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser.conftest import OpenTab
from tests.browser.test_experiments import download
from tests.browser.test_uploads import HAS_FILE, upload
from tests.browser.visits import settle

IMAGE = "<img src=x onerror=window.hacked=1>"
LINK = "[x](javascript:alert(1))"
FORMULA = "=HYPERLINK(1)\\input{x}"
SMALL = "&updates=20&evaluations=4&seeds=2&hidden_size=4&architectures=lstm,gru"


def series() -> bytes:
    """A table of three hostile columns."""
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow([LINK, IMAGE, FORMULA])  # a file that begins with a tag is refused
    writer.writerows(np.random.default_rng(0).normal(size=(150, 3)).round(4).tolist())
    return rows.getvalue().encode()


def sequences() -> bytes:
    """Labelled sequences whose three classes are hostile."""
    rows = io.StringIO()
    writer, draws = csv.writer(rows), np.random.default_rng(0)
    writer.writerow(["sequence", "step", IMAGE, "label"])
    for number in range(60):
        for step in range(5):
            writer.writerow([number, step, round(float(draws.normal()), 4), (IMAGE, LINK, FORMULA)[number % 3]])
    return rows.getvalue().encode()


def harmless(tab: Any) -> None:
    """Check that hostile names had no effect on a page."""
    assert tab.evaluate("window.hacked") is None
    main = tab.get_by_test_id("stMain")
    assert main.locator("img[src=x]").count() == 0
    assert main.locator("a[href^=javascript]").count() == 0
    assert tab.locator("[data-testid=stException]").count() == 0


@pytest.mark.parametrize(("dataset", "content"), [("own_series", series()), ("own_sequences", sequences())])
def test_names_of_a_file_are_text_in_every_sink(
    open_tab: OpenTab, chromium: Any, tmp_path: Path, dataset: str, content: bytes
) -> None:
    """A file of hostile names is trained, looked at on three pages, and exported in every form."""
    tab = open_tab(f"/?dataset={dataset}{SMALL}")
    tab.get_by_text("Upload your file in the sidebar first.").wait_for()
    settle(tab)
    upload(tab, f"{IMAGE}.csv".replace("/", ""), content)
    tab.wait_for_function(HAS_FILE)
    settle(tab)
    shown = tab.get_by_test_id("stMain").text_content()
    assert any(name in shown for name in (IMAGE, LINK, FORMULA))
    tab.get_by_role("button", name="Train", exact=True).click()
    tab.get_by_role("heading", name="Predictions", exact=True).wait_for()
    settle(tab)
    harmless(tab)
    tab.get_by_role("link", name="Gates").click()
    tab.get_by_role("tab", name="Heatmaps").wait_for()
    settle(tab)
    harmless(tab)
    tab.get_by_role("link", name="Experiments").click()
    tab.get_by_text("Download report, numbers, code and networks").click()
    report = download(tab, "Report (HTML)")
    markdown, latex = download(tab, "Report (Markdown)").decode(), download(tab, "Table (LaTeX)").decode()
    numbers = download(tab, "All numbers (CSV)").decode()
    harmless(tab)
    assert not re.search(r"(?<!\\)\]\(javascript:", markdown)
    assert "<img" not in markdown.replace("\\<", "")
    assert "\\input" not in latex
    for row in csv.reader(io.StringIO(numbers)):
        assert not any(field.startswith(("=", "+", "@", "\t")) for field in row)
    read_offline(chromium, report, tmp_path)


def read_offline(chromium: Any, report: bytes, folder: Path) -> None:
    """Open a report as its reader does."""
    (folder / "report.html").write_bytes(report)
    context = chromium.new_context(offline=True)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    try:
        page.goto((folder / "report.html").as_uri())
        page.locator(".chart .main-svg").first.wait_for()
        assert page.evaluate("window.hacked") is None
        assert page.locator("img[src=x]").count() == 0
        assert page.locator("a[href^=javascript]").count() == 0
        assert complaints == []
    finally:
        context.close()
