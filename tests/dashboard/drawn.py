"""The charts, tabs and cards of a page, as the browser gets them."""

import json
import re
from html import unescape
from typing import Any

from streamlit.testing.v1 import AppTest

from dashboard.sections.result_tabs import KEY


def drawn_charts(page: AppTest) -> list[dict[str, Any]]:
    """Return what was sent for every chart: `figure` (with its text alternative as `layout.meta`), `name`, `live` and `picks`."""
    parts = [part.proto for part in page.get("bidi_component")]
    return [json.loads(part.bytes) for part in parts if part.component_name.endswith("gatescope_chart")]


def drawn_chart(page: AppTest, key: str) -> dict[str, Any]:
    """Return what was sent for the chart of a key."""
    found: dict[str, Any] = json.loads(page.get_by_key(key).proto.bytes)
    return found


def tabs(page: AppTest) -> list[str]:
    """Return the titles of the tabs below a result; none before there is one."""
    return [tab.label for tab in page.tabs]


def open_tab(page: AppTest, title: str) -> AppTest:
    """Open a tab of a result, as a click on it does."""
    assert title in tabs(page), tabs(page)
    page.session_state[KEY] = title
    return page.run()


def html_texts(page: AppTest) -> list[str]:
    """Return what the page says in HTML: headline, cards and empty places, without tags."""
    bodies = [part.proto.body for part in page.get("html")]
    return [
        " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split()) for body in bodies if not body.startswith("<style")
    ]


def says(page: AppTest, words: str) -> bool:
    """Return whether headline, cards or empty places contain some words."""
    return any(words in text for text in html_texts(page))
