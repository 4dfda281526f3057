"""Read a table as labelled sequences: the label, how rows form sequences, inputs, and columns that are left out."""

import numpy as np

from data.uploads.draft import Draft
from data.uploads.findings import Found, Question
from data.uploads.labels import (
    are_steps,
    counts_rows,
    find_label,
    identity_column,
    letter_columns,
    long_text,
    runs,
    subject_column,
)
from data.uploads.shared_options import MAX_NAMES, join_names, split_names
from data.uploads.table import Column, Table, shown_name
from data.uploads.table_steps import times_of
from data.uploads.time_axis import says_time

_LAYOUTS = {
    "long": "One row a step, with the sequence's name",
    "wide": "One row a sequence: the columns are its steps",
    "windows": "One row a step: the columns are measured together",
    "characters": "The characters of a text",
    "letters": "One letter a column",
}
_MAX_WINDOW = 32
_RANK = {"label": 30, "layout": 20}


def read_sequences(table: Table, draft: Draft) -> Table:
    """Fill in the lines of labelled sequences and return the table as it is."""
    label = _settle_label(table, draft)
    layout, sequence, reason, unsure = _layout(table, label)
    layout = draft.choices.layout or layout
    if unsure and not draft.choices.layout:
        other = "wide" if layout == "windows" else "windows"
        choices = ((layout, _LAYOUTS[layout]), (other, _LAYOUTS[other]))
        draft.ask(Question("layout", "What is a row?", choices, layout, reason), rank=_RANK["layout"])
        draft.guesses.append("layout")
    if layout in ("characters", "letters"):
        sequence = None
    elif layout == "windows" and draft.choices.layout:
        sequence = subject_column(table, label)
    draft.notes.append(f"{_LAYOUTS[layout]}.")
    name = "" if sequence is None else join_names([sequence.name])
    if name or draft.choices.sequence:
        draft.settle(
            "sequence",
            name,
            f"`{shown_name(name)}` names the {'subject' if layout == 'windows' else 'sequence'} of a row.",
        )
        name = draft.found["sequence"].value
    step = _step_column(table, label, sequence) if layout == "long" and sequence is not None else None
    if step is not None:
        draft.options["step"] = step.name
        draft.notes.append(f"`{shown_name(step.name)}` counts the steps of a sequence.")
    _settle_features(table, [label, *([step] if step else [])], layout, draft)
    draft.options |= {"layout": layout, "label": label.name, "sequence": "" if name == "-" else _unjoined(name, layout)}
    draft.options["table"] = draft.choices.table.to_text()
    if layout == "windows":
        draft.options["window"] = _window(label, subject=bool(name) and name != "-")
    return table


