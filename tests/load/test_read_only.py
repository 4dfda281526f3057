"""The application in a folder that it may not write to, as in a read-only image or under another user."""

import shutil
import urllib.request
from pathlib import Path

import pytest

from tests.browser.serving import ROOT
from tests.load import server
from tests.load.client import Visitor
from tests.load.server import Application

pytestmark = pytest.mark.slow
BUNDLE = "component/dashboard.services.singletons.plotly_bundle/plotly.min.js"


def test_application_starts_where_its_folder_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page is there, and the chart library comes from its package; root writes everywhere, so a file stands in the way."""
    source = tmp_path / "source"
    source.mkdir()
    for name in ("dashboard", "models", "data", ".streamlit", "streamlit_app.py"):
        place = ROOT / name
        copy = shutil.copytree if place.is_dir() else shutil.copyfile
        copy(place, source / name)
    (source / "static").write_text("no folder")
    monkeypatch.setattr(server, "ROOT", source)
    with Application(tmp_path) as running, Visitor(running.url) as visitor:
        visitor.open()
        assert ("button", "Train") in visitor.widgets
        assert visitor.errors == []
        with urllib.request.urlopen(f"{running.url}/{BUNDLE}", timeout=60) as answer:  # noqa: S310
            assert answer.status == 200
            assert b"plotly.js" in answer.read(2_000)
        assert "Traceback" not in running.log
