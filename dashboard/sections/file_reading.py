"""How an uploaded file was read: questions first, then bytes, table, reading and task, each line with a Change button."""

from collections.abc import Mapping

import streamlit as st

from dashboard import state, uploads
from dashboard.form_words import in_form_words
from dashboard.formatting import escaped, grouped
from data.calendar_waves import CALENDAR
from data.panel import SCALES, SPLITS
from data.uploads.decode import ENCODINGS
from data.uploads.findings import Found, Question
from data.uploads.inspect import Inspection, join_names, split_names
from data.uploads.number_text import DECIMALS, THOUSANDS
from data.uploads.reading import FORM_WORDS, Reading
from data.uploads.series_table import SOME, WHICH
from models.spec.experiment_settings import ExperimentSpec

_TABLE = {
    "member": "File in the archive",
    "sheet": "Sheet",
    "rows": "Rows",
    "encoding": "Encoding",
    "comment": "Comment lines",
    "skip_first": "Lines left out above",
    "separator": "Separator",
    "header": "Lines of names",
    "skip_last": "Lines left out below",
    "decimal": "Decimal sign",
    "thousands": "Sign between thousands",
    "not_numbers": "What is not a number",
    "not_times": "What is not a date",
}
_MAX_WARNINGS = 3
_SHOWN_ROWS, _SHOWN_COLUMNS = 5, 40
_YES_NO = {"yes": "Yes", "no": "No"}
_FIXED: Mapping[str, Mapping[str, str]] = {
    "encoding": ENCODINGS,
    "separator": {
        ",": "Comma ,",
        ";": "Semicolon ;",
        "tab": "Tab",
        "|": "Vertical bar |",
        "space": "Spaces",
        "none": "None: one column",
    },
    "header": {str(count): f"{count} lines" if count != 1 else "1 line" for count in range(6)},
    "decimal": {name: f"1{sign}5" for name, sign in DECIMALS.items()},
    "thousands": {name: f"1{sign}000" for name, sign in THOUSANDS.items()},
    "comment": {"none": "None", "#": "# lines", "%": "% lines", "//": "// lines"},
    "not_numbers": {"missing": "Count as missing", "text": "Make the column text"},
    "not_times": {
        "likely": "Take the likely date",
        "missing": "Count as missing",
        "text": "Make the column text",
    },
    "rows": {"last": "The last rows that fit", "first": "The first rows that fit"},
    "form": FORM_WORDS,
    "turn": _YES_NO,
    "order": {"sort": "Sort by time", "refuse": "Keep the order of the file"},
    "missing": {"refuse": "Refuse the file", "drop": "Drop the row", "interpolate": "Fill on a straight line"},
    "duplicates": {"mean": "Mean", "sum": "Sum", "first": "First", "last": "Last"},
    "which": WHICH,
    "split_by": SPLITS,
    "scale_by": SCALES,
    "answer_at": {"next": "A later step", "same": "The same step"},
}
_ONE_COLUMN = ("time", "label", "series", "sequence")
_TYPED = ("skip_first", "skip_last", "sheet", "member", "date_format", "only")
_MANY_COLUMNS = ("target", "inputs", "stack", "static", "known")
_SELDOM = ("stack", "static", "known", "calendar", "answer_at")  # lines that are folded away while nothing is chosen


def show_reading(spec: ExperimentSpec, *, opened: bool) -> None:
    """Draw how the session's file was read, if the settings are about it.

    Args:
        spec: The settings.
        opened: Whether it is open on the page, or folded above results.
    """
    seen = uploads.inspection(spec.dataset)
    kept = state.upload()
    if seen is None or kept is None or dict(spec.options).get("content") != kept.digest:
        return
    if opened:
        st.header("We read it like this", anchor=False)
        _reading(seen)
        return
    with st.expander("How your file was read", icon=":material/table_view:"):
        _reading(seen)


def _reading(seen: Inspection) -> None:
    reading = seen.reading
    noun = "rows" if seen.names else "characters"
    st.caption(f"{escaped(seen.filename)}: {grouped(reading.rows)} {noun}. Train works with what is chosen here.")
    _first_rows(seen)
    if refused := uploads.problem(uploads.READING):
        st.error(escaped(in_form_words(refused), longest=2 * len(refused)))
    for sentence in reading.warnings[:_MAX_WARNINGS]:
        st.warning(escaped(sentence, longest=len(sentence)))
    _questions(reading)
    _lines(seen)
    _left_out(reading)


def _first_rows(seen: Inspection) -> None:
    """Draw the first rows as they stand in the file, so that a visitor can check how it was cut into columns."""
    rows = seen.preview.iloc[:_SHOWN_ROWS, :_SHOWN_COLUMNS]
    if rows.empty:
        return
    st.dataframe(rows, hide_index=True, key="first_rows", alt=f"The first rows of {escaped(seen.filename)}")
    left = seen.preview.shape[1] - rows.shape[1]
    st.caption(f"The first rows, as in the file{f', without {grouped(left)} more columns' if left else ''}.")


