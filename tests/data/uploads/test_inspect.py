"""Looking at a file: what it is taken for, the examples, and the command line's `--csv`."""

import numpy as np
import pytest

from data.catalog import get_dataset
from data.errors import DataError, InvalidSpecError
from data.uploads.command_line import spec_from_csv
from data.uploads.inspect import describe, examples, inspect
from data.uploads.shared_options import digest
from models.spec.experiment_settings import ExperimentSpec
from tests.data.uploads.files import csv


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.filename)
def test_examples_are_recognised_and_train(example):
    """Each example is taken for what it is, with options under which it loads."""
    seen = inspect(example.content, example.filename)
    assert seen.dataset == example.dataset
    assert seen.options.get("layout", "wide") == example.options.get("layout", seen.options.get("layout", "wide"))
    options = {**seen.options, **example.options}
    entry = get_dataset(example.dataset)
    data = entry.load(entry.parse(options), 0, example.content)
    assert min(len(data.train), len(data.validation), len(data.test)) > 1
    assert describe(example.dataset, options, example.content).samples


def test_examples_are_the_same_every_time():
    """The examples are written by formula, so their bytes never change."""
    again = examples.__wrapped__()
    assert [example.content for example in again] == [example.content for example in examples()]


@pytest.mark.parametrize(
    ("content", "filename", "dataset", "options"),
    [
        (csv("t,v", "1,2", "2,3"), "a.csv", "own_series", {}),
        (csv("day,v,w", "2020-01-01,x,1", "2020-01-02,y,2"), "a.csv", "own_series", {}),
        (
            csv("x,y,species", *(f"{i},{i},{'ab'[i % 2]}" for i in range(20))),
            "a.csv",
            "own_sequences",
            {"layout": "wide"},
        ),
        (
            csv("id,t,v,class", *(f"{i // 4},{i % 4},{i},{i // 4 % 2}" for i in range(40))),
            "a.csv",
            "own_sequences",
            {"layout": "long", "sequence": "id", "label": "class"},
        ),
        (b"Once upon a time, there was a gate.\nIt was open.\n", "tale.txt", "own_text", {}),
        (b"One line of words\nand another one\n", "tale.txt", "own_text", {}),
    ],
)
def test_inspect_suggests_what_a_file_is(content, filename, dataset, options):
    """Tables with labels are sequences, other tables series, prose is text."""
    seen = inspect(content, filename)
    assert seen.dataset == dataset
    assert seen.options["content"] == digest(content)
    assert options.items() <= seen.options.items()


def test_inspect_shows_values_as_they_stand():
    """The preview holds the file's own texts, and a harmless file name."""
    seen = inspect(csv("a,b", "01,x", "2.50,y"), "../<b>\u202ex`.csv")
    assert seen.preview["a"].tolist() == ["01", "2.50"]
    assert seen.names == ("a", "b")
    assert seen.numbers == ("a",)
    assert seen.filename == "../<b>x'.csv"


def test_inspect_takes_the_visitors_word():
    """A chosen dataset is not guessed over."""
    content = csv("id,t,v,class", *(f"{i // 4},{i % 4},{i},{i // 4 % 2}" for i in range(40)))
    assert inspect(content, "a.csv", dataset="own_series").dataset == "own_series"
    assert inspect(content, "a.csv", dataset="own_text").dataset == "own_text"


def test_inspect_refuses_a_broken_table_by_its_name():
    """A `.csv` that is no table is refused with its place, not read as prose."""
    with pytest.raises(DataError, match="Line 2 has 3 values where line 1 has 2"):
        inspect(b"a,b\n1,2,3\n", "a.csv")


def test_describe_refuses_other_datasets():
    """Only own datasets take a file."""
    with pytest.raises(DataError, match="`sunspots` takes no file"):
        describe("sunspots", {}, b"a\n1\n")


def test_spec_from_csv_reads_a_file(tmp_path):
    """A file becomes a dataset, its options with the digest, and the bytes, fit for a spec."""
    file = tmp_path / "series.csv"
    file.write_bytes(examples()[0].content)
    dataset, options, content = spec_from_csv(str(file), {"target": "wind", "window": "8"})
    spec = ExperimentSpec.from_dict({"dataset": dataset, "options": options})
    data = spec.source().load(spec.dataset_options(), 0, content)
    assert data.target_names == ("wind",)
    assert np.isfinite(data.train.inputs).all()


@pytest.mark.parametrize(
    ("content", "options", "error", "words"),
    [
        (None, {}, DataError, r"cannot be read \(No such file or directory\); check its path"),
        (b"t,v\n1,inf\n", {}, DataError, r"Line 2, column 2 \(`v`\) holds `inf`"),
        (b"t,v\n1,\n2,3\n3,5\n4,4\n5,6\n", {"missing": "refuse"}, DataError, r"Line 2, column 2 \(`v`\) has no value"),
        (b"t,v\n1,2\n", {"windw": "3"}, InvalidSpecError, "There is no option `windw`; did you mean `window`"),
        (b"1\n" * 6_000_000, {}, DataError, r"Line 1,000,001, .* hold the same value"),
    ],
)
def test_spec_from_csv_refuses_in_words(tmp_path, content, options, error, words):
    """A missing, infinite, gappy or huge file is one sentence."""
    file = tmp_path / "series.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(error, match=words):
        spec_from_csv(str(file), options)
