"""Copy, delayed recall, temporal order, parity and selective copying against solvers written from their definitions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.catalog import get_dataset
from tests.data.drawing import answers, load_few, words

FEW = settings(max_examples=8, deadline=None)


@FEW
@given(delay=st.integers(5, 200), symbols=st.integers(3, 10), seed=st.integers(0, 9999))
def test_copy_memory_answer_repeats_the_letters(delay: int, symbols: int, seed: int) -> None:
    """Letters, blanks, the cue one step before the answer, then the letters again; blank and unscored before."""
    data = load_few("copy_memory", seed, delay=delay, symbols=symbols)
    for word, answer in zip(words(data, data.test), answers(data, data.test), strict=True):
        letters = [symbol for symbol in word if symbol.isalpha()]
        assert len(letters) == symbols
        assert word == letters + ["·"] * (delay - 1) + [">"] + ["·"] * symbols
        assert answer == ["·"] * (delay + symbols) + letters
    assert data.test.scored is not None
    assert data.test.scored[:, -symbols:].all()
    assert data.test.scored.sum() == symbols * len(data.test)
    assert set(np.unique(data.train.inputs)) == set(range(10))


@pytest.mark.parametrize(("delay", "symbols"), [(20, 5), (50, 10)])
def test_copy_memory_memoryless_baseline_reaches_the_formula(delay: int, symbols: int) -> None:
    """Its mean cross-entropy over all steps is S ln 8 / (T + 2S), its accuracy about 1/8."""
    entry = get_dataset("copy_memory")
    options = entry.parse({"delay": delay, "symbols": symbols})
    (baseline,) = entry.baselines(options, entry.load(options, 0))
    expected = symbols * math.log(8) / (delay + 2 * symbols)
    assert baseline.metrics["cross_entropy_nats"] == pytest.approx(expected, rel=1e-9)
    assert baseline.metrics["accuracy"] == pytest.approx(1 / 8, abs=0.03)


@FEW
@given(delay=st.integers(5, 200), cues=st.integers(2, 16), distractors=st.integers(4, 16), seed=st.integers(0, 9999))
def test_delayed_recall_answer_is_the_first_symbol(delay: int, cues: int, distractors: int, seed: int) -> None:
    """One cue, then distractors only, and the class is the cue."""
    data = load_few("delayed_recall", seed, delay=delay, cues=cues, distractors=distractors)
    for word, answer in zip(words(data, data.test), answers(data, data.test), strict=True):
        assert answer == [word[0]]
        assert word[0].startswith("c")
        assert all(symbol.startswith("d") for symbol in word[1:])
        assert len(word) == delay + 1
    assert data.output_size == cues
    assert len(np.unique(data.train.targets)) == cues
    assert data.input_size == cues + distractors == len(np.unique(data.train.inputs))


@FEW
@given(length=st.integers(20, 300), seed=st.integers(0, 9999))
def test_temporal_order_class_is_the_two_marks_in_order(length: int, seed: int) -> None:
    """E first, B last, two marks in their ranges, distractors elsewhere, and the class names the marks."""
    data = load_few("temporal_order", seed, length=length)
    for word, answer in zip(words(data, data.test), answers(data, data.test), strict=True):
        places = [index for index, symbol in enumerate(word) if symbol in "XY"]
        assert ["".join(word[place] for place in places)] == answer
        assert length // 10 <= places[0] < 2 * (length // 10)
        assert 5 * (length // 10) <= places[1] < 6 * (length // 10)
        assert (word[0], word[-1]) == ("E", "B")
        assert all(s in "abcd" for i, s in enumerate(word[1:-1], 1) if i not in places)
    assert set(data.test.targets) == {0, 1, 2, 3}


@FEW
@given(length=st.integers(12, 200), answer=st.sampled_from(["each_step", "end"]), seed=st.integers(0, 9999))
def test_parity_answer_counts_the_ones(length: int, answer: str, seed: int) -> None:
    """The answer at a step is whether the ones up to it are odd; asked at the end only, it stands there alone."""
    data = load_few("parity", seed, length=length, answer=answer)
    for word, named in zip(words(data, data.test), answers(data, data.test), strict=True):
        expected: list[str | None] = [("even", "odd")[word[: step + 1].count("1") % 2] for step in range(length)]
        if answer == "end":
            expected[:-1] = [None] * (length - 1)
        assert named == expected


@FEW
@given(length=st.integers(16, 256), symbols=st.integers(3, 12), seed=st.integers(0, 9999))
def test_selective_copying_answer_is_what_is_not_noise(length: int, symbols: int, seed: int) -> None:
    """The letters among the noise are asked for by cues, in their order, and nothing else counts."""
    data = load_few("selective_copying", seed, length=length, symbols=symbols)
    for word, answer in zip(words(data, data.test), answers(data, data.test), strict=True):
        letters = [symbol for symbol in word[:length] if symbol != "·"]
        assert len(letters) == symbols
        assert all(letter in "ABCDEFGH" for letter in letters)
        assert word[length:] == [">"] * symbols
        assert answer == [None] * length + letters


def test_selective_copying_letters_reach_every_place() -> None:
    """Every step before the answer carries a letter in some sequence."""
    data = load_few("selective_copying", length=64)
    assert (data.train.inputs[:, :64] != 8).any(0).all()  # 400 sequences with 8 letters on 64 places


def test_sequence_accuracy_counts_sequences_without_mistake() -> None:
    """One wrong step makes its sequence wrong, and no other."""
    entry, data = get_dataset("parity"), load_few("parity")
    outputs = np.eye(2)[data.test.targets]
    outputs[0, 3] = outputs[0, 3, ::-1]
    scores = entry.metrics(data, data.test, outputs)
    assert scores["sequence_accuracy"] == pytest.approx(1 - 1 / len(data.test))
    assert scores["accuracy"] == pytest.approx(1 - 1 / data.test.targets.size)
