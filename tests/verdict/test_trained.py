"""Short forms of the parts of `python -m tests.verdict` that train."""

import pytest

from tests.verdict import trained


@pytest.mark.slow
def test_cut_series_and_typed_rates_give_no_opposite_claims() -> None:
    """Two lengths of each series and three learning rates: whoever is claimed to be better, it is always the same one."""
    rows = list(trained.first_table(3))
    for name in ("airline", "sunspots"):
        claimed = {said for about, said, _ in rows if about.startswith(name) and said.endswith("better")}
        assert len(claimed) <= 1, rows


@pytest.mark.slow
def test_network_is_rarely_claimed_to_be_better_than_itself() -> None:
    """66 comparisons of a GRU with itself on one series, which share their groups: few are claims, all can be tested."""
    ((_, better, _, _, too_few),) = trained.itself(1)
    assert float(better.removesuffix(" %")) <= 20
    assert too_few == "0.0 %"
