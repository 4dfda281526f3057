"""Colours and layout of charts: one hue per architecture, one scale per kind of value.

Figures are made once for light and dark: backgrounds are transparent, lines half-transparent grey, and the page gives
text its colour. `standalone` fixes a mode for figures that leave the page.
"""

import zlib
from functools import lru_cache
from typing import Literal

import plotly.graph_objects as go

from models.cells import architectures

Mode = Literal["light", "dark"]

HUES = {"lstm": "#0072B2", "gru": "#E69F00", "rnn": "#7A7F87"}
SYMBOLS = {"lstm": "circle", "gru": "diamond", "rnn": "x"}
FURTHER_SYMBOLS = (
    *("square", "triangle-up", "cross", "star", "hexagon", "triangle-down", "pentagon", "triangle-left"),
    *("triangle-right", "hourglass", "bowtie", "square-open", "circle-open", "diamond-open", "star-open"),
    *("triangle-up-open", "triangle-down-open", "hexagon-open"),
)
GLYPHS = {
    "circle": "●",
    "diamond": "◆",
    "x": "✖",
    "square": "■",
    "triangle-up": "▲",
    "cross": "✚",
    "star": "★",
    "hexagon": "⬢",
    "triangle-down": "▼",
    "pentagon": "⬟",
    "triangle-left": "◀",
    "triangle-right": "▶",
    "hourglass": "⧗",
    "bowtie": "⧓",
    "square-open": "□",
    "circle-open": "○",
    "diamond-open": "◇",
    "star-open": "☆",
    "triangle-up-open": "△",
    "triangle-down-open": "▽",
    "hexagon-open": "⬡",
}  # the symbols as letters
FURTHER_HUES = (
    *("#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#A2661A", "#0B8478", "#B552A6", "#999933"),
    *("#7570B3", "#B07A2E", "#CC6677", "#2E8B3D", "#7A8FC4", "#E0393B", "#3A9C8C"),
    *("#B5531F", "#8B5CC2", "#E7298A"),
)  # all of them stand out from a white and from a dark page
TRUTH = "rgba(128, 136, 148, 0.9)"
GRID = "rgba(128, 136, 148, 0.22)"
AXIS = "rgba(128, 136, 148, 0.55)"
MARKED = "rgba(99, 91, 214, 0.20)"
CLEAR = "rgba(0, 0, 0, 0)"
ACCENT = "#635BD6"  # for everything that belongs to no architecture
INPUT = "#7F77DD"  # a network's inputs: the accent, readable on light and dark
MARK = "#D55E00"
RIGHT, WRONG = "#009E73", MARK  # answers
DIVERGED = MARK
QUANTITIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#7F77DD")  # gates and states of one unit
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")  # of variants, experiments or features
SERIES = (INPUT, "#009E73", "#CC79A7", "#D55E00")  # several inputs
NODE = "#F7F7F7"  # of an operation in a cell diagram, light in both themes
ON_LIGHT, ON_DARK = "#1B2430", "#FFFFFF"  # text on coloured backgrounds
LIGHTER = (0.0, 0.45, 0.22, 0.65, 0.33, 0.8, 0.12, 0.55)  # shades of a hue: how far each is from it to white
GREY = "#5F6670"  # of what stands for every architecture
TILES = ("#5B54C4", "#0A6E9E", "#00785A", "#A8487E", "#B34E00", "#5F6670", "#8C510A", "#01665E")  # under white letters

GATE_SCALE = (
    (0.0, "#B2182B"),
    (0.25, "#EF8A62"),
    (0.5, "#F7F7F7"),
    (0.75, "#67A9CF"),
    (1.0, "#2166AC"),
)
STATE_SCALE = (
    (0.0, "#8C510A"),
    (0.25, "#D8B365"),
    (0.5, "#F5F5F5"),
    (0.75, "#5AB4AC"),
    (1.0, "#01665E"),
)
CHANGE_SCALE = (
    (0.0, "#B35806"),
    (0.25, "#F1A340"),
    (0.5, "#F6F6F6"),
    (0.75, "#998EC3"),
    (1.0, "#542788"),
)  # of differences and effects
_DARK_CENTRE = "#232B36"
DARK_SCALES = {  # first colour of a scale to its version on a dark page, where a near-white centre would glare
    "#B2182B": ((0.0, "#FF7A6B"), (0.25, "#A83C3C"), (0.5, _DARK_CENTRE), (0.75, "#2F6FA8"), (1.0, "#74BDF7")),
    "#8C510A": ((0.0, "#E3AE62"), (0.25, "#8A6022"), (0.5, _DARK_CENTRE), (0.75, "#1D7F77"), (1.0, "#62D8CA")),
    "#B35806": ((0.0, "#FFA94D"), (0.25, "#96601B"), (0.5, _DARK_CENTRE), (0.75, "#6557A6"), (1.0, "#BCA9F7")),
}
INTENSITY_SCALE = ((0.0, "rgba(99, 91, 214, 0.03)"), (1.0, "rgba(99, 91, 214, 0.75)"))
TEXT = {"light": "#1B2430", "dark": "#E6EAF0"}
BACKGROUND = {"light": "#FFFFFF", "dark": "#10151D"}
FONT = '"Source Sans", "Source Sans Pro", "Segoe UI", system-ui, sans-serif'
SMALL = 12


