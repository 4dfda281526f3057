"""`python -m tests.forecast`: measure how often the forecast's intervals hold on thirty series, and print a table."""

import argparse
import time

from tests.forecast.coverage import HEADINGS, SERIES, rows
from tests.verdict.tables import table

SHORT = 3


def main() -> None:
    """Train on each series and print what its intervals held."""
    parser = argparse.ArgumentParser(prog="python -m tests.forecast", description=__doc__)
    parser.add_argument("--short", action="store_true", help=f"{SHORT} series instead of {SERIES}")
    arguments = parser.parse_args()
    count, started = SHORT if arguments.short else SERIES, time.monotonic()
    print(table(HEADINGS, rows(count)), flush=True)
    print(f"\n`python -m tests.forecast`: {count} series, {time.monotonic() - started:.0f} s.", flush=True)


if __name__ == "__main__":
    main()
