"""A small picture of a dataset, drawn from one of its samples: SVG that works on light and dark backgrounds."""

from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from dashboard import theme
from dashboard.charts.frames import require
from dashboard.charts.preview import MAX_LINES, InputKind, visible
from models.analysis.samples import SAMPLE_COLUMNS

WIDTH, HEIGHT, EDGE = 320, 88, 8
LETTERS, ROWS = 24, 4


def thumbnail(sample: pd.DataFrame, *, picture: InputKind) -> str:
    """Draw one sample without words: a line, a grid of intensities, or coloured symbols.

    Args:
        sample: Rows of one sample, with the columns `SAMPLE_COLUMNS`.
        picture: How the dataset asks to be drawn.

    Returns:
        An SVG document, 320 by 88.
    """
    require(sample, SAMPLE_COLUMNS)
    if (sample["symbol"] != "").any():
        inside = _symbols([str(symbol) for symbol in sample["symbol"]])
    elif picture == "image" or sample["feature"].nunique() > MAX_LINES:
        inside = _grid(sample, upright=picture == "image")
    else:
        inside = _lines(sample)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{inside}</svg>'


def _lines(sample: pd.DataFrame) -> str:
    """Draw the first feature as a line; a second feature of zeros and ones marks points on it."""
    features = [group["value"].to_numpy(dtype=np.float64) for _, group in sample.groupby("feature", sort=False)]
    x, y = _across(len(features[0])), _upward(features[0])
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    drawn = f'<polyline points="{points}" fill="none" stroke="{theme.INPUT}" stroke-width="2" stroke-linejoin="round"/>'
    marked = [at for feature in features[1:] if set(np.unique(feature)) <= {0.0, 1.0} for at in np.flatnonzero(feature)]
    dots = [(x[at], y[at]) for at in marked] or [(x[-1], y[-1])]
    return drawn + "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="5" fill="{theme.MARK}"/>' for a, b in dots)


def _across(count: int) -> np.ndarray:
    return np.linspace(EDGE, WIDTH - EDGE, count)


def _upward(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    return HEIGHT - EDGE - (values - low) / (high - low or 1.0) * (HEIGHT - 2 * EDGE)


def _grid(sample: pd.DataFrame, *, upright: bool) -> str:
    """Draw steps from left to right, an upright picture from top to bottom; darker where the value is larger."""
    wide = sample.pivot_table(index="feature", columns="step", values="value", sort=False).to_numpy(dtype=np.float64)
    wide = wide.T if upright else wide
    share = (wide - wide.min()) / (float(np.ptp(wide)) or 1.0)
    rows, columns = share.shape
    side = min((HEIGHT - 2) / rows, (WIDTH - 2) / columns)
    left, top = (WIDTH - side * columns) / 2, (HEIGHT - side * rows) / 2
    return "".join(
        f'<rect x="{left + side * column:.1f}" y="{top + side * row:.1f}" width="{side - 0.6:.1f}" '
        f'height="{side - 0.6:.1f}" fill="{theme.INPUT}" fill-opacity="{0.06 + 0.94 * share[row, column]:.2f}"/>'
        for row in range(rows)
        for column in range(columns)
    )


def _symbols(symbols: list[str]) -> str:
    """Draw the first symbols as tiles; each symbol has its own colour."""
    shown = symbols[: LETTERS * (ROWS if len(symbols) > LETTERS else 1)]
    rows = -(-len(shown) // LETTERS)
    columns = -(-len(shown) // rows)
    side = min((WIDTH - 2 * EDGE) / columns, (HEIGHT - 4) / rows, 36)
    left, top = (WIDTH - side * columns) / 2, (HEIGHT - side * rows) / 2
    colours = {symbol: theme.TILES[at % len(theme.TILES)] for at, symbol in enumerate(sorted(set(symbols)))}
    return "".join(
        _tile(symbol, colours[symbol], left + side * (place % columns), top + side * (place // columns), side=side)
        for place, symbol in enumerate(shown)
    )


def _tile(symbol: str, colour: str, x: float, y: float, *, side: float) -> str:
    letter = escape(visible(symbol)[:2])
    return (
        f'<rect x="{x + 0.6:.1f}" y="{y + 0.6:.1f}" width="{side - 1.2:.1f}" height="{side - 1.2:.1f}" rx="2" fill="{colour}"/>'
        f'<text x="{x + side / 2:.1f}" y="{y + side * 0.68:.1f}" font-family="monospace" font-size="{side * 0.55:.1f}" '
        f'text-anchor="middle" fill="{theme.ON_DARK}">{letter}</text>'
    )
