"""`python -m tests.check`: everything a developer checks before a commit, except the tests."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.secrets import scan

ROOT = Path(__file__).resolve().parent.parent
_AUDIT_SECONDS = 120.0
_UNREACHABLE = (
    "ConnectionError",
    "Max retries exceeded",
    "Name or service not known",
    "timed out",
    "Connection refused",
)


def run(*command: str) -> str:
    """Run a module's command; return an empty text, or what it printed when it failed."""
    ended = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if ended.returncode == 0 else (ended.stdout + ended.stderr).strip() or f"exit status {ended.returncode}"


def secrets() -> str:
    """Scan the repository for secrets."""
    return "\n".join(scan())


def audit() -> str:
    """Look up the installed packages in the list of known vulnerabilities, if it can be reached."""
    command = [sys.executable, "-m", "pip_audit", "--local", "--progress-spinner", "off", "--timeout", "10"]
    try:
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=_AUDIT_SECONDS)
    except subprocess.TimeoutExpired:
        print("  (the list of vulnerabilities did not answer; not audited)")
        return ""
    return judged(ended.returncode, ended.stdout + ended.stderr)


def judged(status: int, told: str) -> str:
    """Return the findings of an audit; an unreachable list is reported but is not a finding."""
    if status and any(word in told for word in _UNREACHABLE):
        print("  (the list of vulnerabilities cannot be reached; not audited)")
        return ""
    unknown = told.count("could not be audited")
    if unknown:
        print(f"  ({unknown} packages are not on the list that was reached; not audited)")
    return told.strip() if status else ""


CHECKS: dict[str, Callable[[], str]] = {
    "format": lambda: run("ruff", "format", "--check", "."),
    "lints": lambda: run("ruff", "check", "."),
    "types": lambda: run("mypy"),
    "bans, layers and sizes": lambda: run(
        "pytest", "-q", "tests/test_bans.py", "tests/test_layers.py", "tests/test_sizes.py"
    ),
    "secrets": secrets,
    "vulnerabilities": audit,
}


def main() -> int:
    """Run every check; return 1 if one found something."""
    failed = False
    for name, check in CHECKS.items():
        start = time.monotonic()
        found = check()
        failed |= bool(found)
        print(f"{'FAILED' if found else 'ok':<8}{name} ({time.monotonic() - start:.0f} s)", flush=True)
        if found:
            print(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
