"""The pages: one file in `dashboard/pages` each, found by discovery; and the bar that opens them on a phone."""

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

PAGES = Path(__file__).resolve().parent / "pages"
BAR = "page_bar"
_PHONE = "@media (max-width: 767.98px)"  # where Streamlit hides the pages in the sidebar
BAR_STYLE = (
    f"[data-testid='stLayoutWrapper']:has(> .st-key-{BAR}) {{ display: none; }}"
    f"{_PHONE} {{ [data-testid='stLayoutWrapper']:has(> .st-key-{BAR}) {{ display: block; position: fixed; z-index: 999980;"
    " inset: auto 0 0 0; padding-bottom: env(safe-area-inset-bottom);"
    " background: light-dark(#FFFFFF, #151B25); border-top: 1px solid light-dark(#DBE1EA, #2E3846); }"
    f".st-key-{BAR} {{ flex-flow: row nowrap; gap: 0; overflow-x: auto; scrollbar-width: none; }}"
    f".st-key-{BAR} > * {{ flex: 1 0 auto; min-width: 40px; }}"
    f".st-key-{BAR} a {{ flex-direction: column; gap: 0; padding: 6px 3px 4px; min-height: 52px; justify-content: center;"
    " border-radius: 0; }"
    f".st-key-{BAR} a p {{ font-size: 10.5px; line-height: 1.3; }}"
    "[data-testid='stSidebarNav'] { display: none; }"
    "[data-testid='stMainBlockContainer'] { padding-bottom: 6.5rem !important; }"
    "[data-testid='stExpandSidebarButton'] { width: auto; }"
    "[data-testid='stExpandSidebarButton']::after { content: 'Settings'; font-size: .9rem; padding: 0 .35rem; } }"
    # the pages stay where they are on a page without a sidebar
    "@media (min-width: 768px) { [data-testid='stApp']:not(:has([data-testid='stSidebar'])) [data-testid='stTopNav']"
    " { margin-left: 236px; } }"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInfo:
    """What a page declares in its module constant `PAGE`.

    Attributes:
        title: Name in the navigation.
        icon: Material icon, `:material/name:`.
        url: Path in the address; empty for the page at `/`.
        order: Place in the navigation.
        question: The question that the page answers.
        short: Name in the bar of a phone; the title if it is empty.
    """

    title: str
    icon: str
    url: str
    order: int
    question: str
    short: str = ""


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


def show_page_bar() -> None:
    """Draw links to all pages; only a phone shows them, along its lower edge."""
    with st.container(horizontal=True, key=BAR):
        for file, info in declared().items():
            st.page_link(file, label=info.short or info.title, icon=info.icon)
