"""Checkpoints made by PyTorch, safetensors, ONNX and in Keras' layout, with the outputs of the source framework.

Number n decides everything: cell, layers, units, bias, directions, precision and form. ONNX graphs run in ONNX Runtime. Keras
files of the numbers here are written in Keras' documented layout from a PyTorch network of the same equations; files that Keras
itself wrote are in `tests/files/keras`.
"""

import io
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save
from torch import nn

FORMS = ("state_dict", "safetensors", "onnx", "keras", "whole")
FEATURES, STEPS, SAMPLES, OUTPUTS = 3, 9, 4, 2
ONNX_ORDERS = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN": (0,)}
KERAS_ORDERS = {"LSTM": (0, 1, 2, 3), "GRU": (1, 0, 2), "RNN": (0,)}
KERAS_NAMES = {"LSTM": "lstm", "GRU": "gru", "RNN": "simple_rnn"}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one generated checkpoint is."""

    form: str
    kind: str
    layers: int
    units: int
    bias: bool
    both: bool
    half: bool
    textbook: bool

    @property
    def tolerance(self) -> float:
        """How far outputs may be from the source framework's."""
        return 1e-2 if self.half else 1e-5


@dataclass(frozen=True, kw_only=True)
class Generated:
    """A file, inputs `(N, T, F)`, and the source framework's outputs at every step `(N, T, O)`."""

    settings: Settings
    filename: str
    content: bytes
    inputs: np.ndarray
    outputs: np.ndarray


class Net(nn.Module):
    """A recurrent stack with a linear head."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.rnn = getattr(nn, settings.kind)(
            FEATURES,
            settings.units,
            settings.layers,
            bias=settings.bias,
            bidirectional=settings.both,
            batch_first=True,
        )
        self.head = nn.Linear(settings.units * (1 + settings.both), OUTPUTS)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the head's outputs at every step."""
        return self.head(self.rnn(inputs)[0])


def settings_of(number: int) -> Settings:
    """Return what checkpoint `number` is: every form, cell, depth, bias and direction comes up."""
    draw = np.random.default_rng(number)
    return Settings(
        form=FORMS[number % len(FORMS)],
        kind=("LSTM", "GRU", "RNN")[number % 3],
        layers=1 + int(draw.integers(3)),
        units=int(np.exp(draw.uniform(0, np.log(512.99)))),
        bias=bool(draw.integers(2)),
        both=bool(draw.integers(2)),
        half=bool(draw.integers(4) == 0),
        textbook=bool(draw.integers(2)),
    )


def generate(number: int) -> Generated:
    """Return checkpoint `number`."""
    settings = settings_of(number)
    torch.manual_seed(number)
    net = Net(settings).eval()
    inputs = np.random.default_rng(number).normal(size=(SAMPLES, STEPS, FEATURES)).astype(np.float32)
    with torch.no_grad():
        outputs = net(torch.from_numpy(inputs)).numpy()
    if settings.form == "onnx":
        content, outputs = _onnx(net, settings, inputs)
        return Generated(settings=settings, filename="net.onnx", content=content, inputs=inputs, outputs=outputs)
    stored = net.half() if settings.half else net
    if settings.form == "keras":
        content, name = _keras(stored, settings), "net.weights.h5"
    elif settings.form == "safetensors":
        content, name = save(stored.state_dict()), "net.safetensors"
    else:
        content, name = _torch(stored, settings), "net.pt"
    return Generated(settings=settings, filename=name, content=content, inputs=inputs, outputs=outputs)


def _torch(net: Net, settings: Settings) -> bytes:
    buffer = io.BytesIO()
    whole = nn.ModuleDict({"rnn": net.rnn, "head": net.head})
    torch.save(whole if settings.form == "whole" else net.state_dict(), buffer)
    return buffer.getvalue()