def _questions(reading: Reading) -> None:
    """Ask at most three questions; the most likely answers are used until somebody answers."""
    if not reading.questions:
        return
    with st.container(border=True, key="reading_questions"):
        for question in reading.questions:
            _question(question)
        st.button(
            "Keep these answers" if len(reading.questions) > 1 else "Keep this answer",
            key="keep_answers",
            icon=":material/check:",
            on_click=uploads.answer,
            args=({question.name: question.preselected for question in reading.questions},),
            help="Confirms them, so that the verdict no longer lists them as guesses.",
        )


def _question(question: Question) -> None:
    labels = {value: escaped(label) for value, label in question.choices}
    key = f"answer_{question.name}_{abs(hash((question.text, question.choices)))}"
    st.radio(
        escaped(question.text, longest=300),
        list(labels),
        index=list(labels).index(question.preselected),
        format_func=lambda value: labels[value],
        key=key,
        on_change=_answered,
        args=(question.name, key),
        horizontal=len(labels) <= 3,
    )
    st.caption(escaped(question.reason, longest=300))


def _answered(name: str, key: str) -> None:
    uploads.change(name, str(state.get(key)))


def _lines(seen: Inspection) -> None:
    """List every step with its value and reason; unimportant lines are folded."""
    lines = seen.reading.lines()
    shown = [line for line in lines if _matters(line[0], line[2])]
    folded = [line for line in lines if not _matters(line[0], line[2])]
    for name, heading, found in shown:
        _line(seen, name, heading, found)
    if folded:
        with st.expander(f"{len(folded)} more lines about the file"):
            for name, heading, found in folded:
                _line(seen, name, heading, found)


def _matters(name: str, found: Found) -> bool:
    if name in _SELDOM and found.value in ("", "next"):
        return False
    return name not in _TABLE or found.guessed or found.reason == "You chose it." or name in ("separator", "header")


def _line(seen: Inspection, name: str, heading: str, found: Found) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"reading_{name}"):
        value = escaped(_worded(name, found.value), longest=200) or "none"
        sure = " :gray-badge[guess]" if found.guessed else ""
        heading = _TABLE.get(name, heading)
        st.markdown(f"**{heading}**: {value}{sure}  \n:small[{escaped(found.reason, longest=300)}]", width="stretch")
        if name in (*_FIXED, *_ONE_COLUMN, *_MANY_COLUMNS, *_TYPED, "calendar"):
            with st.popover("Change", key=f"change_{name}", type="tertiary", help=f"Change: {heading}"):
                _change_widget(seen, name, heading, found)


def _worded(name: str, value: str) -> str:
    if name in _MANY_COLUMNS or name in _ONE_COLUMN:
        return ", ".join(split_names(value))
    return _FIXED.get(name, {}).get(value, value)


def _change_widget(seen: Inspection, name: str, heading: str, found: Found) -> None:
    chosen = uploads.choices().chosen().get(name, "")
    key = f"choice_{name}_{abs(hash((seen.options['content'], chosen, found.value)))}"
    if name == "calendar" or (name == "only" and seen.reading.which.value == SOME):
        _several_widget(seen, (name, heading), key, found)
        return
    if name in _MANY_COLUMNS:
        offered = list(seen.names if name == "static" else seen.numbers)
        now = [column for column in split_names(found.value) if column in offered]
        st.multiselect(heading, offered, now, key=key, on_change=_chosen_many, args=(name, key))
        return
    if name in _TYPED:
        st.text_input(
            heading, chosen, key=key, placeholder="automatic", on_change=_chosen, args=(name, key), max_chars=80
        )
        return
    labels = {"": "Automatic"} | (dict(_FIXED[name]) if name in _FIXED else _columns(seen))
    if chosen and chosen not in labels:
        labels[chosen] = chosen
    values = list(labels)
    st.selectbox(
        heading,
        values,
        index=values.index(chosen),
        format_func=lambda value: labels[value],
        key=key,
        on_change=_chosen,
        args=(name, key),
    )


def _several_widget(seen: Inspection, named: tuple[str, str], key: str, found: Found) -> None:
    """Draw the choice of several series, or of parts of the date."""
    name, heading = named
    labels = dict(CALENDAR) if name == "calendar" else {one: one for one in seen.series}
    now = [one for one in split_names(found.value) if one in labels]
    st.multiselect(
        heading,
        list(labels),
        now,
        format_func=lambda one: labels[one],
        key=key,
        on_change=_chosen_many,
        args=(name, key),
    )


def _columns(seen: Inspection) -> dict[str, str]:
    return {"-": "None"} | {name: name for name in seen.names}


def _chosen(name: str, key: str) -> None:
    uploads.change(name, str(state.get(key) or ""))


def _chosen_many(name: str, key: str) -> None:
    uploads.change(name, join_names(state.get(key) or []))


def _left_out(reading: Reading) -> None:
    """List the columns that are not used, with the reason."""
    if not reading.left_out:
        return
    said = "\n".join(f"- {escaped(found.reason, longest=300)}" for found in reading.left_out)
    if len(reading.left_out) <= 3:
        st.markdown(f"**Left out**\n\n{said}")
        return
    with st.expander(f"{len(reading.left_out)} columns left out"):
        st.markdown(said)
