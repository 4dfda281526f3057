"""The pages: one file in `dashboard/pages` each, found by discovery."""

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

PAGES = Path(__file__).resolve().parent / "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInfo:
    """What a page declares in its module constant `PAGE`.

    Attributes:
        title: Name in the navigation.
        icon: Material icon, `:material/name:`.
        url: Path in the address; empty for the page at `/`.
        order: Place in the navigation.
        question: The question that the page answers.
    """

    title: str
    icon: str
    url: str
    order: int
    question: str


@lru_cache(maxsize=1)
def declared() -> dict[str, PageInfo]:
    """Return the file of every page and what it declares, in order.

    The declarations are parsed, not imported: a visitor of one page does not wait for the imports of the others.

    Raises:
        ValueError: If a page declares nothing, or two pages have the same url.
    """
    found = {str(file.resolve()): _declaration(file) for file in PAGES.glob("*.py") if file.stem != "__init__"}
    urls = [info.url for info in found.values()]
    if len(set(urls)) < len(urls):
        raise ValueError(f"two pages have the same url: {sorted(urls)}")
    return dict(sorted(found.items(), key=lambda item: item[1].order))


def _declaration(file: Path) -> PageInfo:
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and [ast.unparse(target) for target in statement.targets] == ["PAGE"]:
            call = statement.value
            if isinstance(call, ast.Call):
                return PageInfo(**{str(word.arg): ast.literal_eval(word.value) for word in call.keywords})
    raise ValueError(f"the page {file.name} has no `PAGE = PageInfo(...)` of plain values")


def page_file(url: str) -> str:
    """Return the file of the page with a url, for `st.switch_page` and `st.page_link`."""
    return next(file for file, info in declared().items() if info.url == url)


def pages() -> list[Any]:
    """Return every page for `st.navigation`; the one without a url is the default."""
    return [
        st.Page(file, title=info.title, icon=info.icon, url_path=info.url or None, default=not info.url)
        for file, info in declared().items()
    ]
