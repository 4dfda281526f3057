"""What runs in a worker, tested without one."""

from typing import Any

import pytest

from models.errors import EngineError, InvalidSpecError
from models.records.results import ProgressRecord
from models.spec.fairness import plan_runs
from models.spec.run import RunSpec
from models.spec.task_data import deflate, inflate, task_data
from models.worker import execute
from models.worker.task import Reporter, invoke
from tests.models.engine.fake import fake_spec


def record(update: int) -> ProgressRecord:
    """Return a record with one point."""
    point = (0.0, float(update), 0.1, 1.0, 1.0, 1.0, 1.0)
    return ProgressRecord(run="r", attempt=1, update=update, updates=100, seconds=0.1, points=(point,))


def test_reporter_sends_five_times_a_second_and_loses_no_point() -> None:
    """Points wait for the next message."""
    sent: list[dict[str, Any]] = []
    now = [0.0]
    reporter = Reporter(sent.append, submission=7, clock=lambda: now[0])
    for update in range(100):
        now[0] = update * 0.011  # an update takes 11 ms
        reporter.take(record(update))
    reporter.flush()
    assert len(sent) == 7  # at 0 and after every 0.2 s of 1.1 s, and the rest at the end
    assert [point[1] for message in sent for point in message["points"]] == [float(update) for update in range(100)]
    assert {message["submission"] for message in sent} == {7}
    assert len({message["execution"] for message in sent}) == 1


def test_packed_run_survives_the_way_to_the_worker() -> None:
    """Plain values and back give the same run."""
    for run in plan_runs(fake_spec()):
        assert RunSpec.from_dict(run.to_dict()) == run


def test_unpack_refuses_a_spec_that_is_out_of_bounds() -> None:
    """A worker checks what it is sent as a page does."""
    plain = plan_runs(fake_spec())[0].to_dict()
    plain["experiment"]["hidden_size"] = 10**9
    with pytest.raises(InvalidSpecError, match="hidden_size"):
        RunSpec.from_dict(plain)


def test_upload_is_compressed_and_restored() -> None:
    """Content arrives byte for byte, and no content stays none."""
    content = b"a,b\n1,2\n" * 1000
    assert inflate(deflate(content)) == content
    assert len(deflate(content) or b"") < 200
    assert inflate(deflate(None)) is None


def test_invoke_explains_an_unexpected_error_without_its_text() -> None:
    """The text of an error may hold paths; only its kind is shown, the rest goes to the log."""
    answer = invoke("tests.models.engine.fake:fail", ())
    assert answer["failed"] == "It failed: an unexpected KeyError occurred; the server log has the details."
    assert "/a/path" in answer["detail"]


def test_resolve_names_a_function_that_is_not_there() -> None:
    """A wrong name is one sentence."""
    with pytest.raises(EngineError, match="no function `os:nothing`"):
        execute.resolve("os:nothing")


def test_task_data_is_loaded_once_for_equal_options() -> None:
    """Runs of one experiment share their arrays."""
    spec = fake_spec()
    assert task_data(spec) is task_data(fake_spec("rnn"))
    assert task_data(spec) is not task_data(fake_spec(seed=1))
