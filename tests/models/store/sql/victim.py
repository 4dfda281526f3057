"""A server that keeps experiments one after the other and says each time what it has acknowledged, until it is killed.

Run as `python -m tests.models.store.sql.victim DATABASE_URL`.
"""

import itertools
import sys

from models.records.experiment import Note
from models.store.sql.startup import connect_store
from tests.models.records.samples import a_record, a_result, points


def live(url: str) -> None:
    """Work until the end of the process."""
    store = connect_store(url)
    for number in itertools.count():
        record = a_record()
        name, result = record.id, a_result(record.runs[0], draw=number % 100)
        store.create(record)
        _say("created", name)
        store.set_status(name, "running")
        for first in range(4):
            store.append_curve(name, "gru", points(record.spec, first, 1))
            _say("rows", name, 2 * (first + 1))
        store.save_result(name, "lstm", result)
        _say("saved", name, number % 100)
        store.add_note(name, Note(text=f"note {number}"))
        _say("noted", name, number)
        if number % 3 == 0:
            store.delete(name)
            _say("deleted", name)
        if number % 2 == 0:
            store.set_run_status(name, "gru", "stopped")
            store.set_status(name, "stopped")
            _say("ended", name)


def _say(*words: object) -> None:
    print(*words, flush=True)


if __name__ == "__main__":
    live(sys.argv[1])
