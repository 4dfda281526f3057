"""From a cold page to the downloaded forecast of one's own file: the clicks, and the seconds that it took."""

import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.browser.conftest import OpenTab
from tests.browser.visits import open_result_tab, settle, train_default

MAX_CLICKS = 3


def sales() -> bytes:
    """Return ten years of monthly sales with a season and a trend."""
    months = pd.date_range("2014-01-31", periods=120, freq="ME")
    rows = np.arange(120)
    noise = np.random.default_rng(5).normal(0, 4, 120)
    sold = 200 + rows + 40 * np.sin(2 * np.pi * rows / 12) + noise
    return pd.DataFrame({"month": months, "Umsatz": sold.round(1)}).to_csv(index=False).encode()


class Clicks:
    """Clicks on a page, counted."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, place: Any) -> None:
        """Click once."""
        self.count += 1
        place.click()


def test_own_file_becomes_a_downloaded_forecast(open_tab: OpenTab, capsys: pytest.CaptureFixture[str]) -> None:
    """Choose a file, press Train, Forecast, then its CSV: at most three clicks; the file has the months after the last one."""
    started, clicks = time.monotonic(), Clicks()
    tab = open_tab("/")
    tab.locator(
        ".st-key-upload_file_card input[type=file], .st-key-upload_file input[type=file]"
    ).first.set_input_files({"name": "sales.csv", "mimeType": "text/csv", "buffer": sales()})
    tab.wait_for_function("/option\\.content=[0-9a-f]{64}/.test(location.search)")
    tab.locator(".st-key-reading_target").filter(has_text="Umsatz").wait_for()
    read = time.monotonic()
    clicks.on(tab.get_by_role("button", name="Train", exact=True))
    forecast = tab.get_by_role("tab", name="Forecast", exact=True)
    forecast.wait_for()
    clicks.on(forecast)
    button = tab.locator(".st-key-csv_forecast button")
    button.first.wait_for()
    settle(tab, 200)
    trained = time.monotonic()
    with tab.expect_download() as download:
        clicks.on(button.first)
    frame = pd.read_csv(io.BytesIO(Path(download.value.path()).read_bytes()))
    ended = time.monotonic()
    assert clicks.count <= MAX_CLICKS
    assert set(frame["architecture"]) >= {"lstm", "gru"}
    assert frame["time"].str.startswith("2024-01-31").all()
    assert frame["mean"].between(150, 500).all()
    with capsys.disabled():
        print(
            f"\nOwn file to forecast: {clicks.count} clicks, {ended - started:.0f} s "
            f"(read after {read - started:.0f} s, trained after {trained - started:.0f} s)."
        )


def test_steps_ahead_are_asked_and_trained_with_one_button(open_tab: OpenTab) -> None:
    """Six months of airline passengers: the answer is drawn at once, and the button's forecast opens without a search for it."""
    tab = open_tab("/?dataset=airline&updates=30&seeds=2&rate_search=0&hidden_size=4")
    first = train_default(tab)
    open_result_tab(tab, "Forecast")
    field = tab.get_by_role("spinbutton", name="How many months ahead?")
    field.fill("6")
    field.press("Enter")
    button = tab.get_by_role("button", name="Train for 6 months ahead")
    button.wait_for()
    settle(tab)
    assert tab.get_by_text("Steps after 1 come from predictions that were fed back").is_visible()
    button.click()
    tab.wait_for_function("id => !location.search.includes(id)", arg=first)
    tab.get_by_role("heading", name="Forecast", exact=True).wait_for()
    settle(tab)
    assert "option.horizon=6" in tab.url
    assert field.input_value() == "6"
    assert button.count() == 0
    with tab.expect_download() as download:
        tab.locator(".st-key-csv_forecast button").first.click()
    frame = pd.read_csv(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert frame[frame["architecture"] == "gru"]["time"].tolist() == [f"1961-{month:02d}" for month in range(1, 7)]
    assert "fed_back" not in frame
