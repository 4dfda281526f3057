"""The Dockerfile, carried out without Docker: its instructions in order, in an empty folder instead of an image."""

import contextlib
import fnmatch
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.browser.serving import free_port
from tests.load.client import Visitor

ROOT = Path(__file__).resolve().parent.parent
INSTRUCTIONS = {"FROM", "RUN", "WORKDIR", "COPY", "USER", "ENV", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}
NEEDS_ROOT = ("useradd", "chown")  # replaced by commands that do nothing; everything else runs
PATIENCE = 90.0


def instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, comments left out and continued lines joined."""
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    split = [line.partition(" ") for line in lines]
    return [(name, rest.strip()) for name, _, rest in split]


def ignored(path: str, patterns: list[str]) -> bool:
    """Say whether a `.dockerignore` leaves a path out: patterns match whole folders, `**` any number of them."""
    parts = path.split("/")
    heads = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    return any(
        fnmatch.fnmatch(head, pattern.removeprefix("**/")) or fnmatch.fnmatch(head, f"*/{pattern.removeprefix('**/')}")
        if pattern.startswith("**/")
        else fnmatch.fnmatch(head, pattern)
        for pattern in patterns
        for head in heads
    )


class Image:
    """A folder in the place of an image's file system."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.work, self.port = folder, folder, free_port()
        self.environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder / "home")}
        self.environment |= {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
        self.ran: list[str] = []
        self.command, self.health = [""], ""
        (folder / "home").mkdir()

    def take(self, name: str, rest: str) -> None:
        """Carry out one instruction; what concerns only a running container is noted or left out."""
        if name == "WORKDIR":
            self.work = self.folder / rest.lstrip("/")
            self.work.mkdir(parents=True, exist_ok=True)
        elif name == "COPY":
            self._copy(*rest.split())
        elif name == "RUN":
            self._run(rest)
        elif name == "ENV":
            self.environment |= dict(pair.split("=", 1) for pair in shlex.split(self.inside(rest)))
        elif name == "HEALTHCHECK":
            self.health = rest.removeprefix("CMD ").replace("8501", str(self.port))
        elif name == "CMD":
            self.command = [word.replace("0.0.0.0", "127.0.0.1") for word in json.loads(rest)]  # noqa: S104

    def inside(self, text: str) -> str:
        """Return a text with absolute paths moved into the folder."""
        return re.sub(r"(?<=[\s=])/(?=data|app)", f"{self.folder}/", f" {text}").strip()

    def _copy(self, source: str, target: str) -> None:
        patterns = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line]
        chosen = ROOT / source
        if chosen.is_file():
            shutil.copy(chosen, self.work / target)
            return

        def left_out(folder: str, names: list[str]) -> set[str]:
            place = Path(folder).relative_to(ROOT)
            return {name for name in names if ignored((place / name).as_posix(), patterns)}

        shutil.copytree(chosen, self.work / target, ignore=left_out, dirs_exist_ok=True)

    def _run(self, command: str) -> None:
        """Run a command in a shell; packages are looked up among the installed ones, and not installed again."""
        self.ran.append(command)
        stand_ins = "; ".join(f"{name}() {{ :; }}" for name in NEEDS_ROOT)
        checked = command.replace("pip install", "pip install --dry-run --no-index --no-deps")
        ended = subprocess.run(
            ["sh", "-c", f"{stand_ins}; {self.inside(checked)}"],
            cwd=self.work,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "Would install" not in ended.stdout, ended.stdout

    def files(self) -> set[str]:
        """Return the files of the application outside `static`, which alone may be written."""
        return {
            path.relative_to(self.work).as_posix()
            for path in self.work.rglob("*")
            if path.is_file() and path.parent.name != "static"
        }

    def start(self) -> "subprocess.Popen[bytes]":
        """Start the image's command on a port of its own."""
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                [*self.command, "--server.port", str(self.port)],
                cwd=self.work,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def healthy(self) -> bool:
        """Run the image's own health check."""
        ended = subprocess.run(["sh", "-c", self.health], cwd=self.work, env=self.environment, capture_output=True)
        return ended.returncode == 0


def test_dockerfile_has_only_known_instructions() -> None:
    """The test below carries out every instruction that there is."""
    found = instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert {name for name, _ in found} <= INSTRUCTIONS
    assert found[0][0] == "FROM"


@pytest.mark.parametrize(
    ("path", "left_out"),
    [
        (".venv", True),
        ("models/cells/__pycache__", True),
        (".streamlit/secrets.toml", True),
        ("static/plotly.min.js", True),
        (".streamlit/config.toml", False),
        ("models/cells/lstm.py", False),
    ],
)
def test_dockerignore_leaves_out_what_an_image_does_not_need(path: str, *, left_out: bool) -> None:
    """Secrets, caches and environments stay outside, the application comes in."""
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert ignored(path, patterns) == left_out


@pytest.mark.slow
def test_commands_of_the_dockerfile_start_the_application(tmp_path: Path) -> None:
    """Carried out in order, they give a server that is healthy, draws its page and writes to its volume alone."""
    image = Image(tmp_path)
    for name, rest in instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")):
        image.take(name, rest)
    assert any("requirements.txt" in command for command in image.ran)
    before = image.files()
    server = image.start()
    try:
        end = time.monotonic() + PATIENCE
        while not image.healthy():
            assert server.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < end, (tmp_path / "log").read_text()
            time.sleep(0.5)
        with Visitor(f"http://127.0.0.1:{image.port}") as visitor:
            visitor.open()
            assert visitor.errors == []
            assert visitor.texts
        assert (tmp_path / "data" / "experiments.sqlite").is_file()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
    assert image.files() == before
