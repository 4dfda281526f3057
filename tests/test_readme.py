"""The README tells the truth: it names everything there is, and its worked examples run as they stand."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from data.catalog import catalogue
from models.cells import architectures

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: (\S+) -->\n```python\n(.*?)```", README, re.DOTALL))


def test_readme_names_every_dataset_architecture_and_page() -> None:
    """A new dataset, architecture or page is named in the README."""
    for name, cell in architectures().items():
        assert f"`{name}`" in README, name
        assert cell.title in README, cell.title
    for name in catalogue():
        assert f"`{name}`" in README, name
    for page in (ROOT / "dashboard" / "pages").glob("[a-z]*.py"):
        title = re.search(r'title="([^"]+)"', page.read_text(encoding="utf-8"))
        assert title, page
        assert f"**{title[1]}**" in README, page


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the packages and add the files of the worked examples, nothing else."""
    folder = tmp_path_factory.mktemp("extended")
    for package in ("data", "models"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    assert len(EXAMPLES) == 2
    for path, text in EXAMPLES.items():
        assert not (ROOT / path).exists()
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def _run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "models", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_worked_examples_are_listed(extended: Path) -> None:
    """The command line knows the new architecture and the new dataset."""
    listed = json.loads(_run(extended, "list", "--json", "-"))
    assert "leaky" in {entry["name"] for entry in listed["architectures"]}
    assert "first_number" in {entry["name"] for entry in listed["datasets"]}


@pytest.mark.slow
def test_worked_examples_train_together(extended: Path) -> None:
    """The new architecture trains on the new dataset beside the GRU, and the GRU beats the baseline."""
    arguments = [
        "--dataset",
        "first_number",
        "--option",
        "length=8",
        "--architecture",
        "leaky",
        "--architecture",
        "gru",
    ]
    arguments += ["--hidden", "12", "--seeds", "2", "--updates", "300", "--learning-rate", "0.01"]
    result = json.loads(_run(extended, "compare", *arguments, "--json", "-"))
    assert [run["architecture"] for run in result["results"]] == ["leaky", "gru"]
    assert [run["status"] for run in result["results"]] == ["finished", "finished"]
    baseline = next(iter(result["baselines"].values()))["mae_value"]
    assert all(seed["test_metrics"]["mae_value"] < baseline for seed in result["results"][1]["seeds"])
