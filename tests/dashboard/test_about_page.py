"""The About page: health, limits, what is kept."""

import pytest
from streamlit.testing.v1 import AppTest

from models.limits import variable
from tests.dashboard.conftest import OpenPage


def about(open_page: OpenPage) -> AppTest:
    """Open the page."""
    return open_page().switch_page("dashboard/pages/about.py").run()


def test_about_shows_health_and_limits(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every finding is a row, and every limit with its variable."""
    monkeypatch.setenv(variable("minutes"), "7")
    page = about(open_page)
    health, limits = (table.value for table in page.dataframe)
    assert health["part"].tolist() == ["versions", "machine", "engine", "queue", "store", "sizes", "limits"]
    assert limits.set_index("variable")["most"]["GATESCOPE_MOST_MINUTES"] == 7
    assert [header.value for header in page.header] == ["How it is", "What is allowed", "What it keeps"]


def test_about_says_what_is_wrong(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A problem stands above the table."""
    monkeypatch.setenv(variable("seeds"), "many")
    page = about(open_page)
    assert [warning.value for warning in page.warning if warning.value.startswith("Limits: `GATESCOPE_MOST_SEEDS`")]
