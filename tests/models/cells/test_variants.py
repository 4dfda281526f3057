"""Variant architectures against independent loops written from their papers' equations, unit by unit."""

import cmath
import math
from collections.abc import Callable

import numpy as np
import pytest

from models.cells import get_cell, recurrent_cells
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


def janet_loop(w: Arrays, sequence: np.ndarray) -> list[list[float]]:
    """Van der Westhuizen and Lasenby 2018: the forget gate's sum, less one, closes what is written."""
    h, out = np.zeros(HIDDEN), []
    for x in sequence:
        s = np.array([total(w, k, x, h) for k in range(HIDDEN)])
        g = np.array([math.tanh(total(w, HIDDEN + k, x, h)) for k in range(HIDDEN)])
        h = np.array([logistic(s[k]) * h[k] + (1 - logistic(s[k] - 1)) * g[k] for k in range(HIDDEN)])
        out.append(h.tolist())
    return out


def from_input(w: Arrays, row: int, x: np.ndarray) -> float:
    """Return one row's sum over inputs, with its bias."""
    return w["bias_ih"][row] + sum(w["weight_ih"][row, i] * x[i] for i in range(INPUTS))


def min_gru_loop(w: Arrays, sequence: np.ndarray) -> list[list[float]]:
    """Feng et al. 2024: the gate sees the input alone, the candidate is linear."""
    h, out = np.zeros(HIDDEN), []
    for x in sequence:
        z = np.array([logistic(from_input(w, k, x)) for k in range(HIDDEN)])
        h = np.array([(1 - z[k]) * h[k] + z[k] * from_input(w, HIDDEN + k, x) for k in range(HIDDEN)])
        out.append(h.tolist())
    return out


def min_lstm_loop(w: Arrays, sequence: np.ndarray) -> list[list[float]]:
    """Feng et al. 2024: both gates divided by their sum."""
    h, out = np.zeros(HIDDEN), []
    for x in sequence:
        new = np.zeros(HIDDEN)
        for k in range(HIDDEN):
            f, i = logistic(from_input(w, k, x)), logistic(from_input(w, HIDDEN + k, x))
            new[k] = f / (f + i) * h[k] + i / (f + i) * from_input(w, 2 * HIDDEN + k, x)
        h = new
        out.append(h.tolist())
    return out


def ind_rnn_loop(w: Arrays, sequence: np.ndarray) -> list[list[float]]:
    """Li et al. 2018: one recurrent weight per unit, and ReLU."""
    h, out = np.zeros(HIDDEN), []
    for x in sequence:
        h = np.array([max(0.0, from_input(w, k, x) + w["weight_hh"][k] * h[k]) for k in range(HIDDEN)])
        out.append(h.tolist())
    return out


def slstm_loop(w: Arrays, sequence: np.ndarray) -> list[list[float]]:
    """Beck et al. 2024 without stabilisation: exp(i), sigmoid(f), and the cell state over the normaliser."""
    h, c, n, out = np.zeros(HIDDEN), np.zeros(HIDDEN), np.zeros(HIDDEN), []
    for x in sequence:
        new_h = np.zeros(HIDDEN)
        for k in range(HIDDEN):
            i = math.exp(total(w, k, x, h))
            f = logistic(total(w, HIDDEN + k, x, h))
            g = math.tanh(total(w, 2 * HIDDEN + k, x, h))
            c[k], n[k] = f * c[k] + i * g, f * n[k] + i
            new_h[k] = logistic(total(w, 3 * HIDDEN + k, x, h)) * c[k] / n[k]
        h = new_h
        out.append(h.tolist())
    return out


def layer_norm_lstm_loop(w: Arrays, sequence: np.ndarray) -> list[list[float]]:
    """Ba et al. 2016: both sums and the shown cell state are normalised over the units."""

    def norm(values: list[float]) -> list[float]:
        mean = sum(values) / len(values)
        deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values) + 1e-5)
        return [(value - mean) / deviation for value in values]

    h, c, out = np.zeros(HIDDEN), np.zeros(HIDDEN), []
    for x in sequence:
        rows = range(4 * HIDDEN)
        given = norm([float(w["weight_ih"][row] @ x) for row in rows])
        past = norm([float(w["weight_hh"][row] @ h) for row in rows])
        n = [w["gain_ih"][row] * given[row] + w["gain_hh"][row] * past[row] + w["bias_ih"][row] for row in rows]
        for k in range(HIDDEN):
            c[k] = logistic(n[HIDDEN + k]) * c[k] + logistic(n[k]) * math.tanh(n[2 * HIDDEN + k])
        shown = norm(c.tolist())
        h = np.array(
            [
                logistic(n[3 * HIDDEN + k]) * math.tanh(w["gain_cell"][k] * shown[k] + w["shift_cell"][k])
                for k in range(HIDDEN)
            ]
        )
        out.append(h.tolist())
    return out


