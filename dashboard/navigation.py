"""The pages: one file in `dashboard/pages` each, found by discovery."""

import importlib
import pkgutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

import dashboard.pages as package


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInfo:
    """What a page file declares as its module constant `PAGE`.

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

    Raises:
        ValueError: If two pages have the same url.
    """
    found: dict[str, PageInfo] = {}
    for module in pkgutil.iter_modules(package.__path__, "dashboard.pages."):
        loaded = importlib.import_module(module.name)
        found[str(Path(str(loaded.__file__)).resolve())] = loaded.PAGE
    urls = [info.url for info in found.values()]
    if len(set(urls)) < len(urls):
        raise ValueError(f"two pages have the same url: {sorted(urls)}")
    return dict(sorted(found.items(), key=lambda item: item[1].order))


def page_file(url: str) -> str:
    """Return the file of the page with a url, for `st.switch_page` and `st.page_link`."""
    return next(file for file, info in declared().items() if info.url == url)


def pages() -> list[Any]:
    """Return every page for `st.navigation`; the one without a url is the default."""
    return [
        st.Page(file, title=info.title, icon=info.icon, url_path=info.url or None, default=not info.url)
        for file, info in declared().items()
    ]
