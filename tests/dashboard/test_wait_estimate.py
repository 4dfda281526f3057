"""What a visitor is told about the time that a training takes."""

from pathlib import Path

import pytest

from dashboard.wait_estimate import Pace, WaitEstimate

WITHIN = 1.5


@pytest.mark.parametrize(("scale", "overhead"), [(4.0, 2.5), (0.3, 0.4), (1.0, 1.0)])
def test_announced_time_comes_within_a_factor_of_one_and_a_half_after_a_few_trainings(
    tmp_path: Path, scale: float, overhead: float
) -> None:
    """On a machine much slower or faster than the formula, short and long trainings are announced rightly soon."""
    estimate = WaitEstimate(tmp_path / "waits.json")
    for work in (0.5, 8.0) * 5:
        estimate.learn("fused", work, overhead + scale * work)
    again = WaitEstimate(tmp_path / "waits.json")  # after a restart
    for work in (0.5, 2.0, 8.0, 60.0):
        ratio = again.expected("fused", work) / (overhead + scale * work)
        assert 1 / WITHIN <= ratio <= WITHIN


def test_kinds_of_kernels_are_learned_apart(tmp_path: Path) -> None:
    """Times of the equations do not change the estimate for fused kernels."""
    estimate = WaitEstimate(tmp_path / "waits.json")
    before = estimate.expected("fused", 10.0)
    estimate.learn("equations", 10.0, 40.0)
    assert estimate.expected("fused", 10.0) == before
    assert estimate.expected("equations", 10.0) > before


def test_training_that_waited_for_others_teaches_nothing() -> None:
    """A laptop that slept, or a queue, does not change what is announced."""
    assert Pace().learned(1.0, 1000.0).expected(1.0) == Pace().expected(1.0)
    assert Pace().learned(1.0, 1000.0).learned(1.0, 2.0) == Pace()


def test_machine_that_is_slow_every_time_is_believed(tmp_path: Path) -> None:
    """A wrong "about 1 s" corrects itself where each training takes 71 s, also if the server starts again in between."""
    work, took = 0.3, 71.0
    for _ in range(8):
        WaitEstimate(tmp_path / "waits.json").learn("fused", work, took)
    assert took / WITHIN <= WaitEstimate(tmp_path / "waits.json").expected("fused", work) <= took * WITHIN


def test_file_that_cannot_be_read_or_written_is_done_without(tmp_path: Path) -> None:
    """Neither a broken file nor a folder in its place is an error."""
    broken = tmp_path / "waits.json"
    broken.write_text("[1, 2", encoding="utf-8")
    assert WaitEstimate(broken).expected("fused", 1.0) == Pace().expected(1.0)
    folder = tmp_path / "folder"
    folder.mkdir()
    estimate = WaitEstimate(folder)
    estimate.learn("fused", 10.0, 20.0)
    assert estimate.expected("fused", 10.0) > Pace().expected(10.0)
