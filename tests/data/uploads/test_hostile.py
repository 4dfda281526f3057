"""Sixty files that mean harm or mean nothing: each is answered by a written sentence or by what it says, in good time.

Good time is at most `TIMES` that of the csv module on the same bytes and of `inspect` on a file of three lines.
"""

import contextlib
import csv
import gzip
import io
import pickle
import re
import zipfile
import zlib
from collections.abc import Callable

import pytest

from data.errors import DataError
from data.uploads.inspect import describe, inspect
from data.uploads.table import read_table
from tests.data.oracle import check_meaning
from tests.timing import ratio

TIMES = 100.0  # seven to forty on a quiet machine; what grows with the square of the size is far beyond
PLACE = re.compile(
    r"[Ll]ine \d|\bcolumn \d|bytes|MB|The file is|The file holds|different|The workbook|The Parquet|The gzip"
)
MB = 1_000_000


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


REFUSED: dict[str, tuple[bytes | Callable[[], bytes], str]] = {
    "empty": (b"", r"empty \(0 bytes\)"),
    "byte order mark only": (b"\xef\xbb\xbf", "no text"),
    "line ends only": (b"\n" * 1000, "no text"),
    "10 MB of line ends": (lambda: b"\r\n" * (5 * MB), "no text"),
    "200 MB without a line end": (lambda: b"x" * (200 * MB), "Line 1 has more than 2,097,152 bytes"),
    "10 MB of commas": (lambda: b"," * (10 * MB), r"Line 1 has 10,000,000 bytes"),
    "10 MB of quotation marks": (lambda: b'"' * (10 * MB), "Line 1 has"),
    "10 MB without a line end": (lambda: b"x" * (10 * MB), "Line 1 has"),
    "200 000 columns": (lambda: ",".join(f"c{i}" for i in range(200_000)).encode(), "Line 1 has"),
    "4 097 columns": (
        ",".join(f"c{i}" for i in range(4097)).encode() + b"\n",
        r"Line 1 has 4,097 columns.*column 4,097",
    ),
    "header alone": (b"time,value\n", "line 1, column 1"),
    "header alone without line end": (b"time,value", "line 1, column 1"),
    "a ragged row": (b"a,b\n1,2,3,4\n5", r"Line 2 has 4 values where line 1 has 2: see column 3"),
    "a short row": (b"a,b,c\n1,2,3\n1,2\n", r"Line 3 has 2 values where line 1 has 3: see column 3"),
    "decimal commas between commas": (b"t,v\n1,1,5\n2,2,5\n", r"Line 2 has 3 values.*decimal points"),
    "an empty line inside": (b"a\n1\n\n2\n", r"Line 3, column 1 is empty"),
    "an unclosed quotation mark": (b'a,b\n1,2\n"x,1\n3,4\n5,6\n', "line 3, character 1 is not closed"),
    "an unclosed quotation mark in 1 MB": (
        lambda: b'a,b\n"x,1\n' + b"3,4\n" * 250_000,
        "line 2, character 1 is not closed",
    ),
    "a million line ends in one value": (lambda: b'a\n"' + b"\n" * MB + b'"\n', "Line 2 has 1,000,002 bytes"),
    "a doubled mark, unclosed": (b'a,b\n"x""y,1\n', "line 2, character 1 is not closed"),
    "a mark inside a value": (b'a,b\n5" pipe,1\n3,4\n', "line 2, character 2 stands inside"),
    "two marks inside a value": (b'a,b\nx"y"z,1\n', "line 2, character 2 stands inside"),
    "text behind a closing mark": (b'a,b\n"x" y,1\n', "line 2, character 3 stands inside"),
    "a space before an opening mark": (b'a,b\n1, "x"\n', "line 2, character 4 stands inside"),
    "NUL in a cell": (b"a,b\n1,\x002\n", "line 2, character 3 there is a NUL"),
    "1 MB of NUL": (lambda: bytes(MB), "line 1, character 1 there is a NUL"),
    "UTF-16, broken": ("a,b\n1,2\n".encode("utf-16")[:-1], "line 2, character 4 the file is not valid UTF-16"),
    "UTF-16, half a pair": (b"\xff\xfea\x00\n\x00\x00\xd8a\x00", "line 2, character 1 the file is not valid UTF-16"),
    "UTF-32": ("a,b\n1,2\n".encode("utf-32"), "UTF-32"),
    "broken UTF-8 behind a mark": (b"\xef\xbb\xbfa,b\n\xff,1\n", "line 2, character 1 the file is not valid UTF-8"),
    "bytes that no Western encoding has": (b"a,b\n1,\x81\n", r"line 2, character 3 the byte 0x81"),
    "an escape character": (b"a,b\n1,\x1b[31m2\n", r"line 2, character 3 there is the control character U\+001B"),
    "a DOS end of file": (b"a\n1\n2\n\x1a", r"line 4, character 1 there is the control character U\+001A"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(100), "JPEG"),
    "gzip of zeros": (lambda: gzip.compress(bytes(10 * MB), 9), "NUL"),
    "zlib stream": (zlib.compress(b"a,b\n1,2\n" * 100), "character"),
    "half of an Excel workbook": (_zip, "The workbook cannot be read"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "old Excel"),
    "PDF": (b"%PDF-1.7\n", "PDF"),
    "Parquet": (b"PAR1" + bytes(20) + b"PAR1", "The Parquet file cannot be read"),
    "SQLite": (b"SQLite format 3\x00" + bytes(100), "SQLite"),
    "pickle": (pickle.dumps({"a": 1}), "pickle"),
    "a web page": (b"<!DOCTYPE html>\n<html><body>404</body></html>\n", "line 1 the file begins like an HTML"),
    "XML": (b'<?xml version="1.0"?><a/>', "line 1 the file begins like an HTML or XML"),
    "JSON": (b'[{"a": 1}, {"a": 2}]', "line 1 the file begins like JSON"),
    "a name with direction marks": ("a,b\u202ec\n1,2\n".encode(), r"Line 1, column 2 .* U\+202E"),
    "a name of 5 000 characters": (b"a" * 4_000 + b",b\n1,2\n", "Line 1, column 1 has a name of 4000 characters"),
    "infinity": (b"t,v\n1,2\n2,-inf\n", r"Line 3, column 2 \(`v`\) holds `-inf`"),
    "1e400": (b"t,v\n1,1e400\n2,-1e400\n", r"Line 2, column 2 \(`v`\) holds `1e400`"),
    "1e200": (b"t,v\n1,1\n2,1e200\n", r"Line 3, column 2 \(`v`\) holds `1e200`"),
    "an integer of 70 000 digits": (b"a\n1\n" + b"7" * 70_000 + b"\n", "Line 3, column 1 has 70,000 bytes"),
    "an integer of 1 000 digits": (b"a,b\n1,2\n3," + b"7" * 1_000 + b"\n", "Line 3, column 2 has a number of 1,000"),
    "a decimal of 70 digits": (b"a\n0." + b"1" * 70 + b"\n", "Line 2, column 1 has a number of 72"),
    "a value of 70 KB": (b"a\n" + b"x" * 70_000 + b"\n", "Line 2, column 1 has 70,000 bytes"),
}

