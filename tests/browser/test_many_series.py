"""Several series in one file, in a real browser: all of them with one model, and files in the forms that people bring."""

from typing import Any

from tests.browser.conftest import OpenTab
from tests.browser.test_file_reading import PEOPLE, SHORT, drop, no_exception, opened, said
from tests.browser.visits import open_result_tab


def drop_file(tab: Any, number: str) -> None:
    """Give a file of the collection to the uploader: the gallery's first, then the sidebar's."""
    path = next(PEOPLE.glob(f"{number}-*"))
    tab.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    if tab.locator(".st-key-upload_file_card").count():
        drop(tab, path.name, path.read_bytes())
        return
    file = {"name": path.name, "mimeType": "application/octet-stream", "buffer": path.read_bytes()}
    tab.locator(".st-key-upload_file input[type=file]").set_input_files(file)


def test_all_series_train_with_one_model_and_other_forms_are_read(open_tab: OpenTab) -> None:
    """One click takes all makes; their scores stand below the table; texts, windows and classes are read as such."""
    tab = opened(open_tab, SHORT)
    for number, line, words in (
        ("06", "series", "Country/Region"),
        ("17", "sequence", "column_1"),
        ("20", "series", "Store"),
        ("24", "label", "sentiment"),
        ("25", "label", "column_1"),
        ("26", "label", "country"),
        ("27", "inputs", "sequence"),
        ("40", "label", "classe"),
        ("41", "sequence", "id"),
        ("42", "target", "rain_tomorrow"),
        ("52", "label", "Class"),
        ("21", "series", "Make"),
    ):
        drop_file(tab, number)
        said(tab, line, words)
        no_exception(tab)
    tab.get_by_text("All 4 series, one model").click()
    said(tab, "which", "All series, one model")
    said(tab, "split_by", "The same dates for all series")
    tab.get_by_role("button", name="Train", exact=True).click()
    tab.get_by_role("heading", name="Predictions", exact=True).wait_for(timeout=120_000)
    open_result_tab(tab, "Table")
    tab.locator(".st-key-series .chart").wait_for()
    no_exception(tab)
