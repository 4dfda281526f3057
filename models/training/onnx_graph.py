"""Export a trained stack of stock layers as an ONNX graph for ONNX Runtime, as for deployment.

The graph takes states as input and returns them, so one session handles whole sequences and streaming. ONNX orders
gates differently from PyTorch (LSTM: input, output, forget, candidate; GRU: update, reset, candidate). Axes: T steps, B
batch, I inputs, H units, O outputs; layout T, B, I.
"""

import importlib.util
from collections.abc import Mapping
from typing import Any

import numpy as np

from models.cells import Cell
from models.cells.network import FloatArray, layer_count, layer_weights
from models.cells.onnx_weights import IR_VERSION, OPSET, operator_weights


def available() -> bool:
    """Return whether graphs can be built and run here; both packages are optional."""
    return all(importlib.util.find_spec(name) is not None for name in ("onnx", "onnxruntime"))


class Session:
    """A network in ONNX Runtime, on one thread.

    Args:
        cell: An architecture with a stock layer.
        weights: Saved weights of one replica without encoder.
    """

    def __init__(self, cell: Cell, weights: Mapping[str, FloatArray]) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        graph = build(cell, weights).SerializeToString()
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._states = [entry.name for entry in self._session.get_inputs()[1:]]
        self._hidden = weights["head.weight"].shape[1]

    def initial(self, batch: int) -> dict[str, FloatArray]:
        """Return zero states for a number of sequences."""
        return {name: np.zeros((1, batch, self._hidden), dtype=np.float32) for name in self._states}

    def run(self, inputs: FloatArray, states: Mapping[str, FloatArray]) -> tuple[FloatArray, dict[str, FloatArray]]:
        """Return the head's outputs `(B, O)` after the last of the inputs `(T, B, I)`, and the final states."""
        outputs, *after = self._session.run(None, {"inputs": inputs, **states})
        return outputs, dict(zip(self._states, after, strict=True))


def build(cell: Cell, weights: Mapping[str, FloatArray]) -> Any:
    """Return the graph as an ONNX model.

    Raises:
        ValueError: If ONNX has no operator with the equations of the architecture.
    """
    if cell.stock is None:
        raise ValueError(f"ONNX has no operator with the equations of `{cell.name}`")
    from onnx import helper

    hidden = weights["head.weight"].shape[1]
    constants: dict[str, FloatArray] = {}
    nodes, states_in, states_out, below = [], [], [], "inputs"
    for layer in range(layer_count(weights)):
        stacked = operator_weights(cell.stock, layer_weights(weights, layer))
        constants |= {f"{name}{layer}": value for name, value in zip("WRB", stacked, strict=True)}
        names = [f"h{layer}", f"c{layer}"][: 2 if cell.stock == "LSTM" else 1]
        outputs = [f"all{layer}", *[f"{name}_after" for name in names]]
        feeds = [below, f"W{layer}", f"R{layer}", f"B{layer}", "", *names]
        more: dict[str, Any] = {"linear_before_reset": 1} if cell.stock == "GRU" else {}
        nodes.append(helper.make_node(cell.stock, feeds, outputs, hidden_size=hidden, **more))
        nodes.append(helper.make_node("Squeeze", [f"all{layer}", "direction"], [f"below{layer + 1}"]))
        states_in += names
        states_out += outputs[1:]
        below = f"below{layer + 1}"
    top = next(name for name in reversed(states_out) if name.startswith("h"))
    constants |= {"direction": np.array([1], dtype=np.int64), "first": np.array([0], dtype=np.int64)}
    constants |= {"head": weights["head.weight"].T, "bias": weights["head.bias"]}
    nodes.append(helper.make_node("Squeeze", [top, "first"], ["last"]))
    nodes.append(helper.make_node("MatMul", ["last", "head"], ["product"]))
    nodes.append(helper.make_node("Add", ["product", "bias"], ["outputs"]))
    return _model(nodes, constants, weights, (states_in, states_out))


def _model(
    nodes: list[Any],
    constants: Mapping[str, FloatArray],
    weights: Mapping[str, FloatArray],
    states: tuple[list[str], list[str]],
) -> Any:
    """Assemble nodes and constants into a checked model; states are named inputs and outputs."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    width, hidden = weights["recurrent.0.weight_ih"].shape[1], weights["head.weight"].shape[1]

    def info(name: str, shape: list[Any]) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    state_shape = [1, "B", hidden]
    graph = helper.make_graph(
        nodes,
        "gatescope",
        [info("inputs", ["T", "B", width]), *[info(name, state_shape) for name in states[0]]],
        [info("outputs", ["B", len(weights["head.bias"])]), *[info(name, state_shape) for name in states[1]]],
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    return model
