"""No file that the product gives out has a cell which a spreadsheet would take for a formula."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from dashboard.components import chart
from data.escape_output import csv_bytes
from models.export.tables import long_csv
from models.spec.experiment_settings import ExperimentSpec
from tests.dashboard.fakes import made_up_result

ROOT = Path(__file__).parent.parent
HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "＝HYPERLINK(1)", "＋1", "－1", "＠x", "  =1", "\n=1", "\r\n@x", "\t=1", "\0=1", "\u3000=1")  # fmt: skip
SIGNS = tuple("=+-@＝＋－＠")


def texts(content: bytes) -> list[str]:
    """Return every cell that is no number."""
    cells = [cell for row in csv.reader(io.StringIO(content.decode(), newline="")) for cell in row]
    return [cell for cell in cells if not _is_number(cell)]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return not text.strip("0123456789.e+-")


def harmless(content: bytes) -> bool:
    """Say whether no text begins a formula, however much white space comes first."""
    return not [text for text in texts(content) if text.strip("\0 \t\r\n\u3000").startswith(SIGNS)]


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_headers_and_all_kinds_of_columns_are_escaped(text: str) -> None:
    """Text, mixed and categorical columns, and their names; a negative number stays a number."""
    frame = pd.DataFrame(
        {text: [text, "fine"], "mixed": [text, -1.5], "kind": pd.Categorical([text, "x"]), "n": [-1, 2]}
    )
    content = csv_bytes(frame)
    assert harmless(content)
    assert [row.rsplit(",", 1)[1] for row in content.decode().splitlines() if row.endswith((",-1", ",2"))] == [
        "-1",
        "2",
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_csv_below_a_chart_is_escaped(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every chart offers its data through one button."""
    made: list[bytes] = []
    monkeypatch.setattr(chart.st, "download_button", lambda label, make, **options: made.append(make()))
    chart.csv_button(lambda: pd.DataFrame({"title": [text]}), name="x")
    assert harmless(made[0])


@pytest.mark.parametrize("text", HOSTILE)
def test_exported_results_are_escaped(text: str) -> None:
    """An experiment from a file may carry any text as the name of a baseline."""
    result = made_up_result(ExperimentSpec(dataset="adding", architectures=("lstm",), seeds=1, updates=10))
    scores = next(iter(result.baselines.values()))
    assert harmless(long_csv(replace(result, baselines={text: scores})))


def test_frames_leave_by_one_function() -> None:
    """Whoever writes a frame as CSV for somebody calls `data.escape_output.csv_bytes`; a frame taken in is written for us alone."""
    files = [path for top in ("data", "models", "dashboard") for path in (ROOT / top).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in files if ".to_csv(" in path.read_text(encoding="utf-8")}
    assert found == {"data/escape_output.py", "data/uploads/command_line.py"}
