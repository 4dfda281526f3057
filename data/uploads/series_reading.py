"""Read a table as a series: time, order, one series of several, target, inputs, missing values, and suggested settings."""

from collections.abc import Mapping
from dataclasses import replace

from data.uploads.draft import Draft
from data.uploads.findings import Found, Question
from data.uploads.order_reading import settle_order
from data.uploads.roles import (
    MAX_CATEGORIES,
    Role,
    event_column,
    odd_value,
    role_of,
    suggest_target,
    tells_time_again,
)
from data.uploads.series_advice import MAX_FIRST_INPUTS, State, settle_advice, settle_leaks
from data.uploads.series_table import series_table
from data.uploads.shared_options import MAX_NAMES, join_names, split_names
from data.uploads.table import Column, Table, shown_name
from data.uploads.table_steps import column_of
from data.uploads.time_axis import NO_TIME, digit_dates, says_time
from data.uploads.time_reading import settle_time, settle_turn
from data.uploads.which_series import settle_known, settle_series

_LISTED = 50
_UNCHOSEN = {  # options that are set even where nothing is chosen, so that those of another file or answer do not stay
    "predict": "values",
    "which": "one",
    "split_by": "time",
    "scale_by": "series",
    "stack": "",
    "static": "",
    "known": "",
    "calendar": "",
    "answer_at": "next",
}
_RANK = {
    "order": 40,
    "target": 50,
    "no_value": 60,
    "resample": 70,
    "differencing": 80,
}


def read_series(table: Table, draft: Draft) -> Table:
    """Fill in the lines of a series.

    Args:
        table: The table as it stands in the file.
        draft: The reading under construction; its form is known.

    Returns:
        The table after its steps.
    """
    state = State(table=table)
    settle_turn(state, draft)
    settle_time(state, draft)
    settle_series(state, draft)
    usable = _settle_columns(state, draft)
    settle_known(state, draft)
    prepared = settle_order(state.table, state.clock, state.steps, draft)
    _set_options(state, draft)
    return prepared if usable else state.table


def _settle_columns(state: State, draft: Draft) -> bool:
    """Choose target, inputs and what is left out; return whether there is something to forecast."""
    table = state.table
    steps = replace(state.steps, order="refuse", duplicates="refuse", resample="rows", turn="no", time=NO_TIME)
    own = series_table(table, steps).table if steps.series else table
    for name in split_names(draft.choices.target):
        own.column(name, "target")
    for name in split_names(draft.choices.inputs):
        own.column(name, "inputs")
    aside = {column.name for column in state.aside} | ({state.clock.name} if state.clock else set())
    rest = [column for column in own.columns if column.name not in aside]
    numbers = [column for column in rest if column.kind == "number"]
    roles = {column.name: role_of(own, column, alone=len(numbers) == 1) for column in rest}
    roles |= _time_again(own, rest, state.clock)
    quantities = [column for column in numbers if roles[column.name].kind == "quantity"]
    usable = [c for c in rest if roles[c.name].kind in ("quantity", "flag", "boolean")]
    event = _class_column(own, draft, usable, quantities) or event_column(
        own, [c for c in own.columns if c.name in aside]
    )
    classes = draft.choices.predict == "classes" or (
        event is not None and draft.choices.target in ("", join_names([event.name])) and not draft.choices.predict
    )
    if classes:
        _settle_classes(draft, event or (rest[-1] if rest else None), usable)
    elif quantities or usable:
        _settle_values(state, draft, quantities or usable, usable)
    elif not draft.choices.target:
        draft.warnings.insert(0, _nothing(own, rest))
    for name in ("target", "inputs"):
        if name not in draft.found:
            draft.settle(name, "", "No column holds numbers to forecast." if name == "target" else "")
    used = {*split_names(draft.found["inputs"].value), *split_names(draft.found["target"].value)}
    draft.left_out += _left_out([column for column in rest if column.name not in used], roles)
    return True


def _class_column(table: Table, draft: Draft, usable: list[Column], quantities: list[Column]) -> Column | None:
    """Return the chosen target, or a column where nothing else is there, if it has two values: a class, not a number."""
    chosen = split_names(draft.choices.target)
    two = [column for column in usable if column not in quantities]
    if not chosen:
        return two[-1] if two and not quantities else None
    column = table.column(chosen[0], "target")
    few = column.kind == "text" and column.texts[~column.missing].nunique() <= MAX_CATEGORIES
    return column if len(chosen) == 1 and (column in two or few) else None


def _time_again(table: Table, columns: list[Column], clock: Column | None) -> dict[str, Role]:
    if clock is None or len(columns) < 2 or clock.dates is None:
        return {}
    now = column_of(table, clock.name)
    found = {
        column.name: Role(kind="time", reason=f"`{shown_name(column.name)}` repeats the time in years.")
        for column in columns
        if tells_time_again(column, now)
    }
    for column in columns:
        if column.kind == "number" and says_time(column.name) and digit_dates(column, first=False) is not None:
            found[column.name] = Role(kind="time", reason=f"`{shown_name(column.name)}` holds times, not numbers.")
    return found


