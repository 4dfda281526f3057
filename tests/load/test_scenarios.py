"""The short forms of the scenarios that `python -m tests.load --full` carries out at length."""

from pathlib import Path

import pytest

from tests.load import scenarios
from tests.load.life import long_life
from tests.load.mixed import mixed
from tests.load.report import Outcome, percentile
from tests.load.reruns import reruns
from tests.load.specs import specs

pytestmark = pytest.mark.slow


def well(outcome: Outcome) -> Outcome:
    """Return an outcome without problems."""
    assert not outcome.problems, "\n".join(outcome.lines())
    return outcome


def test_first_visitors_at_once_all_get_their_page(tmp_path: Path) -> None:
    """Half imported modules showed here, before the entry imported them first."""
    well(scenarios.cold(tmp_path, visitors=10, times=1))


def test_crowd_reads_while_others_train(tmp_path: Path) -> None:
    """No rerun fails, no run is lost, and equal experiments give equal bits; times are printed."""
    outcome = well(scenarios.crowd(tmp_path, visitors=4, seconds=4.0))
    assert outcome.numbers["interactions"] > 4


@pytest.mark.timing
def test_page_with_a_result_stays_quick_beside_a_training(tmp_path: Path) -> None:
    """A rerun's median time is at most three times that without a training in the same minute."""
    ratios = []
    for attempt in range(3):
        outcome = well(reruns(tmp_path / str(attempt), presses=6, rounds=2))
        ratios.append(float(outcome.numbers["ratio of the medians"]))
        if ratios[-1] <= 3.0:
            return
    pytest.fail(f"at least {min(ratios):.1f} times as long, in three tries")


def test_killed_worker_loses_no_experiment(tmp_path: Path) -> None:
    """It is replaced, the run is taken up again, and no process outlives the server."""
    outcome = well(scenarios.worker_kills(tmp_path, times=1, seconds=60.0))
    assert outcome.numbers["kills"] >= 1


def test_killed_server_loses_no_experiment(tmp_path: Path) -> None:
    """Every accepted experiment is there after the next start, none of them running."""
    outcome = well(scenarios.server_kills(tmp_path, times=1))
    assert outcome.numbers["experiments kept"] == 1


def test_hostile_links_are_answered_with_a_sentence(tmp_path: Path) -> None:
    """No traceback, no empty page."""
    well(scenarios.hostile_links(tmp_path, links=25))


def test_visitors_who_all_do_something_else_meet_no_error(tmp_path: Path) -> None:
    """Trainings, pages, uploads, exports and ablations at once."""
    outcome = well(mixed(tmp_path, visitors=6, seconds=4.0, megabytes=0.3, rest=0.0))
    assert outcome.numbers["answers"] > 6


def test_every_export_of_experiments_in_a_row(tmp_path: Path) -> None:
    """Each file that the page offers is made and fetched."""
    well(long_life(tmp_path, experiments=1, exporting=True))


def test_random_settings_train_or_are_refused(tmp_path: Path) -> None:
    """Many of them at their bounds, with the function behind the command line."""
    well(specs(tmp_path, count=5))


def test_percentile_is_a_value_of_the_list() -> None:
    """The percentile is one of the values, not interpolated."""
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([3.0, 1.0, 2.0], 0.95) == 3.0
