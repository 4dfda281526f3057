"""Pages are found by discovery."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import navigation


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    navigation.declared.cache_clear()
    yield
    navigation.declared.cache_clear()


def test_every_page_file_is_a_page_and_compare_comes_first() -> None:
    """One file is one page; Compare is the default at the root."""
    known = navigation.declared()
    files = {file.name for file in navigation.PAGES.glob("*.py")} - {"__init__.py"}
    assert {Path(file).name for file in known} == files
    first = next(iter(known.values()))
    assert (first.title, first.url) == ("Compare", "")


def write_page(folder: Path, name: str, url: str) -> None:
    """Write a page file that declares itself."""
    text = f'PAGE = PageInfo(title="{name}", icon=":material/x:", url="{url}", order=7, question="Why?")\n'
    (folder / f"{name}.py").write_text(text, encoding="utf-8")


def test_a_new_file_is_a_new_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the file is needed, and the file is read, not run."""
    write_page(tmp_path, "mine", "mine")
    page = tmp_path / "mine.py"
    page.write_text(page.read_text(encoding="utf-8") + "raise SystemExit\n", encoding="utf-8")
    monkeypatch.setattr(navigation, "PAGES", tmp_path)
    (info,) = navigation.declared().values()
    assert (info.title, info.order) == ("mine", 7)
    assert navigation.page_file("mine") == str((tmp_path / "mine.py").resolve())


def test_two_pages_with_one_address_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address belongs to one page."""
    write_page(tmp_path, "one", "same")
    write_page(tmp_path, "two", "same")
    monkeypatch.setattr(navigation, "PAGES", tmp_path)
    with pytest.raises(ValueError, match="same url"):
        navigation.declared()


def test_a_page_without_declaration_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that declares nothing is named."""
    (tmp_path / "mute.py").write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr(navigation, "PAGES", tmp_path)
    with pytest.raises(ValueError, match=r"mute\.py has no `PAGE"):
        navigation.declared()
