"""Counting, embedded Reber and Dyck against recognisers written from their definitions."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.catalog import get_dataset
from data.synthetic.counting import largest_n
from data.synthetic.dyck import opening_probability
from data.synthetic.embedded_reber import LONGEST, legal_symbols
from data.task import IGNORED, Array, Part, TaskData
from tests.data.drawing import answers, load_few, words

FEW = settings(max_examples=8, deadline=None)


def oracle(part: Part, classes: int) -> Array:
    """Return scores that always choose the target."""
    return np.eye(classes)[np.where(part.targets == IGNORED, 0, part.targets)]


@FEW
@given(n=st.integers(4, 64), language=st.sampled_from(["anbn", "anbncn"]), seed=st.integers(0, 9999))
def test_counting_strings_and_next_symbols(n: int, language: str, seed: int) -> None:
    """Each string is a^k b^k (c^k), each answer the next symbol and at last the end; the certain steps are scored."""
    data = load_few("counting", seed, n=n, language=language)
    letters = "abc" if language == "anbncn" else "ab"
    for part, largest in ((data.train, n), (data.validation, n), (data.test, 4 * n)):
        seen = set()
        for word, answer in zip(words(data, part), answers(data, part), strict=True):
            k = len(word) // len(letters)
            seen.add(k)
            assert "".join(word) == "".join(letter * k for letter in letters)
            expected = [*word[1:], "$"]
            assert answer == expected + [None] * (len(answer) - len(expected))
        assert max(seen) <= largest
        if part is not data.train:
            assert sorted(seen) == list(range(1, largest + 1))
        assert part.scored is not None
        certain = [np.flatnonzero(row) for row in part.scored]
        assert all(steps[0] == length // len(letters) for steps, length in zip(certain, part.lengths, strict=True))
        assert all(len(steps) == length - steps[0] for steps, length in zip(certain, part.lengths, strict=True))


def test_counting_largest_n_stops_at_the_first_rejected_string() -> None:
    """A wrong certain step at n = 7 leaves 6; b instead of a while the a's last is no mistake."""
    data = load_few("counting", n=4)
    part = data.test
    scores = oracle(part, 3)
    assert largest_n(part, scores) == 16
    scores[9, 2] = [0.0, 1.0, 0.0]  # n = 10, among the a's: b may follow
    assert largest_n(part, scores) == 16
    scores[11, 2] = [0.0, 0.0, 1.0]  # n = 12, among the a's: the end may not
    assert largest_n(part, scores) == 11
    scores[6, 13] = [0.0, 1.0, 0.0]  # n = 7, the last step: only the end may follow
    assert largest_n(part, scores) == 6
    scores[0, 0] = [0.0, 0.0, 1.0]
    assert largest_n(part, scores) == 0


def test_counting_solved_is_the_training_range() -> None:
    """Accepting all training strings counts as solved; one fewer does not."""
    entry = get_dataset("counting")
    solved = entry.solved(entry.parse({"n": 20}))
    assert solved is not None
    assert solved.reached(20)
    assert not solved.reached(19)


def follow(word: str) -> list[set[str]]:
    """Return which symbols may follow each prefix of an embedded Reber string, by walking the drawn graph by hand.

    Nodes are named as in a drawing of the grammar: S1 after B, L and R the two loops, M and N the crossings.
    """
    graph = {
        "start": {"B": "S1"},
        "S1": {"T": "L", "P": "R"},
        "L": {"S": "L", "X": "M"},
        "R": {"T": "R", "V": "N"},
        "M": {"X": "R", "S": "done"},
        "N": {"P": "M", "V": "done"},
        "done": {"E": "over"},
    }
    allowed = []
    node = "start"
    for index, symbol in enumerate(word):
        if index == 0:
            allowed.append({"T", "P"})
        elif index == 1:
            allowed.append({"B"})
        elif node == "over":
            allowed.append({"E"} if symbol == word[1] else set())
        else:
            node = graph[node][symbol]
            allowed.append({word[1]} if node == "over" else set(graph[node]))
    return allowed


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 9999))
def test_embedded_reber_strings_follow_the_graph(seed: int) -> None:
    """Every string walks the grammar from B to E, the second symbol returns, and the legal symbols are the graph's."""
    data = load_few("embedded_reber", seed)
    legal = legal_symbols(data.train.inputs)
    for row, (word, answer) in enumerate(zip(words(data, data.train), answers(data, data.train), strict=True)):
        allowed = follow("".join(word))
        assert word[0] == "B"
        assert answer[: len(word)] == [*word[1:], "E"]
        assert word[-1] == word[1]
        assert len(word) < LONGEST
        assert all(symbol in may for symbol, may in zip(answer, allowed, strict=False))
        assert [{data.vocabulary[i] for i in np.flatnonzero(step)} for step in legal[row, : len(word)]] == allowed


