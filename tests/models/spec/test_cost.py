"""Formulas of cost against the built network: counted parameters, torch's FLOP counter, kept tensors."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from data.task import Part, TaskData
from models.cells import architectures, recurrent_cells
from models.networks.build import build_network
from models.networks.fused import KERNELS, Fused
from models.networks.network import ReplicatedNetwork
from models.networks.recurrent import equations
from models.spec.cost import flops_per_sequence, flops_per_step, flops_per_update
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.memory import FUSED_PLANES, activation_bytes, optimiser_bytes, weight_bytes
from models.spec.plan import make_plan
from models.spec.run import RunSpec
from models.spec.sizes import DataShape, parameter_count, parameter_groups, run_size
from models.training.evaluation import replica_losses
from models.training.measure import held_bytes
from models.training.optimiser import Optimiser

READ_OUT = {"lru"}  # cells whose hidden state is read out of a memory that does not need it
NAMES = tuple(architectures())
STEPS, BATCH = 12, 5
ENCODERS = ("none", "projection", "embedding")


def task(encoder: str, *, each_step: bool = False) -> TaskData:
    """Return a task with 3 features or 7 tokens, and 2 outputs."""
    generator = np.random.default_rng(0)
    if encoder == "embedding":
        inputs = generator.integers(0, 7, (BATCH, STEPS))
    else:
        inputs = generator.normal(size=(BATCH, STEPS, 3)).astype(np.float32)
    targets = generator.integers(0, 2, (BATCH, STEPS) if each_step else BATCH)
    part = Part(inputs=inputs, targets=targets, lengths=np.full(BATCH, STEPS))
    return TaskData(
        kind="labelling" if each_step else "classification",
        train=part,
        validation=part,
        test=part,
        input_size=7 if encoder == "embedding" else 3,
        output_size=2,
        vocabulary=tuple("abcdefg") if encoder == "embedding" else (),
    )


def run_of(architecture: str, *, layers: int = 1, encoder: str = "none", hidden: int = 8, seeds: int = 1) -> RunSpec:
    """Return a run of the given sizes."""
    spec = ExperimentSpec(
        dataset="adding",
        architectures=(architecture,),
        hidden_size=hidden,
        layers=layers,
        encoder_size={"none": 0, "projection": 4, "embedding": 0}[encoder],
        seeds=seeds,
        batch_size=BATCH,
    )
    return plan_runs(spec)[0]


def network_of(run: RunSpec, data: TaskData) -> ReplicatedNetwork:
    """Build it on the equations, whose products torch can count."""
    return build_network(run, data, equations)


def batch_of(data: TaskData) -> tuple[torch.Tensor, torch.Tensor]:
    """Return inputs and targets with a replica axis."""
    return torch.from_numpy(data.train.inputs)[None], torch.from_numpy(data.train.targets)[None]


@pytest.mark.parametrize("architecture", NAMES)
@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("layers", [1, 3])
def test_parameter_count_equals_the_built_network(architecture: str, encoder: str, layers: int) -> None:
    """The formula, the groups and torch count the same trainable numbers, biases included."""
    run, data = run_of(architecture, layers=layers, encoder=encoder), task(encoder)
    size = run_size(run, DataShape.of(data))
    counted = network_of(run, data).parameters_per_replica()
    assert parameter_count(size) == counted
    assert sum(group.count for group in parameter_groups(size)) == counted
    assert weight_bytes(size) == 4 * counted


@pytest.mark.parametrize("architecture", tuple(recurrent_cells()))
def test_parameter_groups_split_by_gate_as_the_weights_are_stacked(architecture: str) -> None:
    """Every block of rows has its gate's title and the same number of weights."""
    size = run_size(run_of(architecture), DataShape.of(task("none")))
    stacked = "weight_ih" if architecture == "lru" else "bias_ih"  # a row of the LRU's is real or imaginary
    groups = [group for group in parameter_groups(size) if group.matrix == stacked]
    titles = [size.cell.gate(block).title for block in size.cell.blocks]
    assert [group.gate for group in groups] == (["all gates"] if architecture == "lru" else titles)
    assert len({group.count for group in groups}) == 1


@pytest.mark.parametrize("architecture", NAMES)
@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize(("layers", "each_step"), [(1, False), (2, True)])
def test_flops_equal_torchs_counter(architecture: str, encoder: str, layers: int, each_step: bool) -> None:
    """Forward and the whole update, to the last operation."""
    run, data = run_of(architecture, layers=layers, encoder=encoder), task(encoder, each_step=each_step)
    size = run_size(run, DataShape.of(data))
    network, (inputs, targets) = network_of(run, data), batch_of(data)
    with FlopCounterMode(display=False) as forward:
        outputs = network(inputs)
    with FlopCounterMode(display=False) as backward:
        replica_losses(data.kind, outputs, targets).sum().backward()
    assert flops_per_sequence(size, STEPS) * BATCH == forward.get_total_flops()
    counted = forward.get_total_flops() + backward.get_total_flops()
    if architecture in READ_OUT and not each_step:  # only the last step is read out; the formula counts every one
        assert counted < flops_per_update(size, STEPS, BATCH) < 2 * counted
    else:
        assert flops_per_update(size, STEPS, BATCH) == counted