def _nothing(table: Table, rest: list[Column]) -> str:
    if not rest:
        return "Beside the time there is no column; add one with the numbers to forecast, or choose another `time`."
    numbers = [column for column in rest if column.kind == "number"]
    if numbers:
        return f"{role_of(table, numbers[0]).reason} So there is nothing to forecast; choose another column or file."
    strays = next((column for column in rest if column.strays and column.remark), None)
    if strays is not None:
        return (
            f"{strays.remark} No other column holds numbers: choose `not_numbers` = `missing`, or correct the values."
        )
    column = rest[0]
    token = shown_name(str(column.texts.iloc[0]))
    return (
        f"{table.where(0, column)} holds `{token}`, and no column holds numbers to forecast; choose another separator or "
        "decimals, or read the file as sequences or text."
    )


def _settle_classes(draft: Draft, event: Column | None, usable: list[Column]) -> None:
    name = draft.choices.target or (event.name if event else "")
    reason = f"`{shown_name(name)}` holds few classes, so each time step gets its class instead of a number."
    draft.settle("target", join_names([name]) if not draft.choices.target else name, reason, guessed=True)
    draft.options["predict"] = "classes"
    inputs = [column.name for column in usable if column.name not in split_names(draft.found["target"].value)]
    draft.settle("inputs", join_names(inputs[:MAX_FIRST_INPUTS]), "Every quantity beside the class.")
    words = (
        "A window sees the rows before; choose the same step to find the class of its last row from the other columns."
    )
    if draft.settle("answer_at", "next", words) != "next":
        draft.options["answer_at"] = "same"
    if not draft.choices.predict:
        choices = (("classes", "The class of each time step"), ("values", "A number"))
        words = f"What is to be predicted of `{shown_name(name)}`?"
        draft.ask(Question("predict", words, choices, "classes", reason), rank=_RANK["target"])


def _settle_values(state: State, draft: Draft, quantities: list[Column], usable: list[Column]) -> None:
    column, reason, guessed = suggest_target(quantities, draft.filename)
    target = draft.settle("target", join_names([column.name]), reason, guessed=guessed)
    others = [one for one in usable if one not in quantities and one.kind == "number"]
    if guessed or others:
        quantities = [*quantities, *others]
        listed = tuple((join_names([one.name]), shown_name(one.name)) for one in _first(column, quantities)[:_LISTED])
        draft.ask(Question("target", "Which column is to be forecast?", listed, target, reason), rank=_RANK["target"])
    _settle_no_value(state, draft, usable)
    chosen = [one for one in state.table.columns if one.name in split_names(target)]
    inputs = [one for one in usable if one not in chosen]
    leaking = settle_leaks(state, draft, split_names(target), inputs)
    names = [one.name for one in usable if one.name not in leaking]
    names = [*[name for name in split_names(target) if name not in names], *names]
    text = "Every quantity, and the target's own past."
    shortened = _shortened(names, split_names(target))
    if len(shortened) < len(names):
        text = (
            f"The first {len(shortened)} of {len(names):,} quantities, a choice to begin with; change it to use others."
        )
    draft.settle("inputs", join_names(shortened), text, guessed=len(shortened) < len(names))
    settle_advice(state, draft, split_names(target))


def _first(column: Column, columns: list[Column]) -> list[Column]:
    return [column, *(one for one in columns if one is not column)]


def _shortened(names: list[str], targets: list[str]) -> list[str]:
    """Return the names of the initial choice of columns, including the targets."""
    kept = [name for name in names if name in targets]
    for name in names:
        if len(kept) >= MAX_FIRST_INPUTS:
            break
        if name not in kept and len(join_names([*kept, name])) <= MAX_NAMES:
            kept.append(name)
    return [name for name in names if name in kept]


def _settle_no_value(state: State, draft: Draft, usable: list[Column]) -> None:
    odd = {value: column for column in usable if (value := odd_value(column)) is not None}
    if draft.choices.no_value:
        state.steps = replace(state.steps, no_value="" if draft.choices.no_value == NO_TIME else draft.choices.no_value)
        return
    if not odd:
        return
    value, column = next(iter(odd.items()))
    text = f"{value:g}"
    count = int(
        sum((one.numbers == value).sum() for one in usable if one.numbers is not None and odd_value(one) == value)
    )
    draft.guesses.append("no_value")
    state.steps = replace(state.steps, no_value=text)
    reason = f"It stands {count:,} times, far from the other values of `{shown_name(column.name)}`."
    choices = ((text, "Yes, count it as missing"), (NO_TIME, "No, it is a number like others"))
    draft.ask(
        Question("no_value", f"Does {text} stand for a missing value?", choices, text, reason), rank=_RANK["no_value"]
    )


def _left_out(columns: list[Column], roles: Mapping[str, Role]) -> list[Found]:
    """Say why columns are not used."""
    return [
        Found(column.name, roles[column.name].reason or f"`{shown_name(column.name)}` is a quantity that is not used.")
        for column in columns
    ]


def _set_options(state: State, draft: Draft) -> None:
    steps = state.steps
    options = draft.options
    options.setdefault("table", draft.choices.table.to_text())
    options |= {"target": draft.found["target"].value, "inputs": draft.found["inputs"].value, "time": steps.time}
    options |= {"turn": steps.turn, "series": steps.series, "no_value": steps.no_value}
    options["only"] = options.get("only", "" if "which" in options else steps.only)
    for name, value in _UNCHOSEN.items():
        options.setdefault(name, value)
