"""Hostile files: bombs, wrong shapes, NaN, pickles that would run code, cut off, huge headers. Number n decides everything."""

import io
import json
import os
import pickle
import struct
import zipfile
from typing import Any

import h5py
import numpy as np
import torch
from onnx import TensorProto, helper
from safetensors.numpy import save
from torch import nn

from tests.models.checkpoints.generated import generate

Made = tuple[bytes, str]


class Runs:
    """A pickle of it would run a command."""

    def __init__(self, how: int, path: str) -> None:
        self.how, self.path = how, path

    def __reduce__(self) -> Any:
        code = f"open({self.path!r}, 'w').close()"
        calls = [(os.system, (f"touch {self.path}",)), (exec, (code,)), (eval, (code,)), (os.mkdir, (self.path,))]
        return calls[self.how % len(calls)]


def make(number: int, path: str) -> Made:
    """Return hostile file `number`; what would run in it would create `path`."""
    kinds = (_pickle, _torch_zip, _cut_off, _flipped, _header, _shapes, _not_finite, _zip_bomb, _keras, _onnx, _noise)
    return kinds[number % len(kinds)](np.random.default_rng(number), number // len(kinds), path)


def _pickle(draw: np.random.Generator, number: int, path: str) -> Made:
    protocol = number % 6
    return pickle.dumps({"weight_ih_l0": Runs(number, path)}, protocol=max(2, protocol)), "net.pt"


def _torch_zip(draw: np.random.Generator, number: int, path: str) -> Made:
    buffer = io.BytesIO()
    torch.save({"a": torch.zeros(2), "b": Runs(number, path)}, buffer)
    if number % 3 == 1:
        return _packed(
            {"archive/data.pkl": pickle.dumps(Runs(number, path), protocol=2), "archive/version": b"3"}
        ), "net.pth"
    if number % 3 == 2:
        nested: Any = torch.zeros(1)
        for _ in range(200):
            nested = {"a": nested, "b": nested}
        buffer = io.BytesIO()
        torch.save(nested, buffer)
    return buffer.getvalue(), "net.pt"


def _cut_off(draw: np.random.Generator, number: int, path: str) -> Made:
    made = generate(number % 15)
    return made.content[: int(len(made.content) * draw.uniform(0.02, 0.95))], made.filename


def _flipped(draw: np.random.Generator, number: int, path: str) -> Made:
    """Return a file whose structure is damaged: bytes at its beginning and at its end are random."""
    made = generate(number % 15)
    content = bytearray(made.content)
    for start in (8, max(8, len(content) - 400)):
        for place in draw.integers(start, min(len(content), start + 300), 60):
            content[place] = int(draw.integers(256))
    return bytes(content), made.filename


def _header(draw: np.random.Generator, number: int, path: str) -> Made:
    text = [
        b'{"a":' * 100_000,
        json.dumps({f"t{i}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(3_000)}).encode(),
        json.dumps({"weight_ih_l0": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 4]}}).encode(),
        json.dumps({"weight_ih_l0": {"dtype": "F32", "shape": [-1, 4], "data_offsets": [0, 4]}}).encode(),
        json.dumps({"weight_ih_l0": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}).encode(),
        json.dumps({"weight_ih_l0": {"dtype": "F32", "shape": [1], "data_offsets": [0, 2**60]}}).encode(),
        json.dumps(["weight_ih_l0"]).encode(),
        json.dumps({"weight_ih_l0": 7}).encode(),
    ][number % 8]
    length = int(draw.integers(2**33, 2**62)) if number % 5 == 4 else len(text)
    return struct.pack("<Q", length) + b"{" + text[1:] + bytes(8), "net.safetensors"


def _shapes(draw: np.random.Generator, number: int, path: str) -> Made:
    sizes = [(8, 3), (8,), (0, 2), (9, 3), (8, 3, 1)]
    tensors = {"rnn.weight_ih_l0": np.zeros(sizes[number % 5], np.float32)}
    others = [(8, 3), (2,), (8, 5), (0, 0), (1, 1)]
    tensors["rnn.weight_hh_l0"] = np.zeros(others[number // 5 % 5], np.float32)
    if number % 2:
        tensors["rnn.bias_ih_l0"] = np.zeros(int(draw.integers(1, 7)), np.float32)
    return save(tensors), "net.safetensors"


def _not_finite(draw: np.random.Generator, number: int, path: str) -> Made:
    layer = nn.LSTM(3, 4)
    with torch.no_grad():
        layer.weight_hh_l0[0, int(draw.integers(4))] = (float("nan"), float("inf"), -float("inf"))[number % 3]
    if number % 2:
        return save({name: value.detach().numpy() for name, value in layer.state_dict().items()}), "net.safetensors"
    buffer = io.BytesIO()
    torch.save(layer.state_dict(), buffer)
    return buffer.getvalue(), "net.pt"


def _packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _zip_bomb(draw: np.random.Generator, number: int, path: str) -> Made:
    zeros = bytes(10_000_000 + int(draw.integers(1_000_000)))
    names = [
        {"archive/data.pkl": zeros, "archive/version": b"3"},
        {"config.json": zeros, "model.weights.h5": b"x"},
        {"config.json": b"{}", "model.weights.h5": zeros},
        {"../../etc/passwd": b"x", "archive/code/run.py": b"import os"},
        {f"{index}": b"" for index in range(6_000)},
    ][number % 5]
    return _packed(names), ("net.pt", "net.keras")[number % 2]


def _keras(draw: np.random.Generator, number: int, path: str) -> Made:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        way = number % 5
        if way == 0:
            file["layers/lstm/cell/vars/0"] = h5py.ExternalLink("/etc/hostname", "/")
        elif way == 1:
            file.create_dataset(
                "layers/lstm/cell/vars/0", shape=(2**20, 2**20), dtype="f4", chunks=(64, 64), compression="gzip"
            )
        elif way == 2:
            file.create_dataset(
                "layers/lstm/cell/vars/0", shape=(4, 4), dtype="f4", external=[("/etc/hostname", 0, 64)]
            )
        elif way == 3:
            file["layers/gru/cell/vars/0"] = np.zeros((3, 7), np.float32)
            file["layers/gru/cell/vars/1"] = np.full((2, 6), np.nan if number % 2 else 0.0, np.float32)
        else:
            file["layers/a"] = h5py.SoftLink("/layers")
    content = buffer.getvalue()
    if number % 2:
        config = {"config": {"layers": [{"class_name": "LSTM", "config": {"units": [[]] * 9}}, 7, None]}}
        return _packed({"config.json": json.dumps(config).encode(), "model.weights.h5": content}), "net.keras"
    return content, "net.weights.h5"


def _onnx(draw: np.random.Generator, number: int, path: str) -> Made:
    way = number % 4
    tensor = TensorProto(name="W", data_type=TensorProto.FLOAT, dims=[1, 2**31, 2**20][: 1 + 2 * (way == 0)])
    if way == 1:
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="/etc/hostname")
    elif way == 2:
        tensor.dims[:] = [-4]
    else:
        tensor.raw_data = bytes(int(draw.integers(1, 9)))
    node = helper.make_node("LSTM", ["x", "W", "W"], ["y"], hidden_size=2)
    nodes = [node] * (1 if number % 3 else 21_000)
    return helper.make_model(
        helper.make_graph(nodes, "g", [], [], initializer=[tensor])
    ).SerializeToString(), "net.onnx"


def _noise(draw: np.random.Generator, number: int, path: str) -> Made:
    heads: list[bytes] = [b"", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"\x80\x02", b"{" * 9, struct.pack("<Q", 50) + b"{"]
    content = heads[number % 6] + draw.bytes(int(draw.integers(0, 3_000)))
    return content, ("net.onnx", "net.pt", "net.keras", "net.safetensors", "net", "../../net.h5")[number % 6]
