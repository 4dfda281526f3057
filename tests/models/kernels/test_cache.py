"""Compiled kernels are kept where nobody else can write, in a folder per state of the sources."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

from models.kernels import cache


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start without a chosen folder, in a home of its own, and leave the process as it was."""
    monkeypatch.setitem(os.environ, cache.VARIABLE, "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delitem(sys.modules, "numba", raising=False)


def test_folder_is_private_and_named_by_the_sources(tmp_path: Path) -> None:
    """The folder lies in the user's cache, is closed to others, and numba is told."""
    folder = cache.prepare_cache()
    assert folder == tmp_path / "xdg" / "gatescope" / f"kernels-{cache.source_digest()}-{cache.processor_digest()}"
    assert folder.stat().st_mode & 0o077 == 0
    assert os.environ[cache.VARIABLE] == str(folder)


def test_child_process_takes_the_same_folder() -> None:
    """A worker that inherits the variable does not nest another folder in it."""
    assert cache.prepare_cache() == cache.prepare_cache()


def test_given_folder_is_the_parent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """NUMBA_CACHE_DIR decides where the folder lies."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "given"))
    assert cache.prepare_cache().parent == tmp_path / "given"


def test_folder_open_to_others_is_refused(tmp_path: Path) -> None:
    """A folder that others may write to could hold their code: another one is taken."""
    shared = tmp_path / "xdg" / "gatescope"
    shared.mkdir(parents=True)
    shared.chmod(0o777)
    folder = cache.prepare_cache()
    assert shared not in folder.parents
    assert folder.parent.stat().st_mode & 0o022 == 0


def test_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    """A symbolic link could point elsewhere later."""
    target = tmp_path / "target"
    target.mkdir(mode=0o700)
    (tmp_path / "xdg").mkdir()
    (tmp_path / "xdg" / "gatescope").symlink_to(target)
    assert target not in cache.prepare_cache().resolve().parents


def test_process_without_a_writable_home_uses_a_temporary_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where nothing else can be made, kernels are kept for this process."""
    monkeypatch.setattr(cache, "_candidates", lambda: [tmp_path / "file" / "below"])
    (tmp_path / "file").write_text("in the way")
    folder = cache.prepare_cache()
    assert folder.is_dir()
    assert os.access(folder, os.W_OK)
