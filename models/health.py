"""Health of this installation: versions, kernel, device, queue, store, sizes, limits; for the About page and `doctor`."""

import os
import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from data import fields
from models.engine.engine import Engine
from models.errors import GatescopeError
from models.logs import mask
from models.records.experiment import ExperimentQuery
from models.spec.installation_limits import MEGABYTE, Limits, misread, variable
from models.store.interface import DATABASE_VARIABLE, DIRECTORY_VARIABLE, Store
from models.store.sql.backup import backups_of, made_at
from models.store.sql.database import database_url
from models.store.sql.startup import FILE_NAME
from models.version import VERSION

PACKAGES = ("streamlit", "torch", "numpy", "pandas", "plotly", "distributed", "numba", "scipy", "SQLAlchemy")
MIN_PYTHON = (3, 11)
_MIN_DISK = 200 * MEGABYTE
_MAX_MEMORY = 0.9  # share of the machine's memory in use


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report.

    Attributes:
        part: What it is about.
        value: What was found.
        problem: One sentence that says what is wrong and what to do, empty if nothing is.
    """

    part: str
    value: str
    problem: str = ""


def examine(engine: Engine | None, store: Store) -> tuple[Finding, ...]:
    """Return the findings about this process, its engine and its store. It loads no torch.

    Args:
        engine: The server's engine, or None.
        store: Where experiments are kept.
    """
    found = [_guarded("versions", versions), _guarded("machine", machine)]
    if engine is not None:
        found += [_guarded("engine", lambda: engine_finding(engine)), _guarded("queue", lambda: queue_finding(engine))]
    found += [_guarded("store", lambda: store_finding(store)), _guarded("sizes", sizes), _guarded("limits", limits)]
    return tuple(found)


def healthy(findings: Iterable[Finding]) -> bool:
    """Return whether nothing is wrong."""
    return not any(finding.problem for finding in findings)


def line(findings: Iterable[Finding]) -> str:
    """Return all findings in one line, problems first."""
    ordered = sorted(findings, key=lambda finding: not finding.problem)
    state = "Healthy" if healthy(ordered) else "Not healthy"
    return f"{state}. " + " · ".join(f"{found.part}: {found.problem or found.value}" for found in ordered)


def as_json(findings: Iterable[Finding]) -> dict[str, Any]:
    """Return the findings as plain values for JSON."""
    listed = list(findings)
    return {"schema": 1, "healthy": healthy(listed), "findings": [asdict(finding) for finding in listed]}


def _guarded(part: str, find: Callable[[], Finding]) -> Finding:
    """Return a finding, even if the check itself failed."""
    try:
        return find()
    except (GatescopeError, OSError, psutil.Error) as error:
        return Finding(part=part, value="unknown", problem=mask(str(error)))


def versions() -> Finding:
    """Report the versions of Gatescope, Python and the packages that determine the numbers."""
    missing, named = [], [f"Gatescope {VERSION}", f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            named.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    problem = f"Not installed: {', '.join(missing)}; run `pip install -r requirements.txt`." if missing else ""
    if tuple(map(int, platform.python_version_tuple()[:2])) < MIN_PYTHON:
        problem = f"Python {platform.python_version()} is too old; 3.11 or later is needed. {problem}".strip()
    return Finding(part="versions", value=", ".join([*named, f"SQLite {sqlite3.sqlite_version}"]), problem=problem)


def machine() -> Finding:
    """Report cores and memory."""
    memory = psutil.virtual_memory()
    used = 1 - memory.available / memory.total
    value = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory.total / 1e9:.1f} GB of memory, "
        f"{used * 100:.0f} % in use"
    )
    problem = "Little memory is left: end other programs or allow smaller experiments." if used > _MAX_MEMORY else ""
    return Finding(part="machine", value=value, problem=problem)


def engine_finding(engine: Engine) -> Finding:
    """Report the engine's state; its message names location, kernels and device."""
    state = engine.state
    return Finding(part="engine", value=state.message, problem=state.message if state.name == "unreachable" else "")


def queue_finding(engine: Engine) -> Finding:
    """Count running and waiting experiments."""
    training, waiting = engine.load
    return Finding(
        part="queue",
        value=f"{training} training, {waiting} waiting, {engine.slots} runs at a time",
        problem=engine.notice,
    )


def store_finding(store: Store) -> Finding:
    """Report where experiments are kept, and whether the store can be read and written."""
    store.purge()
    total = store.list_experiments(ExperimentQuery(limit=1)).total
    return Finding(
        part="store", value=f"{_place()}, {total:,} experiment{'' if total == 1 else 's'}", problem=store.notice
    )


def _place() -> str:
    address = os.environ.get(DATABASE_VARIABLE, "")
    backend = database_url(address).get_backend_name() if address else "sqlite"
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[backend]


def sizes() -> Finding:
    """Measure memory of the server and its workers, the database and the free disk."""
    here = psutil.Process()
    workers = sum(_memory(child) for child in here.children(recursive=True))
    folder = Path(os.environ.get(DIRECTORY_VARIABLE) or ".gatescope").absolute()
    database = folder / FILE_NAME
    kept = database.stat().st_size if database.is_file() else 0
    free = shutil.disk_usage(next(place for place in (folder, *folder.parents) if place.exists())).free
    value = (
        f"this process {_memory(here) / MEGABYTE:,.0f} MB, workers {workers / MEGABYTE:,.0f} MB, database "
        f"{kept / MEGABYTE:,.1f} MB{_copied(database)}, {free / 1e9:,.1f} GB of disk free"
    )
    problem = (
        f"Less than {_MIN_DISK / MEGABYTE:.0f} MB of disk are free: nothing new may be saved."
        if (free < _MIN_DISK)
        else ""
    )
    return Finding(part="sizes", value=value, problem=problem)


def _copied(database: Path) -> str:
    """Report when the SQLite file was last copied."""
    newest = next(iter(backups_of(database)), None)
    return "" if newest is None else f" (last copied {made_at(newest):%Y-%m-%d %H:%M} UTC)"


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def limits() -> Finding:
    """Report the limits that differ from their defaults."""
    usual, chosen = Limits(), Limits.from_environment()
    names = fields.infos(Limits)
    changed = [
        f"{variable(name)}={getattr(chosen, name):g}" for name in names if getattr(chosen, name) != getattr(usual, name)
    ]
    return Finding(part="limits", value=", ".join(changed) or "as usual", problem=" ".join(misread()))
