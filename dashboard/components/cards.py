"""The cards of a comparison as one element: fixed places for every text, so that nothing moves while they change."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard import theme
from models.analysis.cards import NONE, Card

LINES = ("meaning", "standing", "size", "time")
CARD_STYLE = (
    ".cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(168px, 1fr)); gap: .6rem; }"
    ".card { border: 1px solid light-dark(#D9DEE5, #313946); border-radius: .5rem; padding: .55rem .75rem .5rem;"
    " overflow: hidden; line-height: 1.3; min-width: 0; }"
    ".card-bar { height: 4px; margin: -.55rem -.75rem .45rem; background: light-dark(#E6E9EE, #28303C); }"
    ".card-bar > div { height: 100%; background: var(--hue); transition: width .3s linear; }"
    ".card-name { font-weight: 600; display: flex; gap: .35rem; align-items: baseline; white-space: nowrap; }"
    ".card-name > span { color: var(--hue); } .card-name > b { overflow: hidden; text-overflow: ellipsis; }"
    ".card-score { font-size: 1.65rem; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums;"
    " white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }"
    ".card-score > small { font-size: .85rem; font-weight: 400; }"
    ".card-line { font-size: .84rem; height: 1.3em; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }"
    ".card-standing { font-weight: 600; }"
    "@media (prefers-reduced-motion: reduce) { .card-bar > div { transition: none; } }"
    "@media (max-width: 640px) { .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .4rem; }"
    " .card { padding: .55rem .55rem .5rem; } .card-bar { margin: -.55rem -.55rem .45rem; }"
    " .card-line { font-size: .8rem; } .card-meaning { height: 2.6em; white-space: normal; }"
    " .card-simple { grid-column: 1 / -1; } .card-simple .card-meaning { height: 1.3em; } .card-simple .card-time { display: none; } }"
)


def show_cards(cards: Sequence[Card]) -> None:
    """Draw the cards side by side, in two columns on a phone."""
    st.html(f'<div class="cards">{"".join(map(_card, cards))}</div>')


def _card(card: Card) -> str:
    hue = theme.hue(card.architecture) if card.architecture else theme.TRUTH
    glyph = f'<span aria-hidden="true">{theme.glyph(card.architecture)}</span>' if card.architecture else ""
    lines = "".join(
        f'<div class="card-line card-{name}" title="{escape(text)}">{escape(text) or "&nbsp;"}</div>'
        for name in LINES
        for text in [getattr(card, name)]
    )
    unit = f" <small>{escape(card.unit)}</small>" if card.unit and card.score != NONE else ""
    return (
        f'<div class="card{"" if card.architecture else " card-simple"}" role="group" aria-label="{escape(card.title)}" style="--hue: {hue}">{_bar(card)}'
        f'<div class="card-name">{glyph}<b>{escape(card.title)}</b></div>'
        f'<div class="card-score">{escape(card.score)}{unit}</div>{lines}</div>'
    )


def _bar(card: Card) -> str:
    if card.progress is None:
        return '<div class="card-bar"></div>'
    percent = f"{100 * card.progress:.0f}"
    return (
        f'<div class="card-bar" role="progressbar" aria-label="Training of {escape(card.title)}" aria-valuemin="0"'
        f' aria-valuemax="100" aria-valuenow="{percent}"><div style="width: {percent}%"></div></div>'
    )
