"""A stand-in for the web server: starts an engine, trains, reports on standard output and waits to be ended."""

import json
import sys
import time
from dataclasses import replace


def main(trainer: str) -> None:
    """Train one small experiment, then another one without end."""
    from models.engine.engine import Engine, EngineSettings
    from models.spec.experiment_settings import ExperimentSpec
    from models.spec.plan import plan_for
    from models.store.sql.in_memory import MemoryStore
    from tests.models.engine.training import digest, small_spec

    engine = Engine(MemoryStore(), replace(EngineSettings.from_environment(), trainer=trainer))
    finished = engine.submit(plan_for(small_spec()))
    endless = engine.submit(
        plan_for(ExperimentSpec(dataset="adding", options=(("length", 10),), updates=50_000, hidden_size=4))
    )
    while True:
        first, second = engine.view(finished), engine.view(endless)
        if first and first.final and second and all(run.update > 0 for run in second.runs):
            break
        time.sleep(0.05)
    report = {
        "worker": engine.call("os:getpid").result(),
        "torch": "torch" in sys.modules,
        "status": first.status,
        "digest": digest(first.result),
        "state": engine.state.message,
    }
    print(json.dumps(report), flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main(sys.argv[1])
