"""How a file is read, in a real browser: from drop to forecast, and each wrong guess can be changed and changed back."""

import datetime as dt
import io
import math
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.browser.conftest import OpenTab

PEOPLE = Path(__file__).parent.parent / "data" / "uploads" / "people"
SHORT = "/?dataset=adding&updates=60&evaluations=6&seeds=1&architectures=lstm,gru"


def german_workbook() -> bytes:
    """Return a workbook as a German office has it: a title, a blank row, dates, sums."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Umsatzbericht"])
    sheet.append([])
    sheet.append(["Datum", "Umsatz (€)", "Filiale"])
    for day in range(300):
        date = dt.datetime(2023, 1, 1) + dt.timedelta(days=day)
        sheet.append([date, round(1000 + 50 * math.sin(day / 7 * 6.28) + day % 5, 2), "Nord"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def drop(tab: Any, name: str, content: bytes) -> None:
    """Give a file to the uploader on the gallery's first card."""
    tab.locator(".st-key-upload_file_card input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def opened(open_tab: OpenTab, path: str = "/") -> Any:
    """Open Compare and wait until it is at rest."""
    tab = open_tab(path)
    tab.locator("[data-testid='stFileUploader']:visible").first.wait_for()
    tab.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    return tab


def change(tab: Any, name: str, heading: str, option: str) -> None:
    """Change a line of the reading by its popover."""
    tab.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    button = tab.locator(f".st-key-change_{name} button:visible").first
    if button.get_attribute("aria-expanded") != "true":  # it stays open after a change
        button.click()
    tab.locator("[data-testid='stPopoverBody']").get_by_role("combobox", name=heading).click()
    tab.get_by_role("option", name=option, exact=True).click()
    tab.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")


def said(tab: Any, name: str, words: str) -> None:
    """Wait until a line of the reading says something."""
    tab.locator(f".st-key-reading_{name}").filter(has_text=words).wait_for()


def no_exception(tab: Any) -> None:
    """Assert that no traceback stands on the page."""
    assert not tab.locator("[data-testid='stException']").count()


def test_german_workbook_goes_from_drop_to_forecast_in_three_clicks(open_tab: OpenTab) -> None:
    """Dropped on the first card, it is read with names and dates; Train is the only click, and the forecast is drawn."""
    tab = opened(open_tab)
    drop(tab, "umsatz.xlsx", german_workbook())
    tab.get_by_role("heading", name="We read it like this").wait_for()
    said(tab, "time", "Datum")
    said(tab, "target", "Umsatz (€)")
    tab.get_by_role("button", name="Train", exact=True).click()
    tab.get_by_role("heading", name="Predictions", exact=True).wait_for(timeout=120_000)
    no_exception(tab)


def test_wrong_guess_of_a_series_is_changed_and_changed_back(open_tab: OpenTab) -> None:
    """A dated table becomes sequences when the visitor chooses so, and a series again after another choice."""
    tab = opened(open_tab)
    drop(tab, "weather.csv", (PEOPLE / "05-year-month-day-hour-columns.csv").read_bytes())
    said(tab, "form", "Time series")
    change(tab, "form", "Form", "Labelled sequences")
    tab.wait_for_function("location.search.includes('dataset=own_sequences')")
    change(tab, "form", "Form", "Time series")
    tab.wait_for_function("location.search.includes('dataset=own_series')")
    said(tab, "target", "pm2.5")
    no_exception(tab)


def test_wrong_guess_of_sequences_is_changed_and_changed_back(open_tab: OpenTab) -> None:
    """Labelled rows become a series when the visitor chooses so, and sequences again after another choice."""
    tab = opened(open_tab)
    drop(tab, "wide.csv", (PEOPLE / "41-numeric-label-wide.csv").read_bytes())
    said(tab, "form", "Labelled sequences")
    said(tab, "label", "label")
    change(tab, "form", "Form", "Time series")
    tab.wait_for_function("location.search.includes('dataset=own_series')")
    change(tab, "form", "Form", "Labelled sequences")
    tab.wait_for_function("location.search.includes('dataset=own_sequences')")
    said(tab, "label", "label")
    no_exception(tab)


@pytest.mark.parametrize("name", ["poem.csv", "poem.txt"])
def test_poem_under_your_text_is_text(open_tab: OpenTab, name: str) -> None:
    """A chosen form is never overridden, whatever the file looks like; only the visitor can change it."""
    tab = opened(open_tab)
    tab.get_by_role("combobox", name="Dataset").click()
    tab.get_by_role("option", name="Your text", exact=True).click()
    tab.get_by_text("Upload your file in the sidebar first.").wait_for()
    tab.locator(".st-key-upload_file input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": (PEOPLE / "60-poem-with-commas.txt").read_bytes()}
    )
    said(tab, "form", "Plain text")
    tab.wait_for_function("location.search.includes('dataset=own_text')")
    no_exception(tab)


def as_text_file(tab: Any, name: str, number: str) -> None:
    """Drop one of the forms that people bring under a name of our own."""
    drop(tab, name, next(PEOPLE.glob(f"{number}-*")).read_bytes())


def test_wrong_guess_of_symbols_as_a_table_is_changed_to_text_and_back(open_tab: OpenTab) -> None:
    """A text of symbols that is read as a table becomes text when the visitor chooses so, and a series after another choice."""
    tab = opened(open_tab)
    as_text_file(tab, "notes.csv", "43")
    said(tab, "form", "Time series")
    said(tab, "target", "column_1")
    change(tab, "form", "Form", "Plain text")
    tab.wait_for_function("location.search.includes('dataset=own_text')")
    said(tab, "form", "You chose it.")
    tab.get_by_text("7,680 characters").first.wait_for()
    change(tab, "form", "Form", "Time series")
    tab.wait_for_function("location.search.includes('dataset=own_series')")
    said(tab, "form", "Time series")
    said(tab, "target", "column_1")
    no_exception(tab)


def test_poem_that_looks_like_a_table_is_changed_to_text_and_trains(open_tab: OpenTab) -> None:
    """A poem that looks like labelled rows stays text after an attempt to read it as a series, and is trained as text."""
    tab = opened(open_tab, SHORT.replace("adding", "sunspots"))
    as_text_file(tab, "poem.csv", "60")
    said(tab, "form", "Labelled sequences")
    change(tab, "form", "Form", "Plain text")
    said(tab, "form", "Plain text")
    change(tab, "form", "Form", "Time series")
    tab.get_by_text("no column holds numbers to forecast").first.wait_for()
    change(tab, "form", "Form", "Plain text")
    said(tab, "form", "Plain text")
    tab.get_by_text("7,490 characters").first.wait_for()
    tab.wait_for_function("location.search.includes('dataset=own_text')")
    tab.get_by_role("button", name="Train", exact=True).click()
    tab.get_by_role("heading", name="Predictions", exact=True).wait_for()
    no_exception(tab)
