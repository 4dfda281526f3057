"""Every finding: its name, source and experiments, and the result that ships with it."""

import pytest

from models.errors import UnknownNameError
from models.findings.finding import TOPICS, findings, get_finding
from models.findings.reproduce import is_current, read_result, rule_again

NAMES = list(findings())


@pytest.mark.parametrize("name", NAMES)
def test_finding_is_complete(name: str) -> None:
    """It says what is claimed, by whom, what was measured there and what was expected here."""
    entry = get_finding(name)
    assert entry.topic in TOPICS
    assert 1980 <= entry.source.year <= 2026
    for text in (entry.claim, entry.then, entry.expected, entry.differs):
        assert text.endswith("."), text
    assert all((entry.source.authors, entry.source.title, entry.source.place, entry.source.part, entry.source.link))
    assert 1 <= entry.seconds <= 300
    assert all(spec.seeds >= 6 and spec.patience == 0 for spec in entry.experiments.values())


@pytest.mark.parametrize("name", NAMES)
def test_shipped_result_is_of_these_experiments_and_the_rule_agrees(name: str) -> None:
    """The kept numbers come from the experiments as they are now, and the rule still decides the same with the same words."""
    entry, kept = get_finding(name), read_result(name)
    assert kept is not None
    assert is_current(entry, kept)
    ruling = rule_again(entry, kept)
    assert (ruling.state, ruling.here) == (kept.state, kept.here)


@pytest.mark.parametrize("name", NAMES)
def test_a_finding_that_does_not_hold_has_a_reason(name: str) -> None:
    """A reason is given where a finding is not reproduced, and only there."""
    entry, kept = get_finding(name), read_result(name)
    assert kept is not None
    assert bool(entry.reason) == (kept.state != "reproduced")


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    """The message names the finding that was probably meant."""
    with pytest.raises(UnknownNameError, match=f"did you mean `{NAMES[0]}`"):
        get_finding(f"{NAMES[0]}x")
