"""A file dropped anywhere on Compare, as a browser reports it: the hint over the page, what is read, what is refused."""

from pathlib import Path
from typing import Any

from tests.browser.conftest import OpenTab
from tests.browser.visits import settle, train_default

SMALL = "/?updates=60&evaluations=6&seeds=1&architectures=lstm,gru&dataset=sunspots"
PEOPLE = Path(__file__).parent.parent / "data" / "uploads" / "people"
_SEND = """([kinds, place, files, bytes]) => {
  const carried = new DataTransfer();
  for (const [name, text] of files)
    carried.items.add(new File([text, new Uint8Array(bytes)], name, { type: 'application/octet-stream' }));
  const target = document.querySelector(place);
  return kinds.map((kind) => target.dispatchEvent(
    new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true, relatedTarget: null })));
}"""
_WORDS = "getComputedStyle(document.querySelector('[data-testid=stApp]'), '::before').content"
MAIN, UPLOADER = "[data-testid=stMain]", ".st-key-upload_file_card [data-testid=stFileUploaderDropzone]"
OVER, DROP = ["dragenter", "dragover"], ["dragenter", "dragover", "drop"]


def send(tab: Any, kinds: list[str], *names: str, place: str = MAIN, more_bytes: int = 0) -> list[bool]:
    """Let the browser report a drag of files; return whether the browser would still do what it does by itself."""
    files = [(name, (PEOPLE / name).read_text(encoding="utf-8") if (PEOPLE / name).exists() else "") for name in names]
    taken: list[bool] = tab.evaluate(_SEND, [kinds, place, files, more_bytes])
    return taken


def opened(open_tab: OpenTab, path: str = "/") -> Any:
    """Open the page and wait until it is at rest."""
    tab = open_tab(path)
    settle(tab)
    return tab


def test_file_dropped_beside_the_uploader_is_read(open_tab: OpenTab) -> None:
    """A hint covers the page while a file is dragged; a file dropped anywhere is read, and so is the next one."""
    tab = opened(open_tab)
    assert tab.evaluate(_WORDS) == "none"
    assert send(tab, OVER, "01-monthly-us-slash.csv") == [False, False]
    assert "Drop the file" in tab.evaluate(_WORDS)
    send(tab, ["dragleave"], "01-monthly-us-slash.csv")
    tab.wait_for_function(f"{_WORDS} === 'none'")
    for name, form in (("01-monthly-us-slash.csv", "Time series"), ("41-numeric-label-wide.csv", "Labelled sequences")):
        assert send(tab, DROP, name) == [False] * 3
        tab.get_by_text(name).first.wait_for()
        tab.locator(".st-key-reading_form").filter(has_text=form).wait_for()
        settle(tab)
    assert tab.evaluate(_WORDS) == "none"
    assert not tab.locator(".st-key-file_drop").is_visible()
    assert not tab.locator("[data-testid='stException']").count()


def test_file_dropped_on_results_is_read(open_tab: OpenTab) -> None:
    """A file dropped on results, where no uploader is visible, becomes the settings' data, too."""
    tab = opened(open_tab, SMALL)
    train_default(tab)
    settle(tab)
    assert not tab.locator("[data-testid='stFileUploader']:visible").count()
    send(tab, DROP, "10-yahoo-null-row.csv", place="h1, h2")
    tab.wait_for_function("location.search.includes('dataset=own_series')")
    tab.locator(".st-key-reading_target").filter(has_text="Close").wait_for()


def test_what_cannot_be_taken_is_said(open_tab: OpenTab) -> None:
    """A folder of files, a file that is too large and one that cannot be read each get a sentence; the page keeps working."""
    tab = opened(open_tab)
    send(tab, DROP, "01-monthly-us-slash.csv", "41-numeric-label-wide.csv")
    assert "One file at a time" in tab.evaluate(_WORDS)
    send(tab, DROP, "large.csv", more_bytes=201 * 1024 * 1024)
    assert "larger than 200 MB" in tab.evaluate(_WORDS)
    send(tab, DROP, "zeros.csv", more_bytes=50)
    tab.locator("[data-testid='stAlert']").first.wait_for()
    assert not tab.locator(".st-key-reading_form").count()
    send(tab, DROP, "01-monthly-us-slash.csv")
    tab.locator(".st-key-reading_form").filter(has_text="Time series").wait_for()
    assert not tab.locator("[data-testid='stException']").count()


def test_drop_on_an_uploader_is_its_own(open_tab: OpenTab) -> None:
    """Over an uploader the page says nothing, and the uploader takes the file once."""
    tab = opened(open_tab)
    send(tab, DROP, "01-monthly-us-slash.csv", place=UPLOADER)
    assert tab.evaluate(_WORDS) == "none"
    tab.locator(".st-key-reading_form").filter(has_text="Time series").wait_for()
    assert not tab.locator("[data-testid='stException']").count()
