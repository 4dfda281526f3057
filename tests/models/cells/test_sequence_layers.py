"""Layers without recurrence against independent loops, step by step and number by number, values and gradients."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from models.cells import architectures, get_cell
from models.cells.network import scan
from models.cells.sequence import causal_softmax, delayed, sinusoids
from models.networks.recurrent import equations, equations_of_two_or_more

SEQUENCE_LAYERS = [name for name, cell in architectures().items() if not cell.recurrent]
INPUTS, STEPS = 3, 9
Numbers = dict[str, Tensor]


def row(weight: Tensor, values: list[Tensor], bias: Tensor) -> Tensor:
    """Return one affine map of one step, sum by sum."""
    return torch.stack(
        [bias[k] + sum(weight[k, i] * values[i] for i in range(len(values))) for k in range(len(weight))]
    )


def positive(values: Tensor) -> Tensor:
    """Return max(x, 0) by comparison."""
    return torch.where(values > 0, values, torch.zeros_like(values))


def taps(steps: list[Tensor], now: int, distances: list[int]) -> list[Tensor]:
    """Return the numbers of some earlier steps one after another, zeros before the first step."""
    zero = torch.zeros_like(steps[0])
    return [number for d in distances for number in (steps[now - d] if now >= d else zero)]


def tcn_loop(w: Numbers, sequence: Tensor) -> list[Tensor]:
    """Bai et al. 2018: relu(x + F(x)), with F two dilated causal convolutions with 3 taps."""
    below = list(sequence)
    around = [row(w["weight_skip"], list(x), w["bias_skip"]) for x in below]
    for level in range(6):
        d = 2**level
        for part in "ab":
            weight, bias = w[f"conv_{part}_{level}"], w[f"bias_{part}_{level}"]
            below = [positive(row(weight, taps(below, t, [0, d, 2 * d]), bias)) for t in range(len(below))]
        around = [positive(a + b) for a, b in zip(around, below, strict=True)]
        below = around
    return around


def window_loop(w: Numbers, sequence: Tensor) -> list[Tensor]:
    """Time-delay network on 24 steps with one hidden layer of ReLU."""
    steps = list(sequence)
    return [positive(row(w["weight_window"], taps(steps, t, list(range(24))), w["bias"])) for t in range(len(steps))]


def norm(values: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
    """Layer normalisation by its definition."""
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    return (values - mean) / torch.sqrt(variance + 1e-5) * gain + shift


def transformer_loop(w: Numbers, sequence: Tensor) -> list[Tensor]:
    """Vaswani et al. 2017 with normalisation first: one head at a time, one pair of steps at a time."""
    size = len(w["bias_in"])
    heads = next(count for count in (4, 2, 1) if size % count == 0)
    waves = (size + 1) // 2
    code = [
        [math.sin(t / 10_000 ** (k / waves)) for k in range(waves)]
        + [math.cos(t / 10_000 ** (k / waves)) for k in range(waves)]
        for t in range(len(sequence))
    ]
    e = [
        row(w["weight_in"], list(x), w["bias_in"]) + torch.tensor(code[t][:size], dtype=x.dtype)
        for t, x in enumerate(sequence)
    ]
    seen = [norm(x, w["gain_attention"], w["shift_attention"]) for x in e]
    q, k, v = (
        [row(w[f"weight_{part}"], list(x), w[f"bias_{part}"]) for x in seen] for part in ("query", "key", "value")
    )
    found, width = [], size // heads
    for t in range(len(e)):
        mixed: list[Tensor] = []
        for head in range(heads):
            own = range(head * width, (head + 1) * width)
            scores = [sum(q[t][i] * k[s][i] for i in own) / math.sqrt(width) for s in range(t + 1)]
            powers = [torch.exp(score) for score in scores]
            mixed += [sum(p * v[s][i] for s, p in enumerate(powers)) / sum(powers) for i in own]
        a = e[t] + row(w["weight_mixed"], mixed, w["bias_mixed"])
        wide = positive(row(w["weight_up"], list(norm(a, w["gain_forward"], w["shift_forward"])), w["bias_up"]))
        a = a + row(w["weight_down"], list(wide), w["bias_down"])
        found.append(norm(a, w["gain_end"], w["shift_end"]))
    return found


LOOPS = {"tcn": tcn_loop, "transformer": transformer_loop, "window_mlp": window_loop}


def drawn(name: str, hidden: int, replicas: int = 2) -> tuple[Numbers, Tensor]:
    """Return random weights and inputs `(R, 1, T, I)` in float64 that want gradients."""
    torch.manual_seed(3)
    shapes = get_cell(name).weight_shapes(INPUTS, hidden)
    weights = {
        key: (torch.randn(replicas, *shape, dtype=torch.float64) * 0.5).requires_grad_()
        for key, shape in shapes.items()
    }
    return weights, torch.randn(replicas, 1, STEPS, INPUTS, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize(("name", "loop"), list(LOOPS.items()))
@pytest.mark.parametrize("hidden", [3, 4])
def test_layer_equals_its_papers_equations(
    name: str, loop: Callable[[Numbers, Tensor], list[Tensor]], hidden: int
) -> None:
    """Values and the gradients of all weights and inputs agree with the loop to 1e-10 in float64."""
    weights, inputs = drawn(name, hidden)
    sought = [inputs, *weights.values()]
    ours = equations(get_cell(name), weights, inputs, last_only=False)
    theirs = torch.stack(
        [torch.stack(loop({key: value[r] for key, value in weights.items()}, inputs[r, 0])) for r in range(2)]
    )[:, None]
    torch.testing.assert_close(ours, theirs, atol=1e-10, rtol=0)
    upstream = torch.randn_like(ours)
    gradients = [torch.autograd.grad(found, sought, upstream) for found in (ours, theirs)]
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, atol=1e-10, rtol=1e-10)


def test_every_sequence_layer_has_a_loop() -> None:
    """A layer without recurrence is held by a loop of its own."""
    assert set(LOOPS) == set(SEQUENCE_LAYERS)


@pytest.mark.parametrize("name", SEQUENCE_LAYERS)
def test_numpy_equals_torch(name: str) -> None:
    """The same equations give the same numbers in NumPy, one replica at a time."""
    weights, inputs = drawn(name, 4)
    expected = equations(get_cell(name), weights, inputs, last_only=False).detach().numpy()
    for replica in range(2):
        own = {key: value[replica].detach().numpy() for key, value in weights.items()}
        found = scan(get_cell(name), own, inputs[replica].detach().numpy())["hidden"]
        np.testing.assert_allclose(found, expected[replica], atol=1e-12)


@pytest.mark.parametrize("name", SEQUENCE_LAYERS)
@settings(max_examples=20, deadline=None)
@given(step=st.integers(0, 39), seed=st.integers(0, 1000))
def test_layer_never_sees_the_future(name: str, step: int, seed: int) -> None:
    """Other inputs after a step leave the outputs up to that step as they were, and change a later one."""
    cell, rng = get_cell(name), np.random.default_rng(seed)
    weights = {key: rng.normal(size=shape) for key, shape in cell.weight_shapes(2, 4).items()}
    inputs = rng.normal(size=(1, 41, 2))
    changed = np.concatenate([inputs[:, : step + 1], rng.normal(size=(1, 40 - step, 2)) * 5], axis=1)
    before, after = (scan(cell, weights, values)["hidden"] for values in (inputs, changed))
    np.testing.assert_allclose(after[:, : step + 1], before[:, : step + 1], atol=1e-9)
    assert not np.allclose(after[:, step + 1 :], before[:, step + 1 :])


@pytest.mark.parametrize("name", SEQUENCE_LAYERS)
def test_replica_has_the_same_bits_alone_and_in_a_group(name: str) -> None:
    """Outputs and gradients of a replica do not depend on who trains beside it."""
    torch.manual_seed(0)
    cell = get_cell(name)
    weights = {key: torch.randn(3, *shape) * 0.3 for key, shape in cell.weight_shapes(2, 8).items()}
    inputs = torch.randn(3, 5, 20, 2)

    def trained(chosen: list[int]) -> list[Tensor]:
        own = {key: value[chosen].clone().requires_grad_() for key, value in weights.items()}
        hidden = equations_of_two_or_more(cell, own, inputs[chosen], last_only=False)
        hidden.square().sum().backward()
        return [hidden.detach()[-1], *(value.grad[-1] for value in own.values())]

    for alone, together in zip(trained([2]), trained([0, 1, 2]), strict=True):
        assert torch.equal(alone, together)


@pytest.mark.parametrize("name", SEQUENCE_LAYERS)
def test_layer_has_no_step_and_no_gates(name: str) -> None:
    """What would advance a state is refused with the reason."""
    cell = get_cell(name)
    assert cell.gates == ()
    with pytest.raises(TypeError, match="reads whole sequences"):
        cell.step({}, np.zeros((1, 1)), {})


@pytest.mark.parametrize(("name", "expected"), [("tcn", 34336), ("transformer", 12832), ("window_mlp", 800)])
def test_parameter_count_of_known_sizes(name: str, expected: int) -> None:
    """32 units on one input have the numbers of weights that the formulas give."""
    inputs, units = 1, 32
    formulas = {
        "tcn": 4 * units * inputs + 33 * units**2 + 13 * units,
        "transformer": units * (inputs + 1) + 12 * units**2 + 15 * units,
        "window_mlp": units * (24 * inputs + 1),
    }
    assert get_cell(name).parameter_count(inputs, units) == expected == formulas[name]


def test_shares_of_attention_sum_to_one_without_the_future() -> None:
    """Each step's shares are positive up to itself and zero after it; large scores do not overflow."""
    shares = causal_softmax(np.array([[1e4, 0.0], [0.0, 0.0]]))
    np.testing.assert_allclose(shares, [[1.0, 0.0], [0.5, 0.5]])


def test_delay_and_positions_of_known_numbers() -> None:
    """A delay longer than the sequence leaves zeros; positions start with sin 0 and cos 0."""
    values = np.array([[1.0], [2.0], [3.0]])
    assert delayed(values, 1).ravel().tolist() == [0.0, 1.0, 2.0]
    assert delayed(values, 5).ravel().tolist() == [0.0, 0.0, 0.0]
    code = sinusoids(values, 3)
    np.testing.assert_allclose(code[0], [0.0, 0.0, 1.0])
    np.testing.assert_allclose(code[2], [math.sin(2), math.sin(0.02), math.cos(2)])
