"""An experiment as TensorBoard event files: a folder per architecture and seed, which `tensorboard --logdir` reads.

The format is written here, without a library: records of length, checksum, content, checksum (TensorFlow's `record_writer.h`),
whose content is the protocol buffer `Event` (`event.proto`, `summary.proto`). Wall times are the training's own seconds.
"""

import struct
from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np

from data.escape_output import plain
from models.analysis.comparison_columns import deciding_metric
from models.export.archive import zip_file
from models.export.dossier import Dossier
from models.records.results import RunResult, SeedResult

_POLYNOMIAL = 0x82F63B78  # Castagnoli's, reflected
_VARINT, _DOUBLE, _BYTES, _FLOAT = 0, 1, 2, 5  # wire types
Scalars = Mapping[str, float]


def tensorboard_files(dossier: Dossier) -> dict[str, bytes]:
    """Return the event files of an experiment by path: `architecture/seed-0/events.out.tfevents...`.

    Tags: `loss/training`, `loss/validation`, `gradient_norm`, the deciding metric on the validation part
    (`validation/rmse_celsius`), and every test metric of the kept weights (`test/rmse_celsius`) at their update.
    """
    metric, _ = deciding_metric(dossier.result)
    started = dossier.created.timestamp()
    return {
        f"{run.spec.architecture}/seed-{seed.seed}/events.out.tfevents.{started:.0f}.gatescope": _event_file(
            started, _scalars(run, seed, metric)
        )
        for run in dossier.result.runs
        for seed in run.seeds
    }


def tensorboard_zip(dossier: Dossier) -> bytes:
    """Return the event files as a ZIP archive, in a folder of the experiment's name."""
    return zip_file({f"{dossier.file_name}/{name}": content for name, content in tensorboard_files(dossier).items()})


def curve_rows(run: RunResult, seed: SeedResult) -> Iterator[tuple[int, float, Scalars]]:
    """Yield update, seconds and the finite columns of a seed's curve by name."""
    own = np.asarray(run.curves.get("seed", ())) == seed.seed
    columns = {name: np.asarray(values)[own] for name, values in run.curves.items()}
    for index in range(int(own.sum())):
        row = {name: float(values[index]) for name, values in columns.items()}
        update, seconds = int(row.pop("update")), row.pop("seconds")
        del row["seed"]
        yield update, seconds, {name: value for name, value in row.items() if np.isfinite(value)}


def _scalars(run: RunResult, seed: SeedResult, metric: str) -> Iterator[tuple[int, float, Scalars]]:
    tags = {
        "training_loss": "loss/training",
        "validation_loss": "loss/validation",
        "metric": f"validation/{plain(metric)}",
        "gradient_norm": "gradient_norm",
    }
    for update, seconds, values in curve_rows(run, seed):
        yield update, seconds, {tags[name]: value for name, value in values.items()}
    tests = {"loss": seed.test_loss, **seed.test_metrics}
    finite = {f"test/{plain(name)}": float(value) for name, value in tests.items() if np.isfinite(value)}
    yield seed.best_update, seed.seconds, finite


def _event_file(started: float, rows: Iterator[tuple[int, float, Scalars]]) -> bytes:
    written = [_record(_field(1, _DOUBLE, struct.pack("<d", started)) + _text(3, "brain.Event:2"))]
    written += [_record(_event(started + seconds, update, values)) for update, seconds, values in rows if values]
    return b"".join(written)


def _event(wall_time: float, step: int, values: Scalars) -> bytes:
    summary = b"".join(
        _message(1, _text(1, tag) + _field(2, _FLOAT, struct.pack("<f", value))) for tag, value in values.items()
    )
    return _field(1, _DOUBLE, struct.pack("<d", wall_time)) + _field(2, _VARINT, _varint(step)) + _message(5, summary)


def _field(number: int, wire: int, content: bytes) -> bytes:
    return _varint(number << 3 | wire) + content


def _message(number: int, content: bytes) -> bytes:
    return _field(number, _BYTES, _varint(len(content)) + content)


def _text(number: int, text: str) -> bytes:
    return _message(number, text.encode())


def _varint(value: int) -> bytes:
    """Return a number with seven bits per byte, the lowest first; all but the last byte have the high bit set."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def _record(content: bytes) -> bytes:
    length = struct.pack("<Q", len(content))
    return length + _checksum(length) + content + _checksum(content)


def _checksum(content: bytes) -> bytes:
    """Return the masked CRC-32C."""
    table, value = _table(), 0xFFFFFFFF
    for byte in content:
        value = table[(value ^ byte) & 0xFF] ^ value >> 8
    value ^= 0xFFFFFFFF
    return struct.pack("<I", ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF)


@lru_cache(maxsize=1)
def _table() -> tuple[int, ...]:
    entries = []
    for entry in range(256):
        for _ in range(8):
            entry = entry >> 1 ^ (_POLYNOMIAL if entry & 1 else 0)
        entries.append(entry)
    return tuple(entries)
