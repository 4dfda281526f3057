"""The public interface: what a script or notebook imports."""

import doctest
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import api
from models.api import Comparison, compare, list_architectures, list_datasets
from models.errors import DataError, GatescopeError, InvalidSpecError
from models.export.experiment_document import from_json

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"hidden_size": 4, "seeds": 2, "updates": 10, "evaluations": 2}


@pytest.fixture(scope="module")
def found() -> Comparison:
    """A small comparison that was trained."""
    return compare("adding", ("gru", "rnn"), options={"length": 10}, **SMALL)


def test_examples_of_the_docstrings_run() -> None:
    """Every example prints what it says."""
    failed, tried = doctest.testmod(api)
    assert (failed, tried >= 6) == (0, True)


def test_public_names_are_documented_and_typed() -> None:
    """Each of them has a docstring, and every parameter of a function a type."""
    for name in api.__all__:
        thing = getattr(api, name)
        assert thing.__doc__, name
        if callable(thing) and not isinstance(thing, type):
            assert set(thing.__annotations__) - {"return"} == set(_parameters(thing)), name


def _parameters(function: object) -> tuple[str, ...]:
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 8)]


def test_comparison_has_verdict_table_and_curves(found: Comparison) -> None:
    """A result says what was asked, in words and in frames."""
    assert found.status == "finished"
    assert found.verdict.headline
    assert found.table["name"].tolist()[:2] == ["gru", "rnn"]
    assert set(found.curves["architecture"]) == {"gru", "rnn"}
    assert "dataset=adding" in found.query


@pytest.fixture(scope="module")
def sold() -> Comparison:
    """A small comparison on a frame whose index holds the months."""
    months = pd.date_range("2012-01-31", periods=140, freq="ME", name="month")
    rows = np.arange(len(months))
    frame = pd.DataFrame({"y": 50 + 9 * np.sin(rows / 1.9) + rows % 5, "other": rows % 7.0}, index=months)
    return compare(frame, ["gru"], target="y", horizon=3, options={"window": 8}, rate_search=0, **SMALL)


def test_frame_is_forecast(sold: Comparison) -> None:
    """Target and horizon are arguments, the index is the time, and fewer steps than trained can be asked for."""
    options = dict(sold.result.spec.options)
    assert (options["target"], options["horizon"], sold.result.spec.resampling) == ("y", 3, "data")
    frame = sold.forecast(2)
    assert frame[frame["architecture"] == "gru"]["time"].tolist() == ["2023-09-30", "2023-10-31"]
    assert len(sold.forecast()) == 6
    with pytest.raises(DataError, match="must be 1 to 3"):
        sold.forecast(0)
    with pytest.raises(DataError, match=r"`other` is an input that is not predicted.*`horizon=4`"):
        sold.forecast(4)


def test_frame_of_networks_trained_on_everything_says_so(sold: Comparison) -> None:
    """Their rows are marked, those of the simple predictor are not, and the notes say that nothing tested them."""
    tested, frame = sold.forecast(), sold.forecast(2, train_on_everything=True)
    assert "trained_on_everything" not in tested
    assert any("points" in note or "too few errors" in note for note in tested.attrs["notes"])
    assert not any("no test score" in note for note in tested.attrs["notes"])
    assert frame["trained_on_everything"].tolist() == (frame["architecture"] == "gru").tolist()
    assert len(frame) == 4
    assert any("Trained on all rows: GRU for" in note for note in frame.attrs["notes"])
    assert any("no test score of their own" in note for note in frame.attrs["notes"])
    own, before = (one[one["architecture"] == "gru"] for one in (frame, tested[tested["step"] <= 2]))
    assert not np.allclose(own["mean"], before["mean"])
    if "upper_80" in own:
        widths = [(one["upper_80"] - one["lower_80"]).to_numpy() for one in (own, before)]
        np.testing.assert_allclose(*widths)


def test_what_is_no_series_has_no_forecast(found: Comparison) -> None:
    """One sentence with what to give instead."""
    with pytest.raises(DataError, match="give a series in time order"):
        found.forecast()


def test_figures_have_names_and_show_themselves(sold: Comparison) -> None:
    """One plotly.js for all of them, and words where a notebook shows Markdown alone."""
    drawn = sold.figures
    assert list(drawn) == ["forecast", "error_by_step", "loss", "predictions", "gates_gru"]
    assert [trace.name for trace in drawn["loss"].data]
    shown = drawn._repr_html_()
    assert shown.count("<figure ") == len(drawn)
    assert shown.count("plotly.js v") == 1
    assert "- `forecast`: Forecasts" in drawn._repr_markdown_()


