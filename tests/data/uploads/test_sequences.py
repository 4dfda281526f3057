"""A visitor's own labelled sequences, in long and in wide form."""

import numpy as np
import pytest

from data.errors import DataError
from data.uploads.inspect import describe
from tests.data.uploads.files import csv, load


def long(**cells: str) -> bytes:
    """Return 20 sequences of 2 to 4 steps; `cells` replaces whole lines by `line_N`."""
    lines = [
        f"s{index},{step},{index + step / 10},{step * index % 5},{'odd' if index % 2 else 'even'}"
        for index in range(20)
        for step in range(2 + index % 3)
    ]
    for name, text in cells.items():
        lines[int(name.removeprefix("line_")) - 2] = text
    return csv("id,step,a,b,kind", *lines)


def wide(*changed: str) -> bytes:
    """Return 20 sequences of 3 steps, the third missing in every fourth."""
    lines = [
        f"{index},{index + 1},{'' if index % 4 == 0 else index + 2},{'odd' if index % 2 else 'even'}"
        for index in range(20)
    ]
    return csv("x1,x2,x3,kind", *lines[: len(lines) - len(changed)], *changed)


def sequences(data) -> dict[bytes, int]:
    """Return every valid sequence of all parts with its class, unscaled order aside."""
    found = {}
    for part in (data.train, data.validation, data.test):
        for inputs, length, target in zip(part.inputs, part.lengths, part.targets, strict=True):
            found[inputs[:length].tobytes()] = int(target)
    return found


def test_long_form_keeps_every_sequence_with_its_label():
    """20 sequences of 2 to 4 steps come back with their lengths, classes and features."""
    data = load("own_sequences", long())
    assert data.class_names == ("even", "odd")
    assert data.feature_names == ("a", "b")
    assert len(sequences(data)) == 20
    parts = (data.train, data.validation, data.test)
    assert sorted(np.concatenate([part.lengths for part in parts]).tolist()) == sorted(
        2 + index % 3 for index in range(20)
    )
    for part in parts:
        steps = np.arange(4) >= part.lengths[:, None]
        assert (part.inputs[steps] == 0).all()


def test_long_form_groups_rows_that_are_apart():
    """Rows of one sequence may stand apart; their order within it counts."""
    head, *lines = long().decode().split()
    apart = csv(head, *sorted(lines, key=lambda line: int(line.split(",")[1])))
    assert sequences(load("own_sequences", apart)).keys() == sequences(load("own_sequences", long())).keys()


def test_long_form_scales_by_the_training_part():
    """The training steps have mean 0 and deviation 1 per feature."""
    data = load("own_sequences", long())
    steps = data.train.inputs[np.arange(4) < data.train.lengths[:, None]]
    np.testing.assert_allclose(steps.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(steps.std(axis=0), 1, atol=1e-6)


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (
            long(line_3="s0,0,0,0,even"),
            {"step": "step"},
            r"Line 3, column 2 \(`step`\) is not later than line 2 of the same",
        ),
        (long(line_3="s0,1,0,0,odd"), {}, r"Line 3, column 5 \(`kind`\) differs from the label .* in line 2"),
        (long(line_3="s0,1,,0,even"), {}, r"Line 3, column 3 \(`a`\) has no value"),
        (long(line_3="s0,1,0,0,"), {"missing": "interpolate"}, r"Line 3, column 5 \(`kind`\) has no value"),
        (long(line_3=",1,0,0,even"), {"missing": "interpolate"}, r"Line 3, column 1 \(`id`\) has no value"),
        (
            long(line_2="s0,0,,0,even", line_3="s0,1,,0,even"),
            {"missing": "interpolate"},
            r"Line 2, column 3 .* without any value",
        ),
        (long(), {"label": "id"}, "`sequence` and as `label`"),
        (long(), {"label": "a"}, "differs from the label"),
        (long(), {"features": "kind"}, r"Line 2, column 5 \(`kind`\) holds `even`, which is not a number"),
        (csv("id,v,kind", *(f"{i},{i},x" for i in range(30))), {}, "hold the same label"),
        (csv("id,v,kind", *(f"{i},{i},k{i}" for i in range(300))), {}, "300 different values, at most 100"),
        (csv("id,v,kind", *(f"{i},{i},k{i % 2}" for i in range(4))), {}, "4 sequences are too few"),
        (csv("id,v,kind", *(f"0,{i},k" for i in range(2001)), "1,1,q"), {}, "2,001 steps, at most 2,000"),
        (csv("id,kind", *(f"{i},k{i % 2}" for i in range(30))), {}, "without a column of numbers beside"),
    ],
)
def test_long_form_refuses_with_the_place(content, options, words):
    """Each refusal names line and column, or the option."""
    with pytest.raises(DataError, match=words):
        load("own_sequences", content, **options)


