"""Train a task and every mechanism that is offered for its winner, as the page does."""

from dataclasses import dataclass

from models.analysis.mechanisms import Explained, better_pair, conclusion, explain, mechanisms, strongest
from models.engine.run_here import run_experiment
from models.spec.task_data import task_data
from tests.mechanisms.tasks import PlantedTask

NOBODY = "No architecture is clearly better."


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the training of a task said.

    Attributes:
        winner: The better architecture, empty if none was.
        named: Names of the mechanisms that were found, the strongest first.
        told: The sentence of the page.
        tested: Everything that was tested.
    """

    winner: str
    named: tuple[str, ...]
    told: str
    tested: tuple[Explained, ...] = ()

    def right(self, task: PlantedTask) -> bool:
        """Return whether the planted cause was named, or nothing where nothing was planted."""
        return bool(task.causes & set(self.named)) if task.causes else not self.named


def answer(task: PlantedTask, *, repeats: int = 8, threads: int = 2) -> Answer:
    """Train a task, then each mechanism of its winner."""
    spec, content = task.experiment(repeats)
    result = run_experiment(spec, content=content, threads=threads)
    pair = better_pair(result)
    if pair is None or pair.better is None:
        return Answer(winner="", named=(), told=NOBODY)
    winner = pair.better
    loser = next(name for name in pair.pair if name != winner)
    offered = mechanisms(spec, task_data(spec, content), winner=winner, loser=loser)
    results = [(one, run_experiment(one.spec, content=content, threads=threads)) for one in offered]
    found = explain(result, winner, loser, results)
    return Answer(
        winner=winner,
        named=tuple(one.mechanism.name for one in strongest(found)),
        told=conclusion(found, winner),
        tested=found,
    )
