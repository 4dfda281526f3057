"""An application without pages: engine and store, experiments one after the other, until it is killed.

Run as `python -m tests.models.store.sql.application DATABASE_URL`. It says what it has accepted, what the store
says has ended, and the process that trains.
"""

import sys
import time

from models.spec.plan import plan_for
from tests.models.engine import fake

WAITING = 3
PROCESS = f"{fake.__name__}:process"


def run(url: str) -> None:
    """Work until the end of the process."""
    from models.engine.engine import Engine, EngineSettings
    from models.store.sql import open_store

    store = open_store(url)
    engine = Engine(store, EngineSettings(trainer=fake.TRAINER, threads=2))
    engine.start()
    print("worker", engine.call(PROCESS).result(120), flush=True)
    open_ones: list[str] = []
    number = 0
    while True:
        while len(open_ones) < WAITING:
            number += 1
            open_ones.append(engine.submit(plan_for(fake.fake_spec(updates=30, milliseconds=4, seed=number % 90))))
            print("accepted", open_ones[-1], flush=True)
        for name in list(open_ones):
            view = store.view(name)
            if view is not None and view.final:
                open_ones.remove(name)
                print("ended", name, view.status, flush=True)
        time.sleep(0.02)


if __name__ == "__main__":
    run(sys.argv[1])
