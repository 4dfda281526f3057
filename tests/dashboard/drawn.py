"""The charts of a page, as the browser gets them."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def drawn_charts(page: AppTest) -> list[dict[str, Any]]:
    """Return what was sent for every chart: `figure` (with its text alternative as `layout.meta`), `name`, `live` and `picks`."""
    parts = [part.proto for part in page.get("bidi_component")]
    return [json.loads(part.bytes) for part in parts if part.component_name.endswith("gatescope_chart")]


def drawn_chart(page: AppTest, key: str) -> dict[str, Any]:
    """Return what was sent for the chart of a key."""
    found: dict[str, Any] = json.loads(page.get_by_key(key).proto.bytes)
    return found
