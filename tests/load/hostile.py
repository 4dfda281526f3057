"""Addresses that nobody would make by accident, the same ones each time."""

import random
from collections.abc import Iterator
from urllib.parse import quote_plus

from data import fields
from models.spec.experiment_settings import ExperimentSpec

NAMES = (
    "dataset",
    "architectures",
    "options",
    "experiment",
    "option.length",
    "option.",
    "axis.hidden_size",
    "__class__",
)
VALUES = (
    "1e9",
    "1000000000",
    "-1",
    "NaN",
    "inf",
    "-0",
    "0x10",
    "1_000",
    "٣",
    "1e400",
    "9" * 400,
    "true",
    "",
    " ",
    "\x00",
    "../../etc/passwd",
    "1 OR 1=1",
    "'; DROP TABLE experiment; --",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![](http://127.0.0.1:1/beacon)",
    "$\\href{javascript:alert(1)}{x}$",
    ":material/home:",
    "{{7*7}}",
    "%{y}",
    "\u202etxt.exe",
    "lstm,lstm",
    "lstm," * 200,
    "own_series",
    "A" * 22,
    "a" * 100_000,
    "[]",
    '{"a": 1}',
    "null",
)


def queries(count: int, seed: int = 0) -> Iterator[str]:
    """Return query strings: wrong values, wrong names, many parameters, and valid ones in between."""
    pick = random.Random(seed)
    names = [*fields.infos(ExperimentSpec), *NAMES]
    for _ in range(count):
        pairs = [(pick.choice(names), pick.choice(VALUES)) for _ in range(pick.choice((1, 1, 2, 3, 8, 40)))]
        if pick.random() < 0.3:
            pairs.append(("".join(chr(pick.randrange(32, 0x2FFF)) for _ in range(pick.randrange(1, 30))), "1"))
        if pick.random() < 0.5:
            pairs.insert(0, ("dataset", "adding"))
        yield "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