def test_embedded_reber_takes_both_arrows_alike() -> None:
    """About half of the strings carry T and half P, and both ways out of the first inner node are taken as often."""
    entry = get_dataset("embedded_reber")
    train = entry.load(entry.Options(), 0).train
    for step in (1, 3):
        share = Counter(train.inputs[:, step].tolist())
        assert set(share) == {1, 2}
        assert share[1] / len(train) == pytest.approx(0.5, abs=0.04)


def test_embedded_reber_test_strings_are_different_and_unseen() -> None:
    """Validation and test hold no string twice, though four strings make a quarter of all that is drawn."""
    entry = get_dataset("embedded_reber")
    data = entry.load(entry.Options(), 0)
    for part, count in ((data.validation, 128), (data.test, 256)):
        assert len(np.unique(part.inputs, axis=0)) == len(part) == count
    assert len(np.unique(data.train.inputs, axis=0)) < len(data.train)


def test_embedded_reber_metrics_want_every_legal_symbol_first() -> None:
    """Even scores on the legal symbols are right; one illegal symbol among them costs the string; so does a tie."""
    entry, data = get_dataset("embedded_reber"), load_few("embedded_reber")
    part = data.test
    scores = legal_symbols(part.inputs).astype(np.float64)
    assert entry.metrics(data, part, scores)["sequence_accuracy"] == 1.0
    assert entry.metrics(data, part, np.zeros_like(scores))["sequence_accuracy"] == 0.0
    scores[0, 0, 6] = 2.0
    assert entry.metrics(data, part, scores)["sequence_accuracy"] == pytest.approx(1 - 1 / len(part))


def test_embedded_reber_long_range_accuracy_looks_at_the_returning_symbol() -> None:
    """Forgetting the second symbol gives one half of it; the baseline that sees one symbol cannot do better."""
    entry, data = get_dataset("embedded_reber"), load_few("embedded_reber")
    part = data.test
    scores = legal_symbols(part.inputs).astype(np.float64)
    rows = np.arange(len(part))
    assert entry.metrics(data, part, scores)["long_range_accuracy"] == 1.0
    scores[rows, part.lengths - 2] = np.eye(7)[1]
    always_t = entry.metrics(data, part, scores)
    assert always_t["long_range_accuracy"] == np.mean(part.inputs[:, 1] == 1)
    assert always_t["sequence_accuracy"] == always_t["long_range_accuracy"]
    (bigram,) = entry.baselines(entry.Options(), data)
    assert bigram.metrics["long_range_accuracy"] == pytest.approx(0.5, abs=0.15)


def closing(word: list[str]) -> list[str]:
    """Return which closing bracket may follow each prefix, with a stack."""
    partner = {"(": ")", "[": "]"}
    stack: list[str] = []
    may_close = []
    for symbol in word:
        if symbol in partner:
            stack.append(partner[symbol])
        else:
            assert stack.pop() == symbol
        may_close.append(stack[-1] if stack else "none")
    assert not stack
    return may_close


@FEW
@given(length=st.integers(16, 200), depth=st.integers(2, 20), brackets=st.integers(1, 2), seed=st.integers(0, 9999))
def test_dyck_answer_is_the_bracket_that_may_close(length: int, depth: int, brackets: int, seed: int) -> None:
    """Every string is balanced and no deeper than asked, and a stack gives the same answers."""
    data = load_few("dyck", seed, length=length, depth=depth, brackets=brackets)
    deepest = 0
    for word, answer in zip(words(data, data.test), answers(data, data.test), strict=True):
        assert len(word) == length // 2 * 2
        assert closing(word) == answer
        signs = [1 if symbol in "([" else -1 for symbol in word]
        deepest = max(deepest, *itertools.accumulate(signs))
    assert deepest <= depth
    assert len(np.unique(data.train.inputs)) == 2 * brackets


def test_dyck_strings_are_drawn_uniformly() -> None:
    """All 14 balanced strings of 8 brackets have the same probability; 13 of them are at most 3 deep."""
    for depth, expected in ((4, 14), (3, 13)):
        table = opening_probability(8, depth)
        chances = [_chance(table, signs) for signs in itertools.product((1, -1), repeat=8)]
        positive = [chance for chance in chances if chance > 0]
        assert len(positive) == expected
        assert positive == pytest.approx([1 / expected] * expected)


def _chance(table: Array, signs: tuple[int, ...]) -> float:
    depth, chance = 0, 1.0
    for step, sign in enumerate(signs):
        if not 0 <= depth < table.shape[1]:
            return 0.0
        chance *= table[step, depth] if sign > 0 else 1 - table[step, depth]
        depth += sign
    return chance if depth == 0 else 0.0


def test_dyck_two_kinds_are_equally_frequent() -> None:
    """Round and square brackets open about as often."""
    data: TaskData = load_few("dyck", brackets=2)
    counts = np.bincount(data.train.inputs.ravel(), minlength=4)
    assert counts[0] == counts[2]
    assert counts[1] == counts[3]
    assert counts[0] / counts[1] == pytest.approx(1.0, abs=0.1)
