"""A hostile file is refused in one sentence; nothing in it runs, and memory and time stay bounded."""

import os
import resource
import subprocess
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from models.checkpoints import child, open_file
from models.checkpoints.open_file import open_checkpoint
from models.errors import CheckpointError
from tests.models.checkpoints.hostile import make

SHORT = 66
LONG = 1_000 if os.environ.get("GATESCOPE_FULL") == "1" else 110
MAX_GROWTH = 600_000  # kilobytes by which this process may grow at most: a file, its arrays, and the library's own


def check(number: int, folder: Path) -> str:
    """Open hostile file `number` and return the sentence."""
    mark = folder / "ran"
    content, name = make(number, str(mark))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        open_checkpoint(content, name)
    except CheckpointError as error:
        sentence = str(error)
        assert sentence.endswith(".")
        assert len(sentence) < 500
        assert "\n" not in sentence
        assert "Traceback" not in sentence
    else:
        assert number % 11 in (2, 3), f"{number} was opened"  # bytes of weights changed or a tail lost: still weights
        sentence = ""
    assert not mark.exists()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MAX_GROWTH
    return sentence


@pytest.mark.parametrize("start", range(0, SHORT, 11))
def test_hostile_files_are_refused_in_one_sentence(start: int, tmp_path: Path) -> None:
    """Eleven kinds at a time: pickles, bombs, wrong shapes, NaN, cut off, huge headers, noise."""
    for number in range(start, start + 11):
        check(number, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(SHORT, LONG, 11))
def test_a_thousand_hostile_files_are_refused_in_one_sentence(start: int, tmp_path: Path) -> None:
    """More of them; a thousand with `GATESCOPE_FULL=1`."""
    for number in range(start, start + 11):
        check(number, tmp_path)


def test_a_pickle_that_would_run_code_is_refused_before_a_process_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its names are listed, not looked up, and the sentence says how to save weights."""
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("a process was started"))
    content, name = make(0, str(tmp_path / "ran"))
    with pytest.raises(CheckpointError, match=r"would load `.*system`.*state_dict"):
        open_checkpoint(content, name)


def test_a_process_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent's clock ends it."""
    monkeypatch.setattr(open_file, "SECONDS", 0.01)
    with pytest.raises(CheckpointError, match="took longer"):
        open_checkpoint(b"\x89HDF\r\n\x1a\n" + bytes(100), "net.h5")


def test_memory_of_the_reading_process_is_limited() -> None:
    """An array larger than the limit cannot be made there."""
    code = (
        "import numpy as np; from models.checkpoints.child import limit_resources; limit_resources({}, 20); np.ones({})"
    )
    limit = 200_000_000
    run = [open_file.sys.executable, "-c", code.format(limit, limit // 4)]
    done = subprocess.run(run, cwd=open_file._ROOT, capture_output=True, check=False)
    assert b"MemoryError" in done.stderr
    fits = [open_file.sys.executable, "-c", code.format(limit, limit // 80)]
    assert subprocess.run(fits, cwd=open_file._ROOT, capture_output=True, check=False).returncode == 0
    assert child.MEMORY_BYTES <= 1_000_000_000


def test_wrong_names_in_a_file_cannot_break_the_sentence() -> None:
    """Line breaks and backticks of a tensor's name do not come through."""
    content = save({"a`\n\x1b[31m.weight_hh_l0": np.zeros((7, 2), np.float32)})
    with pytest.raises(CheckpointError) as refused:
        open_checkpoint(content, "net.safetensors")
    assert "\n" not in str(refused.value)
    assert "\x1b" not in str(refused.value)
