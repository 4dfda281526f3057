"""README and docs are correct: they name everything, their links work, their examples run."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from data import fields
from data.catalog import catalogue
from models.cells import architectures
from models.spec.installation_limits import Limits, variable

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXTENDING = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: (\S+) -->\n```python\n(.*?)```", EXTENDING, re.DOTALL))
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
MAX_LINES = 200


def test_readme_is_short() -> None:
    """Longer texts belong in docs/."""
    assert len(README.splitlines()) <= MAX_LINES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link and picture of a page exists."""
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    gone = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert gone == []


def test_every_page_of_docs_is_linked_from_the_readme() -> None:
    """Every page of docs/ has a link in the README."""
    assert [page.name for page in PAGES if page.name != "README.md" and f"{page.name})" not in README] == []


def test_environment_page_names_every_limit_with_its_default() -> None:
    """A new limit, or another default, is on its page; the old prefix is only mentioned there."""
    page = (ROOT / "docs" / "environment.md").read_text(encoding="utf-8")
    for name in fields.infos(Limits):
        assert f"| `{variable(name)}` | {getattr(Limits(), name):,g} |".replace(",", " ") in page, name
    for other in PAGES:
        known = other.name in ("environment.md", "CHANGELOG.md")
        assert known or "GATESCOPE_MOST_" not in other.read_text(encoding="utf-8")


def test_environment_page_names_exactly_the_variables_of_the_code() -> None:
    """Every `GATESCOPE_` variable that code, tests or containers mention is on the page, and no other."""
    places = ["streamlit_app.py", "Dockerfile", ".ci/run", ".devcontainer/devcontainer.json"]
    code = [ROOT / place for place in places]
    code += [path for folder in ("data", "models", "dashboard", "tests") for path in (ROOT / folder).rglob("*.py")]
    used = {name for path in code for name in _variables(path)} | {variable(name) for name in fields.infos(Limits)}
    assert used == _variables(ROOT / "docs" / "environment.md")


def _variables(path: Path) -> set[str]:
    """Return the variables that a file names; tests make up names of limits, so these come from `Limits` instead."""
    found = set(re.findall(r"GATESCOPE_[A-Z]+(?:_[A-Z]+)*\b(?!_)", path.read_text(encoding="utf-8")))
    return found if path.suffix == ".md" else {name for name in found if not re.match("GATESCOPE_(MAX|MOST)", name)}


def test_reliability_page_names_files_that_exist() -> None:
    """Files named in the table exist."""
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/]+\.py)`", page))
    there = {path.as_posix() for folder in ("data", "models", "dashboard", "tests") for path in _files(folder)}
    assert len(named) > 20
    assert {name for name in named if not any(path == name or path.endswith(f"/{name}") for path in there)} == set()


def _files(folder: str) -> list[Path]:
    return [path.relative_to(ROOT) for path in (ROOT / folder).rglob("*.py")]


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
    assert len(EXAMPLES) == 3
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
    """The command line knows the new architectures and the new dataset."""
    listed = json.loads(_run(extended, "list", "--json", "-"))
    assert {"leaky", "gated_convolution"} <= {entry["name"] for entry in listed["architectures"]}
    assert "first_number" in {entry["name"] for entry in listed["datasets"]}


@pytest.mark.slow
def test_worked_examples_train_together(extended: Path) -> None:
    """Both new architectures train on the new dataset beside the GRU, and the GRU beats the baseline."""
    arguments = [
        "--dataset",
        "first_number",
        "--option",
        "length=8",
        "--architecture",
        "leaky",
        "--architecture",
        "gru",
        "--architecture",
        "gated_convolution",
    ]
    arguments += ["--hidden", "12", "--seeds", "2", "--updates", "300", "--learning-rate", "0.01"]
    result = json.loads(_run(extended, "compare", *arguments, "--json", "-"))
    assert [run["architecture"] for run in result["results"]] == ["leaky", "gru", "gated_convolution"]
    assert [run["status"] for run in result["results"]] == ["finished"] * 3
    baseline = next(iter(result["baselines"].values()))["mae_value"]
    assert all(seed["test_metrics"]["mae_value"] < baseline for seed in result["results"][1]["seeds"])