ACCEPTED: dict[str, bytes | Callable[[], bytes]] = {
    "byte order mark": b"\xef\xbb\xbfa,b\n1,2\n",
    "UTF-16 with a mark": "a,b\n1,ä\n".encode("utf-16"),
    "UTF-16, big end first": b"\xfe\xff" + "a,b\n1,2\n".encode("utf-16-be"),
    "Latin-1": "é,b\n1,2\n".encode("latin-1"),
    "old Macintosh line ends": b"a,b\r1,2\r",
    "mixed line ends": b"a,b\r\n1,2\n3,4\r5,6",
    "a line end in a value": b'a,b\n"x\ny",1\n',
    "Windows quotation marks": "a,b\n1,“x”\n".encode("cp1252"),
    "tabs": b"a\tb\n1\t2,3\n",
    "a quoted separator": b'a,"b,c"\n1,"2"\n',
    "doubled marks": b'a,b\n"""x"" y",1\n"",2\n',
    "formulas": b'"=HYPERLINK(""http://x"")",@b\n+1,-2\n',
    "Markdown and HTML in names": b"![x](http://x),<img onerror=x>\n1,2\n",
    "an empty name": b",value\n0,1\n1,2\n",
    "no names": b"1,2\n3,4\n",
    "nan and friends": b"a,b\nNaN,1\n2,null\n?,N/A\n",
    "nothing but gaps": b"a,b\n,\n,\n",
    "numbers beyond 2^53": b"a\n12345678901234567890\n1\n",
    "a number that vanishes": b"a\n1e-400\n1\n",
    "Arabic digits": "a\n١٢\n1\n".encode(),
    "hexadecimal and underscores": b"a,b\n0x10,1_000\n",
    "one cell": b"1",
    "an empty value in quotation marks": b'a\n1\n""\n2\n',
    "8 million cells": lambda: b",".join([b"n"] * 20) + b"\n" + (b"1," * 19 + b"2\n") * 400_000,
    "2 million rows": lambda: b"v\n" + b"1\n" * (2 * MB),
    "4.9 million cells of text": lambda: (
        b",".join(b"c%d" % i for i in range(512)) + b"\n" + (b",".join([b"x"] * 512) + b"\n") * 9_500
    ),
}
LARGE = 2 * MB


