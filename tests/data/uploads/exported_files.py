"""Small files as programs and portals export them, by formula, each with the times and values that it means."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from tests.data.uploads.made_up_files import (
    DAYS,
    HOURS,
    MONTHS,
    NUMBERS,
    QUARTERS,
    SMALL,
    Case,
    dated,
    german,
    table,
)


def exported() -> Iterator[Case]:
    """Yield files whose time was read wrongly, or not at all, before."""
    clock = [int(time.strftime("%H%M")) for time in HOURS]
    yield _case("digits of the clock.csv", "day,hhmm,v", [dated("%Y%m%d", HOURS), clock], HOURS, time="day,hhmm")
    columns = [dated("%Y%m%d", HOURS), dated("%H%M%S", HOURS), SMALL + 3, SMALL + 5, SMALL - 2]
    yield _case(
        "trading terminal.csv",
        "<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>",
        columns,
        HOURS,
        time="<DATE>,<TIME>",
        target="<CLOSE>",
        asked=("target",),
    )
    yield _case("compact clock.csv", "t,v", [dated("%Y%m%dT%H%M%S", HOURS)], HOURS)
    yield _case("compact day.csv", "t,v", [dated("%Y%m%d %H:%M", HOURS)], HOURS)
    form = "%d.%m.%Y %H:%M"
    hours = [f"{time:{form}} - {time + pd.Timedelta(hours=1):{form}}" for time in HOURS]
    yield _case("from and to.csv", "MTU (CET),v", [hours], HOURS, time="MTU (CET)")
    quarters = [f"{day.quarter}. Quartal {day.year}" for day in QUARTERS]
    yield _case("german quarters.csv", "Quartal,v", [quarters], QUARTERS, time="Quartal")
    visitors = (1000 * SMALL).round()
    content = table("Monat;v", dated("%m.%Y", MONTHS), [german(value, 0) for value in visitors], separator=";")
    yield Case(
        name="months with a point.csv",
        content=content,
        time="Monat",
        target="v",
        times=MONTHS,
        values=visitors,
        asked=("decimal",),
    )
    yield _case("day of the week.csv", "t,v", [dated("%G-W%V-%u", DAYS)], DAYS)
    yield _case(
        "hours to 24.csv", "t,v", [_until_24()], pd.date_range("2021-01-01 01:00", periods=len(NUMBERS), freq="h")
    )


def surrounded() -> Iterator[Case]:
    """Yield files whose lines or numbers have more around them than a plain table."""
    days = dated("%Y-%m-%d", DAYS)
    yield _case("two totals.csv", "t,v", [days], DAYS, below="\nTotal,12345\nMean,103", asked=("skip_last",))
    yield _case("measures.csv", "t,v", [days], DAYS, values=[f"{value} °C" for value in SMALL])
    rows = "\n".join(f'"{row + 1}" "{day}" {value}' for row, day, value in zip(NUMBERS, days, SMALL, strict=True))
    yield Case(
        name="row names.txt", content=f'"t" "v"\n{rows}'.encode(), time="t", target="v", times=DAYS, values=SMALL
    )
    rows = "\n".join(f"{day} {value:9.2f}" for day, value in zip(days, SMALL, strict=True))
    yield Case(
        name="aligned.txt", content=f"     t         v\n{rows}".encode(), time="t", target="v", times=DAYS, values=SMALL
    )
    wide = table("t,v", days, SMALL).decode()
    yield Case(name="no mark.csv", content=wide.encode("utf-16-le"), time="t", target="v", times=DAYS, values=SMALL)


def _case(
    name: str,
    header: str,
    columns: Sequence[Sequence[Any]],
    times: Sequence[Any],
    *,
    time: str = "t",
    target: str = "v",
    asked: tuple[str, ...] = (),
    values: Sequence[Any] | None = None,
    below: str = "",
) -> Case:
    content = table(header, *columns, SMALL if values is None else values, below=below)
    return Case(name=name, content=content, time=time, target=target, times=times, values=SMALL, asked=asked)


def _until_24() -> list[str]:
    """Return the ends of hours as in Europe: midnight is 24:00 of the day that ends."""
    ends = pd.date_range("2021-01-01 01:00", periods=len(NUMBERS), freq="h")
    return [f"{time:%d.%m.%Y %H:%M}" if time.hour else f"{time - pd.Timedelta(days=1):%d.%m.%Y} 24:00" for time in ends]
