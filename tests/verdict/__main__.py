"""`python -m tests.verdict`: measure what the verdict says on made-up and on trained comparisons, and print the tables."""

import argparse
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from tests.verdict import simulated, trained
from tests.verdict.first_table import first_table
from tests.verdict.presets import kept_promises
from tests.verdict.tables import Row, table

MAX_SERIES = 99  # every series there is


class Part(NamedTuple):
    """One measurement: its columns, its rows for a number of trials or of series, and how many it takes."""

    title: str
    headings: tuple[str, ...]
    rows: Callable[[int], Iterable[Row]]
    full: int
    short: int


_SIZES = tuple(f"n = {repeats}" for repeats in simulated.REPEATS)
PARTS = {
    "coverage": Part("Coverage of the 95 % interval", ("scores", *_SIZES), simulated.coverage, 4000, 300),
    "claims": Part(
        "Claims about identical architectures (any pair)",
        ("", "n = 8", "n = 12", "n = 20"),
        simulated.false_claims,
        4000,
        280,
    ),
    "power": Part("Planted differences that are found", ("true difference", *_SIZES), simulated.power, 4000, 500),
    "equality": Part(
        "True equality that is shown to be `same`", ("", "n = 8", "n = 12", "n = 20"), simulated.equality, 2000, 200
    ),
    "wrong_equality": Part(
        "A difference that matters, called `same`",
        ("", "n = 8", "n = 12", "n = 20"),
        simulated.wrong_equality,
        2000,
        200,
    ),
    "baselines": Part(
        "A network that learned nothing, against the mean",
        ("", "beats", "no better", "worse"),
        simulated.nothing_learned,
        1000,
        100,
    ),
    "itself": Part(
        "A GRU against itself, on series",
        ("", "better", "same", "too close", "too few"),
        trained.itself,
        MAX_SERIES,
        2,
    ),
    "next_year": Part(
        "What is said of the first 80 %, and who is better in the last rows",
        ("series", "said", "p", "last rows"),
        trained.next_year,
        MAX_SERIES,
        3,
    ),
    "one_split": Part(
        "The same with one split, eight starts and one learning rate, as in version 0.1",
        ("series", "said", "p", "last rows"),
        trained.one_split,
        MAX_SERIES,
        3,
    ),
    "planted": Part(
        "A GRU against one that was made worse",
        ("", "comparisons", "found", "wrong way round"),
        trained.planted,
        MAX_SERIES,
        3,
    ),
    "first_table": Part(
        "What version 0.1 said two things about",
        ("", "version 0.1", "now", "p"),
        first_table,
        MAX_SERIES,
        1,
    ),
    "presets": Part(
        "What presets promise, and what their own run says",
        ("preset", "promise", "said", "holds"),
        kept_promises,
        MAX_SERIES,
        1,
    ),
}


def main() -> None:
    """Measure the parts that were asked for and print a table each."""
    parser = argparse.ArgumentParser(prog="python -m tests.verdict", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; default: all")
    parser.add_argument("--short", action="store_true", help="few trials: a minute instead of many")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.parts if name not in PARTS]
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}")
    for name in arguments.parts or PARTS:
        part, started = PARTS[name], time.monotonic()
        trials = part.short if arguments.short else part.full
        print(f"\n### {part.title}\n\n{table(part.headings, part.rows(trials))}\n", flush=True)
        print(
            f"`python -m tests.verdict {name}`: {'every series' if trials == MAX_SERIES else f'{trials:,} each'}, {time.monotonic() - started:.0f} s.",
            flush=True,
        )


if __name__ == "__main__":
    main()
