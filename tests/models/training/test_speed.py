"""The benchmark compares like with like and reports plain numbers; how fast it is, is not tested."""

import json
import math

import pytest
import torch

from models.cells import get_cell
from models.cli.main import main
from models.errors import GatescopeError
from models.training import speed
from models.training.speed import Problem, SpeedSettings, measure_speed, update_gflop

TINY = SpeedSettings(hidden=5, length=4, batch=3, seeds=2, workload=True, seconds=0.0)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time single updates."""
    monkeypatch.setattr(speed, "BLOCK_SECONDS", 0.0)


def test_report_names_ratios_alike_and_is_plain_json() -> None:
    """Every architecture and way has its ratio of times under `ratio`."""
    report = json.loads(json.dumps(measure_speed(TINY)))
    assert [row["architecture"] for row in report["architectures"]] == ["lstm", "gru"]
    for row in report["architectures"]:
        assert math.isclose(row["ratio"], row["reference_milliseconds"] / row["fused_milliseconds"])
        assert row["largest_loss_difference"] < 1e-5
    lstm, gru = (row["fused_milliseconds"] for row in report["architectures"])
    assert math.isclose(report["gru_to_lstm"]["ratio"], gru / lstm)
    ways = {(row["kernel"], row["threads"]): row["milliseconds"] for row in report["workload"]}
    assert set(ways) == {("reference", 1), ("reference", 2), ("fused", 1), ("fused", 2)}
    for row in report["workload"]:
        assert math.isclose(row["ratio"], ways["reference", 1] / row["milliseconds"])


def test_both_ways_start_equal_and_see_the_same_batches() -> None:
    """Losses and weights agree after several updates, for every seed."""
    stock, fused = Problem(TINY).trainers("gru")
    for _ in range(5):
        torch.testing.assert_close(stock.update(), fused.update(), atol=1e-6, rtol=0)
    for seed, (layer, _, _) in enumerate(stock._seeds):
        torch.testing.assert_close(layer.weight_hh_l0, fused.layer.weight_hh[seed], atol=1e-5, rtol=0)


def test_ways_that_differ_are_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A benchmark of two different computations is refused."""
    monkeypatch.setattr(speed, "TOLERANCE", -1.0)
    with pytest.raises(GatescopeError, match="differ by"):
        measure_speed(TINY)


def test_machine_without_fused_kernels_has_nothing_to_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says why."""
    monkeypatch.setenv("GATESCOPE_KERNEL", "reference")
    with pytest.raises(GatescopeError, match="nothing to compare"):
        measure_speed(TINY)


def test_operations_are_counted_by_hand() -> None:
    """GRU, 2 units, 1 input: 36 forward, 36 weights, 24 hidden state; times 3 sequences, 4 steps, 2 seeds."""
    size = SpeedSettings(hidden=2, inputs=1, batch=3, length=4, seeds=2)
    assert update_gflop(get_cell("gru"), size) * 1e9 == pytest.approx((36 + 36 + 24) * 3 * 4 * 2)


def test_command_prints_a_table_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    """`--json -` keeps standard output for the JSON."""
    arguments = "speed --hidden 3 --length 2 --batch 2 --seeds 1 --architecture rnn --seconds 0 --json -"
    assert main(arguments.split()) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["architectures"][0]["ratio"] > 0
    assert "rnn" in printed.err
