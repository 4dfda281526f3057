"""What people's programs write is read back equal, or asked, or refused; never silently different."""

import math
import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from data.errors import DataError
from data.uploads.findings import AUTOMATIC, TableChoices
from data.uploads.table import Table, read_table
from tests.data.uploads.writer import Written, written

LONG = os.environ.get("GATESCOPE_FULL") == "1"
EXAMPLES = 5_000 if LONG else 150
SETTINGS = settings(
    deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True, max_examples=EXAMPLES
)
MAX_DEPTH = 2


def difference(table: Table, meant: Written) -> str:
    """Return the first way in which a table is not what was written; empty if it is."""
    expected_columns = list(meant.columns)
    while (
        len(expected_columns) > 1
        and not (meant.style.header or meant.style.missing)
        and all(value is None for value in expected_columns[-1].values)
    ):
        expected_columns.pop()  # without a name and a value, a column at the right edge is a separator at the line's end
    if len(table.columns) != len(expected_columns):
        return f"{len(table.columns)} columns, not {len(meant.columns)}"
    if table.rows != len(meant.columns[0].values):
        return f"{table.rows} rows, not {len(meant.columns[0].values)}"
    for index, (column, expected) in enumerate(zip(table.columns, expected_columns, strict=True)):
        if meant.style.header and meant.names.count(meant.names[index]) == 1 and column.name != meant.names[index]:
            return f"the name {column.name!r}, not {meant.names[index]!r}"
        found = [None if gap else value for gap, value in zip(column.missing, column.texts, strict=True)]
        if expected.kind == "number" and any(value is not None for value in expected.values):
            if column.numbers is None:
                return f"`{column.name}` is {column.kind}, not numbers"
            found = [None if math.isnan(number) else number for number in column.numbers.tolist()]
        if found != expected.values and any(value is not None for value in expected.values):
            return f"`{column.name}` is {found}, not {expected.values}"
    return ""


def outcome(meant: Written, choices: TableChoices = AUTOMATIC, depth: int = 0) -> str:
    """Return `equal`, `asked`, `refused`, or what is silently different."""
    try:
        table = read_table(meant.content, choices)
    except DataError:
        return "refused"
    wrong = difference(table, meant)
    if not wrong:
        return "asked" if depth else "equal"
    if depth < MAX_DEPTH:
        for question in table.questions:
            for value, _ in question.choices:
                if outcome(meant, choices.changed(question.name, value), depth + 1) == "asked":
                    return "asked"
    return wrong


def check(meant: Written) -> str:
    """Assert that a file is not read silently as something else."""
    found = outcome(meant)
    assert found in ("equal", "asked", "refused"), (found, meant.content)
    return found


COUNTED: Counter[str] = Counter()


@SETTINGS
@given(meant=written())
def test_tables_are_read_back_or_asked_or_refused(meant: Written) -> None:
    """Random combinations of encoding, separator, decimals, thousands, missing marks and header."""
    COUNTED[check(meant)] += 1


@pytest.mark.slow
def test_most_tables_are_read_back_without_a_question() -> None:
    """Of the files above, nine of ten are read, and most of those without a question."""
    test_tables_are_read_back_or_asked_or_refused()
    total = sum(COUNTED.values())
    assert COUNTED["refused"] < 0.1 * total, COUNTED
    assert COUNTED["equal"] > 0.7 * total, COUNTED
