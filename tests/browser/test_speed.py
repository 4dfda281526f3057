"""How long a visitor waits, against an empty application in the same minutes: a short form of `python -m tests.speed`."""

import statistics
import time
from pathlib import Path

import pytest

from tests.browser.conftest import OpenTab
from tests.browser.serving import Server, serving
from tests.speed.browser import empty_script, visit

VISITS = 6
WARMING = 12  # seconds in which the first visit's worker gets ready
MAX_RATIO = 3.0  # the aim on a machine of its own is 1.3 and 1.8 was measured; here servers and workers of other tests run beside
MAX_MEGABYTES = 4.0


@pytest.mark.slow
@pytest.mark.timing
def test_train_can_be_pressed_little_later_than_in_an_empty_application(
    open_tab: OpenTab, server: Server, tmp_path: Path
) -> None:
    """A new visitor can press Train within three times the time of an empty application with one button, and 4 MB."""

    def opened(url: str) -> object:
        return open_tab(url, scrolls=True)

    ours, theirs = [], []
    with serving(tmp_path, empty_script(tmp_path)) as other:
        visit(opened, f"{server.url}/"), visit(opened, f"{other.url}/")
        time.sleep(WARMING)
        for _ in range(VISITS):
            ours.append(visit(opened, f"{server.url}/"))
            theirs.append(visit(opened, f"{other.url}/"))
    middle, empty = (statistics.median(took for took, _ in found) for found in (ours, theirs))
    assert middle <= MAX_RATIO * empty, (ours, theirs)
    assert max(megabytes for _, megabytes in ours) <= MAX_MEGABYTES
