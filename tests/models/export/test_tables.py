"""Exported tables are complete, exact and harmless."""

import csv
import io

import numpy as np
import pandas as pd
import pytest

from models.export.tables import LONG_COLUMNS, comparison_latex, comparison_markdown, long_csv, long_frame
from models.records.results import ExperimentResult
from tests.models.records.samples import an_experiment_result


@pytest.fixture
def result() -> ExperimentResult:
    """A finished comparison with a hostile baseline."""
    made = an_experiment_result()
    return ExperimentResult(
        spec=made.spec,
        status=made.status,
        runs=made.runs,
        baselines={"=HYPERLINK(1) & \\input{x} | <b>": {"mae_value": 0.5}},
    )


def test_long_frame_holds_every_number_once(result: ExperimentResult) -> None:
    """Curves, tests, costs and baselines are all there, one number a row."""
    frame = long_frame(result)
    assert list(frame.columns) == list(LONG_COLUMNS)
    lstm = frame[frame["architecture"] == "lstm"]
    losses = lstm[lstm["measure"] == "validation_loss"]
    np.testing.assert_array_equal(losses["value"], result.runs[0].curves["validation_loss"])
    assert set(losses["part"]) == {"validation"}
    assert set(lstm[lstm["part"] == "test"]["measure"]) == {"loss", "rmse"}
    assert lstm.loc[lstm["measure"] == "parameters", "value"].item() == result.runs[0].parameters
    keys = frame[["architecture", "seed", "update", "part", "measure"]]
    assert not keys.duplicated().any()


def test_long_csv_reads_back_to_the_last_bit(result: ExperimentResult) -> None:
    """What is written is what was measured, and only texts are marked."""
    read = pd.read_csv(io.BytesIO(long_csv(result)))
    written = long_frame(result)
    np.testing.assert_array_equal(read["value"], written["value"])
    assert list(read["architecture"][:-1]) == list(written["architecture"][:-1])


def test_csv_holds_no_formula(result: ExperimentResult) -> None:
    """No field of the file begins as a formula, unless it is a number."""
    for row in csv.reader(io.StringIO(long_csv(result).decode())):
        for field in row:
            assert not field.startswith(("=", "+", "@", "\t")) or float(field) is not None
            assert not field.startswith("-") or float(field) <= 0
    assert "'=HYPERLINK(1)" in long_csv(result).decode()


def test_markdown_table_keeps_its_columns(result: ExperimentResult) -> None:
    """A bar in a name does not make a column."""
    lines = comparison_markdown(result).strip().splitlines()
    widths = {line.replace("\\|", "").count("|") for line in lines}
    assert len(widths) == 1
    assert len(lines) == 2 + 3
    assert "\\<b\\>" in lines[-1]


def test_latex_table_runs_no_command_of_a_name(result: ExperimentResult) -> None:
    """Names are text in LaTeX, and every row has the same number of columns."""
    table = comparison_latex(result)
    assert "\\input" not in table
    assert "\\textbackslash{}input\\{x\\}" in table
    rows = [line for line in table.splitlines() if line.endswith("\\\\")]
    assert len({line.replace("\\&", "").count("&") for line in rows}) == 1
