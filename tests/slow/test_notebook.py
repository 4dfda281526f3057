"""The notebook of the documentation runs, and shows verdict, tables and figures."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "example.ipynb"
PLOTLY = "application/vnd.plotly.v1+json"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the kernel's own packages
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs in a kernel; the verdict is HTML, figures are Plotly's, and the report is written."""
    (tmp_path / "data" / "files").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "files" / "airline_monthly.csv", tmp_path / "data" / "files")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert [cell.outputs for cell in notebook.cells if cell.cell_type == "code"] == [[]] * 7  # kept without outputs
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [cell.outputs[-1].data for cell in notebook.cells if cell.cell_type == "code"]
    assert shown[1]["text/html"].startswith("<p><b>")
    assert "1961-01" in shown[3]["text/html"]
    assert [PLOTLY in data or "text/html" in data for data in shown[4:6]] == [True, True]
    assert (tmp_path / "report.html").stat().st_size > 1_000_000
