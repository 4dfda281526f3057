"""Pausing a run: it waits between two updates, makes single ones when told, and its numbers stay the same."""

import threading
from types import SimpleNamespace
from typing import Any

from models.records.results import ProgressRecord
from models.spec.plan import plan_for
from models.worker import execute
from models.worker.orders import Brake, Listener
from tests.models.engine.training import digest, small_spec
from tests.timing import PATIENCE, wait_until


class Orders:
    """A variable as the scheduler has it."""

    def __init__(self) -> None:
        self.value: dict[str, Any] | None = None

    def is_set(self) -> bool:
        """Return whether there are orders."""
        return self.value is not None

    def get(self, timeout: float) -> dict[str, Any]:
        """Return the orders; to ask before there are any would be noted as an error by the scheduler."""
        assert self.value is not None
        return self.value


class Training:
    """A loop in a thread that counts its updates and asks after each."""

    def __init__(self, brake: Brake) -> None:
        self.updates, self._brake, self._moved = 0, brake, threading.Condition()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._brake.requested():
            with self._moved:
                self.updates += 1
                self._moved.notify_all()

    def reaches(self, updates: int) -> bool:
        """Wait for a number of updates."""
        with self._moved:
            return self._moved.wait_for(lambda: self.updates >= updates, PATIENCE)

    def stays(self) -> bool:
        """Return whether nothing moves for a moment."""
        with self._moved:
            now = self.updates
            return not self._moved.wait_for(lambda: self.updates != now, 0.2)


def test_paused_training_makes_only_the_updates_it_is_allowed() -> None:
    """Single updates count from the pause on, a second pause counts anew, and stop ends a waiting run."""
    held: list[int] = []
    brake = Brake(lambda: held.append(1))
    brake.set(paused=True)
    training = Training(brake)
    training.thread.start()
    assert training.stays()
    assert (training.updates, len(held)) == (0, 1)
    for allowed in (1, 3):
        brake.set(paused=True, steps=allowed)
        assert training.reaches(allowed)
        assert training.stays()
        assert training.updates == allowed
    brake.set(paused=False)
    assert training.reaches(1000)
    earlier = len(held)
    brake.set(paused=True, steps=0)
    wait_until(lambda: len(held) > earlier)  # an update that has begun ends first
    assert training.stays()
    before = training.updates
    brake.set(paused=True, steps=1)
    assert training.reaches(before + 1)
    assert training.stays()
    assert training.updates == before + 1
    brake.stop()
    training.thread.join(PATIENCE)
    assert not training.thread.is_alive()


def test_listener_follows_orders_and_a_stop_ends_a_pause() -> None:
    """What the scheduler holds reaches the brake; without orders nothing is held."""
    held = threading.Event()
    stop, orders, brake = threading.Event(), Orders(), Brake(held.set)
    with Listener(brake, stop, orders, orders, lambda: True):
        training = Training(brake)
        training.thread.start()
        assert training.reaches(100)
        assert not held.is_set()
        orders.value = {"paused": True, "steps": 0}
        assert held.wait(PATIENCE)
        assert training.stays()
        stop.set()
        training.thread.join(PATIENCE)
        assert not training.thread.is_alive()


def test_run_that_was_paused_gives_the_same_bits_and_no_longer_times() -> None:
    """Weights, curves and scores equal those of a run through; the pause is not counted as training time."""
    run = plan_for(small_spec()).run_specs()[0]
    records: list[ProgressRecord] = []
    through = execute.run_trainer(run, emit=lambda record: None, should_stop=lambda: False)
    brake = Brake()
    timer = threading.Timer(1.5, lambda: brake.set(paused=False))

    def emit(record: ProgressRecord) -> None:
        records.append(record)
        if len(records) == 2:
            brake.set(paused=True, steps=2)
            timer.start()

    paused = execute.run_trainer(run, emit=emit, should_stop=brake.requested)
    timer.join()
    assert digest(SimpleNamespace(runs=(paused,))) == digest(SimpleNamespace(runs=(through,)))
    assert paused.seeds[0].seconds < 1.5
