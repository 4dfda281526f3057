"""Every failure of a page becomes one sentence with an id, with the details in the log."""

import logging
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from models.logs import Formatter

DSN = "postgresql://team:s3cret@db.example:5432/runs"


def _page() -> None:
    import streamlit as st

    from dashboard import error_boundary

    error_boundary.install()
    where = st.query_params.get("where", "")
    address = "postgresql://team:s3cret@db.example:5432/runs"

    def fail() -> None:
        raise KeyError(address)

    st.button("Press", key="press", on_click=fail if where == "callback" else None)
    if where == "page":
        fail()
    if where == "fragment":
        st.fragment(fail)()
    st.write("the rest")


@pytest.mark.parametrize("where", ["page", "fragment", "callback"])
def test_boundary_shows_a_sentence_with_the_id_of_the_log(
    where: str, failures: list[logging.LogRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither kind nor text of the error reaches the visitor; the log has both, without the password."""
    monkeypatch.setenv("GATESCOPE_DATABASE_URL", DSN)
    page = AppTest.from_function(_page, default_timeout=240)
    page.query_params["where"] = where
    page.run()
    if where == "callback":
        page.button(key="press").click().run()
    assert not page.exception
    (shown,) = page.error
    assert "KeyError" not in shown.value
    assert "s3cret" not in shown.value
    identity = re.findall(r"`(\w{8})`", shown.value)
    (record,) = failures
    assert [record.values["error"]] == identity  # type: ignore[attr-defined]
    text = Formatter().format(record)
    assert "KeyError: 'postgresql://team:***@db.example:5432/runs'" in text
    failures.clear()


def test_every_page_of_the_app_has_the_boundary(
    open_page: Any, failures: list[logging.LogRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry puts it in place before a page is drawn, whichever page that is."""

    def broken(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    from dashboard import state

    monkeypatch.setattr(state, "begin", broken)
    page = open_page()
    assert not page.exception
    assert [error.value for error in page.error if "report error" in error.value]
    assert len(failures) == 1
    failures.clear()


def _lacking() -> None:
    """A page with a part that says itself what it lacks."""
    import streamlit as st

    from dashboard import error_boundary
    from models.errors import DataError

    error_boundary.install()

    def part() -> None:
        raise DataError("The file `![x](//y)` is not here; upload it again.")

    st.fragment(part)()


def test_part_that_lacks_something_says_so_in_its_own_words(failures: list[logging.LogRecord]) -> None:
    """Such an error is no failure: it has a sentence for visitors, which is escaped, and needs no id."""
    page = AppTest.from_function(_lacking, default_timeout=240).run()
    assert "is not here; upload it again." in page.error[0].value
    assert "report error" not in page.error[0].value
    assert "![x](" not in page.error[0].value
    assert not failures
