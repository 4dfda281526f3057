"""Tabs of which only the open one is computed."""

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard import state


def lazy_tabs(parts: Mapping[str, Callable[[], None]], *, key: str) -> None:
    """Draw tabs; what the open one shows is a fragment, so that its own widgets redraw nothing else.

    Args:
        parts: Label of each tab to what draws it.
        key: Identity on the page. The session holds the open tab's label under it; an unknown label opens the first tab.
    """
    labels = list(parts)
    if state.get(key) not in labels:
        state.put(key, labels[0])
    for label, tab in zip(labels, st.tabs(labels, key=key, on_change="rerun"), strict=True):
        if tab.open:
            with tab:
                st.fragment(parts[label])()