def lru_loop(w: Arrays, sequence: np.ndarray) -> list[list[float]]:
    """Orvieto et al. 2023 with Python's own complex numbers."""
    memory, out = [0j] * HIDDEN, []
    for x in sequence:
        for k in range(HIDDEN):
            eigenvalue = cmath.exp(complex(-math.exp(w["log_decay"][k]), w["angle"][k]))
            scale = math.sqrt(1 - abs(eigenvalue) ** 2)
            added = complex(from_input(w, k, x), from_input(w, HIDDEN + k, x))
            memory[k] = eigenvalue * memory[k] + scale * added
        parts = np.array([*(m.real for m in memory), *(m.imag for m in memory)])
        out.append([math.tanh(w["bias_out"][k] + float(w["weight_out"][k] @ parts)) for k in range(HIDDEN)])
    return out


def ablated_loop(name: str) -> Callable[[Arrays, np.ndarray], list[list[float]]]:
    """Return the loop of an LSTM without one part, by Greff et al. 2017: a removed gate is 1, a removed tanh the identity."""
    kept = [gate for gate in ("input", "forget", "candidate", "output") if f"lstm_no_{gate}" != name]

    def loop(w: Arrays, sequence: np.ndarray) -> list[list[float]]:
        h, c, out = np.zeros(HIDDEN), np.zeros(HIDDEN), []
        for x in sequence:
            new_c, new_h = np.zeros(HIDDEN), np.zeros(HIDDEN)
            for k in range(HIDDEN):
                sums = {gate: total(w, place * HIDDEN + k, x, h) for place, gate in enumerate(kept)}
                i, f, o = (logistic(sums[gate]) if gate in sums else 1.0 for gate in ("input", "forget", "output"))
                new_c[k] = f * c[k] + i * math.tanh(sums["candidate"])
                new_h[k] = o * (new_c[k] if name == "lstm_no_tanh" else math.tanh(new_c[k]))
            h, c = new_h, new_c
            out.append(h.tolist())
        return out

    return loop


ABLATED = ("lstm_no_forget", "lstm_no_input", "lstm_no_output", "lstm_no_tanh")
LOOPS = {"cifg": cifg_loop, "peephole": peephole_loop, "mgu": mgu_loop, "gru_textbook": gru_textbook_loop} | {
    "janet": janet_loop,
    "min_gru": min_gru_loop,
    "min_lstm": min_lstm_loop,
    "ind_rnn": ind_rnn_loop,
    "slstm": slstm_loop,
    "layer_norm_lstm": layer_norm_lstm_loop,
    "lru": lru_loop,
    **{name: ablated_loop(name) for name in ABLATED},
}


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


def test_every_variant_has_a_loop() -> None:
    """An architecture without a layer in PyTorch is held by a loop of its own."""
    assert set(LOOPS) == {name for name, cell in recurrent_cells().items() if cell.stock is None}


COUNTS = {
    "cifg": 3360,
    "peephole": 4576,
    "mgu": 2240,
    "gru_textbook": 3360,
    "janet": 2240,
    "ind_rnn": 96,
    "slstm": 4480,
}
COUNTS |= dict.fromkeys(ABLATED[:3], 3360) | {"lstm_no_tanh": 4480}
COUNTS |= {"layer_norm_lstm": 4672, "min_gru": 128, "min_lstm": 192, "lru": 2272}


@pytest.mark.parametrize(("name", "expected"), list(COUNTS.items()))
def test_variant_parameter_count(name: str, expected: int) -> None:
    """32 units on one input have the numbers of weights that the formulas give."""
    assert get_cell(name).parameter_count(1, 32) == expected
