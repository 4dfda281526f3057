"""One trained network as an ONNX file, written from saved weights: no torch, any batch size, any length.

LSTM, GRU and tanh RNN become ONNX operators, which are fast in every runtime; any other recurrent architecture becomes a
`Scan` over its own equations, and a layer without recurrence becomes the operations of its equations. Each file is run and compared before it is returned.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.quantiles import ascending
from data.task import TaskData
from models.cells import get_cell
from models.cells.base import Cell, normalised
from models.cells.network import layer_groups, layer_weights, reads_backward, run_network
from models.cells.onnx_weights import IR_VERSION, OPSET, operator_weights
from models.cells.sequence import SequenceLayer
from models.errors import EngineError, StoreError
from models.export.safetensors import weights_metadata
from models.records.results import RunResult

TOLERANCE = 1e-5
_SAMPLES = 4
Array = NDArray[Any]


def onnx_file(run: RunResult, replica: int, data: TaskData) -> bytes:
    """Return one replica as ONNX, checked against the weights.

    Inputs: `inputs`, `(batch, time, features)` float32 or `(batch, time)` int64 tokens, without padding. Outputs:
    `outputs`, `(batch, outputs)` after the last step, or `(batch, time, outputs)` if the task has a target at each step. Where
    quantiles are predicted, `outputs` are those of the lowest level for every target, then the next level's, in ascending order.

    Args:
        run: The run.
        replica: Index of the seed.
        data: The task; the file is checked on some of its test samples.

    Raises:
        StoreError: If the run has no stored weights.
        EngineError: If the onnx package is missing, or the file's outputs differ from the network's.
    """
    if not run.weights:
        raise StoreError("This run kept no weights; train it again from its link.")
    try:
        import onnx
    except ImportError:
        raise EngineError("ONNX files need the package `onnx`: install the requirements again.") from None
    cell, weights = get_cell(run.spec.architecture), run.replica(replica)
    model = build_model(cell, weights, each_step=data.each_step, quantiles=len(data.quantiles))
    difference = largest_difference(model, cell, weights, data)
    if not difference <= TOLERANCE:
        raise EngineError(
            f"The outputs of the ONNX file differ from the network's by {difference:.2g}, so it is not offered."
        )
    facts = weights_metadata(run) | {"seed": str(run.seeds[replica].seed), "largest_difference": f"{difference:.2g}"}
    facts |= _scales(data) | ({"quantiles": json.dumps(data.quantiles)} if data.quantiles else {})
    onnx.helper.set_model_props(model, facts)
    onnx.checker.check_model(model)
    written: bytes = model.SerializeToString()
    return written


def _scales(data: TaskData) -> dict[str, str]:
    """Return mean and deviation of a repeat's inputs and targets: what goes in and comes out is (value - mean) / std."""
    scales = {"input": data.input_scaler, "target": data.scaler}
    return {
        f"{name}_{part}": json.dumps(np.asarray(getattr(scale, part), dtype=np.float64).tolist())
        for name, scale in scales.items()
        if scale is not None
        for part in ("mean", "std")
    }


def build_model(cell: Cell, weights: Mapping[str, Array], *, each_step: bool, quantiles: int = 0) -> Any:
    """Return the ONNX model of one replica's weights; see `onnx_file`.

    Args:
        cell: The architecture.
        weights: Of one network.
        each_step: Whether there is an answer at every step.
        quantiles: Levels that are predicted of every target; the graph puts them in ascending order.
    """
    from onnx import TensorProto, helper

    from models.export.onnx_symbols import Graph

    graph = Graph()
    values, given = _encoder(graph, cell, weights)
    values = graph.node("Transpose", values, perm=[1, 0, 2])  # (T, B, E)
    groups = layer_groups(weights)
    for place, group in enumerate(groups):
        values = _group(graph, cell, weights, group, values)
        values = _normalised(graph, weights, place, values)
    outputs, axes = weights["head.bias"].shape[0], ["batch"]
    if each_step:
        values, axes = graph.node("Transpose", values, perm=[1, 0, 2]), ["batch", "time"]
    else:
        values = _read_out(
            graph, weights, [cell.hidden_size(layer_weights(weights, layer)) for layer in groups[-1]], values
        )
    said = _affine(graph, values, weights["head.weight"], weights["head.bias"], name="" if quantiles else "outputs")
    if quantiles:
        _ascending(graph, said, quantiles, outputs)
    shown = helper.make_tensor_value_info("outputs", TensorProto.FLOAT, [*axes, outputs])
    made = helper.make_graph(graph.nodes, "gatescope", [given], [shown], graph.constants)
    return helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="gatescope"
    )


