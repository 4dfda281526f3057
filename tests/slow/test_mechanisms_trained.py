"""Planted causes and null tasks by real training: the short form of `python -m tests.mechanisms`."""

import pytest

from tests.mechanisms.tasks import NULL, PLANTED, PlantedTask
from tests.mechanisms.trained import answer

SHORT = (PLANTED[0], PLANTED[3], NULL[0], NULL[4])


@pytest.mark.slow
@pytest.mark.parametrize("task", SHORT, ids=[task.name for task in SHORT])
def test_trained_task_names_its_planted_cause_or_nothing(task: PlantedTask) -> None:
    """A lag and a column are named; where nothing was planted, nothing is."""
    found = answer(task)
    assert found.right(task), (found.winner, found.told)
