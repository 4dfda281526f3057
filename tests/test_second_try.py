"""What `.ci/run` tells of tests that fail at first."""

import json
from pathlib import Path

from tests.second_try import LAST_FAILED, last_failed, try_again


def test_tests_that_failed_are_read_from_the_last_run(tmp_path: Path) -> None:
    """Pytest keeps their names; without that file there is none."""
    assert last_failed(tmp_path) == []
    (tmp_path / LAST_FAILED).parent.mkdir(parents=True)
    (tmp_path / LAST_FAILED).write_text(json.dumps({"tests/b.py::test_b": True, "tests/a.py::test_a": True}))
    assert last_failed(tmp_path) == ["tests/a.py::test_a", "tests/b.py::test_b"]


def test_last_lines_name_every_test_that_needed_a_second_try() -> None:
    """Those that passed then, and those that failed again."""
    tried: list[str] = []

    def run(test: str) -> bool:
        tried.append(test)
        return test != "two"

    assert try_again(["one", "two"], run)[-5:] == [
        "These tests needed a second try:",
        "  one",
        "  two",
        "Of them failed again:",
        "  two",
    ]
    assert tried == ["one", "two"]
    assert try_again(["one"], run)[-1] == "  one"


def test_run_that_failed_without_a_failed_test_is_said() -> None:
    """A crash is no success."""
    assert "no test did" in try_again([], lambda test: True)[0]
