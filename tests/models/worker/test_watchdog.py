"""The watchdog of a worker: memory and time of one run, measured in this process."""

from contextlib import ExitStack
from typing import Any

import psutil
import pytest

from models.engine.task_outcome import Done, Failed, outcome_of
from models.errors import CapacityError, DataError
from models.spec.fairness import plan_runs
from models.spec.installation_limits import MEGABYTE, Limits, variable
from models.spec.run import RunSpec
from models.spec.sizes import DataShape
from models.spec.task_data import deflate, inflate, task_data
from models.worker.task import train_watched
from models.worker.watchdog import Watchdog, lacks_memory, out_of_memory
from tests.models.engine import fake
from tests.models.engine.fake import TRAINER, fake_spec


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        """Return them."""
        return self.now


def watched(needed: int, used: list[int], clock: Clock) -> Watchdog:
    """Return a watchdog over made-up memory with 1,000 MB allowed and one minute."""
    return Watchdog(
        needed=needed,
        limits=Limits(worker_megabytes=1_000.0, run_minutes=1.0),
        memory=lambda: used[0] * MEGABYTE,
        clock=clock,
    )


@pytest.fixture
def clock() -> Clock:
    """Return a clock at zero."""
    return Clock()


def test_watchdog_ends_the_largest_run_and_no_other(clock: Clock) -> None:
    """Two runs share a process; only the larger is stopped, which frees memory for the other."""
    used = [900]
    with ExitStack() as stack:
        small, large = (stack.enter_context(watched(needed, used, clock)) for needed in (10**6, 10**8))
        for _ in range(2):
            small.check(), large.check()
        assert not small.requested()
        assert not large.requested()
        used[0] = 1_100
        for _ in range(2):
            small.check(), large.check()
        assert not small.requested()
        assert large.out_of_memory == out_of_memory(10**8, Limits(worker_megabytes=1_000.0), 1_100 * MEGABYTE)
        assert (
            "needs an estimated 100 MB, and a worker process may use 1,000 MB here; its worker process had reached 1,100 MB"
            in (large.out_of_memory)
        )


def test_watchdog_ends_a_run_after_its_time(clock: Clock) -> None:
    """One minute is allowed."""
    with watched(1, [1], clock) as watchdog:
        clock.now = 59.0
        watchdog.check()
        assert not watchdog.requested()
        clock.now = 61.0
        watchdog.check()
        assert watchdog.out_of_time.startswith("It was stopped after 1 minutes, the limit for a run here")


def job(seed: int = 0, **more: Any) -> dict[str, Any]:
    """Return what a worker gets."""
    spec = fake_spec("lstm", seed=seed, **more)
    run = plan_runs(spec, DataShape.of(task_data(spec)))[0]
    return {"run": run.to_dict(), "content": None, "trainer": TRAINER, "attempt": 1}


def carried_out(job: dict[str, Any]) -> dict[str, Any]:
    """Return a worker's answer."""
    return train_watched(job, emit=lambda record: None, should_stop=lambda: False)


def test_run_that_grows_ends_with_what_it_needed_and_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It really takes the memory: 20 MB per update, until this process is 120 MB larger."""
    allowed = psutil.Process().memory_info().rss / MEGABYTE + 120
    monkeypatch.setenv(variable("worker_megabytes"), f"{allowed:.0f}")
    answer = carried_out(job(fake.HUNGRY, updates=200, milliseconds=30))
    assert answer["detail"] == ""
    assert f"a worker process may use {allowed:,.0f} MB here" in answer["failed"]


def test_run_that_asks_for_too_much_at_once_ends_with_the_same_sentence() -> None:
    """The allocation itself fails."""
    answer = carried_out(job(fake.GREEDY))
    assert answer["failed"] == out_of_memory(fake_estimate(), Limits())
    assert "MemoryError" in answer["detail"]


def fake_estimate() -> int:
    """Return the estimate of the fake run."""
    from models.spec.installation_limits import check_run

    run = RunSpec.from_dict(job(fake.GREEDY)["run"])
    return check_run(run, DataShape.of(task_data(run.experiment))).bytes


def test_run_that_takes_too_long_keeps_what_it_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its status is `stopped`, and the sentence says why."""
    monkeypatch.setenv(variable("run_minutes"), "0.01")
    answer = carried_out(job(updates=500, milliseconds=20))
    assert answer["result"].status == "stopped"
    assert 5 < len(answer["result"].curves["update"]) < 200
    assert answer["message"].startswith("It was stopped after 0.01 minutes")


def test_worker_refuses_a_run_beyond_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever submitted it, and before any network is built."""
    monkeypatch.setenv(variable("gigaflops"), "0.001")
    with pytest.raises(CapacityError, match="gigaflops"):
        carried_out(job())


def test_content_that_unpacks_to_more_than_an_upload_is_refused() -> None:
    """A few kilobytes can unpack to a gigabyte."""
    packed = deflate(bytes(20 * 2**20)) or b""
    assert len(packed) < 100_000
    with pytest.raises(DataError, match="larger than 16 MB"):
        inflate(packed)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (RuntimeError("shapes do not match"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_lack_of_memory_is_told_from_other_errors(error: Exception, expected: bool) -> None:
    """NumPy and torch say it in their own ways."""
    assert lacks_memory(error) is expected


class Answered:
    """A Dask future that is done."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def result(self) -> Any:
        """Return the answer."""
        return self._answer


def test_sentence_of_a_run_reaches_the_engine() -> None:
    """Beside its result, or instead of it."""
    assert outcome_of(Answered({"result": 1, "message": "why"})) == Done(1, "why")
    assert outcome_of(Answered({"value": 2})) == Done(2)
    assert outcome_of(Answered({"failed": "too much", "detail": ""})) == Failed("too much")
