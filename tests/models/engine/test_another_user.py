"""Another user of the machine cannot reach the engine of a server: its scheduler, nanny, worker, keys and sockets."""

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psutil
import pytest

from models.engine.engine import Engine
from tests.models.engine.test_local_security import address_of, ports

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may act as another user"),
]
TRY = r"""
import json, os, socket, ssl, sys

given = json.loads(sys.argv[1])
reached = []

PATHS = ("/", "/health", "/metrics", "/json/identity.json", "/info/main/workers.html", "/api/v1", "/eventstream", "/status")

def speaks(place, wrap, path):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection(place, timeout=1) as plain:
            plain.settimeout(1)
            with (context.wrap_socket(plain) if wrap else plain) as talk:
                talk.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                return talk.recv(64)
    except OSError:
        return b""

for place in given["ports"]:
    for wrap in (False, True):
        for path in PATHS:
            answer = speaks(tuple(place), wrap, path)
            if answer and answer[:1] != b"\x15" and b" 404 " not in answer[:20]:  # an alert of TLS, a page without pages
                reached.append(["port", place, wrap, path, repr(answer)])
for process in given["processes"]:
    for name in ("environ", "mem", "fd/0"):
        try:
            with open(f"/proc/{process}/{name}", "rb") as secret:
                reached.append(["process", process, name, len(secret.read(1))])
        except OSError:
            pass
for folder in given["folders"]:
    for top, _, names in os.walk(folder):
        for name in names:
            try:
                with open(os.path.join(top, name), "rb") as file:
                    if b"PRIVATE KEY" in file.read(1_000_000):
                        reached.append(["key", top, name])
            except OSError:
                pass
for line in open("/proc/net/unix").read().splitlines()[1:]:
    path = line.split()[-1]
    if path in given["sockets"]:
        try:
            talk = socket.socket(socket.AF_UNIX)
            talk.connect(path if path[0] != "@" else "\0" + path[1:])
            reached.append(["socket", path])
        except OSError:
            pass
print(json.dumps([os.geteuid(), reached]))
"""


def _python_for_all() -> str:
    """Return a Python that any user may run; the tests' own may lie in somebody's home."""
    found = shutil.which("python3", path="/usr/bin:/usr/local/bin:/bin")
    if found is None:
        pytest.skip("no Python that another user may run")
    return found


def _sockets(family: list[psutil.Process]) -> list[str]:
    """Return the named sockets that processes listen on."""
    return [one.laddr for process in family for one in process.net_connections(kind="unix") if one.laddr]


def test_another_user_reaches_nothing_of_the_engine(engine: Engine) -> None:
    """Every port refuses who has no certificate; keys, memory and environment cannot be read."""
    address_of(engine)
    workers = [one for one in psutil.Process().children(recursive=True) if "multiprocessing" in " ".join(one.cmdline())]
    family = [psutil.Process(), *workers]
    given = {
        "ports": ports(engine),
        "processes": [process.pid for process in family],
        "folders": [str(Path(tempfile.gettempdir()) / "dask-scratch-space")],
        "sockets": _sockets(family),
    }
    assert len(given["ports"]) >= 3
    other = pwd.getpwnam("nobody")
    done = subprocess.run(
        [_python_for_all(), "-I", "-S", "-c", TRY, json.dumps(given)],
        user=other.pw_uid,
        group=other.pw_gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    uid, reached = json.loads(done.stdout)
    assert uid == other.pw_uid
    assert reached == []
