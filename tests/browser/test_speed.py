"""How long a visitor waits, against an empty application on the same machine in the same minutes."""

import statistics
import time
from pathlib import Path

import pytest

from tests.browser.conftest import OpenTab
from tests.browser.serving import Server, serving

TITLE = "LSTM and GRU on Sunspots, yearly"
VISITS = 6
WARMING = 12  # seconds in which the first visit's worker gets ready
MAX_RATIO = 1.5


def seconds_to_text(open_tab: OpenTab, url: str) -> float:
    """Return how long a new visitor waits for the title."""
    begun = time.perf_counter()
    tab = open_tab(url)
    tab.get_by_role("heading", name=TITLE).wait_for()
    waited = time.perf_counter() - begun
    tab.context.close()
    return waited


@pytest.mark.slow
@pytest.mark.timing
def test_first_view_takes_little_longer_than_an_empty_application(
    open_tab: OpenTab, server: Server, tmp_path: Path
) -> None:
    """Text is visible within one and a half times what Streamlit itself needs."""
    empty = tmp_path / "empty.py"
    empty.write_text(f'import streamlit as st\nst.title("{TITLE}")\n', encoding="utf-8")
    ours, theirs = [], []
    with serving(tmp_path, empty) as other:
        seconds_to_text(open_tab, f"{server.url}/"), seconds_to_text(open_tab, f"{other.url}/")
        time.sleep(WARMING)
        for _ in range(VISITS):
            ours.append(seconds_to_text(open_tab, f"{server.url}/"))
            theirs.append(seconds_to_text(open_tab, f"{other.url}/"))
    assert statistics.median(ours) <= MAX_RATIO * statistics.median(theirs), (ours, theirs)
