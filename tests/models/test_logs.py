"""The log keeps secrets to itself and stays one line per event."""

import logging

import pytest

from models.logs import Formatter, event, mask

DSN = "postgresql://team:s3cr/et@db.example:5432/runs"


def formatted(message: str, **values: object) -> str:
    """Return what the log would hold."""
    record = logging.LogRecord("gatescope.test", logging.INFO, "", 0, message, None, None)
    record.values = values
    return Formatter().format(record)


@pytest.mark.parametrize(
    "text",
    [f"cannot connect to {DSN}", "connection failed: password=s3cr/et host=db", "{'password': 's3cr/et'}", "s3cr/et"],
)
def test_mask_hides_the_password_of_the_database(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """In an address, beside its name, and alone where the environment holds it."""
    monkeypatch.setenv("GATESCOPE_DATABASE_URL", DSN)
    assert "s3cr" not in mask(text)


def test_mask_hides_passwords_of_other_addresses() -> None:
    """An address need not come from the environment."""
    assert mask("redis://me:hunter2@host/0") == "redis://me:***@host/0"
    assert mask("see http://host:8501/page") == "see http://host:8501/page"


def test_traceback_is_masked_and_indented(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of an error may hold the address with its password."""
    monkeypatch.setenv("GATESCOPE_DATABASE_URL", DSN)
    try:
        raise ValueError(f"bad {DSN}\n2026-01-01T00:00:00Z INFO forged line")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    text = Formatter().format(logging.LogRecord("gatescope.test", logging.ERROR, "", 0, "it failed", None, info))
    assert "s3cr" not in text
    assert all(line.startswith("    ") for line in text.split("\n")[1:])


def test_values_cannot_forge_a_line() -> None:
    """Line breaks and quotes of a stranger's text are escaped."""
    line = formatted("run ended", experiment="a" * 22, reason='x"\n2026 INFO "y')
    assert "\n" not in line
    assert line.endswith(f'run ended experiment={"a" * 22} reason="x\\"\\\\n2026 INFO \\"y"')


def test_event_leaves_out_what_is_empty(caplog: pytest.LogCaptureFixture) -> None:
    """Only what is known is written."""
    with caplog.at_level(logging.INFO, "gatescope.test"):
        event(logging.getLogger("gatescope.test"), "run started", run="lstm", reason="", seconds=None)
    assert caplog.records[0].values == {"run": "lstm"}  # type: ignore[attr-defined]
