"""Workers without heartbeats are noticed, whatever the clocks say."""

from models.engine.silent_workers import SILENT_SECONDS, SilentWorkers


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_silent_worker_is_named_until_it_answers() -> None:
    """Only a heartbeat that stays the same counts, also while the scheduler's clock stands an hour back."""
    clock = Clock()
    workers = SilentWorkers(clock)
    for second in range(20):
        clock.now = float(second)
        workers.take({"a": 1e9 + second, "b": 1e9 - 3600 + min(second, 3)})
        silent = second - 3 >= SILENT_SECONDS
        assert bool(workers.sentence(local=False)) == silent
    assert workers.sentence(local=False).startswith("One worker has not answered for 16 seconds.")
    workers.take({"a": 1e9 + 20, "b": 1e9 - 3600 + 20})
    assert workers.sentence(local=False) == ""


def test_removed_worker_is_forgotten() -> None:
    """The scheduler has given it up, and its runs are elsewhere."""
    clock = Clock()
    workers = SilentWorkers(clock)
    workers.take({"a": 1.0, "b": 1.0})
    clock.now = 9.0
    workers.take({"a": 1.0, "b": 1.0})
    assert workers.sentence(local=False).startswith("2 workers have not answered for 9 seconds.")
    workers.take({})
    assert workers.sentence(local=False) == ""


def test_own_worker_is_replaced_after_a_minute() -> None:
    """The sentence says what happens next."""
    clock = Clock()
    workers = SilentWorkers(clock)
    workers.take({"a": 1.0})
    clock.now = 7.0
    assert "a new one starts the runs over" in workers.sentence(local=True)
