"""Ways to spoil an exported experiment or a stored row: values of every kind in any place."""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1,
    10**30,
    int("9" * 4_000),
    -(2**63),
    0.0,
    -0.5,
    1e308,
    5e-324,
    "nan",
    "inf",
    "-inf",
    "",
    "x" * 5_000,
    "![x](https://example.org/x.png) [y](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
    "\u202etxt.exe\x00\x07",
    "=HYPERLINK(1)",
    "finished",
    "running",
    "2026-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00+00:00",
    [],
    {},
    [None],
    [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]],
    {"a": {"b": 1}},
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to every value in a document; of long lists the first and the last entry alone."""
    if path:
        yield path
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    for key in keys if len(keys) <= 20 else (keys[0], keys[-1]):
        yield from places(value[key], (*path, key))


def spoiled(document: Any, draw: random.Random) -> Any:
    """Return a copy of a document with one to three changes."""
    changed = copy.deepcopy(document)
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        found = list(places(changed))
        if not found:  # everything was removed
            return draw.choice(VALUES)
        path = draw.choice(found)
        holder = changed
        for key in path[:-1]:
            holder = holder[key]
        draw.choice(CHANGES)(holder, path[-1], draw)
    return changed


def _replace(holder: Any, key: Any, draw: random.Random) -> None:
    holder[key] = draw.choice(VALUES)


def _remove(holder: Any, key: Any, _: random.Random) -> None:
    del holder[key]


def _repeat(holder: Any, key: Any, draw: random.Random) -> None:
    if isinstance(holder, list):
        holder.extend([copy.deepcopy(holder[key])] * draw.choice((1, 2, 50)))
    else:
        holder.update({f"{key}{number}": holder[key] for number in range(draw.choice((1, 50)))})


def _scale(holder: Any, key: Any, draw: random.Random) -> None:
    value = holder[key]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        holder[key] = value * draw.choice((-1, 0, 2, 10, 10**6))
    else:
        _replace(holder, key, draw)


CHANGES: tuple[Callable[[Any, Any, random.Random], None], ...] = (_replace, _replace, _remove, _repeat, _scale)
