"""A small choice with exactly one option selected: `st.segmented_control`, typed."""

from collections.abc import Mapping
from typing import TypeVar, cast

import streamlit as st

Option = TypeVar("Option", bound=str)


def choose_one(
    label: str,
    options: Mapping[Option, str],
    *,
    key: str,
    default: Option | None = None,
    visible: bool = False,
    help: str | None = None,
) -> Option:
    """Draw the options side by side and return the selected one.

    Args:
        label: What is chosen; screen readers announce it even if it is not `visible`.
        options: Each option with its label.
        key: Identity of the widget.
        default: The initial selection; None if the session sets the widget's value.
        visible: Whether the label is shown.
        help: What the choice means.
    """
    chosen = st.segmented_control(
        label,
        list(options),
        format_func=options.__getitem__,
        default=default,
        required=True,
        key=key,
        help=help,
        label_visibility="visible" if visible else "collapsed",
    )
    return cast(Option, chosen)