def hue(architecture: str) -> str:
    """Return the colour of an architecture: fixed for the known ones, by order for others."""
    if architecture in HUES:
        return HUES[architecture]
    return FURTHER_HUES[_place(architecture) % len(FURTHER_HUES)]


def shade(architecture: str, index: int) -> tuple[str, str]:
    """Return one of the shades of an architecture's colour, and the colour of text on it.

    Args:
        architecture: Name of the architecture; empty for grey.
        index: Number of the shade.
    """
    base = hue(architecture) if architecture else GREY
    parts = [int(base[place : place + 2], 16) for place in (1, 3, 5)]
    part = LIGHTER[index % len(LIGHTER)]
    mixed = [round(value + part * (255 - value)) for value in parts]
    colour = "#" + "".join(f"{value:02X}" for value in mixed)
    return colour, max((ON_LIGHT, ON_DARK), key=lambda text: contrast(text, colour))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two `#RRGGBB` colours by the formula of WCAG 2: 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def marks(architecture: str, *, most: int = 9) -> dict[str, object]:
    """Return the markers of an architecture's line, so that lines differ in more than colour.

    Args:
        architecture: Name of the architecture.
        most: Maximum number of points with a marker.
    """
    return {"size": 7, "symbol": _symbol(architecture), "maxdisplayed": most}


def glyph(architecture: str) -> str:
    """Return the marker of an architecture as a letter, for names beside lines."""
    return GLYPHS[_symbol(architecture)]


def _symbol(architecture: str) -> str:
    further = FURTHER_SYMBOLS[_place(architecture) % len(FURTHER_SYMBOLS)]
    return SYMBOLS.get(architecture, further)


def _place(architecture: str) -> int:
    """Return the index of an architecture among those without a fixed colour."""
    if "@" in architecture:  # a visitor's network: a colour and a marker by its name
        return zlib.crc32(architecture.encode())
    others = [name for name in architectures() if name not in HUES]
    return others.index(architecture) if architecture in others else 0


def translucent(colour: str, alpha: float) -> str:
    """Return a `#RRGGBB` colour with an opacity."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha:g})"


@lru_cache(maxsize=1)
def template() -> go.layout.Template:
    """Return the layout that every chart shares, without a text colour."""
    axis = {
        "gridcolor": GRID,
        "linecolor": AXIS,
        "zerolinecolor": AXIS,
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": AXIS,
        "ticklen": 4,
        "automargin": True,
        "title": {"standoff": 8, "font": {"size": SMALL + 1}},
        "tickfont": {"size": SMALL},
    }
    layout = {
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "colorway": [*HUES.values(), *FURTHER_HUES],
        "font": {"family": FONT, "size": 13},
        "title": {"font": {"size": 15}, "x": 0, "xref": "paper", "xanchor": "left", "y": 0.98, "yanchor": "top"},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": SMALL}},
        "margin": {"l": 8, "r": 8, "t": 64, "b": 8},
        "hoverlabel": {"font": {"family": FONT, "size": SMALL}},
        "separators": ".\u202f",
        "xaxis": axis,
        "yaxis": axis | {"separatethousands": True},
    }
    return go.layout.Template(layout=layout)


def standalone(figure: go.Figure, mode: Mode) -> go.Figure:
    """Return a copy with the text and background colours of a mode, for figures outside the page."""
    copy = go.Figure(figure)
    if mode == "dark":
        for name in ("coloraxis", "coloraxis2", "coloraxis3"):
            scale = copy.layout[name].colorscale
            copy.layout[name].colorscale = DARK_SCALES.get(scale[0][1], scale) if scale else scale
    return copy.update_layout(font_color=TEXT[mode], paper_bgcolor=BACKGROUND[mode], plot_bgcolor=BACKGROUND[mode])
