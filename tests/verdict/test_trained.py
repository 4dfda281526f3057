"""Short forms of the parts of `python -m tests.verdict` that train."""

import pytest

from dashboard.presets import presets
from tests.verdict import trained
from tests.verdict.first_table import first_table
from tests.verdict.presets import PROMISES, row


@pytest.mark.slow
def test_cut_series_and_typed_rates_give_no_opposite_claims() -> None:
    """Cuts of each series, typed rates, few repeats, stopped runs: whoever is claimed to be better is always the same one."""
    rows = list(first_table(1))
    for name in ("airline", "sunspots", "elnino"):
        claimed = {said for about, _, said, _ in rows if about.startswith(name) and said.endswith("better")}
        assert len(claimed) <= 1, rows
    stopped = next(said for about, _, said, _ in rows if "stopped after" in about)
    assert stopped.startswith("Stopped after 77 and 96 of 600 updates: no verdict")


def test_every_preset_has_a_promise_that_is_checked() -> None:
    """Whoever adds a preset says how its own run shows what it promises."""
    assert set(PROMISES) == set(presets())


@pytest.mark.slow
@pytest.mark.parametrize("title", ["Sunspots forecast", "Counting: who really counts?"])
def test_preset_shows_what_it_promises(title: str) -> None:
    """The quick ones, trained as a visitor trains them; `python -m tests.verdict presets` trains all."""
    assert row(title, presets()[title])[-1] == "yes"


@pytest.mark.slow
def test_network_is_rarely_claimed_to_be_better_than_itself() -> None:
    """66 comparisons of a GRU with itself on one series, which share their groups: few are claims, all can be tested."""
    ((_, better, _, _, too_few),) = trained.itself(1)
    assert float(better.removesuffix(" %")) <= 20
    assert too_few == "0.0 %"
