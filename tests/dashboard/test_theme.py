"""Colours and symbols of the architectures."""

import pytest

from dashboard import theme
from models.cells import architectures


def test_every_architecture_has_a_hue_and_a_symbol_of_its_own() -> None:
    """No two architectures look alike, neither by colour nor without it."""
    names = list(architectures())
    assert len({theme.hue(name) for name in names}) == len(names)
    assert len({theme.marks(name)["symbol"] for name in names}) == len(names)


def channel(part: str) -> float:
    """Return the linear light of one channel of a `#RRGGBB` colour."""
    value = int(part, 16) / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    """Return the relative luminance by the formula of WCAG 2."""
    return sum(
        weight * channel(colour[place : place + 2])
        for weight, place in zip((0.2126, 0.7152, 0.0722), (1, 3, 5), strict=True)
    )


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tile", theme.TILES)
def test_white_letters_read_on_every_tile(tile: str) -> None:
    """Letters in the gallery's pictures have AA contrast."""
    assert contrast(tile, "#FFFFFF") >= 4.5


@pytest.mark.parametrize("name", list(architectures()))
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_lines_stand_out_from_the_ground(name: str, mode: theme.Mode) -> None:
    """A line has at least twice or at most half the luminance of its background, in both themes."""
    assert contrast(theme.hue(name), theme.BACKGROUND[mode]) >= 2


@pytest.mark.parametrize("colour", theme.FURTHER_HUES)
def test_further_hues_stand_out_on_a_dark_page(colour: str) -> None:
    """Thin lines and small marks keep a contrast of 3.4 to 1 on the dark page."""
    assert contrast(colour, theme.BACKGROUND["dark"]) >= 3.4


@pytest.mark.parametrize("name", ["", *architectures()])
def test_words_read_on_every_shade(name: str) -> None:
    """Labels in bars have a contrast of at least 4 to 1, and neighbouring shades differ."""
    shades = [theme.shade(name, index) for index in range(len(theme.LIGHTER))]
    assert all(contrast(shade, words) >= 4 for shade, words in shades)
    assert len({shade for shade, _ in shades}) == len(shades)
