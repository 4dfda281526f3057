"""Errors on the page use the words of the form."""

import pytest

from dashboard.form_words import in_form_words


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("fill it in, or choose `missing` = `drop`.", "fill it in, or choose “Missing values: Drop the row”."),
        ("or choose `decimal` = `comma`", "or choose “Decimals: 1,5”"),
        ("The column `target` holds no times.", "The column `target` holds no times."),
        ("Column `x` is unknown.", "Column `x` is unknown."),
    ],
)
def test_names_of_settings_become_labels(sentence: str, expected: str) -> None:
    """A setting and its value become its label and choice; names of columns stay."""
    assert in_form_words(sentence).lower() == expected.lower()


def test_every_choice_has_its_title() -> None:
    """Two choices are joined; no raw name of a setting is left."""
    text = in_form_words("choose `missing` = `drop` or `interpolate`; then another `window`.")
    assert "`" not in text
    assert "drop" in text.lower()
