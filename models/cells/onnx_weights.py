"""Weights of stock layers as ONNX's operators expect them: gates in ONNX's order. No torch, no onnx."""

from collections.abc import Mapping

import numpy as np

from models.cells.network import FloatArray

_ORDERS = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN": (0,)}  # indices into PyTorch's gates, in ONNX's order
OPSET, IR_VERSION = 17, 9


def operator_weights(kind: str, weights: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the input weights, recurrent weights and biases of an ONNX operator, each with its axis of directions.

    Args:
        kind: `LSTM`, `GRU` or `RNN`.
        weights: One layer's weights of one replica.
    """

    def rows(name: str) -> FloatArray:
        blocks = np.split(weights[name], len(_ORDERS[kind]))
        return np.concatenate([blocks[place] for place in _ORDERS[kind]])

    biases = np.concatenate([rows("bias_ih"), rows("bias_hh")])
    return rows("weight_ih")[None], rows("weight_hh")[None], biases[None]