@pytest.mark.parametrize("architecture", NAMES)
def test_flops_per_step_are_what_one_more_step_costs(architecture: str) -> None:
    """The cell's own formula agrees with its equations; the head answers once per streamed step."""
    size = run_size(run_of(architecture, layers=2), DataShape.of(task("none", each_step=True)))
    more = flops_per_sequence(size, 31) - flops_per_sequence(size, 30)
    attention = 2 * 4 * 8 * (31**2 - 30**2) if architecture == "transformer" else 0  # two layers of 8 units
    assert flops_per_step(size) == more - attention


@pytest.mark.parametrize("architecture", NAMES)
@pytest.mark.parametrize(("layers", "encoder", "each_step"), [(1, "none", False), (2, "embedding", True)])
def test_activation_bytes_equal_what_the_equations_keep(
    architecture: str, layers: int, encoder: str, each_step: bool
) -> None:
    """Within 10 % of the memory behind the tensors that automatic differentiation keeps, weights left out."""
    run, data = run_of(architecture, layers=layers, encoder=encoder, hidden=24), task(encoder, each_step=each_step)
    network, (inputs, targets) = network_of(run, data), batch_of(data)
    _, kept = held_bytes(network, lambda: replica_losses(data.kind, network(inputs), targets).sum())
    formula = activation_bytes(run_size(run, DataShape.of(data)), STEPS, BATCH, kernel="equations")
    assert formula == pytest.approx(
        kept, rel=0.2 if architecture in READ_OUT else 0.1
    )  # its eigenvalues are kept once a batch


@pytest.mark.parametrize("architecture", sorted(FUSED_PLANES))
@pytest.mark.parametrize(("layers", "encoder", "each_step"), [(1, "none", False), (2, "embedding", True)])
def test_activation_bytes_equal_what_the_fused_kernels_keep(
    architecture: str, layers: int, encoder: str, each_step: bool
) -> None:
    """Within 10 % of what the fused implementation saves; a batch that fills registers on every processor."""
    run, data = run_of(architecture, layers=layers, encoder=encoder, hidden=24), task(encoder, each_step=each_step)
    network, (inputs, targets) = build_network(run, data, Fused()), batch_of(data)
    inputs, targets = (part.repeat_interleave(32, 1)[:, :32].clone() for part in (inputs, targets))
    _, kept = held_bytes(network, lambda: replica_losses(data.kind, network(inputs), targets).sum())
    formula = activation_bytes(run_size(run, DataShape.of(data)), STEPS, 32)
    assert formula == pytest.approx(
        kept, rel=0.2 if architecture in READ_OUT else 0.1
    )  # its eigenvalues are kept once a batch


def test_fused_planes_are_those_of_the_kernels() -> None:
    """The formula names every architecture that has fused kernels, with the planes that they keep."""
    assert {name: kernel.PLANES for name, kernel in KERNELS.items()} == FUSED_PLANES


@pytest.mark.parametrize("optimiser", ["adam", "adamw", "rmsprop", "sgd"])
def test_optimiser_bytes_equal_the_optimisers_state(optimiser: str) -> None:
    """After one step the optimiser holds so many bytes; its step counters are left out."""
    run, data = run_of("gru"), task("none")
    network, (inputs, targets) = network_of(run, data), batch_of(data)
    stepper = Optimiser(optimiser, network.parameters(), 0.01)
    replica_losses(data.kind, network(inputs), targets).sum().backward()
    stepper.step()
    assert optimiser_bytes(run_size(run, DataShape.of(data)), optimiser) == stepper.state_bytes()


def test_estimate_adds_runs_and_grows_with_the_work() -> None:
    """Twice the updates are about twice the FLOPs; more seeds need more memory."""
    data = DataShape.of(task("none"))
    small = ExperimentSpec(dataset="adding", updates=100, seeds=1, evaluations=1, rate_search=0)
    one = make_plan(small, data).cost
    double = make_plan(replace(small, updates=200), data).cost
    assert one.updates == 200
    assert double.flops / one.flops == pytest.approx(2, rel=0.05)
    assert double.seconds > one.seconds > 0
    assert one.bytes < make_plan(replace(small, seeds=3), data).cost.bytes <= 3 * one.bytes


def test_estimate_counts_the_search_of_learning_rates() -> None:
    """Four rates with two starts each for a quarter of the updates cost a training of two repeats again."""
    data = DataShape.of(task("none"))
    plain = ExperimentSpec(dataset="adding", updates=400, seeds=2, evaluations=1, rate_search=0)
    searched = make_plan(replace(plain, rate_search=4), data).cost
    assert searched.flops / make_plan(plain, data).cost.flops == pytest.approx(2, rel=0.02)
    assert searched.updates == 1.25 * make_plan(plain, data).cost.updates
