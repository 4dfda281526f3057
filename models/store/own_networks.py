"""Networks that visitors brought, in files of this server: numbers as safetensors, the data beside them as they were given.

An id has 128 random bits; whoever has it may look. Whoever kept a network may delete it. Files are written whole or not at all.
"""

import hashlib
import json
import os
import re
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors.numpy import save

from models.cells import architectures
from models.checkpoints.own_data import DataChoice
from models.checkpoints.own_network import OwnNetwork
from models.checkpoints.safetensors_file import read_safetensors
from models.errors import CapacityError, CheckpointError, StoreError
from models.records.experiment import new_id

MAX_NETWORKS = 200
MAX_TOTAL_BYTES = 2_000_000_000
_ID = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptNetwork:
    """A network with what it is fed with.

    Attributes:
        network: The network.
        choice: How a file becomes its inputs.
        filename: Name of that file; empty where the data are a dataset's.
        content: Its bytes, or None.
        query: Settings of a dataset as the query of a link; empty where the data are a file.
        experiment: Id of the experiment that these settings are of, or empty.
    """

    network: OwnNetwork
    choice: DataChoice = field(default_factory=DataChoice)
    filename: str = ""
    content: bytes | None = None
    query: str = ""
    experiment: str = ""


class OwnNetworks:
    """The networks kept in a folder; safe to use from several threads.

    Args:
        folder: The folder; it is made when something is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def keep(self, kept: KeptNetwork, owner: str) -> str:
        """Keep a network and return its id.

        Args:
            kept: The network.
            owner: Token of the visitor's browser; only its hash is stored.

        Raises:
            CapacityError: If the folder is full.
            StoreError: If it cannot be written.
        """
        identity = new_id()
        facts = {
            "name": kept.network.name,
            "architecture": kept.network.architecture,
            "layer_names": kept.network.layer_names,
            "form": kept.network.form,
            "notes": kept.network.notes,
            "choice": asdict(kept.choice),
            "filename": kept.filename,
            "query": kept.query,
            "experiment": kept.experiment,
            "owner": _hashed(owner),
        }
        content = save(dict(kept.network.weights), metadata={"facts": json.dumps(facts)})
        with self._lock:
            self._make_room(len(content) + len(kept.content or b""))
            try:
                if kept.content is not None:
                    self._write(self._path(identity, "data"), kept.content)
                self._write(self._path(identity, "safetensors"), content)
            except OSError as error:
                raise StoreError(
                    f"The network cannot be kept: {error.strerror}; look at the server's data folder."
                ) from error
        return identity

    def find(self, identity: str) -> KeptNetwork | None:
        """Return a kept network, or None if there is none of that id or it is damaged."""
        if not _ID.fullmatch(identity):
            return None
        try:
            raw = read_safetensors(self._path(identity, "safetensors").read_bytes())
            facts = json.loads(raw.facts["metadata"]["facts"])
            data = self._path(identity, "data")
            content = data.read_bytes() if data.exists() else None
            return _kept(raw.tensors, facts, content)
        except (OSError, CheckpointError, ValueError, KeyError, TypeError):
            return None

    def delete(self, identity: str, owner: str) -> bool:
        """Delete a network if this visitor kept it; return whether that was done."""
        if not self.owns(identity, owner):
            return False
        with self._lock:
            for ending in ("safetensors", "data"):
                self._path(identity, ending).unlink(missing_ok=True)
        return True

    def owns(self, identity: str, owner: str) -> bool:
        """Return whether a visitor kept a network."""
        if not _ID.fullmatch(identity):
            return False
        try:
            raw = read_safetensors(self._path(identity, "safetensors").read_bytes())
            return bool(json.loads(raw.facts["metadata"]["facts"])["owner"] == _hashed(owner))
        except (OSError, CheckpointError, ValueError, KeyError):
            return False

    def _path(self, identity: str, ending: str) -> Path:
        return self._folder / f"{identity}.{ending}"

    def _make_room(self, size: int) -> None:
        files = [path for path in self._folder.glob("*") if path.is_file()] if self._folder.exists() else []
        total = sum(path.stat().st_size for path in files)
        if sum(path.suffix == ".safetensors" for path in files) >= MAX_NETWORKS or total + size > MAX_TOTAL_BYTES:
            raise CapacityError("This server keeps no more networks of visitors; delete one that is no longer needed.")

    def _write(self, path: Path, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix="part-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


def _kept(tensors: Mapping[str, Any], facts: Mapping[str, Any], content: bytes | None) -> KeptNetwork:
    if facts["architecture"] not in architectures():
        raise ValueError("an architecture of another version")
    choice: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in facts["choice"].items()
    }
    return KeptNetwork(
        network=OwnNetwork(
            name=str(facts["name"]),
            architecture=str(facts["architecture"]),
            weights=tensors,
            layer_names=tuple(facts["layer_names"]),
            form=str(facts["form"]),
            notes=tuple(facts["notes"]),
        ),
        choice=DataChoice(**choice),
        filename=str(facts["filename"]),
        content=content,
        query=str(facts["query"]),
        experiment=str(facts["experiment"]),
    )


def _hashed(owner: str) -> str:
    return hashlib.sha256(f"own network {owner}".encode()).hexdigest()