def _window(label: Column, *, subject: bool) -> int:
    """Return a window within the runs of one label; without subjects one that leaves several windows of each class."""
    if subject:
        return max(2, min(_MAX_WINDOW, len(label.texts) // runs(label)))
    fewest = int(label.texts.value_counts().min())
    return max(2, min(_MAX_WINDOW, fewest // 8))


def _unjoined(name: str, layout: str) -> str:
    return name if layout == "windows" else (split_names(name) or [""])[0]


def _settle_label(table: Table, draft: Draft) -> Column:
    if draft.choices.label:
        draft.settle("label", "", "")
        return table.column(draft.choices.label, "label")
    label = find_label(table, text=long_text(table)) or table.columns[-1]
    named = find_label(table, text=long_text(table)) is not None
    count = label.texts.nunique()
    shown = f"`{shown_name(label.name)}`"
    reason = f"{shown} has {count:,} different values." if named else f"{shown} is the last column."
    rivals = [
        c
        for c in table.columns
        if c is not label and c.kind != "empty" and 2 <= c.texts.nunique() <= min(30, table.rows // 5)
    ]
    unsure = not named or (label.kind != "text" and bool(rivals) and not table.header)
    draft.settle("label", label.name, reason, guessed=unsure)
    if unsure:
        listed = tuple((c.name, shown_name(c.name)) for c in [label, *rivals][:50])
        draft.ask(Question("label", "Which column is the class?", listed, label.name, reason), rank=_RANK["label"])
    return label


def _layout(table: Table, label: Column) -> tuple[str, Column | None, str, bool]:
    """Return layout, column of the sequence, why, and whether another layout is also likely."""
    numbers = [column for column in table.of_kind("number") if column is not label]
    if letter_columns(table):
        return "letters", None, "Each column holds one letter.", False
    text = long_text(table)
    if text is not None and text is not label and not [c for c in numbers if not counts_rows(c)][1:]:
        return "characters", None, f"`{shown_name(text.name)}` holds the text.", False
    identity = identity_column(table, label)
    if identity is not None and identity not in letter_columns(table):
        return "long", identity, f"The rows of one `{shown_name(identity.name)}` share a label.", False
    first = table.columns[0] if table.columns[0] is not label else table.columns[min(1, len(table.columns) - 1)]
    counter = first if counts_rows(first) else None
    steps = [column for column in numbers if column is not counter]
    if are_steps(steps) and (table.header or len(steps) > 8):
        return "wide", counter, "The names of the columns count steps.", False
    subject = subject_column(table, label)
    if runs(label) <= table.rows / 4 and len(steps) > 1:
        reason = "Neighbouring rows share a label, and the columns have names of their own."
        return "windows", subject, reason, subject is None
    return (
        "wide",
        counter,
        "Neighbouring rows have different labels, so each row counts as a sequence.",
        len(steps) < 30,
    )


def _step_column(table: Table, label: Column, sequence: Column) -> Column | None:
    """Return a column of numbers or dates that rises within every sequence and counts its steps, or None."""
    codes = np.unique(sequence.texts.to_numpy(dtype=str), return_inverse=True)[1]
    order = np.argsort(codes, kind="stable")
    inside = np.diff(codes[order]) == 0
    for column in table.columns:
        if column in (label, sequence) or column.missing.any() or column.kind not in ("number", "date"):
            continue
        named = says_time(column.name) or column.name.lower() in ("step", "index", "idx", "frame", "position", "order")
        rises = inside.any() and bool((np.diff(times_of(column)[order])[inside] > 0).all())
        if rises and (named or (column is table.columns[1] and bool((times_of(column) % 1 == 0).all()))):
            return column
    return None


def _settle_features(table: Table, others: list[Column], layout: str, draft: Draft) -> None:
    """Choose the inputs, and report what is left out."""
    chosen = split_names(draft.choices.inputs)
    aside = {
        *(column.name for column in others),
        *split_names(draft.found["sequence"].value if "sequence" in draft.found else ""),
    }
    if layout == "characters":
        text = long_text(table)
        used = [text.name] if text is not None else []
    elif layout == "letters":
        used = [column.name for column in letter_columns(table)] or [
            c.name for c in table.columns if c.name not in aside
        ]
    else:
        numbers = [column for column in table.of_kind("number") if column.name not in aside]
        used = [column.name for column in numbers if not _useless(column, layout)]
    used = chosen or used
    named = join_names(used)
    automatic = not chosen and layout in ("wide", "letters") and len(named) > MAX_NAMES
    reason = f"{len(used):,} {'column is' if len(used) == 1 else 'columns are'} seen."
    draft.settle("inputs", "" if automatic else named, reason)
    draft.options["features"] = "" if automatic else draft.found["inputs"].value
    for column in table.columns:
        if column.name not in used and column.name not in aside:
            draft.left_out.append(Found(column.name, _why(column)))
    gaps = sum(column.gaps for column in table.columns if column.name in used)
    draft.settle(
        "missing",
        "interpolate" if gaps and layout in ("long", "wide") else "refuse" if not gaps else "drop",
        _gaps(gaps),
    )
    draft.options["missing"] = draft.found["missing"].value


def _gaps(count: int) -> str:
    if count == 1:
        return "1 value is missing."
    return f"{count:,} values are missing." if count else "No value that is used is missing."


def _useless(column: Column, layout: str) -> bool:
    if column.constant or column.missing.all():
        return True
    return layout == "windows" and (counts_rows(column) or _clock(column))


def _clock(column: Column) -> bool:
    """Return whether a column is a time stamp: whole numbers that only rise, or a name that says so."""
    numbers = column.numbers
    if numbers is None or column.missing.any() or (numbers % 1 != 0).any():
        return False
    steps = np.diff(numbers)
    return says_time(column.name) or (len(steps) > 2 and float(np.mean(steps > 0)) > 0.95)


def _why(column: Column) -> str:
    shown = f"`{shown_name(column.name)}`"
    if column.missing.all():
        return f"{shown} holds no value."
    if column.constant:
        return f"{shown} holds the same value in every row."
    if column.kind == "number":
        return (
            f"{shown} counts or times the rows." if _clock(column) or counts_rows(column) else f"{shown} is not used."
        )
    return f"{shown} holds {'dates' if column.kind == 'date' else 'text'}."
