"""The visitor's own file in a real browser: upload, columns, training, forecast; and files that are refused."""

from typing import Any

import pytest

from data.uploads.inspect import examples
from tests.browser.conftest import OpenTab
from tests.browser.visits import settle

EXAMPLES = {example.dataset: example for example in examples()}
SHORT = "/?dataset=own_series&updates=60&evaluations=6&seeds=1&architectures=lstm,gru"

HAS_FILE = "/option\\.content=[0-9a-f]{64}/.test(location.search)"


def upload(tab: Any, name: str, content: bytes) -> None:
    """Give the uploader a file."""
    chosen = {"name": name, "mimeType": "text/csv", "buffer": content}
    tab.locator(".st-key-upload_file input[type=file]").set_input_files(chosen)


def open_own_series(open_tab: OpenTab) -> Any:
    """Open the form of the own series and wait until it is at rest."""
    tab = open_tab(SHORT)
    tab.get_by_text("Upload your file in the sidebar first.").wait_for()
    tab.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    return tab


def test_upload_of_a_csv_is_trained_and_forecast(open_tab: OpenTab) -> None:
    """A CSV is uploaded, a second target chosen by name, trained, and its forecast drawn."""
    example = EXAMPLES["own_series"]
    tab = open_own_series(open_tab)
    upload(tab, example.filename, example.content)
    tab.locator(".st-key-held_file").filter(has_text=example.filename).wait_for()
    tab.wait_for_function(HAS_FILE)
    tab.locator("[data-testid=stSidebar]").get_by_text("More settings", exact=True).click()
    # at the edge of the window the list would close when the page scrolls to it
    tab.get_by_role("combobox", name="Target").evaluate("field => field.scrollIntoView({block: 'center'})")
    settle(tab)
    tab.get_by_role("combobox", name="Target").click()
    tab.get_by_role("option", name="wind", exact=True).click()
    tab.keyboard.press("Escape")
    tab.wait_for_function("/option\\.target=[^&]*wind/.test(location.search)")
    tab.locator(".st-key-reading_target").filter(has_text="You chose it.").wait_for()
    tab.get_by_role("button", name="Train", exact=True).click()
    tab.get_by_role("tab", name="Predictions", exact=True).wait_for()
    tab.locator(".st-key-predictions .js-plotly-plot .scatterlayer .trace").first.wait_for()
    assert not tab.locator("[data-testid='stException']").count()


def test_link_to_an_upload_shows_the_file_only_with_its_experiment(open_tab: OpenTab) -> None:
    """Another visitor with the settings alone is asked for the file."""
    example = EXAMPLES["own_series"]
    tab = open_own_series(open_tab)
    upload(tab, example.filename, example.content)
    tab.wait_for_function(HAS_FILE)
    stranger = open_tab(tab.url)
    stranger.get_by_text("upload it again").first.wait_for()
    assert not stranger.get_by_text("2024-01-01").count()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("ragged.csv", b"a,b\n1,2\n3\n", "Line 3 has 1 value where line 1 has 2"),
        ("infinite.csv", b"t,v\n1,2\n2,1e400\n", "Line 3, column 2 (“v”) holds “1e400”, which is infinite"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(50), "The file is a PNG image, not text"),
        ("script.csv", b'<script>alert(1)</script>,"b"\n', "begins like an HTML or XML page"),
    ],
)
def test_bad_file_is_refused_in_one_sentence(open_tab: OpenTab, name: str, content: bytes, sentence: str) -> None:
    """A harmful or meaningless file gets a sentence, and the page keeps working."""
    tab = open_own_series(open_tab)
    upload(tab, name, content)
    tab.locator("[data-testid='stAlert']").filter(has_text=sentence).first.wait_for()
    assert not tab.locator("[data-testid='stException']").count()
    upload(tab, EXAMPLES["own_series"].filename, EXAMPLES["own_series"].content)
    tab.wait_for_function(HAS_FILE)