def test_verdict_and_comparison_show_themselves(sold: Comparison) -> None:
    """Headline, facts and table; what a name holds is escaped."""
    verdict = replace(sold.verdict, headline="a <b> & *c*")
    assert "a &lt;b&gt; &amp; *c*" in verdict._repr_html_()
    assert r"**a \<b\>" in verdict._repr_markdown_()
    assert sold.verdict.facts[0].split()[0] in sold._repr_html_()
    assert sold.table.attrs["target"] == dict(sold.result.spec.options)["target"] != ""
    assert "<table" in sold._repr_html_()


def test_report_holds_the_forecast(sold: Comparison, tmp_path: Path) -> None:
    """The next dates, how often the band held, and in HTML the chart with the last rows of the history."""
    text = sold.save_report(tmp_path / "report.md").read_text(encoding="utf-8")
    assert "## Forecast" in text
    assert "2023-09-30" in text
    page = sold.save_report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Forecast of the next steps" in page
    assert "2023-08-31" in page.partition("chart-1-data")[2].partition("</script>")[0]


@pytest.mark.parametrize("ending", [".html", ".md", ".json"])
def test_report_is_written(found: Comparison, tmp_path: Path, ending: str) -> None:
    """Each kind of file holds the verdict; the JSON opens again."""
    path = found.save_report(tmp_path / f"report{ending}")
    text = path.read_text(encoding="utf-8")
    if ending == ".json":
        assert json.loads(text)["verdict"]["headline"] == found.verdict.headline
        assert from_json(path.read_bytes()).result.spec == found.result.spec
    else:
        assert found.verdict.facts[0].split()[0] in text


def test_report_refuses_what_it_cannot_write(found: Comparison, tmp_path: Path) -> None:
    """Another ending, or a folder that does not exist, gets one sentence."""
    with pytest.raises(InvalidSpecError, match=r"`path` must end in `.html`.*not `.pdf`"):
        found.save_report(tmp_path / "report.pdf")
    with pytest.raises(GatescopeError, match="Cannot write"):
        found.save_report(tmp_path / "nowhere" / "report.md")


def test_progress_is_told() -> None:
    """Architecture, update and number of updates."""
    told: list[tuple[str, int, int]] = []
    compare("adding", ["gru"], options={"length": 10}, on_progress=lambda *values: told.append(values), **SMALL)
    assert told[-1] == ("gru", 10, 10)


def test_file_of_ones_own_is_compared(tmp_path: Path) -> None:
    """A path is read as on the command line."""
    path = tmp_path / "sales.csv"
    path.write_text("day,sales\n" + "".join(f"{day},{day % 7 + day / 100:.2f}\n" for day in range(200)))
    found = compare(path, ["gru"], options={"target": "sales"}, **SMALL)
    assert found.result.spec.dataset == "own_series"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"dataset": "sunspot"}, "did you mean `sunspots`"),
        ({"dataset": "adding", "architectures": ["lstn"]}, "did you mean `lstm`"),
        ({"dataset": "adding", "hidden": 3}, "no setting `hidden`"),
        ({"dataset": "nowhere.csv"}, "nowhere.csv"),
    ],
)
def test_bad_arguments_get_a_sentence(arguments: dict[str, object], told: str) -> None:
    """The message names what to change."""
    with pytest.raises(GatescopeError, match=told):
        compare(**arguments)


def test_lists_name_everything() -> None:
    """What a list names can be compared."""
    assert {"sunspots", "adding", "own_text"} <= set(list_datasets()["name"])
    assert {"lstm", "gru", "rnn"} <= set(list_architectures()["name"])


def test_importing_it_loads_neither_torch_nor_a_page() -> None:
    """A notebook that only lists waits for nothing."""
    code = (
        "import sys, models.api as a; a.list_datasets(); assert not {'torch', 'streamlit', 'plotly'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


@pytest.mark.slow
def test_example_of_the_documentation_runs(tmp_path: Path) -> None:
    """The script in docs/python.md runs as it stands and writes its report."""
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"<!-- example: script -->\n```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin", "HOME": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ended.returncode == 0, ended.stderr
    assert "- " in ended.stdout
    assert (tmp_path / "sunspots.html").stat().st_size > 1000
