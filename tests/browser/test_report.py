"""The exported report opens without a network and shows its charts."""

from pathlib import Path
from typing import Any

from dashboard.report import report_html
from tests.models.export.trained import trained

COUNT = "Array.from(document.querySelectorAll('.chart')).filter((d) => d._fullData && d._fullData.length).length"

WIDEST = "Math.max(...Array.from(document.querySelectorAll('.chart .main-svg')).map((d) => d.clientWidth))"
PAPER = 673  # pixels: an A4 page without its margins


def test_report_opens_offline_and_shows_its_charts(chromium: Any, tmp_path: Path) -> None:
    """With the network off every chart is drawn, nothing is fetched, and the policy is kept."""
    dossier, repeated = trained()
    data = repeated.tasks[0]
    path = tmp_path / "report.html"
    path.write_bytes(report_html(dossier, data))
    context = chromium.new_context(offline=True, viewport={"width": 400, "height": 800})
    page, complaints, requests = context.new_page(), [], []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    try:
        page.goto(path.as_uri())
        page.wait_for_function(f"{COUNT} === document.querySelectorAll('.chart').length")
        assert page.evaluate(COUNT) == 2 + 3 + len(dossier.result.runs)  # differences of three pairs at most
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        assert page.get_by_role("heading", name="Verdict").is_visible()
        assert not complaints
        assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
        with page.expect_download() as saved:
            page.locator('[data-title="Save as SVG"]').first.click(force=True)
        assert saved.value.suggested_filename == "chart-1.svg"
        assert Path(saved.value.path()).read_text(encoding="utf-8").startswith("<svg")
    finally:
        context.close()


def test_report_fits_on_paper(chromium: Any, tmp_path: Path) -> None:
    """On an A4 page no table and no chart is wider than the text, and afterwards the screen is as before."""
    dossier, repeated = trained()
    data = repeated.tasks[0]
    path = tmp_path / "report.html"
    path.write_bytes(report_html(dossier, data))
    context = chromium.new_context(offline=True, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    try:
        page.goto(path.as_uri())
        page.wait_for_function(f"{COUNT} === document.querySelectorAll('.chart').length")
        before = page.evaluate(WIDEST)
        assert before > PAPER
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": PAPER, "height": 900})
        assert page.evaluate(WIDEST) <= PAPER
        assert page.evaluate("document.documentElement.scrollWidth") <= PAPER
        assert page.locator(".modebar").first.is_hidden()
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 1200, "height": 900})
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        page.wait_for_function(f"{WIDEST} === {before}")
    finally:
        context.close()
