"""Sentences that claimed too much in version 0.1: what they may say now."""

from dataclasses import replace

import pytest

from dashboard.sections.comparison import BUSY, timed
from dashboard.sections.learn import READING
from data import fields
from data.catalog import catalogue
from models.analysis.statements import statements
from models.spec.experiment_settings import ExperimentSpec
from tests.models.analysis.builders import result_of


def test_greff_is_not_cited_for_lstm_against_gru() -> None:
    """That paper compared eight variants of the LSTM; where it is named, this is said, and no statement rests on it."""
    assert not [one.name for one in statements().values() if "Greff" in f"{one.said} {one.comment}"]
    assert not [claim for entry in catalogue().values() for claim in entry.claims if "Greff" in claim.source]
    (about,) = [about for paper, about in READING if "Greff" in paper]
    assert "no GRU" in about


def test_copy_memory_says_that_the_lstm_stays_at_the_baseline_too() -> None:
    """Beyond T = 100, in Arjovsky's experiments."""
    (claim,) = [claim for claim in catalogue()["copy_memory"].claims if "Arjovsky" in claim.source]
    assert "beyond T = 100 the LSTM of the paper does, too" in claim.statement


def test_forget_bias_closes_a_gap_only_where_both_are_shown_to_do_equally_well() -> None:
    """The claim of delayed recall names the outcome that confirms it."""
    (claim,) = [claim for claim in catalogue()["delayed_recall"].claims if "forget-gate bias of 1" in claim.statement]
    assert "confirmed here only if the verdict is that both do equally well" in claim.statement


def test_equal_bits_are_not_promised_under_equal_training_time() -> None:
    """Measured speeds decide the number of updates there."""
    assert "except under equal training time" in fields.infos(ExperimentSpec)["seed"].help


@pytest.mark.parametrize(("load", "said"), [("5.2", True), ("1.0", False)])
def test_table_says_that_its_times_are_of_a_busy_machine(load: str, said: bool) -> None:
    """As on the Cost page; with enough free cores nothing is said."""
    result = result_of({"lstm": [0.1] * 6, "gru": [0.2] * 6})
    runs = tuple(replace(run, environment={"load": load, "cores": "2"}) for run in result.runs)
    assert (BUSY in timed(replace(result, runs=runs))) == said
