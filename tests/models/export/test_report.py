"""Reports are complete, load nothing, and show hostile texts as plain text."""

import json
import re
from html.parser import HTMLParser

import pytest

from models.export.dossier import Dossier
from models.export.report import ReportChart, html_report, markdown_report
from models.records.experiment import Decision, Note
from models.records.setting_rows import setting_rows
from tests.models.records.samples import a_spec, an_experiment_result

EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>[x](javascript:alert(3))"
PLOTLY = "window.Plotly = {}; // a stand-in that says </script> once"


class Elements(HTMLParser):
    """Elements of a page, and the texts of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count an element."""
        self.names.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        """Keep what a script says."""
        if self.names and self.names[-1] == "script":
            self.scripts.append(data)


@pytest.fixture
def dossier() -> Dossier:
    """An experiment with hostile notes, tags and decision."""
    return Dossier(
        result=an_experiment_result(),
        notes=(Note(text=f"Line one\n{EVIL}", author=EVIL),),
        decision=Decision(question=EVIL, decision=EVIL, options=(EVIL, "=1+1"), reason=EVIL, author=EVIL),
        tags=(EVIL.casefold()[:30],),
    )


@pytest.fixture
def page(dossier: Dossier) -> str:
    """Its report, with a chart whose title is hostile too."""
    figure = json.dumps({"data": [{"y": [1, 2], "name": EVIL}], "layout": {"title": EVIL}})
    return html_report(dossier, [ReportChart(title=EVIL, alt=f'"{EVIL}', figure=figure)], PLOTLY).decode()


def test_html_report_has_no_foreign_element(page: str) -> None:
    """Foreign text makes no element and no attribute; scripts are the chart's data, the library and our few lines."""
    found = Elements(page)
    assert found.names.count("script") == 3
    assert "img" not in found.names
    assert "a" not in found.names
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert {value for name, value in found.attributes if name == "id"} == {"chart-1", "chart-1-data"}


def test_html_report_reaches_nothing(page: str) -> None:
    """The policy forbids everything but the two scripts by hash, and nothing is loaded from elsewhere."""
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1).replace("&#39;", "'")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert not [name for name, _ in Elements(page).attributes if name in ("src", "href", "srcset", "action")]


def test_html_report_keeps_the_data_of_its_charts(page: str) -> None:
    """The escaped data block is the same JSON."""
    block = re.search(r'<script type="application/json" id="chart-1-data">(.*?)</script>', page, re.S).group(1)
    assert json.loads(block)["data"][0]["name"] == EVIL


def test_reports_hold_verdict_tables_settings_notes_and_decision(page: str, dossier: Dossier) -> None:
    """Nothing is left out in either form."""
    for report in (page, markdown_report(dossier)):
        for part in ("Comparison", "Every seed", "Settings", "Forget-gate bias", "Decision", "Notes", "torch", "LSTM"):
            assert part.casefold() in report.casefold(), part
        assert "dataset=adding" in report
        assert "2.13.0" in report


def test_markdown_report_has_no_active_markup(dossier: Dossier) -> None:
    """Foreign text has no tag, link or formula of its own."""
    report = markdown_report(dossier)
    rest = report.replace("\\\\", "")
    assert not re.search(r"(?<!\\)<", rest)
    assert not re.search(r"(?<!\\)\[", rest)
    assert "javascript:a" not in rest


def test_reports_of_one_architecture_and_of_odd_results_can_be_written() -> None:
    """A single architecture without notes, tags and decision has a report, too."""
    dossier = Dossier(result=an_experiment_result(a_spec(architectures=("gru",), seeds=1)))
    assert "GRU" in markdown_report(dossier)
    assert b"GRU" in html_report(dossier, [], PLOTLY)


def test_one_of_a_unit_is_singular() -> None:
    """A forecast of one year is not called one of 1 years."""
    rows = dict(setting_rows(a_spec(dataset="sunspots", options=(("horizon", 1), ("window", 12)))))
    assert (rows["Horizon"], rows["Window"]) == ("1 year", "12 years")
