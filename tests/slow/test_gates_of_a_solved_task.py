"""What theory expects of the gates of networks that solve the adding problem, and how fast it is computed."""

import numpy as np
import pytest

from data.task import TaskData
from models.analysis.ablation import ablate
from models.analysis.interventions import NO_CHANGE, clamping, intervene
from models.analysis.traces import Place, panels_of, trace_with
from models.analysis.trained_replica import TrainedReplica, subject
from models.records.results import RunResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from tests.models.analysis.trained import train_run
from tests.timing import ratio

pytestmark = pytest.mark.slow
LENGTH = 100
# How many times as long as the least work that it needs a computation may take
PRODUCTS, TRACES = 16.0, 2.0


@pytest.fixture(scope="module")
def data() -> TaskData:
    """Return the adding problem of length 100."""
    spec = solving_spec()
    return spec.source().load(spec.dataset_options(), spec.seed)


@pytest.fixture(scope="module")
def solved(data: TaskData) -> dict[str, RunResult]:
    """Train an LSTM and a GRU until both solve it."""
    runs = {run.architecture: train_run(run, data) for run in plan_runs(solving_spec())}
    assert all(run.seeds[0].test_metrics["mae_value"] < 0.04 for run in runs.values())
    return runs


def solving_spec() -> ExperimentSpec:
    """Return settings with which small networks solve it in seconds."""
    return ExperimentSpec(
        dataset="adding",
        options=(("length", LENGTH),),
        hidden_size=16,
        seeds=1,
        updates=2000,
        learning_rate=0.01,
        evaluations=20,
    )


@pytest.mark.parametrize(("name", "write"), [("lstm", "input_gate"), ("gru", "update_gate")])
def test_gates_write_at_the_marks_and_keep_between(
    solved: dict[str, RunResult], data: TaskData, name: str, write: str
) -> None:
    """Weighed by what there is to write, activity at marked steps is clearly above that at unmarked ones."""
    run = solved[name]
    of = subject(run.spec, run.replica(0), data)
    marked, unmarked = [], []
    for sample in range(100):
        trace = trace_with(name, of.weights, data, Place(sample=sample))
        panels = {panel.name: panel.values for panel in panels_of(name, trace.layers[0], LENGTH)}
        activity = panels[write].mean(0)  # over units
        marks = data.test.inputs[sample, :, 1] > 0.5
        marked.append(activity[marks].mean())
        unmarked.append(activity[~marks].mean())
    assert np.mean(marked) > 1.25 * np.mean(unmarked), (np.mean(marked), np.mean(unmarked))
    assert np.mean(np.array(marked) > np.array(unmarked)) > 0.9


def test_forgetting_everything_destroys_a_solved_lstm(solved: dict[str, RunResult], data: TaskData) -> None:
    """A forget gate held at 0 makes the error at least ten times as large; nothing changed leaves it as trained."""
    run = solved["lstm"]
    of = subject(run.spec, run.replica(0), data)
    same, forgotten = intervene(of, [NO_CHANGE, clamping(of.cell, "forget_gate", "zero")])
    assert same.metrics["mae_value"] == pytest.approx(run.seeds[0].test_metrics["mae_value"], abs=1e-5)
    assert forgotten.metrics["mae_value"] > 10 * same.metrics["mae_value"]


def test_keeping_nothing_destroys_a_solved_gru(solved: dict[str, RunResult], data: TaskData) -> None:
    """An update gate held at 1, which always writes, does the same to the GRU."""
    run = solved["gru"]
    of = subject(run.spec, run.replica(0), data)
    same, overwritten = intervene(of, [NO_CHANGE, clamping(of.cell, "update_gate", "one")])
    assert overwritten.metrics["mae_value"] > 10 * same.metrics["mae_value"]


def products(*, gates: int, hidden: int, length: int, samples: int) -> None:
    """Do the matrix products of one pass through a layer and one function of each, and nothing else."""
    states = np.ones((samples, hidden + 2), dtype=np.float32)
    weights = np.full((hidden + 2, gates * hidden), 1e-3, dtype=np.float32)
    for _ in range(length):
        np.tanh(states @ weights)


def random_network(name: str, *, hidden: int, length: int, samples: int) -> TrainedReplica:
    """Return an untrained network on the adding problem."""
    spec = ExperimentSpec(dataset="adding", options=(("length", length),), architectures=(name,), hidden_size=hidden)
    task = spec.source().load(spec.dataset_options(), spec.seed)
    run, random = plan_runs(spec)[0], np.random.default_rng(0)
    shapes = {f"recurrent.0.{key}": shape for key, shape in get_shapes(name, hidden).items()}
    shapes |= {"head.weight": (1, hidden), "head.bias": (1,)}
    weights = {key: random.normal(0, 0.2, shape).astype(np.float32) for key, shape in shapes.items()}
    return subject(run, weights, task, np.arange(samples))


def get_shapes(name: str, hidden: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a layer that sees two features."""
    from models.cells import get_cell

    return get_cell(name).weight_shapes(2, hidden)


@pytest.mark.timing
def test_traces_of_two_architectures_are_quick() -> None:
    """64 units over 200 steps, LSTM and GRU: tracing takes at most twice as long as scoring 64 sequences."""
    networks = {name: random_network(name, hidden=64, length=200, samples=64) for name in ("lstm", "gru")}

    def trace() -> None:
        for name, of in networks.items():
            trace_with(name, of.weights, of.data, Place(sample=5))

    def score() -> None:
        for of in networks.values():
            of.outputs()

    assert ratio(trace, score, enough=TRACES) <= TRACES


@pytest.mark.timing
@pytest.mark.parametrize(("name", "gates"), [("lstm", 4), ("gru", 3)])
def test_ablation_of_the_default_size_is_quick(name: str, gates: int) -> None:
    """Each of 32 units silenced in turn, 200 samples of 50 steps: a few times the matrix products of 33 passes."""
    of = random_network(name, hidden=32, length=50, samples=200)

    def multiply() -> None:
        for _ in range(33):
            products(gates=gates, hidden=32, length=50, samples=200)

    assert ratio(lambda: ablate(of, 0), multiply, enough=PRODUCTS) <= PRODUCTS
