"""A stand-in for a server that carries a sweep out: reports on standard output how far it is, and waits to be ended."""

import json
import sys
import time
from dataclasses import replace


def main(trainer: str, query: str) -> None:
    """Start a sweep, or go on with the one of a server that died, and say at every change how many runs are done."""
    from models.engine.engine import Engine, EngineSettings
    from models.engine.sweep_runner import SweepRunner
    from models.spec.sweep import SweepSpec
    from models.store.sql import open_store

    store = open_store()
    engine = Engine(store, replace(EngineSettings.from_environment(), trainer=trainer))
    runner, spec = SweepRunner(engine, store), SweepSpec.from_query(query)
    engine.start()
    runner.begin()
    if store.sweep(spec.key()) is None:
        runner.start(spec)
    told = None
    while True:
        view = runner.view(spec)
        now = (view.status, view.done)
        if now != told:
            print(json.dumps({"status": view.status, "done": view.done}), flush=True)
            told = now
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
