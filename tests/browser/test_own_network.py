"""A network of one's own in a real browser: upload, look, and open by its link."""

import io
from typing import Any

import pytest
import torch
from torch import nn

from tests.browser.conftest import OpenTab
from tests.browser.visits import settle

pytestmark = pytest.mark.browser
DRAWN = "document.querySelector('[class*=st-key-trace_] .live-chart-canvas')?._fullData?.length > 5"


def weights() -> bytes:
    """Return a small state_dict."""
    torch.manual_seed(1)
    buffer = io.BytesIO()
    torch.save(nn.ModuleDict({"rnn": nn.LSTM(2, 4), "fc": nn.Linear(4, 1)}).state_dict(), buffer)
    return buffer.getvalue()


def test_an_uploaded_network_is_drawn_and_opens_by_its_link(open_tab: OpenTab) -> None:
    """Also in another browser, which has no file."""
    tab = open_tab("/gates")
    settle(tab)
    tab.get_by_text("Your own network", exact=True).click()
    chosen: Any = {"name": "ours.pt", "mimeType": "application/octet-stream", "buffer": weights()}
    tab.locator(".st-key-own_network_file input[type=file]").set_input_files(chosen)
    tab.get_by_text("Recurrent stack, from input to output").wait_for()
    settle(tab)
    tab.get_by_text("Numbers typed here", exact=True).click()
    typed = tab.locator(".st-key-own_data_typed textarea")
    typed.fill("\n".join(f"0.{step % 7},0.{step % 5}" for step in range(20)))
    typed.blur()
    settle(tab)
    tab.get_by_role("button", name="Look into it").click()
    tab.wait_for_function(DRAWN)
    tab.wait_for_url("**network=*")
    other = open_tab(tab.url.partition("://")[2].partition("/")[2].join(("/", "")))
    other.wait_for_function(DRAWN)
    assert other.get_by_text("The address is the link to this network").is_visible()
