"""Parquet files: the last or first rows of their plain columns, within limits on cells and bytes.

Texts stay dictionary-encoded while they are read, so a long repeated value is held once and can be refused.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.errors import DataError
from data.task import Array
from data.uploads.findings import Found, TableChoices
from data.uploads.layout import Rectangle
from data.uploads.records import LONGEST_VALUE, MAX_CELLS, MAX_COLUMNS

MAX_ROWS = 50_000_000
MAX_ROW_GROUPS = 10_000
LARGEST_GROUP = 256 * 2**20  # bytes of one row group once unpacked, as the file says
LARGEST_TEXTS = 64 * 2**20
_BATCH = 16_384
_BROKEN = "The Parquet file cannot be read; write it again, or as CSV."


def read_parquet(content: bytes, choices: TableChoices) -> Rectangle:
    """Read the rows of a Parquet file that fit.

    Args:
        content: The bytes of the file.
        choices: What the visitor chose; `rows` says which rows are kept of a table that is too long.

    Raises:
        DataError: If it is broken or too large; one sentence.
    """
    try:
        file = pq.ParquetFile(
            pa.BufferReader(content), thrift_string_size_limit=2**24, thrift_container_size_limit=10**6
        )
        names, left_out = _columns(file)
        _refuse_large(file)
        file = pq.ParquetFile(
            pa.BufferReader(content),
            read_dictionary=[name for name in names if _is_text(file.schema_arrow.field(name).type)],
            thrift_string_size_limit=2**24,
            thrift_container_size_limit=10**6,
        )
        table, first = _rows(file, names, choices)
        cells = {index: _texts(table.column(name)) for index, name in enumerate(names)}
    except DataError:
        raise
    except Exception as error:  # a malformed file can make the reader fail in any way
        raise DataError(_BROKEN) from error
    return _rectangle(file, names, cells, first=first, left_out=left_out, choices=choices)


def _columns(file: Any) -> tuple[list[str], list[str]]:
    """Return the names of columns with plain values, and of the others."""
    schema = file.schema_arrow
    if not len(schema) or file.metadata.num_rows < 1:
        raise DataError("The Parquet file holds no rows; write it again with data in it.")
    if len(schema) > MAX_COLUMNS:
        raise DataError(f"The Parquet file has {len(schema):,} columns, at most {MAX_COLUMNS:,} are read.")
    if len(set(schema.names)) < len(schema):
        raise DataError("The Parquet file has two columns of one name; rename one of them.")
    plain = [field.name for field in schema if _is_plain(field.type)]
    if not plain:
        raise DataError("The Parquet file holds lists or records only; write columns of numbers and texts.")
    return plain, [name for name in schema.names if name not in set(plain)]


def _is_plain(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_plain(kind.value_type)
    checks = ("integer", "floating", "boolean", "temporal", "decimal", "null")
    return _is_text(kind) or any(getattr(pa.types, f"is_{check}")(kind) for check in checks)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _refuse_large(file: Any) -> None:
    metadata = file.metadata
    if metadata.num_rows > MAX_ROWS or metadata.num_row_groups > MAX_ROW_GROUPS:
        raise DataError(f"The Parquet file has {metadata.num_rows:,} rows, at most {MAX_ROWS:,} are read; write fewer.")
    for index in range(metadata.num_row_groups):
        if metadata.row_group(index).total_byte_size > LARGEST_GROUP:
            megabytes = LARGEST_GROUP // 2**20
            raise DataError(
                f"A row group of the Parquet file has more than {megabytes} MB; write it with smaller ones."
            )


def _rows(file: Any, names: list[str], choices: TableChoices) -> tuple[Any, int]:
    """Return the last (or first) rows that fit, and how many rows stand before them."""
    metadata = file.metadata
    most = max(1, MAX_CELLS // len(names))
    total, groups = metadata.num_rows, range(metadata.num_row_groups)
    kept, count = [], 0
    for group in groups if choices.rows == "first" else reversed(groups):
        kept.append(group)
        count += metadata.row_group(group).num_rows
        if count >= most:
            break
    batches, texts, held = [], 0, 0
    for batch in file.iter_batches(batch_size=_BATCH, row_groups=sorted(kept), columns=names):
        batches.append(batch)
        held += len(batch)
        texts += sum(_text_bytes(column) for column in batch.columns)
        if texts > 4 * LARGEST_TEXTS:
            raise DataError("The Parquet file has more than 256 MB of text; write the columns that you need.")
        while choices.rows != "first" and held - len(batches[0]) >= most:
            gone = batches.pop(0)
            held -= len(gone)
            texts -= sum(_text_bytes(column) for column in gone.columns)
        if choices.rows == "first" and held >= most:
            break
    table = pa.Table.from_batches(batches)
    table = table.slice(0, most) if choices.rows == "first" else table.slice(max(0, len(table) - most))
    return table, 0 if choices.rows == "first" else total - len(table)


def _text_bytes(column: Any) -> int:
    """Return the size of a batch's texts when expanded; refuse a value that is too long."""
    if not pa.types.is_dictionary(column.type) or not _is_text(column.type.value_type):
        return 0
    lengths = pc.binary_length(column.dictionary)
    longest = pc.max(lengths).as_py() or 0
    if longest > LONGEST_VALUE:
        raise DataError(
            f"The Parquet file has a value of {longest:,} bytes, at most {LONGEST_VALUE:,} are read; shorten it."
        )
    indices = column.indices.drop_null()
    return int(pc.sum(lengths.take(indices)).as_py() or 0) if len(indices) else 0


def _texts(column: Any) -> "pd.Series[str]":
    """Return a column as the texts that the same values have in a CSV file."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_boolean(kind):
        column = pc.if_else(column, "True", "False")
    elif pa.types.is_timestamp(kind):
        naive = column.cast(pa.timestamp(kind.unit)) if kind.tz else column
        written = pc.cast(naive, pa.string())
        column = pc.replace_substring_regex(written, r"\.0+$|(\.[0-9]*[1-9])0+$", r"\1")
        column = _days(column)
    elif pa.types.is_floating(kind):
        column = pc.cast(pc.cast(column, pa.float64()), pa.string())
    else:
        column = pc.cast(column, pa.string())
    filled = pc.fill_null(column, "")
    return pd.Series(filled.to_pandas(), dtype="str").reset_index(drop=True)


def _days(column: Any) -> Any:
    """Leave the clock out where every time is midnight."""
    midnight = pc.all(pc.fill_null(pc.ends_with(column, " 00:00:00"), True)).as_py()
    return pc.replace_substring_regex(column, " 00:00:00$", "") if midnight else column


def _rectangle(
    file: Any,
    names: list[str],
    cells: "dict[int, pd.Series[str]]",
    *,
    first: int,
    left_out: list[str],
    choices: TableChoices,
) -> Rectangle:
    total, rows = file.metadata.num_rows, len(cells[0])
    which = "first" if choices.rows == "first" else "last"
    findings = {}
    notes = []
    if rows < total:
        said = f"The {which} {rows:,} of {total:,} rows are read; more do not fit."
        findings["rows"] = Found(which, said, guessed=not choices.rows)
        notes.append(said)
    if left_out:
        shown = ", ".join(f"`{name[:40].replace('`', chr(39))}`" for name in left_out[:5])
        notes.append(f"Columns of lists or records were left out: {shown}.")
    frame = pd.DataFrame(cells)
    lines: Array = np.arange(first + 1, first + rows + 1)
    return Rectangle(cells=frame, lines=lines, separator="", names=tuple(names), findings=findings, notes=notes)
