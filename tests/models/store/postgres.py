"""A private PostgreSQL server for tests, from the binaries that Debian's `postgresql` package brings."""

import getpass
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

_NUMBERS = itertools.count()


def find_binaries() -> Path | None:
    """Return the folder with `initdb` and `pg_ctl`, the newest if there are several."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return folders[-1].parent if folders else None


def skip_or_fail(reason: str) -> None:
    """Skip, unless `GATESCOPE_REQUIRE_POSTGRES=1` asks for a server."""
    if os.environ.get("GATESCOPE_REQUIRE_POSTGRES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _as_user() -> list[str]:
    """Return the prefix that leaves root, because PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@contextmanager
def server() -> Iterator[str]:
    """Run a server on a socket in a temporary folder; yield the URL of its maintenance database."""
    binaries = find_binaries()
    if binaries is None:
        skip_or_fail("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="gatescope-pg-"))
    user = "postgres" if os.geteuid() == 0 else getpass.getuser()
    if os.geteuid() == 0:
        shutil.chown(folder, user)
    data, run = folder / "data", {"check": True, "capture_output": True, "cwd": folder}
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"
    subprocess.run([*_as_user(), binaries / "initdb", "-D", data, "-U", user, "-A", "trust", "-E", "UTF8"], **run)
    log = folder / "log"
    try:
        subprocess.run(
            [*_as_user(), binaries / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        yield f"postgresql://{user}@/postgres?host={folder}"
    finally:
        subprocess.run(
            [*_as_user(), binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **(run | {"check": False})
        )
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server_url: str) -> str:
    """Create an empty database and return its URL."""
    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return server_url.replace("/postgres?", f"/{name}?")
