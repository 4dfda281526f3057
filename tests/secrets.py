"""A scan for secrets: keys, tokens and addresses with passwords have no place in the repository."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATTERNS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "an AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})\b"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "a Google key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "an API key": re.compile(r"\bsk-[A-Za-z0-9_-]{20,}"),
    "an address with a password": re.compile(
        r"\b(?:postgres|postgresql|mysql|redis|amqp|mongodb)(?:\+\w+)?://[^\s:/@]+:([^\s@]+)@"
    ),
}
PLACEHOLDERS = re.compile(r"(?i)password|secret|s3cr.?et|hunter2|\*\*\*|\.\.\.|p@ss|[{<$]|^pw$|^x+$")
FORBIDDEN_FILES = re.compile(r"(?:^|/)(?:secrets\.toml|\.env|id_rsa|id_ed25519|.*\.(?:pem|key|p12|pfx))$")
_LARGEST = 2_000_000


def tracked() -> list[str]:
    """Return the files of the repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in listed.stdout.split("\0") if name]


def found_in(text: str) -> Iterator[tuple[int, str]]:
    """Return line number and kind of every secret in a text; words that stand for one are none."""
    for number, line in enumerate(text.splitlines(), start=1):
        for kind, pattern in PATTERNS.items():
            for match in pattern.finditer(line):
                if not (match.groups() and PLACEHOLDERS.search(match.group(1))):
                    yield number, kind


def scan() -> list[str]:
    """Return one sentence per secret in the repository."""
    problems = []
    for name in tracked():
        if FORBIDDEN_FILES.search(name):
            problems.append(f"{name} has no place in the repository.")
        path = ROOT / name
        if path.is_file() and path.stat().st_size < _LARGEST:
            text = path.read_text(encoding="utf-8", errors="ignore")
            problems += [f"{name}:{number} holds {kind}." for number, kind in found_in(text)]
    return problems
