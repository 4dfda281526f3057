"""Licence, citation, version and the container for Codespaces agree with each other and with what is here."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from models.version import VERSION

ROOT = Path(__file__).resolve().parent.parent
AUTHORS = "The Gatescope authors"
CITATION_FIELDS = {  # of the Citation File Format 1.2.0, as far as they are used here
    "cff-version",
    "message",
    "type",
    "title",
    "abstract",
    "version",
    "date-released",
    "license",
    "authors",
    "keywords",
}


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _citation() -> dict[str, str]:
    """Return the fields of the citation that stand on one line; lists are empty."""
    return {name: value.strip('"') for name, value in re.findall(r"^([a-z-]+):[ ]*(.*)$", _text("CITATION.cff"), re.M)}


def test_version_is_one() -> None:
    """Program, package, citation and changelog name the same version."""
    assert tomllib.loads(_text("pyproject.toml"))["project"]["version"] == VERSION
    assert _citation()["version"] == VERSION
    assert f"## {VERSION}" in _text("CHANGELOG.md")


def test_command_line_says_its_version() -> None:
    """`python -m models --version`."""
    ended = subprocess.run([sys.executable, "-m", "models", "--version"], cwd=ROOT, capture_output=True, text=True)
    assert ended.stdout.strip() == f"Gatescope {VERSION}"


def test_citation_has_the_fields_of_its_format() -> None:
    """Required fields are there, no other than those of the format, and dates and versions have their form."""
    fields = _citation()
    assert set(fields) == CITATION_FIELDS
    assert fields["cff-version"] == "1.2.0"
    assert fields["type"] in {"software", "dataset"}
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", fields["date-released"])
    assert f'- name: "{AUTHORS}"' in _text("CITATION.cff")


def test_licence_is_the_one_that_is_named() -> None:
    """MIT, by the authors, in all three places."""
    licence = _text("LICENSE")
    assert licence.startswith("MIT License\n")
    assert AUTHORS in licence
    assert _citation()["license"] == tomllib.loads(_text("pyproject.toml"))["project"]["license"] == "MIT"


def test_codespace_uses_what_is_here() -> None:
    """The development container names files that exist and the port of the application."""
    container = json.loads(_text(".devcontainer/devcontainer.json"))
    commands = f"{container['postCreateCommand']} {container['postAttachCommand']}"
    named = {word for word in commands.split() if word.endswith((".txt", ".py"))}
    assert named == {"requirements-dev.txt", "streamlit_app.py"}
    for name in named | set(container["customizations"]["codespaces"]["openFiles"]):
        assert (ROOT / name).is_file(), name
    assert container["forwardPorts"] == [8501]
    assert set(container["portsAttributes"]) == {"8501"}


@pytest.mark.parametrize("name", [".dockerignore", ".gitignore"])
def test_secrets_and_environments_stay_out(name: str) -> None:
    """Neither git nor an image takes in secrets, a virtual environment or somebody's experiments."""
    lines = {line.rstrip("/") for line in _text(name).splitlines()}
    assert {".venv", ".gatescope", ".streamlit/secrets.toml"} <= lines
