"""`python -m tests.second_try`: run each test that failed last once more, by itself, and name it in the last lines."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAST_FAILED = Path(".pytest_cache") / "v" / "cache" / "lastfailed"
Run = Callable[[str], bool]


def last_failed(folder: Path = ROOT) -> list[str]:
    """Return the tests, or files that could not be collected, that failed in the run before."""
    path = folder / LAST_FAILED
    return sorted(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else []


def run_alone(test: str) -> bool:
    """Run one test in a process of its own; return whether it passed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def try_again(tests: Sequence[str], run: Run = run_alone) -> list[str]:
    """Run tests one by one; return the lines that say which needed it and which failed again."""
    if not tests:
        return ["The run failed, and no test did: see its output above."]
    failed = [test for test in tests if not run(test)]
    lines = ["These tests needed a second try:", *(f"  {test}" for test in tests)]
    return [*lines, "Of them failed again:", *(f"  {test}" for test in failed)] if failed else lines


def main() -> int:
    """Try what failed again; return 1 if something failed twice."""
    tests, failed = last_failed(), []

    def run(test: str) -> bool:
        passed = run_alone(test)
        failed.extend([] if passed else [test])
        return passed

    print("\n".join(try_again(tests, run)), file=sys.stderr)
    return int(bool(failed) or not tests)


if __name__ == "__main__":
    sys.exit(main())
