"""Variant architectures against independent loops written from their papers' equations, unit by unit."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from models.cells import get_cell
from models.cells.network import scan

INPUTS, HIDDEN, STEPS = 2, 3, 6
Arrays = dict[str, np.ndarray]


def logistic(value: float) -> float:
    """Return the logistic function by its definition."""
    return 1.0 / (1.0 + math.exp(-value))


def total(weights: Arrays, row: int, x: np.ndarray, h: np.ndarray) -> float:
    """Return one row's sum over inputs and states, both biases included."""
    value = weights["bias_ih"][row] + weights["bias_hh"][row]
    value += sum(weights["weight_ih"][row, i] * x[i] for i in range(INPUTS))
    return value + sum(weights["weight_hh"][row, j] * h[j] for j in range(HIDDEN))


def cifg_loop(w: Arrays, sequence: np.ndarray) -> list[list[float]]:
    """Coupled input and forget gate: c = f c + (1 - f) g."""
    h, c, out = np.zeros(HIDDEN), np.zeros(HIDDEN), []
    for x in sequence:
        new_c, new_h = np.zeros(HIDDEN), np.zeros(HIDDEN)
        for k in range(HIDDEN):
            f = logistic(total(w, k, x, h))
            g = math.tanh(total(w, HIDDEN + k, x, h))
            o = logistic(total(w, 2 * HIDDEN + k, x, h))
            new_c[k] = f * c[k] + (1 - f) * g
            new_h[k] = o * math.tanh(new_c[k])
        h, c = new_h, new_c
        out.append(h.tolist())
    return out


def peephole_loop(w: Arrays, sequence: np.ndarray) -> list[list[float]]:
    """Gers et al. 2002: i and f see the old cell state, o the new one."""
    h, c, out = np.zeros(HIDDEN), np.zeros(HIDDEN), []
    for x in sequence:
        new_c, new_h = np.zeros(HIDDEN), np.zeros(HIDDEN)
        for k in range(HIDDEN):
            i = logistic(total(w, k, x, h) + w["peephole_input"][k] * c[k])
            f = logistic(total(w, HIDDEN + k, x, h) + w["peephole_forget"][k] * c[k])
            g = math.tanh(total(w, 2 * HIDDEN + k, x, h))
            new_c[k] = f * c[k] + i * g
            o = logistic(total(w, 3 * HIDDEN + k, x, h) + w["peephole_output"][k] * new_c[k])
            new_h[k] = o * math.tanh(new_c[k])
        h, c = new_h, new_c
        out.append(h.tolist())
    return out


def mgu_loop(w: Arrays, sequence: np.ndarray) -> list[list[float]]:
    """Zhou et al. 2016: one gate resets and replaces."""
    h, out = np.zeros(HIDDEN), []
    for x in sequence:
        f = np.array([logistic(total(w, k, x, h)) for k in range(HIDDEN)])
        candidate = np.array([math.tanh(total(w, HIDDEN + k, x, f * h)) for k in range(HIDDEN)])
        h = (1 - f) * h + f * candidate
        out.append(h.tolist())
    return out


def gru_textbook_loop(w: Arrays, sequence: np.ndarray) -> list[list[float]]:
    """Chung et al. 2014: reset acts on the state, the update gate writes with 1."""
    h, out = np.zeros(HIDDEN), []
    for x in sequence:
        r = np.array([logistic(total(w, k, x, h)) for k in range(HIDDEN)])
        z = np.array([logistic(total(w, HIDDEN + k, x, h)) for k in range(HIDDEN)])
        candidate = np.array([math.tanh(total(w, 2 * HIDDEN + k, x, r * h)) for k in range(HIDDEN)])
        h = (1 - z) * h + z * candidate
        out.append(h.tolist())
    return out


LOOPS = {"cifg": cifg_loop, "peephole": peephole_loop, "mgu": mgu_loop, "gru_textbook": gru_textbook_loop}


@pytest.mark.parametrize(("name", "loop"), list(LOOPS.items()))
def test_variant_equals_its_papers_equations(
    name: str, loop: Callable[[Arrays, np.ndarray], list[list[float]]]
) -> None:
    """Scanned in NumPy, a variant gives the loop's hidden states to 1e-12."""
    cell = get_cell(name)
    rng = np.random.default_rng(11)
    weights = {key: rng.normal(size=shape) for key, shape in cell.weight_shapes(INPUTS, HIDDEN).items()}
    sequence = rng.normal(size=(STEPS, INPUTS))
    traced = scan(cell, weights, sequence[None])["hidden"][0]
    np.testing.assert_allclose(traced, loop(weights, sequence), atol=1e-12, rtol=0)


@pytest.mark.parametrize(
    ("name", "expected"), [("cifg", 3360), ("peephole", 4576), ("mgu", 2240), ("gru_textbook", 3360)]
)
def test_variant_parameter_count(name: str, expected: int) -> None:
    """32 units on one input have the numbers of weights that the formulas give."""
    assert get_cell(name).parameter_count(1, 32) == expected
