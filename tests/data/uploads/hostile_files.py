"""Workbooks, Parquet, gzip and ZIP files that are broken or mean harm, made by generators."""

import gzip
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

MB = 2**20
TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"""
RELATIONS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"""
BOOK = """<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet" sheetId="1" r:id="rId1"/></sheets></workbook>"""
BOOK_RELATIONS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"""
SHEET = '<?xml version="1.0"?>{head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{dimension}<sheetData>{rows}</sheetData></worksheet>'
ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'
    + "".join(
        f'<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="B{row}"><v>{row * 2}</v></c></row>' for row in range(2, 30)
    )
)


def sheet(rows: str = ROWS, *, head: str = "", dimension: str = "") -> str:
    """Return the XML of a sheet."""
    return SHEET.format(rows=rows, head=head, dimension=dimension)


def workbook(parts: dict[str, str | bytes] | None = None) -> bytes:
    """Return a small workbook with some parts exchanged or added; None leaves one out."""
    usual: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": BOOK_RELATIONS,
        "xl/worksheets/sheet1.xml": sheet(),
    }
    return zipped(usual | (parts or {}))


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """Return a ZIP archive of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def parquet(**columns: object) -> bytes:
    """Return a Parquet file."""
    out = io.BytesIO()
    pq.write_table(pa.table(columns or {"a": list(range(50)), "b": ["x", "y"] * 25}), out)
    return out.getvalue()


def entity_bomb(kind: str = "DOCTYPE") -> str:
    """Return a document type whose entities would expand to gigabytes."""
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    return f'<!{kind} lolz [<!ENTITY l0 "lol">{entities}]>'


