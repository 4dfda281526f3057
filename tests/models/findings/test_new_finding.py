"""A finding is one new file: the worked example of docs/findings.md appears in command, page and tests."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
((FILE, EXAMPLE),) = re.findall(r"<!-- example: (\S+) -->\n```python\n(.*?)```", TEXT, re.DOTALL)
NAME = Path(FILE).stem
PAGE = """
from streamlit.testing.v1 import AppTest
test = AppTest.from_file("dashboard/pages/findings.py", default_timeout=120)
test.query_params["finding"] = {name!r}
test.run()
assert not test.exception, test.exception
assert {claim!r} in [one.value for one in test.subheader], test.subheader
assert any("reproduced" in one.value for one in test.markdown)
assert {claim!r} in test.dataframe[0].value["claim"].tolist()
"""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the packages, the tests of findings and the example, nothing else, and run the example there."""
    folder = tmp_path_factory.mktemp("extended")
    for package in ("data", "models", "dashboard"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "tests/models/findings/test_findings.py", folder / "test_findings.py")
    assert not (folder / FILE).exists()
    (folder / FILE).write_text(EXAMPLE, encoding="utf-8")
    _python(folder, "-m", "models", "reproduce", NAME, "--results", "models/findings/results", "--json", "one.json")
    return folder


def _python(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_command_knows_and_runs_it(extended: Path) -> None:
    """It is listed with its state, and its result is that of the rule."""
    listed = _python(extended, "-m", "models", "reproduce", "--list")
    assert re.search(rf"^{NAME} +reproduced ", listed, re.MULTILINE)
    (result,) = json.loads((extended / "one.json").read_text(encoding="utf-8"))["findings"]
    assert (result["finding"], result["state"]) == (NAME, "reproduced")


def test_page_shows_it(extended: Path) -> None:
    """Its claim is in the table, and its link opens it."""
    claim = re.search(r'claim="([^"]+)"', EXAMPLE)
    assert claim
    _python(extended, "-c", PAGE.format(name=NAME, claim=claim[1]))


def test_tests_include_it(extended: Path) -> None:
    """The tests of every finding run for it, too, and pass."""
    passed = _python(extended, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_findings.py", "-k", NAME)
    assert re.search(r"\b3 passed", passed), passed