def _encoder(graph: Any, cell: Cell, weights: Mapping[str, Array]) -> tuple[str, Any]:
    """Add the encoder; return its output and the description of the model's input."""
    from onnx import TensorProto, helper

    if "encoder.embedding" in weights:
        table = graph.constant(weights["encoder.embedding"], "embedding")
        given = helper.make_tensor_value_info("inputs", TensorProto.INT64, ["batch", "time"])
        return graph.node("Gather", table, "inputs", axis=0), given
    if "encoder.weight" in weights:
        features = weights["encoder.weight"].shape[1]
        values = _affine(graph, "inputs", weights["encoder.weight"], weights["encoder.bias"])
    else:
        first = layer_weights(weights, 0)
        shapes = {name: value.shape for name, value in first.items()}
        features, values = cell.input_size(shapes, cell.hidden_size(first)), "inputs"
    return values, helper.make_tensor_value_info("inputs", TensorProto.FLOAT, ["batch", "time", features])


def _affine(graph: Any, values: str, weight: Array, bias: Array, name: str = "") -> str:
    product = graph.node("MatMul", values, graph.constant(weight.T, "weight"))
    added: str = graph.node("Add", product, graph.constant(bias, "bias"), name=name)
    return added


def _ascending(graph: Any, values: str, levels: int, outputs: int) -> None:
    """Add the order of quantiles `(B, Q * O)`, as `data.quantiles.ascending` has it."""
    from onnx import helper

    each = graph.node("Reshape", values, graph.constant(np.array([-1, levels, outputs // levels])))
    ordered, places = graph.fresh("ordered"), graph.fresh("places")
    count = graph.constant(np.array([levels]))
    graph.nodes.append(helper.make_node("TopK", [each, count], [ordered, places], axis=1, largest=0, sorted=1))
    graph.node("Reshape", ordered, graph.constant(np.array([-1, outputs])), name="outputs")


def _group(graph: Any, cell: Cell, weights: Mapping[str, Array], group: Sequence[int], values: str) -> str:
    """Add the layers that see the same input, `(T, B, I)` to `(T, B, D)`; those that read from the end turn time round twice."""
    found = []
    for layer in group:
        own = {name: value for name, value in layer_weights(weights, layer).items() if name != "backward"}
        backward = reads_backward(weights, layer)
        shown = _layer(graph, cell, own, _turned(graph, values) if backward else values)
        found.append(_turned(graph, shown) if backward else shown)
    joined: str = graph.node("Concat", *found, axis=-1) if len(found) > 1 else found[0]
    return joined


def _turned(graph: Any, values: str) -> str:
    bounds = [
        graph.constant(np.array([edge])) for edge in (-1, np.iinfo(np.int64).min + 1, 0, -1)
    ]  # start, end, axis, step
    turned: str = graph.node("Slice", values, *bounds)
    return turned


def _normalised(graph: Any, weights: Mapping[str, Array], layer: int, values: str) -> str:
    from models.export.onnx_symbols import Symbol

    if f"norm.{layer}.gain" not in weights:
        return values
    gain, shift = weights[f"norm.{layer}.gain"], weights[f"norm.{layer}.shift"]
    normal: str = (normalised(Symbol(graph, values, len(gain))) * gain + shift).name
    return normal


def _read_out(graph: Any, weights: Mapping[str, Array], sizes: Sequence[int], values: str) -> str:
    """Add what the head reads from `(T, B, D)`: where the directions end, a mean, or a weighted mean."""
    if "readout.mean" in weights:
        mean: str = graph.node("ReduceMean", values, axes=[0], keepdims=0)
        return mean
    if "readout.query" in weights:
        scores = graph.node("MatMul", values, graph.constant(weights["readout.query"][:, None]))
        weighed = graph.node("Mul", graph.node("Softmax", scores, axis=0), values)
        read: str = graph.node("ReduceSum", weighed, graph.constant(np.array([0])), keepdims=0)
        return read
    last: str = graph.node("Gather", values, graph.constant(np.array(-1)), axis=0)
    if len(sizes) == 1:
        return last
    first = graph.node("Gather", values, graph.constant(np.array(0)), axis=0)
    edges = [graph.constant(np.array([edge])) for edge in (0, sizes[0], sum(sizes), -1)]
    halves = (
        graph.node("Slice", last, edges[0], edges[1], edges[3]),
        graph.node("Slice", first, edges[1], edges[2], edges[3]),
    )
    ends: str = graph.node("Concat", *halves, axis=-1)
    return ends


def _layer(graph: Any, cell: Cell, weights: Mapping[str, Array], values: str) -> str:
    """Add one recurrent layer, `(T, B, I)` to `(T, B, H)`."""
    if isinstance(cell, SequenceLayer):
        return _whole_layer(graph, cell, weights, values)
    hidden_size = cell.hidden_size(weights)
    if cell.stock is not None:
        return _stock_layer(graph, cell.stock, weights, values, hidden_size)
    return _scanned_layer(graph, cell, weights, values, hidden_size)


def _stock_layer(graph: Any, operator: str, weights: Mapping[str, Array], values: str, hidden_size: int) -> str:
    constants = [graph.constant(value, "weights") for value in operator_weights(operator, weights)]
    attributes: dict[str, Any] = {"linear_before_reset": 1} if operator == "GRU" else {}
    shown = graph.node(operator, values, *constants, hidden_size=hidden_size, **attributes)  # (T, 1, B, H)
    layer: str = graph.node("Squeeze", shown, graph.constant(np.array([1])))
    return layer


def _scanned_layer(graph: Any, cell: Cell, weights: Mapping[str, Array], values: str, hidden_size: int) -> str:
    from onnx import helper, numpy_helper

    from models.export.onnx_symbols import scan_body

    batch = graph.node("Gather", graph.node("Shape", values), graph.constant(np.array([1])), axis=0)
    shape = graph.node("Concat", batch, graph.constant(np.array([hidden_size])), axis=0)
    zero = numpy_helper.from_array(np.zeros(1, dtype=np.float32))
    start = graph.node("ConstantOfShape", shape, value=zero)
    ends = [graph.fresh(f"{state.name}_end") for state in cell.states]
    layer: str = graph.fresh("layer")
    body = scan_body(cell, weights, hidden_size, f"{layer}_")
    given = [start] * len(cell.states) + [values]
    graph.nodes.append(helper.make_node("Scan", given, [*ends, layer], body=body, num_scan_inputs=1))
    return layer


def _whole_layer(graph: Any, cell: SequenceLayer, weights: Mapping[str, Array], values: str) -> str:
    from models.export.onnx_symbols import Symbol

    size = cell.input_size({name: value.shape for name, value in weights.items()}, cell.hidden_size(weights))
    by_sequence = Symbol(graph, graph.node("Transpose", values, perm=[1, 0, 2]), size)
    layer: str = graph.node("Transpose", cell.run(weights, by_sequence).name, perm=[1, 0, 2])
    return layer


def largest_difference(model: Any, cell: Cell, weights: Mapping[str, Array], data: TaskData) -> float:
    """Run some test samples through a model and in NumPy; return the largest difference of the outputs.

    The difference is relative for outputs above 1, absolute below.
    """
    run = _runtime(model)
    differences = [
        (np.abs(run(inputs) - expected) / np.maximum(np.abs(expected), 1.0)).max()
        for inputs, expected in _answers(cell, weights, data)
    ]
    return float(max(differences))


def _answers(cell: Cell, weights: Mapping[str, Array], data: TaskData) -> list[tuple[Array, Array]]:
    """Return unpadded inputs of single test samples and the network's outputs, quantiles in ascending order."""
    pairs, part = [], data.test
    for index in range(min(_SAMPLES, len(part))):
        inputs = part.inputs[index : index + 1, : part.lengths[index]]
        trace = run_network(cell, weights, inputs, part.lengths[index : index + 1], each_step=data.each_step)
        outputs = np.asarray(trace.outputs)
        if data.quantiles:
            outputs = np.moveaxis(ascending(outputs), 0, -2).reshape(outputs.shape)
        pairs.append((inputs, outputs))
    return pairs


def _runtime(model: Any) -> Any:
    """Return a function that runs a model, with onnxruntime if it is installed, else with ONNX's reference evaluator."""
    try:
        import onnxruntime

        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    except ImportError:
        from onnx.reference import ReferenceEvaluator

        session = ReferenceEvaluator(model)
    return lambda inputs: session.run(None, {"inputs": inputs})[0]
