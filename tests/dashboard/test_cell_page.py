"""The cell explorer page: settings from the link, overrides, refusals by a sentence."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

PAGE = Path(__file__).parents[2] / "dashboard" / "pages" / "cell.py"


def opened(**query: str) -> AppTest:
    """Run the page alone with query parameters."""
    test = AppTest.from_file(PAGE, default_timeout=240)
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def test_page_opens_on_a_preset_with_both_cells() -> None:
    """Without a link LSTM and GRU remember a spike; nothing is missing and nothing failed."""
    test = opened()
    assert not test.exception
    assert not test.error
    assert any("spike is written once" in info.value for info in test.info)


def test_link_restores_the_state() -> None:
    """Cells, weights, sequence and overrides come from the address."""
    test = opened(left="MGU", weights="Random", hidden="3", seed="7", inputs="1,2,3")
    assert test.selectbox(key="left").value == "mgu"
    assert test.slider(key="hidden").value == 3
    assert test.text_input(key="inputs").value == "1,2,3"
    assert not test.exception


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"inputs": "1,a"}, "Input 2 must be a number"),
        ({"weights": "Trained", "from": "nothing"}, "no finished experiment"),
        ({"left": "nonsense"}, ""),
        ({"hidden": "999999999999", "weights": "Random"}, ""),
    ],
)
def test_bad_links_are_answered_by_a_sentence_or_the_default(query: dict[str, str], sentence: str) -> None:
    """A bad value gives at most a sentence, never a traceback."""
    test = opened(**query)
    assert not test.exception
    if sentence:
        assert any(sentence in error.value for error in test.error)


def test_convention_and_reset_can_be_switched() -> None:
    """Both GRU conventions are offered and change what is drawn without an error."""
    test = opened(weights="Random")
    test.radio(key="update").set_value("keep").run()
    test.radio(key="reset").set_value("before").run()
    assert not test.exception
    assert not test.error


def test_held_gate_offers_value_and_steps() -> None:
    """Holding a gate brings a slider for its steps and one for its value, which starts where it changes something."""
    test = opened(hold_lstm="Forget gate")
    assert test.slider(key="value_lstm_forget_gate").value == 0.0  # it is 1 at every step of this preset
    assert opened(hold_lstm="Forget gate", preset="Forget at once").slider[-2].value == 1.0
    assert test.slider(key="steps_lstm_forget_gate").value == (1, 5)
    assert not test.exception
