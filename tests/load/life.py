"""A long life: experiments one after the other, with every export of each, and what the server keeps of them in memory."""

import time
from pathlib import Path

from tests.load.client import Visitor
from tests.load.ledger import Ledger
from tests.load.report import Outcome
from tests.load.scenarios import train_once, warm
from tests.load.server import Application


def long_life(folder: Path, *, experiments: int, exporting: bool = False, rest: float = 0.0) -> Outcome:
    """Train one experiment after the other and look at memory.

    Args:
        folder: Where the server's data lie.
        experiments: How many.
        exporting: Whether each is exported in every form.
        rest: Seconds until memory is looked at; sessions and their downloads live for two minutes.
    """
    outcome = Outcome("long life with exports" if exporting else "long life")
    with warm(folder) as server:

        def once(seed: int) -> None:
            identity = train_once(server, seed=seed)
            if exporting:
                export_all(server, identity)

        for number in range(3):
            once(number)
        time.sleep(rest)
        before = server.megabytes()
        for number in range(experiments):
            once(number + 3)
        time.sleep(rest)
        after = server.megabytes()
        outcome.numbers |= {
            "experiments": experiments,
            "server grew by, MB": after[0] - before[0],
            "workers grew by, MB": after[1] - before[1],
        }
        outcome.expect(after[0] - before[0] < 40.0, "the server's memory grew by 40 MB or more")
        statuses = set(Ledger(folder=folder).statuses().values())
        outcome.expect(statuses == {"finished"}, f"not all experiments finished: {statuses}")
    return outcome


def export_all(server: Application, identity: str) -> None:
    """Download every file that the page offers for an experiment."""
    with Visitor(server.url, f"experiment={identity}") as visitor:
        visitor.open()
        visitor.open_tab("Download")
        labels = list(visitor.files)
        assert "Everything (JSON)" in labels
        for label in labels:
            assert visitor.download(label), label
        assert not visitor.errors, visitor.errors[:1]
