"""The visitor's file as it is held in this session: name, size, how it was read, and ways to use, replace or remove it."""

from collections.abc import Callable

import streamlit as st

from dashboard import services, state
from dashboard.formatting import escaped, grouped
from data.uploads.inspect import Inspection
from data.uploads.reading import FORM_WORDS, ReadingChoices
from models.errors import GatescopeError

_ROWS = "held_file_rows"
_NEWS = "held_file_news"  # what the last upload changed, in one sentence
_DIGITS = 8  # of the fingerprint


def show_held_file(*, use: Callable[[], None], remove: Callable[[], None], choices: ReadingChoices) -> None:
    """Draw the file that this session holds; nothing without one.

    Args:
        use: Sets the form to the file; offered while the settings are about other data.
        remove: Lets the file go.
        choices: The visitor's choices about it.
    """
    kept = state.upload()
    if kept is None:
        return
    with st.container(border=True, key="held_file", gap="small"):
        st.markdown(f":material/draft: **{escaped(kept.name)}**  \n:small[{_summary(choices)}]")
        if news := state.get(_NEWS, ""):
            st.caption(escaped(news, longest=len(news)))
        with st.container(horizontal=True, gap="small"):
            spec = state.get("spec")
            if spec is None or dict(spec.options).get("content") != kept.digest:
                st.button(
                    "Use this file",
                    key="use_held_file",
                    icon=":material/check:",
                    on_click=use,
                    help="Sets the form to this file; nothing is trained yet.",
                )
            st.button(
                "Remove",
                key="remove_held_file",
                icon=":material/delete:",
                type="tertiary",
                on_click=remove,
                help="Lets the file go from this session. Experiments trained on it keep it.",
            )


def _summary(choices: ReadingChoices) -> str:
    """Say how many rows the file has and how it was read."""
    kept = state.upload()
    if kept is None:
        return ""
    fingerprint = f"fingerprint {kept.digest[:_DIGITS]}"
    try:
        seen = services.inspection(kept, "", choices)
    except GatescopeError:
        return fingerprint
    return f"{_size(seen)}, {fingerprint}  \n{escaped(read_as(seen), longest=200)}"


def _size(seen: Inspection) -> str:
    if not seen.names:
        return f"{grouped(seen.reading.rows)} characters"
    return f"{grouped(seen.reading.rows)} rows, {grouped(len(seen.names))} columns"


def read_as(seen: Inspection) -> str:
    """Return in a few words what was read: the form, and the columns of time and target or of the label."""
    reading = seen.reading
    form = FORM_WORDS[reading.form.value]
    parts = [
        f"{word} {found.value}"
        for word, found in (("time", reading.time), ("target", reading.target), ("label", reading.label))
        if found.value
    ]
    return f"{form}: {', '.join(parts)}" if parts else form


def note_upload(name: str, digest: str, rows: int) -> None:
    """Keep what an upload changes: whether it is another file of the same name, or the same one again.

    Call it before the new file is kept.

    Args:
        name: Name of the new file.
        digest: Its digest.
        rows: Its rows, or characters of a text.
    """
    before, earlier = state.upload(), state.get(_ROWS, 0)
    news = ""
    if before is not None and before.digest == digest:
        news = "The same file as before: nothing has changed."
    elif before is not None and before.name == name:
        news = (
            f"Another file of the same name: {grouped(rows)} rows instead of {grouped(earlier)}. Earlier results belong to the "
            "earlier file."
        )
    state.put(_NEWS, news)
    state.put(_ROWS, rows)
