"""Text written by a trained next-token model, in NumPy. No torch."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.cells.base import Cell
from models.cells.network import answer_network, encode, layer_count, layer_weights, normalise

MAX_READ = 256  # tokens that a network without a state reads again for each one that it writes


def sample_text(
    cell: Cell,
    weights: Mapping[str, NDArray[Any]],
    vocabulary: Sequence[str],
    *,
    length: int,
    temperature: float,
    seed: int,
    prompt: Sequence[int] = (0,),
) -> str:
    """Let a model write, one token after another.

    Args:
        cell: The architecture.
        weights: Saved weights of one replica.
        vocabulary: Token names.
        length: Tokens to write.
        temperature: Above 0; low values repeat the most likely text, 1 samples from the model's own probabilities.
        seed: Seed of the draws.
        prompt: Tokens that are read first.

    Returns:
        The generated text, without the prompt.
    """
    layers = [layer_weights(weights, index) for index in range(layer_count(weights))]
    states: list[dict[str, Any] | None] = [None] * len(layers)
    draws = np.random.default_rng([seed, 7])
    written: list[int] = []
    pending = list(prompt)
    read: list[int] = []
    while len(written) < length:
        read.append(pending.pop(0) if pending else written[-1])
        scores = _read(cell, weights, layers, states, read[-1]) if cell.recurrent else _read_all(cell, weights, read)
        if not pending:
            written.append(_draw(scores, temperature, draws))
    return "".join(vocabulary[token] for token in written)


def _read(
    cell: Cell,
    weights: Mapping[str, NDArray[Any]],
    layers: Sequence[Mapping[str, NDArray[Any]]],
    states: list[dict[str, Any] | None],
    token: int,
) -> NDArray[Any]:
    """Feed one token, advance `states`, and return the scores of the next one."""
    values = encode(weights, np.array([[token]]))[:, 0]
    for index, layer in enumerate(layers):
        state = states[index] or cell.initial_state(values, cell.hidden_size(layer))
        step = cell.step(layer, values, state)
        states[index] = cell.next_state(step)
        values = normalise(weights, index, step.hidden)
    scores: NDArray[Any] = (values @ weights["head.weight"].T + weights["head.bias"])[0]
    return scores


def _read_all(cell: Cell, weights: Mapping[str, NDArray[Any]], read: Sequence[int]) -> NDArray[Any]:
    """Return the scores of the next token of a network without a state, which reads the last tokens anew."""
    tokens = np.array([read[-MAX_READ:]])
    answers = answer_network(cell, weights, tokens, np.array([tokens.shape[1]]), each_step=False)
    scores: NDArray[Any] = answers[0]
    return scores


def _draw(scores: NDArray[Any], temperature: float, draws: np.random.Generator) -> int:
    scaled = scores.astype(np.float64) / max(temperature, 1e-3)
    likely = np.exp(scaled - scaled.max())
    return int(draws.choice(len(likely), p=likely / likely.sum()))