def test_long_form_fills_gaps_within_the_sequence_only():
    """A gap is filled from its own sequence: on a line inside, with the nearest value at the ends."""
    lines = [f"{s},{t},{v},{'p' if s % 2 else 'q'}" for s in range(12) for t, v in enumerate(("", s, "", s + 4, ""))]
    data = load("own_sequences", csv("id,step,v,kind", *lines), missing="interpolate")
    assert "36 missing values were filled on straight lines within their sequence." in data.notes
    steps = np.sort(data.train.inputs[:, :, 0], axis=0)
    gaps = np.diff(steps, axis=1)
    np.testing.assert_allclose(gaps[:, 1], gaps[:, 2], rtol=1e-4)
    np.testing.assert_allclose(gaps[:, [0, 3]], 0, atol=1e-6)


def test_wide_form_shortens_sequences_whose_last_values_are_missing():
    """A row is a sequence, its columns the steps, and missing last values make it shorter; that is said."""
    data = load("own_sequences", wide(), layout="wide")
    parts = (data.train, data.validation, data.test)
    assert sorted(np.concatenate([part.lengths for part in parts]).tolist()) == [2] * 5 + [3] * 15
    assert "5 sequences are shorter, because their last values are missing." in data.notes
    assert data.input_size == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (wide(",1,2,odd"), r"Line 21, column 1 \(`x1`\) has no value"),
        (wide(",,,odd"), r"Line 21, column 1 \(`x1`\) has no value"),
        (wide("1,2,3,"), r"Line 21, column 4 \(`kind`\) has no value"),
    ],
)
def test_wide_form_refuses_inner_gaps(content, words):
    """A gap before the end is a missing value, and so is a missing label."""
    with pytest.raises(DataError, match=words):
        load("own_sequences", content, layout="wide")


def test_wide_form_warns_of_an_id_among_the_steps():
    """A first column that counts the rows is named, and left out when it is called the sequence."""
    lines = [f"{i},{i * i % 7},{i % 5},{'ab'[i % 2]}" for i in range(30)]
    content = csv("id,x1,x2,kind", *lines)
    warnings = describe("own_sequences", {"layout": "wide"}, content).warnings
    assert any("`id` counts the rows" in warning for warning in warnings)
    assert load("own_sequences", content, layout="wide", sequence="id").train.inputs.shape[1] == 2


def test_report_counts_classes_and_warns_of_leaks():
    """Class balance, rare classes, repeated sequences and the label in disguise are told."""
    lines = [f"{i},0,{i % 2},{i % 3},{'ab'[i % 2]}" for i in range(40)] + ["40,0,5,5,c"]
    report = describe("own_sequences", {}, csv("id,step,code,v,kind", *lines))
    assert report.balance == (("a", 20), ("b", 20), ("c", 1))
    told = " ".join(report.warnings)
    for words in ("`code` gives the label away", "too few to split: `c`", "sequences repeat another one"):
        assert words in told


def test_split_gives_every_class_to_every_part():
    """Each class with three or more sequences is in all parts, and the seed decides how."""
    lines = [f"{i},0,{i},{'abc'[min(2, i % 10)]}" for i in range(60)]
    content = csv("id,step,v,kind", *lines)
    one, two = load("own_sequences", content, seed=0), load("own_sequences", content, seed=1)
    for part in (one.train, one.validation, one.test):
        assert set(part.targets.tolist()) == {0, 1, 2}
    assert not np.array_equal(one.train.inputs, two.train.inputs)
    np.testing.assert_array_equal(one.train.inputs, load("own_sequences", content, seed=0).train.inputs)