def _bytes(content: bytes | Callable[[], bytes]) -> bytes:
    return content if isinstance(content, bytes) else content()


def _cases(table: dict[str, object]) -> list[object]:
    marks = {name: [pytest.mark.slow] if callable(_first(value)) else [] for name, value in table.items()}
    return [pytest.param(value, id=name, marks=marks[name]) for name, value in table.items()]


def _first(value: object) -> object:
    return value[0] if isinstance(value, tuple) else value


def test_hostile_files_are_sixty():
    """There are at least sixty files."""
    assert len(REFUSED) + len(ACCEPTED) >= 60


@pytest.mark.parametrize("case", _cases(REFUSED))
def test_read_table_refuses_with_one_sentence(case):
    """A refusal is one line that says where the problem is and how to fix it."""
    with pytest.raises(DataError, match=case[1]) as caught:
        read_table(_bytes(case[0]))
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 320
    assert PLACE.search(sentence)


@pytest.mark.parametrize("case", _cases(ACCEPTED))
def test_read_table_means_what_the_csv_module_reads(case):
    """An accepted file holds exactly what an independent parser reads."""
    content = _bytes(case)
    assert inspect(content, "file.csv").report.rows > 0
    if len(content) < LARGE:
        check_meaning(content, read_table(content))


LARGE_FILES = {
    name: case for name, case in {**REFUSED, **ACCEPTED}.items() if callable(_first(case)) and name != "too large"
}


@pytest.mark.slow
@pytest.mark.timing
@pytest.mark.parametrize("name", LARGE_FILES)
def test_large_file_is_answered_in_good_time(name):
    """Whatever it holds, and whether it is refused or reported."""
    content = _bytes(_first(LARGE_FILES[name]))

    def answer() -> None:
        with contextlib.suppress(DataError):
            inspect(content, "file.csv")

    def read() -> None:
        inspect(b"a,b\n1,2\n3,4\n", "file.csv")
        list(csv.reader(io.StringIO(content.decode("latin-1"), newline="")))

    before = csv.field_size_limit(len(content) + 1)
    try:
        assert ratio(answer, read, enough=TIMES) <= TIMES
    finally:
        csv.field_size_limit(before)


@pytest.mark.parametrize("dataset", ["own_series", "own_sequences", "own_text"])
@pytest.mark.parametrize("name", [name for name, case in REFUSED.items() if isinstance(case[0], bytes)])
def test_describe_answers_hostile_files_in_words(dataset, name):
    """Whatever dataset is tried on a hostile file, the answer is a report or a `DataError`."""
    content = _bytes(REFUSED[name][0])
    try:
        sentences = describe(dataset, {}, content).sentences()
    except DataError as error:
        sentences = (str(error),)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_inspect_never_opens_the_file_name(tmp_path):
    """The name of an upload is words: a path in it is not read."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    seen = inspect(b"c,d\n3,4\n", str(secret))
    assert seen.names == ("c", "d")
