"""How quick a page with every chart of a finished experiment stays while another experiment trains."""

from pathlib import Path

from tests.load.client import Visitor
from tests.load.ledger import Ledger
from tests.load.report import Outcome, percentile
from tests.load.scenarios import LONG, PATIENCE, warm
from tests.load.server import Application

READ = ""  # the page as it opens: the first preset
TRAIN = f"dataset=adding&option.length=50&hidden_size=32&seeds=3&architectures=lstm,gru&updates={LONG}"


def reruns(folder: Path, *, presses: int, rounds: int = 2) -> Outcome:
    """Change a setting again and again, in turn without and beside a training, and time the server's answers."""
    outcome = Outcome("reruns of a page with a result")
    waits: dict[bool, list[float]] = {False: [], True: []}
    with warm(folder) as server, Visitor(server.url, READ) as reader, Visitor(server.url, TRAIN) as trainer:
        reader.open()
        reader.press("Train")
        outcome.expect(_becomes(server, reader, "finished"), "the experiment that is read did not finish")
        reader.open()
        for _ in range(rounds):
            waits[False] += _answers(reader, presses)
            trainer.open()
            trainer.press("Train")
            outcome.expect(_becomes(server, trainer, "running"), "the other experiment did not start")
            waits[True] += _answers(reader, presses)
            trainer.press("Stop")
            outcome.expect(_becomes(server, trainer, "stopped"), "the other experiment did not stop")
        outcome.expect(any("of the test part" in text for text in reader.texts), "the page has no result")
        outcome.expect(not reader.errors, f"a rerun failed: {reader.errors[:1]}")
    outcome.numbers |= {
        "reruns": len(waits[False]) + len(waits[True]),
        "median without training, s": percentile(waits[False], 0.5),
        "median beside a training, s": percentile(waits[True], 0.5),
        "95 % beside a training, s": percentile(waits[True], 0.95),
        "ratio of the medians": percentile(waits[True], 0.5) / percentile(waits[False], 0.5),
    }
    return outcome


def _becomes(server: Application, visitor: Visitor, status: str) -> bool:
    ledger = Ledger(folder=server.folder)
    return visitor.stay(PATIENCE, lambda: ledger.statuses().get(visitor.experiment) == status)


def _answers(reader: Visitor, presses: int) -> list[float]:
    found = []
    for press in range(presses):
        found.append(reader.set("number_input", "Repeats", int_value=2 + press % 2))
        reader.stay(0.2)
    return found
