"""Server settings that isolate visitors and hide details from them."""

import tomllib
from pathlib import Path

from data.uploads.stored_part import LARGEST_FILE

CONFIG = tomllib.loads(
    (Path(__file__).resolve().parent.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8")
)


def test_server_keeps_its_protections() -> None:
    """Foreign origins and forged uploads are refused, traces stay in the log, nothing is reported to others."""
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["server"]["enableCORS"] is True
    assert CONFIG["server"]["enableXsrfProtection"] is True
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert not {"trustedUserHeaders", "enableAgentApi"} & set(CONFIG["server"])


def test_upload_limit_of_the_server_is_that_of_the_reader() -> None:
    """What the server takes in, the reader reads; more is cut off while it streams."""
    assert CONFIG["server"]["maxUploadSize"] * 2**20 == LARGEST_FILE


def test_server_does_not_collect_after_every_tick() -> None:
    """A full collection costs more than a tick of a live chart."""
    assert CONFIG["runner"]["postScriptGC"] is False