def damaged(content: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Yield copies of a file with bytes changed, cut off, or moved."""
    chance = random.Random(seed)
    for _ in range(count):
        body = bytearray(content)
        way = chance.randrange(4)
        if way == 0:
            body = body[: chance.randrange(5, len(body))]
        elif way == 1:
            for _ in range(chance.randrange(1, 30)):
                body[chance.randrange(4, len(body))] = chance.randrange(256)
        elif way == 2:
            start = chance.randrange(4, len(body) - 1)
            del body[start : start + chance.randrange(1, 60)]
        else:
            start = chance.randrange(4, len(body))
            body[start:start] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 40)))
        yield bytes(body)


def workbooks() -> Iterator[tuple[str, bytes]]:
    """Yield hostile and broken workbooks with what is wrong with them."""
    one = "xl/worksheets/sheet1.xml"
    yield "an entity bomb", workbook({one: sheet(head=entity_bomb())})
    yield (
        "an entity bomb in the book",
        workbook({"xl/workbook.xml": BOOK.replace("<workbook", entity_bomb() + "<workbook", 1)}),
    )
    yield "an external entity", workbook({one: sheet(head='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')})
    yield "a wrong dimension", workbook({one: sheet(dimension='<dimension ref="A1:XFD1048576"/>')})
    yield "a cell far to the right", workbook({one: sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>' + ROWS)})
    yield "a row far below", workbook({one: sheet(ROWS + '<row r="1048576"><c r="A1048576"><v>1</v></c></row>')})
    yield "a row number beyond all", workbook({one: sheet(ROWS + '<row r="99999999999"><c r="A1"><v>1</v></c></row>')})
    yield "a million cells in a row", workbook({one: sheet('<row r="1">' + "<c><v>1</v></c>" * 1_000_000 + "</row>")})
    yield "millions of empty elements", workbook({one: sheet("<c/>" * 4_000_000)})
    yield "a million rows", workbook({one: sheet("<row><c><v>1</v></c></row>" * 1_600_000)})
    yield "60 MB of white space", workbook({one: sheet(" " * (60 * MB))})
    yield "a part of 80 MB", workbook({one: sheet("<!--" + "x" * (80 * MB) + "-->")})
    yield "styles of 20 MB", workbook({"xl/styles.xml": "<styleSheet>" + " " * (20 * MB) + "</styleSheet>"})
    yield "deep nesting", workbook({one: "<worksheet>" + "<a>" * 20_000 + "</a>" * 20_000 + "</worksheet>"})
    yield "UTF-16", workbook({one: sheet().encode("utf-16")})
    yield "no sheet", workbook({"xl/workbook.xml": BOOK.replace('<sheet name="Sheet" sheetId="1" r:id="rId1"/>', "")})
    yield (
        "a sheet that is not there",
        workbook({"xl/_rels/workbook.xml.rels": BOOK_RELATIONS.replace("sheet1", "sheet9")}),
    )
    yield (
        "a sheet outside",
        workbook(
            {"xl/_rels/workbook.xml.rels": BOOK_RELATIONS.replace("worksheets/sheet1.xml", "../../../etc/passwd")}
        ),
    )
    yield (
        "a link for a sheet",
        workbook(
            {
                "xl/_rels/workbook.xml.rels": BOOK_RELATIONS.replace(
                    'Target="worksheets/sheet1.xml"', 'Target="http://127.0.0.1:9/x" TargetMode="External"'
                )
            }
        ),
    )
    yield "an empty sheet", workbook({one: sheet("")})
    yield "broken XML", workbook({one: sheet()[:-40]})
    yield "no XML", workbook({one: b"\x01\x02\x03" * 100})
    yield "a string that is not there", workbook({one: sheet('<row r="1"><c r="A1" t="s"><v>77</v></c></row>')})
    yield "a number that is none", workbook({one: sheet('<row r="1"><c r="A1"><v>1.2.3</v></c></row>' + ROWS)})
    yield "a date beyond time", workbook({one: sheet('<row r="1"><c r="A1" t="d"><v>99999-99-99</v></c></row>')})
    yield (
        "an infinite number",
        workbook({one: sheet(ROWS + '<row r="40"><c r="A40"><v>1e999</v></c><c r="B40"><v>1</v></c></row>')}),
    )
    yield (
        "a formula without a value",
        workbook({one: sheet('<row r="1"><c r="A1"><f>WEBSERVICE("http://127.0.0.1:9")</f></c></row>')}),
    )
    yield (
        "a long text",
        workbook({one: sheet(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"x" * 5_000_000}</t></is></c></row>')}),
    )
    yield "a binary workbook", zipped({"[Content_Types].xml": TYPES, "xl/workbook.bin": b"\x00" * 50})
    yield "a Word document", zipped({"[Content_Types].xml": TYPES, "word/document.xml": "<w/>"})
    yield (
        "an OpenDocument file",
        zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}),
    )
    yield "a password", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000)
    yield "no content types", zipped({"xl/workbook.xml": BOOK})
    yield "only the book", workbook({"xl/worksheets/sheet1.xml": ""})
    for number, content in enumerate(damaged(_good_workbook(), 40, 1)):
        yield f"damaged workbook {number}", content


def _good_workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in range(60):
        book.active.append(["day", "value"] if row == 0 else [f"2020-01-{row % 28 + 1:02}", row * 1.5])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquets() -> Iterator[tuple[str, bytes]]:
    """Yield hostile and broken Parquet files."""
    yield "marks alone", b"PAR1PAR1"
    yield "a footer longer than the file", b"PAR1" + bytes(30) + struct.pack("<I", 2**31 - 1) + b"PAR1"
    yield "an empty footer", b"PAR1" + bytes(8) + struct.pack("<I", 0) + b"PAR1"
    yield "zeros for a footer", b"PAR1" + bytes(5_000) + struct.pack("<I", 4_000) + b"PAR1"
    yield "no rows", parquet(a=pa.array([], pa.float64()))
    yield "lists alone", parquet(a=pa.array([[1, 2], [3]]))
    yield "records alone", parquet(a=pa.array([{"x": 1}, {"x": 2}]))
    yield "two columns of one name", _same_names()
    yield "5,000 columns", parquet(**{f"c{i}": [1] for i in range(5_000)})
    yield "a long value that repeats", _repeated("x" * (10 * MB), 2_000)
    yield "many values of 60 KB", _repeated("x" * 60_000, 60_000)
    yield "numbers beyond all", parquet(a=[1.0, float("inf"), 2.0])
    yield "names of 10,000 letters", parquet(**{"n" * 10_000: [1, 2]})
    yield "a name with a control character", parquet(**{"a\x1b[31m": [1, 2]})
    for number, content in enumerate(damaged(parquet(), 50, 2)):
        yield f"damaged Parquet {number}", content if content.endswith(b"PAR1") else content + b"PAR1"


def _same_names() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), out)
    return out.getvalue()


def _repeated(value: str, count: int) -> bytes:
    """Return a small file with a long value in many rows."""
    column = pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), pa.array([value]))
    out = io.BytesIO()
    pq.write_table(pa.table({"a": column}), out, compression="zstd")
    return out.getvalue()


def archives() -> Iterator[tuple[str, bytes]]:
    """Yield hostile and broken gzip and ZIP files."""
    table = b"a,b\n" + b"1,2\n" * 50
    yield "a gzip bomb", gzip.compress(bytes(220 * MB), 9)
    yield "a gzip bomb in parts", gzip.compress(bytes(110 * MB), 9) * 2
    yield "gzip in gzip", gzip.compress(gzip.compress(table))
    yield "ZIP in gzip", gzip.compress(zipped({"a.csv": table}))
    yield "gzip cut off", gzip.compress(table)[:-9]
    yield "gzip with a wrong checksum", gzip.compress(table)[:-8] + bytes(8)
    yield "gzip head alone", b"\x1f\x8b\x08"
    yield "an empty gzip file", gzip.compress(b"")
    yield "a picture in gzip", gzip.compress(b"\x89PNG\r\n\x1a\n" + bytes(50))
    yield "a program in gzip", gzip.compress(b"\x7fELF" + bytes(50))
    yield "a ZIP bomb", zipped({"a.csv": bytes(220 * MB)})
    yield "ZIP in ZIP", zipped({"a.zip": zipped({"b.csv": table})})
    yield "gzip in ZIP", zipped({"a.csv.gz": gzip.compress(table)})
    yield "an empty ZIP", zipped({})
    yield "folders alone", zipped({"a/": b"", "b/": b""})
    yield "5,000 files", zipped({f"{i}.txt": b"x" for i in range(5_000)})
    yield "a ZIP with a password", _encrypted(table)
    yield "a size that lies", _lying(table)
    yield "an unknown compression", _unknown_compression(table)
    yield "a list of files far away", b"PK\x03\x04" + bytes(40) + b"PK\x05\x06" + b"\xff" * 18
    for number, content in enumerate(damaged(gzip.compress(table), 25, 3)):
        yield f"damaged gzip {number}", content
    for number, content in enumerate(damaged(zipped({"a.csv": table}), 35, 4)):
        yield f"damaged ZIP {number}", content


def _encrypted(table: bytes) -> bytes:
    """Return a ZIP archive whose file is marked as encrypted."""
    content = bytearray(zipped({"a.csv": table}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def _lying(table: bytes) -> bytes:
    """Return a ZIP archive that lists a small size for a large file."""
    content = bytearray(zipped({"a.csv": table * 100_000}))
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = struct.pack("<I", 10)
    return bytes(content)


def _unknown_compression(table: bytes) -> bytes:
    content = bytearray(zipped({"a.csv": table}))
    content[content.index(b"PK\x01\x02") + 10] = 99
    return bytes(content)


def path_names() -> Iterator[tuple[str, bytes]]:
    """Yield ZIP archives whose files have names that point elsewhere; they are read, and nothing is written."""
    table = b"a,b\n" + b"1,2\n" * 50
    for name in (
        "../../evil.csv",
        "/etc/cron.d/evil.csv",
        "C:\\Windows\\evil.csv",
        "a/" * 200 + "b.csv",
        "nul.csv",
        "x\u202evsc.csv",
    ):
        yield name, zipped({name: table})


def raw_deflate() -> bytes:
    """Return a stream that is neither gzip nor ZIP."""
    return zlib.compress(b"a,b\n1,2\n" * 100)