def stacked(net: Any, kind: str, layer: int, suffix: str, order: tuple[int, ...]) -> list[np.ndarray]:
    """Return input weights, recurrent weights and both biases of a direction, gates in another order."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    rows = net.rnn.weight_hh_l0.shape[0]
    found = []
    for name in names:
        value = getattr(net.rnn, f"{name}_l{layer}{suffix}", None)
        array = np.zeros(rows, np.float32) if value is None else value.detach().numpy()
        blocks = np.split(array, len(order))
        found.append(np.concatenate([blocks[place] for place in order]))
    return found


def _onnx(net: Net, settings: Settings, inputs: np.ndarray) -> tuple[bytes, np.ndarray]:
    """Return a graph `(B, T, F)` to `(B, T, O)` and its outputs in ONNX Runtime."""
    nodes, stored, below = [helper.make_node("Transpose", ["x"], ["s0"], perm=[1, 0, 2])], [], "s0"
    for layer in range(settings.layers):
        ways = [
            stacked(net, settings.kind, layer, suffix, ONNX_ORDERS[settings.kind])
            for suffix in ("", "_reverse")[: 1 + settings.both]
        ]
        names = [f"W{layer}", f"R{layer}"]
        arrays = [np.stack([way[0] for way in ways]), np.stack([way[1] for way in ways])]
        if settings.bias:
            names, arrays = [*names, f"B{layer}"], [*arrays, np.stack([np.concatenate(way[2:]) for way in ways])]
        stored += [numpy_helper.from_array(array, name) for name, array in zip(names, arrays, strict=True)]
        more = {"linear_before_reset": 0 if settings.textbook else 1} if settings.kind == "GRU" else {}
        direction = "bidirectional" if settings.both else "forward"
        nodes.append(
            helper.make_node(
                settings.kind, [below, *names], [f"y{layer}"], hidden_size=settings.units, direction=direction, **more
            )
        )
        nodes.append(helper.make_node("Transpose", [f"y{layer}"], [f"t{layer}"], perm=[0, 2, 1, 3]))
        nodes.append(helper.make_node("Reshape", [f"t{layer}", "shape"], [f"s{layer + 1}"]))
        below = f"s{layer + 1}"
    stored.append(numpy_helper.from_array(np.array([0, 0, -1], np.int64), "shape"))
    stored.append(numpy_helper.from_array(net.head.weight.detach().numpy().T.copy(), "head_w"))
    stored.append(numpy_helper.from_array(net.head.bias.detach().numpy(), "head_b"))
    nodes += [helper.make_node("MatMul", [below, "head_w"], ["p"]), helper.make_node("Add", ["p", "head_b"], ["o"])]
    nodes.append(helper.make_node("Transpose", ["o"], ["y"], perm=[1, 0, 2]))
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["B", "T", size])
        for name, size in (("x", FEATURES), ("y", OUTPUTS))
    ]
    graph = helper.make_graph(nodes, "net", values[:1], values[1:], initializer=stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    content = model.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    outputs = session.run(None, {"x": inputs})[0]
    return (_half_onnx(model) if settings.half else content), outputs


def _half_onnx(model: Any) -> bytes:
    for entry in model.graph.initializer:
        if entry.data_type == TensorProto.FLOAT:
            entry.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(entry).astype(np.float16), entry.name))
    return bytes(model.SerializeToString())


def _keras(net: Net, settings: Settings) -> bytes:
    """Return a `.weights.h5` in Keras' layout: kernels transposed, gates in Keras' order, a GRU with `reset_after`."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for layer in range(settings.layers):
            number = f"_{layer}" if layer else ""
            base = f"layers/bidirectional{number}" if settings.both else f"layers/{KERAS_NAMES[settings.kind]}{number}"
            for place, suffix in enumerate(("", "_reverse")[: 1 + settings.both]):
                way = f"{base}/{('forward', 'backward')[place]}_layer" if settings.both else base
                parts = stacked(net, settings.kind, layer, suffix, KERAS_ORDERS[settings.kind])
                file[f"{way}/cell/vars/0"], file[f"{way}/cell/vars/1"] = parts[0].T, parts[1].T
                if settings.bias:
                    both = np.stack(parts[2:]) if settings.kind == "GRU" else parts[2] + parts[3]
                    file[f"{way}/cell/vars/2"] = both
        file["layers/dense/vars/0"] = net.head.weight.detach().numpy().T
        file["layers/dense/vars/1"] = net.head.bias.detach().numpy()
    return buffer.getvalue()
