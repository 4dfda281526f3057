"""Read the LSTM, GRU and RNN nodes of an ONNX graph with the matrices around them. Runs only in the child process."""

from typing import Any

import numpy as np

from models.checkpoints.raw import FloatArray, RawCheckpoint, check_sizes, shown
from models.errors import CheckpointError

RECURRENT = ("LSTM", "GRU", "RNN")
MAX_NODES = 20_000


def read(content: bytes) -> RawCheckpoint:
    """Return weights and, in `facts["nodes"]`, recurrent and dense nodes in the order of the graph.

    A recurrent node has `op`, `name`, `W`, `R`, `B` (names of tensors), `hidden`, `direction`, `linear_before_reset`,
    `activations`. A dense one has `op` `Dense`, `weight`, `bias` and `transposed` (whether rows are outputs). A table has
    `op` `Table` and `weight`.

    Raises:
        CheckpointError: If the bytes are not such a graph.
    """
    import onnx

    try:
        model = onnx.load_model_from_string(content)
    except MemoryError:
        raise
    except Exception as error:  # protobuf's error has no public base class
        raise CheckpointError("The file is not an ONNX model, or it is damaged; export it again.") from error
    graph = model.graph
    if len(graph.node) > MAX_NODES:
        raise CheckpointError(f"The graph has {len(graph.node):,} nodes; at most {MAX_NODES:,} are read.")
    tensors = _initialisers(graph)
    nodes = [found for node in graph.node if (found := _node(node, graph, tensors)) is not None]
    if not any(node["op"] in RECURRENT for node in nodes):
        raise CheckpointError("The ONNX graph has no LSTM, GRU or RNN node whose weights are stored in the file.")
    used = {node[key] for node in nodes for key in ("W", "R", "B", "weight", "bias") if node.get(key)}
    return RawCheckpoint(form="onnx", tensors={name: tensors[name] for name in sorted(used)}, facts={"nodes": nodes})


def _initialisers(graph: Any) -> dict[str, FloatArray]:
    from onnx import numpy_helper

    stored = {entry.name: entry for entry in graph.initializer}
    for node in graph.node:
        for attribute in node.attribute if node.op_type == "Constant" else ():
            if attribute.name == "value":
                stored[node.output[0]] = attribute.t
    for name, entry in stored.items():
        if entry.data_location == 1:
            raise CheckpointError(f"The tensor {shown(name)} is in another file; export the model as a single file.")
        if any(size < 0 for size in entry.dims):
            raise CheckpointError(f"The tensor {shown(name)} has a negative size; the file is damaged.")
    check_sizes({name: tuple(entry.dims) for name, entry in stored.items()})
    found = {}
    for name, entry in stored.items():
        try:
            found[name] = numpy_helper.to_array(entry)
        except Exception as error:  # whatever a tensor leads to whose bytes do not fit its shape
            raise CheckpointError(f"The tensor {shown(name)} does not fit its shape; the file is damaged.") from error
    return found


def _node(node: Any, graph: Any, tensors: dict[str, FloatArray]) -> dict[str, Any] | None:
    if node.op_type in RECURRENT and node.domain in ("", "ai.onnx"):
        return _recurrent(node, tensors)
    inputs = list(node.input)
    if node.op_type in ("MatMul", "Gemm") and len(inputs) > 1 and _matrix(inputs[1], tensors):
        bias = inputs[2] if len(inputs) > 2 else _added(node.output[0], graph, tensors)
        transposed = any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
        fits = bias if bias in tensors and tensors[bias].ndim == 1 else ""
        return {
            "op": "Dense",
            "name": node.name or inputs[1],
            "weight": inputs[1],
            "bias": fits,
            "transposed": transposed,
        }
    if node.op_type == "Gather" and inputs and _matrix(inputs[0], tensors):
        return {"op": "Table", "name": node.name or inputs[0], "weight": inputs[0]}
    return None


def _matrix(name: str, tensors: dict[str, FloatArray]) -> bool:
    return name in tensors and tensors[name].ndim == 2 and tensors[name].dtype.kind == "f"


def _added(output: str, graph: Any, tensors: dict[str, FloatArray]) -> str:
    """Return the stored vector that is added to a product, or an empty text."""
    for node in graph.node:
        if node.op_type == "Add" and output in node.input:
            other = next((name for name in node.input if name != output), "")
            if other in tensors and tensors[other].dtype.kind == "f":
                return str(other)
    return ""


def _recurrent(node: Any, tensors: dict[str, FloatArray]) -> dict[str, Any]:
    from onnx import helper

    inputs = [*node.input, "", "", "", "", "", "", "", ""]
    if inputs[1] not in tensors or inputs[2] not in tensors:
        raise CheckpointError(
            f"The weights of the {node.op_type} node {shown(node.name)} are computed in the graph, not stored."
        )
    attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    if "clip" in attributes or attributes.get("input_forget"):
        raise CheckpointError(
            f"The {node.op_type} node {shown(node.name)} clips or couples its gates, which is not read."
        )
    peepholes = inputs[7]
    if node.op_type == "LSTM" and peepholes and (peepholes not in tensors or np.any(tensors[peepholes])):
        raise CheckpointError(f"The LSTM node {shown(node.name)} has peephole connections, which are not read.")
    return {
        "op": node.op_type,
        "name": node.name or node.output[0],
        "W": inputs[1],
        "R": inputs[2],
        "B": inputs[3] if inputs[3] in tensors else "",
        "hidden": int(attributes.get("hidden_size", 0)),
        "direction": _text(attributes.get("direction", "forward")),
        "linear_before_reset": int(attributes.get("linear_before_reset", 0)),
        "activations": [_text(name) for name in attributes.get("activations", [])],
    }


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
