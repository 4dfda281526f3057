"""Labelled sequences of symbols: the characters of a text in one column, or one letter per column."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from data.errors import DataError
from data.task import Array
from data.uploads.labelled import class_indices, kept_rows, rare
from data.uploads.shared_options import MAX_NUMBERS, split_names
from data.uploads.table import Column, Table, shown_name
from data.uploads.text import MAX_CHARACTERS

MAX_STEPS = 500  # characters of a text that are read
PADDING = "\u0000"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Symbols:
    """Sequences of symbols with a class each.

    Attributes:
        tokens: `(N, T)` int64, zero-padded.
        lengths: `(N,)` int64.
        vocabulary: Names of the tokens, sorted.
        classes: `(N,)` int64 class indices.
        class_names: Names of the classes.
        notes: What was found and done, one sentence each.
        warnings: What may make the result misleading.
    """

    tokens: Array
    lengths: Array
    vocabulary: tuple[str, ...]
    classes: Array
    class_names: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def symbol_sequences(table: Table, *, columns: Mapping[str, str], layout: str, missing: str) -> Symbols:
    """Read one sequence of symbols per row.

    Args:
        table: The table.
        columns: The options `label` and `features` (the column of the text, or the columns of letters in order).
        layout: `characters` or `letters`.
        missing: `refuse`, or anything else to drop rows without label or text.

    Raises:
        DataError: If nothing is left, or there are too many different symbols.
    """
    label = table.column(columns["label"], "label") if columns["label"] else table.columns[-1]
    steps = _steps(table, columns["features"], label, layout)
    needed = [label, *(steps if layout == "characters" else [])]
    kept, notes = kept_rows(
        table, needed, features=[], values=np.zeros((table.rows, 0)), missing="drop" if missing != "refuse" else missing
    )
    pieces = [list(str(text)[:MAX_STEPS]) for text in steps[0].texts] if layout == "characters" else _letters(steps)
    chosen = [pieces[row] for row in kept]
    names, classes = class_indices(table, label)
    vocabulary = _vocabulary(table, chosen, steps[0])
    lengths = np.array([max(1, len(piece)) for piece in chosen], dtype=np.int64)
    if len(chosen) * int(lengths.max()) > MAX_NUMBERS:
        raise DataError(f"{len(chosen):,} texts of up to {lengths.max():,} characters are too many; use fewer rows.")
    return Symbols(
        tokens=_tokens(chosen, vocabulary, int(lengths.max())),
        lengths=lengths,
        vocabulary=vocabulary,
        classes=classes[kept],
        class_names=names,
        notes=(_words(label, steps, layout), *notes, *_cut(steps, layout)),
        warnings=(*rare(names, classes[kept]), *_repeated(chosen)),
    )


def _steps(table: Table, named: str, label: Column, layout: str) -> list[Column]:
    chosen = [table.column(name, "features") for name in split_names(named)]
    if layout == "characters":
        texts = chosen or [column for column in table.of_kind("text") if column is not label]
        if not texts:
            raise DataError("No column of text is left beside the label; choose another `label` or `layout`.")
        return texts[:1] if chosen else [max(texts, key=lambda column: float(column.texts.str.len().mean()))]
    return chosen or [column for column in table.columns if column is not label]


def _letters(steps: list[Column]) -> list[list[str]]:
    rows = zip(*(column.texts.mask(column.missing, "").tolist() for column in steps), strict=True)
    return [[symbol for symbol in row if symbol] for row in rows]


def _vocabulary(table: Table, pieces: list[list[str]], column: Column) -> tuple[str, ...]:
    found = sorted({symbol for piece in pieces for symbol in piece})
    if not found:
        raise DataError(f"{table.where(0, column)} and all below hold no symbol; choose other `features`.")
    if len(found) > MAX_CHARACTERS:
        raise DataError(
            f"`{shown_name(column.name)}` has {len(found):,} different symbols, at most {MAX_CHARACTERS} are read; choose other "
            "columns, or a text in an alphabet."
        )
    return tuple(found)


def _tokens(pieces: list[list[str]], vocabulary: tuple[str, ...], longest: int) -> Array:
    numbers = {symbol: index for index, symbol in enumerate(vocabulary)}
    tokens = np.zeros((len(pieces), longest), dtype=np.int64)
    for row, piece in enumerate(pieces):
        tokens[row, : len(piece)] = [numbers[symbol] for symbol in piece]
    return tokens


def _words(label: Column, steps: list[Column], layout: str) -> str:
    if layout == "characters":
        return f"Label `{shown_name(label.name)}`; the characters of `{shown_name(steps[0].name)}` are the steps."
    return f"Label `{shown_name(label.name)}`; {len(steps)} columns of letters are the steps, in their order."


def _cut(steps: list[Column], layout: str) -> list[str]:
    if layout != "characters":
        return []
    count = int((steps[0].texts.str.len() > MAX_STEPS).sum())
    longer = f"; {count:,} are longer and are cut" if count else ""
    return [f"At most {MAX_STEPS} characters of each text are read{longer}."]


def _repeated(pieces: list[list[str]]) -> list[str]:
    count = len(pieces) - len({"".join(piece) for piece in pieces})
    return [f"{count:,} sequences repeat another one, so the same may stand in training and test."] if count else []
