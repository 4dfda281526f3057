"""Choices of a visitor travel as one line of text and come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InvalidSpecError
from data.uploads.findings import Question, TableChoices, unanswered
from data.uploads.shared_options import table_choices

NAMES = tuple(TableChoices.__dataclass_fields__)


@given(chosen=st.dictionaries(st.sampled_from(NAMES), st.text(max_size=12)))
def test_choices_survive_their_text(chosen):
    """Whatever is chosen, its text is one printable line and is read back equal."""
    choices = TableChoices(**chosen)
    assert choices.to_text().isprintable()
    assert TableChoices.from_text(choices.to_text()) == choices
    assert bool(choices) == any(chosen.values())


@pytest.mark.parametrize("text", ["separatr=1", "separator", "a=b&c=d"])
def test_choices_refuse_what_they_did_not_write(text):
    """An unknown name is answered by the nearest one, anything else by the form that is expected."""
    with pytest.raises(InvalidSpecError, match="`table`"):
        TableChoices.from_text(text)


def test_the_older_option_for_decimals_still_holds():
    """`decimal` of an older link is a choice, unless the choices name another."""
    assert table_choices("", "comma").decimal == "comma"
    assert table_choices("decimal=point", "comma").decimal == "point"
    assert table_choices("", "auto") == TableChoices()


def test_answered_questions_are_left_out():
    """A question stays until its name has an answer."""
    question = Question("decimal", "Thousands or decimals?", (("point", "1.5"),), "point", "why")
    assert unanswered([question], {}) == (question,)
    assert unanswered([question], {"decimal": "comma"}) == ()
