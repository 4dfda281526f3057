"""The tests with hostile input, faults and kills, in their long forms."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.browser.serving import ROOT
from tests.load.report import Outcome

FILES = (
    "tests/dashboard/test_spoiled_experiments.py",
    "tests/data/uploads/test_fuzz.py",
    "tests/data/uploads/test_hostile_files.py",
    "tests/data/uploads/test_writer.py",
    "tests/load/test_isolation.py",
    "tests/models/spec/test_hostile.py",
    "tests/models/store/sql/test_faults.py",
    "tests/models/store/sql/test_file_faults.py",
    "tests/models/store/sql/test_kill.py",
)
FULL = {"GATESCOPE_FULL": "1", "GATESCOPE_KILLS": "20"}


def batteries(folder: Path, *, full: bool) -> Outcome:
    """Run them; with `full` 5,000 files and links, and 20 kills."""
    outcome = Outcome("hostile input and faults")
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "--basetemp", str(folder / "tests"), *FILES]
    environment = {**os.environ, **(FULL if full else {})}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    counted = re.findall(r"(\d+) (passed|failed|skipped|errors?)", done.stdout)
    outcome.numbers |= {f"tests {word}": int(number) for number, word in counted}
    outcome.expect(done.returncode == 0, done.stdout[-2000:])
    return outcome
