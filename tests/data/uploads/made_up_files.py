"""Small files in the forms of other people's programs, by formula, each with the times and values that it means."""

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.task import Array

ROWS = 120
NUMBERS = np.arange(ROWS)
LEVELS = np.round(50_000 + 4_000 * np.sin(NUMBERS / 9) + 37.13 * (NUMBERS * 7 % 11), 2)
SMALL = np.round(100 + 10 * np.sin(NUMBERS / 7 * 2 * np.pi) + NUMBERS * 13 % 10 / 7, 2)
DAYS = pd.date_range("2021-03-01", periods=ROWS)
HOURS = pd.date_range("2021-01-01", periods=ROWS, freq="h")
MONTHS = pd.date_range("2001-01-01", periods=ROWS, freq="MS")
QUARTERS = pd.date_range("1990-01-01", periods=ROWS, freq="QS")
WEEKS = pd.date_range("2018-12-31", periods=ROWS, freq="7D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file and what it means.

    Attributes:
        name: File name.
        content: The bytes.
        time: Columns of the time.
        target: Column to forecast.
        times: Its times in order; None for none.
        values: The target's values in order of time.
        asked: What has to be asked.
    """

    name: str
    content: bytes
    time: str
    target: str
    times: Sequence[Any] | None
    values: Array
    asked: tuple[str, ...] = ()


def german(value: float, places: int = 2) -> str:
    """Write a number as in Germany: 1.234,56."""
    return f"{value:,.{places}f}".replace(",", "_").replace(".", ",").replace("_", ".")


def indian(value: float) -> str:
    """Write a number as in India: 12,34,567.89."""
    whole, fraction = f"{value:.2f}".split(".")
    head, groups = whole[:-3], [whole[-3:]]
    while head:
        head, groups = head[:-2], [head[-2:], *groups]
    return f"{','.join(groups)}.{fraction}"


def table(header: str, *columns: Sequence[Any], separator: str = ",", above: str = "", below: str = "") -> bytes:
    """Write a table; values are texts already."""
    rows = [separator.join(map(str, row)) for row in zip(*columns, strict=True)]
    return (above + "\n".join([*([header] if header else []), *rows]) + below).encode()


def each(values: Sequence[Any], write: Callable[[Any], str]) -> list[str]:
    """Write every value."""
    return [write(value) for value in values]


def dated(form: str, times: Sequence[Any]) -> list[str]:
    """Write times in `strftime` letters."""
    return [time.strftime(form) for time in times]


def numbers() -> Iterator[Case]:
    """Yield files that differ in how numbers are written."""

    def case(name: str, write: Callable[[float], str], values: Array = LEVELS, asked: tuple[str, ...] = ()) -> Case:
        content = table("Datum;Wert", dated("%d.%m.%Y", DAYS), each(values.tolist(), write), separator=";")
        return Case(name=name, content=content, time="Datum", target="Wert", times=DAYS, values=values, asked=asked)

    whole, signed = np.round(LEVELS), np.round((SMALL - 100) * 1000, 2)
    yield case("german.csv", german)
    yield case("swiss.csv", lambda value: f"{value:,.2f}".replace(",", "'"))
    yield case("french.csv", lambda value: f"{value:,.2f}".replace(",", "\u202f").replace(".", ","))
    yield case("blanks.csv", lambda value: f"{value:,.2f}".replace(",", " ").replace(".", ","))
    yield case("indian.csv", indian, np.round(100 * LEVELS, 2))
    yield case("rupees.csv", lambda value: f"₹{indian(value)}", np.round(100 * LEVELS, 2))
    yield case("kroner.csv", lambda value: f"{german(value)} kr")
    yield case("euros.csv", lambda value: f"{german(value)} €")
    yield case("dotted thousands.csv", lambda value: german(value, 0), whole, ("decimal",))
    yield case("minus behind.csv", lambda value: german(abs(value)) + ("-" if value < 0 else ""), signed)
    yield case("brackets.csv", lambda value: f"({abs(value):,.2f})" if value < 0 else f"{value:,.2f}", signed)
    yield case("dollars in brackets.csv", lambda value: f"$({-value:,.2f})" if value < 0 else f"${value:,.2f}", signed)
    yield case("per cent.csv", lambda value: f"{value:+.2f}%", SMALL - 100)
    yield case("long minus.csv", lambda value: german(value).replace("-", "\u2212"), signed)
    yield case("millions.csv", lambda value: f"{value / 1e6:.8f}M", np.round(LEVELS * 1000))
    yield case("exponents.csv", lambda value: f"{value:.8E}")


def dates() -> Iterator[Case]:
    """Yield files that differ in how times are written."""

    def case(name: str, texts: Sequence[str], times: Sequence[Any], asked: tuple[str, ...] = ()) -> Case:
        content = table("when;amount", texts, SMALL, separator=";")
        return Case(name=name, content=content, time="when", target="amount", times=times, values=SMALL, asked=asked)

    german_months = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ]
    french_months = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
    spanish = [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ]
    yield case("long english.csv", dated("%A, %B %d, %Y", DAYS), DAYS)
    yield case("day with comma and clock.csv", dated("%d.%m.%Y, %H:%M", HOURS), HOURS)
    yield case("month with comma.csv", dated("%b %d, %Y", DAYS), DAYS)
    yield case("german months.csv", [f"{german_months[day.month - 1]} {day.year}" for day in MONTHS], MONTHS)
    yield case("french months.csv", [f"{french_months[day.month - 1]} {day.year}" for day in MONTHS], MONTHS)
    yield case("spanish days.csv", [f"{day.day} de {spanish[day.month - 1]} de {day.year}" for day in DAYS], DAYS)
    yield case("am and pm.csv", dated("%m-%d-%Y %I:%M %p", HOURS), HOURS, ("date_format",))
    yield case("quarters.csv", [f"Q{day.quarter} {day.year}" for day in QUARTERS], QUARTERS)
    yield case("quarters behind.csv", [f"{day.year}-Q{day.quarter}" for day in QUARTERS], QUARTERS)
    yield case("iso weeks.csv", dated("%GW%V", WEEKS), WEEKS)
    yield case("weeks first.csv", dated("%V/%G", WEEKS), WEEKS)
    yield case("german weeks.csv", dated("KW%V %G", WEEKS), WEEKS)
    yield case("compact.csv", dated("%Y%m%d%H%M", HOURS), HOURS)
    yield case("day of the year.csv", dated("%Y-%j", DAYS), DAYS)
    yield case("months of two digits.csv", dated("%b-%y", MONTHS), MONTHS)
    zoned = pd.date_range("2021-03-27", periods=ROWS, freq="h", tz="Europe/Berlin")
    yield case("offsets.csv", [time.isoformat() for time in zoned], zoned.tz_convert("UTC").tz_localize(None))
    seconds = HOURS.as_unit("s").astype("int64")
    for name, scale in (("seconds", 1), ("milliseconds", 1000), ("microseconds", 1_000_000)):
        content = table("time,amount", seconds * scale, SMALL)
        yield Case(name=f"{name}.csv", content=content, time="time", target="amount", times=HOURS, values=SMALL)
    halves = pd.Timestamp("2021-01-01") + pd.to_timedelta(NUMBERS / 2, unit="s")
    content = table("time,amount", [f"{1_609_459_200 + row / 2:.1f}" for row in NUMBERS], SMALL)
    yield Case(name="half seconds.csv", content=content, time="time", target="amount", times=halves, values=SMALL)
    shuffled = np.argsort(NUMBERS * 37 % ROWS)
    for name, order in (("newest first", NUMBERS[::-1]), ("shuffled", shuffled)):
        content = table("when,amount", DAYS[order].strftime("%Y-%m-%d"), SMALL[order])
        yield Case(name=f"{name}.csv", content=content, time="when", target="amount", times=DAYS, values=SMALL)


def parts() -> Iterator[Case]:
    """Yield files whose time stands in several columns, or in the names of columns."""

    def case(name: str, header: str, time: str, columns: Sequence[Any], times: Sequence[Any]) -> Case:
        content = table(header, *columns, SMALL)
        return Case(name=name, content=content, time=time, target="flow", times=times, values=SMALL)

    yield case("parts.csv", "YYYY,MM,DD,flow", "YYYY,MM,DD", [DAYS.year, DAYS.month, DAYS.day], DAYS)
    yield case("month name and year.csv", "Month,Year,flow", "Year,Month", [dated("%B", MONTHS), MONTHS.year], MONTHS)
    iso = WEEKS.isocalendar()
    yield case("year and week.csv", "year,week,flow", "year,week", [iso.year, iso.week], WEEKS)
    yield case("year and day.csv", "year,doy,flow", "year,doy", [DAYS.year, DAYS.day_of_year], DAYS)
    date_and_hour = [dated("%Y-%m-%d", HOURS), HOURS.hour]
    yield case("date and hour.csv", "dteday,hr,flow", "dteday,hr", date_and_hour, HOURS)
    rows = [f"{1990 + year}," + ",".join(map(str, SMALL[4 * year : 4 * year + 4])) for year in range(30)]
    yield Case(
        name="quarters as columns.csv",
        content="\n".join(["Year,Q1,Q2,Q3,Q4", *rows]).encode(),
        time="time",
        target="value",
        times=QUARTERS,
        values=SMALL,
        asked=("turn",),
    )
    names = dated("%m.%Y", MONTHS[:60])
    rows = [
        f"{word};" + ";".join(german(value) for value in values)
        for word, values in zip("ab", (SMALL[:60], SMALL[60:]), strict=True)
    ]
    yield Case(
        name="months as columns.csv",
        content="\n".join([";".join(["Produkt", *names]), *rows]).encode(),
        time="time",
        target="value",
        times=MONTHS[:60],
        values=SMALL[:60],
        asked=("turn", "only"),
    )


def surroundings() -> Iterator[Case]:
    """Yield files with lines, columns and containers around the table."""
    days = dated("%Y-%m-%d", DAYS)

    def case(name: str, content: bytes, *, time: str = "Date", asked: tuple[str, ...] = ()) -> Case:
        return Case(name=name, content=content, time=time, target="Flow", times=DAYS, values=SMALL, asked=asked)

    plain = table("Date,Flow", days, SMALL)
    yield case(
        "titles filled up.csv", table("Date,Flow,Note", days, SMALL, ["ok"] * ROWS, above="Report,,\nNorth,,\n,,\n")
    )
    yield case("total.csv", table("Date,Flow", days, SMALL, below="\nTotal,12345"), asked=("skip_last",))
    yield case(
        "notes below.csv",
        table("Date;Flow", days, SMALL, separator=";", below="\n\nSource: works\n"),
        asked=("skip_last",),
    )
    yield case("comments.csv", table("Date;Flow", days, SMALL, separator=";", above="# station: 12\n# height: 50,1\n"))
    yield case(
        "edges.txt", table("|Date|Flow|", [f"|{day}" for day in days], [f"{value}|" for value in SMALL], separator="|")
    )
    yield case("tabs.tsv", table("Date\tFlow", days, SMALL, separator="\t"))
    yield case("units below names.csv", table("Date,Flow", ["[d]", *days], ["(m3/s)", *SMALL]))
    ids = [NUMBERS, 1_000_000 + 7 * NUMBERS]
    yield case("ids.csv", table("rowid,txn_id,Date,Flow,branch", *ids, days, SMALL, ["A", "B"] * 60))
    sparse = ["0.5" if row % 40 == 0 else "" for row in NUMBERS]
    yield case("sparse.csv", table("Date,Flow,dividend", days, SMALL, sparse))
    yield case("unnamed.csv", table(",Unnamed: 0,Date,Flow", NUMBERS, NUMBERS, days, SMALL))
    yield case("wide text.txt", plain.decode().replace(",", "\t").encode("utf-16"))
    yield case("packed.csv.gz", gzip.compress(plain))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("readme.txt", "What stands in the other file.\nNothing else.")
        file.writestr("data/flow.csv", plain)
    yield case("two files.zip", archive.getvalue(), asked=("member",))
    missing = np.where(NUMBERS % 17 == 3, np.nan, SMALL)
    for name, mark, asked in (("minus 9999", "-9999", "no_value"), ("words", "No data", "not_numbers")):
        chosen = np.where(NUMBERS % 40 == 3, np.nan, SMALL) if mark == "No data" else missing
        content = table("Date,Flow", days, [mark if np.isnan(value) else value for value in chosen])
        yield Case(
            name=f"{name}.csv",
            content=content,
            time="Date",
            target="Flow",
            times=DAYS,
            values=chosen,
            asked=(asked, "missing"),
        )


def workbooks() -> Iterator[Case]:
    """Yield workbooks and Parquet files."""

    def case(name: str, content: bytes, target: str = "Flow") -> Case:
        return Case(name=name, content=content, time="Tag", target=target, times=DAYS, values=SMALL)

    def saved(sheets: dict[str, pd.DataFrame], **options: Any) -> bytes:
        out = io.BytesIO()
        with pd.ExcelWriter(out) as writer:
            for name, frame in sheets.items():
                frame.to_excel(writer, sheet_name=name, **options)
        return out.getvalue()

    frame = pd.DataFrame({"Tag": DAYS, "Flow": SMALL})
    notes = pd.DataFrame({"Note": ["Source: works", "As of 2022", "Not checked", "Draft"]})
    yield case("notes first.xlsx", saved({"Info": notes, "Data": frame}, index=False))
    yield case("title above.xlsx", saved({"Data": frame}, index=False, startrow=4))
    pairs = pd.MultiIndex.from_tuples([("North", "Temp"), ("North", "Flow"), ("South", "Flow")])
    merged = pd.DataFrame(np.column_stack([LEVELS, SMALL, SMALL]), columns=pairs, index=pd.Index(DAYS, name="Tag"))
    yield case("merged names.xlsx", saved({"Data": merged}), "North Temp")
    texts = pd.DataFrame({"Tag": dated("%d.%m.%Y", DAYS), "Flow": each(SMALL.tolist(), german)})
    yield case("numbers as texts.xlsx", saved({"Data": texts}, index=False))
    out = io.BytesIO()
    frame.assign(tags=[[1, 2]] * ROWS, site=pd.Categorical(["a"] * ROWS)).to_parquet(out)
    yield case("nested.parquet", out.getvalue())
    out = io.BytesIO()
    frame.set_index("Tag").to_parquet(out)
    yield case("index.parquet", out.getvalue())


def cases() -> list[Case]:
    """Return all files."""
    return [*numbers(), *dates(), *parts(), *surroundings(), *workbooks()]
