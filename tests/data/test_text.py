"""Texts: windows that stay in their part, names in one part each, unigram and bigram by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.catalog import get_dataset
from data.embedded import embedded
from data.errors import DataError
from data.splits import split_in_time
from data.task import IGNORED, Part, TaskData
from data.text.characters import (
    character_shares,
    contiguous_parts,
    encode,
    next_token_baselines,
    next_token_task,
    separate_part,
    vocabulary_of,
)
from data.text.names_table import first_names

PARTS = ("train", "validation", "test")


def load(name: str, **options: object) -> TaskData:
    """Load a dataset with options."""
    entry = get_dataset(name)
    return entry.load(entry.parse(options), 0)


def texts(data: TaskData, part: Part) -> list[str]:
    """Read the inputs of a part back."""
    return [
        "".join(data.vocabulary[token] for token in row[:length])
        for row, length in zip(part.inputs, part.lengths, strict=True)
    ]


@given(text=st.text(min_size=40, max_size=300), window=st.integers(1, 4))
def test_contiguous_parts_answer_with_the_next_character_of_the_same_part(text: str, window: int) -> None:
    """Every window is a piece of its part, every answer the character behind, and no window reaches into another part."""
    vocabulary = vocabulary_of(text)
    parts = contiguous_parts(encode(text, vocabulary), window)
    for part, rows in zip(parts, split_in_time(len(text)), strict=True):
        piece = text[rows]
        for inputs, targets in zip(part.inputs, part.targets, strict=True):
            read = "".join(vocabulary[token] for token in inputs)
            answered = "".join(vocabulary[token] for token in targets)
            assert read[1:] == answered[:-1]
            assert read + answered[-1] in piece


@given(text=st.text(alphabet="abcdef", min_size=60, max_size=200), window=st.integers(1, 6))
def test_contiguous_parts_count_each_test_character_once(text: str, window: int) -> None:
    """Windows of validation and test do not overlap: one after another they are the part, without a rest below one window."""
    vocabulary = vocabulary_of(text)
    parts = contiguous_parts(encode(text, vocabulary), window)
    for part, rows in zip(parts[1:], split_in_time(len(text))[1:], strict=True):
        read = "".join(vocabulary[token] for token in part.inputs.ravel())
        assert text[rows].startswith(read)
        assert len(text[rows]) - len(read) <= window


def test_contiguous_parts_refuse_a_text_shorter_than_its_windows() -> None:
    """The message names the longest window that fits, and that window does fit."""
    tokens = np.zeros(100, dtype=np.int64)
    with pytest.raises(DataError, match=r"A window of 30 characters .* at most 14, or a longer text"):
        contiguous_parts(tokens, 30)
    assert all(len(part) for part in contiguous_parts(tokens, 14))


def test_separate_part_by_hand() -> None:
    """A name begins and ends with token 0; behind its end nothing is asked."""
    part = separate_part(["ab", "b"], (".", "a", "b"))
    assert part.inputs.tolist() == [[0, 1, 2], [0, 2, 0]]
    assert part.targets.tolist() == [[1, 2, 0], [2, 0, IGNORED]]
    assert part.lengths.tolist() == [3, 2]


def test_next_token_baselines_by_hand() -> None:
    """Counts of a tiny text, mixed as the docstring says, scored in bits."""
    vocabulary = ("a", "b")
    train = Part(
        inputs=np.array([[0, 0, 1, 0]]), targets=np.array([[0, 1, 0, IGNORED]]), lengths=np.array([4], dtype=np.int64)
    )
    test = Part(inputs=np.array([[0, 1]]), targets=np.array([[1, 0]]), lengths=np.array([2], dtype=np.int64))
    data = next_token_task((train, test, test), vocabulary)
    shares, following = character_shares(data)
    np.testing.assert_allclose(shares, [3 / 5, 2 / 5])  # two a and one b were asked for, plus one each
    np.testing.assert_allclose(following, [[1.6 / 3, 1.4 / 3], [1.6 / 2, 0.4 / 2]])
    found = {baseline.name: baseline.metrics["bits_per_character"] for baseline in next_token_baselines(data)}
    assert found["unigram"] == pytest.approx(-(math.log2(2 / 5) + math.log2(3 / 5)) / 2)
    assert found["bigram"] == pytest.approx(-(math.log2(1.4 / 3) + math.log2(0.8)) / 2)


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=5), min_size=1, max_size=9))
def test_character_shares_are_probabilities(names: list[str]) -> None:
    """Whatever was counted, every row sums to one and no character is impossible."""
    vocabulary = (".", "a", "b", "c")
    part = separate_part(names, vocabulary)
    shares, following = character_shares(next_token_task((part, part, part), vocabulary))
    assert shares.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(following.sum(axis=1), 1.0)
    assert min(shares.min(), following.min()) > 0


@pytest.mark.parametrize("name", ["founding_documents", "first_names"])
def test_bigram_beats_unigram(name: str) -> None:
    """The last character tells something about the next one."""
    entry = get_dataset(name)
    options = entry.parse({})
    unigram, bigram = (b.metrics["bits_per_character"] for b in entry.baselines(options, entry.load(options, 0)))
    assert bigram < unigram - 0.5


def test_founding_documents_begin_with_the_text_s_beginning() -> None:
    """The first training window is the beginning of the file; the vocabulary is every character of it."""
    text = embedded("us_founding_documents.txt").read_text(encoding="ascii")
    data = load("founding_documents", window=100)
    assert texts(data, data.train)[0] == text[:100]
    assert data.vocabulary == tuple(sorted(set(text)))
    assert data.vocabulary[0] == "\n"
    assert data.train.inputs.shape[1] == 100


def test_founding_documents_lower_case_has_fewer_characters() -> None:
    """Lower case leaves no capital letter."""
    data = load("founding_documents", characters="lower")
    assert not any(character.isupper() for character in data.vocabulary)
    assert data.output_size < load("founding_documents").output_size


def test_first_names_no_name_is_in_two_parts() -> None:
    """Every name is in one part, and together they are the file's names."""
    data = load("first_names")
    names = [name[1:] for part in PARTS for name in texts(data, data.part(part))]
    stored = {line.split(",")[0] for line in embedded("us_first_names.csv").read_text(encoding="ascii").split()[1:]}
    assert len(names) == len(set(names)) == 5163
    assert set(names) == stored


