"""The gallery for newcomers: questions that a short training answers, each with a picture of its data."""

import streamlit as st

from dashboard import services, uploads
from dashboard.charts.thumbnail import thumbnail
from dashboard.forms import choose_preset
from dashboard.presets import Preset, presets
from models.analysis.samples import sample_frame
from models.spec.experiment_settings import ExperimentSpec

ACROSS = 3


def show_gallery(spec: ExperimentSpec | None) -> None:
    """Draw a card per preset and mark the one that equals the settings.

    Args:
        spec: The settings, or None while they are invalid.
    """
    st.header("Begin with a question", anchor=False)
    titles = list(presets())
    cards = [None, *titles]
    for first in range(0, len(cards), ACROSS):
        for column, title in zip(st.columns(ACROSS), cards[first : first + ACROSS], strict=False):
            if title is None:
                with column, st.container(border=True, height="stretch", key="card_own"):
                    _own_card()
                continue
            with column, st.container(border=True, height="stretch", key=f"card_{titles.index(title)}"):
                _card(presets()[title], chosen=presets()[title].spec() == spec)


def _own_card() -> None:
    st.markdown(
        "**Your own file**  \n:small[A time series, labelled sequences or a text: drop it here. You see how it is read before anything is trained.]"
    )
    uploads.uploader(uploads.CARD)


def _card(preset: Preset, *, chosen: bool) -> None:
    picture = services.drawn(("thumbnail", preset.spec().key()), lambda: _picture(preset.spec()))
    st.image(picture, width="stretch", alt=f"A sample of {preset.spec().source().title}")
    with st.container(height="stretch"):
        st.markdown(f"**{preset.title}**  \n:small[{preset.lesson}]")
    st.button(
        "Chosen: press Train" if chosen else "Choose",
        key=f"choose_{preset.title}",
        on_click=choose_preset,
        args=(preset.title,),
        disabled=chosen,
        width="stretch",
        icon=":material/check:" if chosen else None,
        help=None if chosen else f"Fill the settings for: {preset.title}",
    )


def _picture(spec: ExperimentSpec) -> str:
    return thumbnail(sample_frame(services.task_data(spec), "train", (0,)), picture=spec.source().picture)
