"""Generate a small example file of each form, to download, to copy and to try the upload with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from data.fields import Value

_EXAMPLE = "own.examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An example file for one of the upload datasets.

    Attributes:
        dataset: Name of the dataset.
        title: What it shows, in a few words.
        filename: Name for the download.
        content: Its bytes.
        options: Options that differ from the dataset's defaults; `content` is not among them.
    """

    dataset: str
    title: str
    filename: str
    content: bytes
    options: Mapping[str, Value] = field(default_factory=dict)


@lru_cache(maxsize=1)
def examples() -> tuple[Example, ...]:
    """Return one example of each form."""
    return (
        Example(
            dataset="own_series",
            title="Time series: a date and two quantities, one row a day",
            filename="gatescope-series.csv",
            content=_series(),
        ),
        Example(
            dataset="own_sequences",
            title="Labelled sequences, long form: one row a step",
            filename="gatescope-sequences-long.csv",
            content=_long(),
        ),
        Example(
            dataset="own_sequences",
            title="Labelled sequences, wide form: one row a sequence",
            filename="gatescope-sequences-wide.csv",
            content=_wide(),
            options={"layout": "wide"},
        ),
        Example(
            dataset="own_text",
            title="Plain text",
            filename="gatescope-text.txt",
            content=_text(),
            options={"window": 32},
        ),
    )


def _noise(stream: str) -> np.random.Generator:
    from data.task import generator

    return generator(0, f"{_EXAMPLE}.{stream}")


def _series() -> bytes:
    """Return a temperature that follows the season and the wind of the day before."""
    days = np.arange(400)
    wind = np.round(4 + _noise("wind").normal(size=len(days)), 2)
    season = 15 + 8 * np.sin(days / 12)
    warmth = np.round(season - 1.5 * (np.roll(wind, 1) - 4) + 0.2 * _noise("warmth").normal(size=len(days)), 2)
    dates = np.datetime64("2024-01-01") + days
    lines = [f"{date},{one},{two}" for date, one, two in zip(dates, wind, warmth, strict=True)]
    return _lines("date,wind,temperature", lines)


def _waves(stream: str) -> list[tuple[str, np.ndarray]]:
    """Return 60 sequences that rise or fall, of 8 to 12 steps."""
    random = _noise(stream)
    waves = []
    for index in range(60):
        slope = 0.3 if index % 2 else -0.3
        steps = np.arange(int(random.integers(8, 13)))
        waves.append(
            ("rising" if index % 2 else "falling", np.round(slope * steps + random.normal(size=len(steps)), 2))
        )
    return waves


def _long() -> bytes:
    lines = [
        f"s{index:02},{step},{value},{label}"
        for index, (label, values) in enumerate(_waves("long"))
        for step, value in enumerate(values)
    ]
    return _lines("sequence,step,height,label", lines)


def _wide() -> bytes:
    names = ",".join(f"step_{step}" for step in range(1, 13))
    lines = [
        ",".join([label, *(str(value) for value in values), *[""] * (12 - len(values))])
        for label, values in _waves("wide")
    ]
    return _lines(f"label,{names}", lines)


def _text() -> bytes:
    """Return a song of falling numbers."""
    words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    verses = [
        f"{count} gates stood open on the lane,\n{count} gates stood open in the rain.\nThe wind came by and shut one well:\n"
        f"{fewer} gates stood open, I could tell.\n"
        for count, fewer in zip(words[:0:-1], words[-2::-1], strict=True)
    ]
    return "\n".join(verses).encode()


def _lines(head: str, lines: list[str]) -> bytes:
    return "\n".join([head, *lines, ""]).encode()
