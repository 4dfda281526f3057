"""The About page: health, limits, what is kept."""

import pytest
from streamlit.testing.v1 import AppTest

from models.spec.installation_limits import variable
from tests.dashboard.conftest import OpenPage


def about(open_page: OpenPage) -> AppTest:
    """Open the page."""
    return open_page().switch_page("dashboard/pages/about.py").run()


def test_about_shows_health_and_limits(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every finding is a row, every limit has its unit, and the variables are told."""
    monkeypatch.setenv(variable("minutes"), "7")
    page = about(open_page)
    health, limits = (table.value for table in page.table)
    assert health["Part"].tolist() == ["Versions", "Machine", "Engine", "Queue", "Store", "Sizes", "Limits"]
    allowed = limits.set_index("Limit")["At most"]
    assert allowed["Estimated training time of an experiment"] == "7 min"
    assert allowed["Estimated arithmetic of an experiment"] == "200\u202f000 gigaflops"
    assert allowed["Simultaneous visitors; others see a waiting page"] == "100 visitors"
    assert "GATESCOPE_MAX_MINUTES" in " ".join(text.value for text in page.markdown)
    assert [header.value for header in page.header] == ["Health", "Limits", "What it stores"]


def test_about_says_what_is_wrong(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A problem stands above the table."""
    monkeypatch.setenv(variable("seeds"), "many")
    page = about(open_page)
    assert [warning.value for warning in page.warning if warning.value.startswith("Limits: `GATESCOPE_MAX_SEEDS`")]
