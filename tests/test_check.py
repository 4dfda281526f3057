"""The developer's check finds what it is for."""

import pytest

from tests.check import judged
from tests.secrets import FORBIDDEN_FILES, found_in, scan


def test_repository_holds_no_secret() -> None:
    """Every tracked file."""
    assert scan() == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "a private key"),
        ("key = 'AKIA" + "ABCDEFGHIJKLMNOP'", "an AWS key"),
        ("token: ghp_" + "a1" * 18, "a GitHub token"),
        ("postgresql://team:" + "Xk29fQ0z@db/runs", "an address with a password"),
        ("sk-" + "abcdefghijklmnopqrstuvwx", "an API key"),
    ],
)
def test_scan_finds_a_secret(text: str, kind: str) -> None:
    """Each kind finds its own example; none of them is whole in this file."""
    assert [found for _, found in found_in(f"first line\n{text}")] == [kind]


@pytest.mark.parametrize("text", ["postgresql://user:password@host:5432/name", "postgresql://x:PASSWORD@HOST/y"])
def test_scan_knows_placeholders(text: str) -> None:
    """Documentation shows addresses."""
    assert not list(found_in(text))


@pytest.mark.parametrize("name", [".streamlit/secrets.toml", "deploy/server.pem", ".env"])
def test_scan_knows_files_that_hold_secrets(name: str) -> None:
    """Whatever is in them."""
    assert FORBIDDEN_FILES.search(name)


def test_audit_fails_for_a_vulnerability_and_not_for_a_missing_network(capsys: pytest.CaptureFixture[str]) -> None:
    """What could not be looked up is said."""
    assert judged(1, "Found 1 known vulnerability in 1 package") == "Found 1 known vulnerability in 1 package"
    assert judged(1, "requests.exceptions.ConnectionError: Max retries exceeded") == ""
    assert "cannot be reached" in capsys.readouterr().out
    assert judged(0, "torch Dependency not found on PyPI and could not be audited: torch") == ""
    assert "1 packages are not on the list" in capsys.readouterr().out