@pytest.mark.parametrize("sex", ["female", "male"])
def test_first_names_of_one_sex_are_borne_by_it(sex: str) -> None:
    """The option leaves names of that sex only."""
    data = load("first_names", names=sex)
    listed = {
        line.split(",")[0]
        for line in embedded("us_first_names.csv").read_text(encoding="ascii").split()[1:]
        if line.split(",")[1] == sex
    }
    assert {name[1:] for name in texts(data, data.train)} <= listed


def test_first_names_table_takes_the_more_frequent_sex() -> None:
    """A name of both sexes counts for the one whose share bears it more often: james male, mary female."""
    table = first_names().set_index("name")
    assert table.loc["james", "sex"] == "male"
    assert table.loc["mary", "sex"] == "female"
    assert table.loc["james", "both"]
    assert int(table["both"].sum()) == 331
    assert table.index.is_unique


def test_first_names_sex_no_name_is_in_two_parts() -> None:
    """Every name is in one part, with the class of the table."""
    data, table = load("first_names_sex"), first_names().set_index("name")["sex"]
    seen: list[str] = []
    for part in (data.train, data.validation, data.test):
        names = texts(data, part)
        assert [data.class_names[index] for index in part.targets] == table[names].tolist()
        seen += names
    assert len(seen) == len(set(seen)) == 5163


def test_first_names_sex_last_letter_by_hand() -> None:
    """The last-letter rule, counted with dictionaries."""
    data = load("first_names_sex")
    votes: dict[str, list[int]] = {}
    for name, sex in zip(texts(data, data.train), data.train.targets, strict=True):
        votes.setdefault(name[-1], []).append(int(sex))
    rule = {letter: max((0, 1), key=found.count) for letter, found in votes.items()}
    pairs = zip(texts(data, data.test), data.test.targets, strict=True)
    share = np.mean([rule.get(name[-1], 0) == sex for name, sex in pairs])
    entry = get_dataset("first_names_sex")
    found = {baseline.name: baseline.metrics["accuracy"] for baseline in entry.baselines(entry.parse({}), data)}
    assert found["last_letter"] == pytest.approx(share)
    assert found["last_letter"] > found["majority"]
    numbers = f"{100 * found['last_letter']:.0f} % of the names, against {100 * found['majority']:.0f} %"
    assert numbers in entry.claims[0].statement
