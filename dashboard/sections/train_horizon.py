"""Ask how many steps ahead a forecast goes, and train networks that predict all of them at once."""

from dataclasses import replace

import streamlit as st

from dashboard import services, state
from dashboard.form_words import in_form_words
from dashboard.formatting import sentence_of
from models.analysis.feed_back import MAX_STEPS
from models.analysis.forecast import Forecast
from models.analysis.step_words import horizon_field, step_words
from models.errors import GatescopeError
from models.spec.experiment_settings import ExperimentSpec

NEXT_TAB = "result_tab_next"  # the tab that opens when a result is there
_ASKED = "forecast_steps"
_PROBLEM = "forecast_train_problem"
_HELP = (
    "Beyond what the networks were trained for (“Horizon” in the settings), predictions are fed back as inputs. Intervals "
    "are measured the same way, step by step."
)


def ask_steps(tested: Forecast, spec: ExperimentSpec) -> int:
    """Ask how many steps ahead are wanted; return the answer, by default those that the networks were trained for."""
    trained, info = int(tested.steps.max()), horizon_field(spec)
    most = max(MAX_STEPS, trained, 0 if info is None else int(info.high))
    if int(state.get(_ASKED) or 1) > most:  # of another dataset
        state.take(_ASKED)
    return int(
        st.number_input(
            f"How many {step_words(spec, tested)} ahead?",
            1,
            most,
            trained,
            key=_ASKED,
            width=230,
            help=_HELP,
        )
    )


def offer_training(identity: str, spec: ExperimentSpec, steps: int, words: str) -> None:
    """Offer to train the same settings for another number of steps.

    Args:
        identity: The experiment.
        spec: Its settings.
        steps: Steps ahead.
        words: What they are called, in the plural.
    """
    if problem := state.take(_PROBLEM):
        st.error(sentence_of(in_form_words(str(problem))))
    info = horizon_field(spec)
    if info is None:
        return
    if steps > info.high:
        st.caption(f"These networks can be trained for at most {info.high:g} {words} (“{info.label}”).")
        return
    shown = words[:-1] if steps == 1 and words.endswith("s") else words
    pressed = st.button(
        f"Train for {steps} {shown} ahead",
        icon=":material/play_arrow:",
        key="forecast_train",
        help=f"Sets “{info.label}” to {steps} and trains again: all steps are then predicted at once, and tested.",
        on_click=_train,
        args=(identity, spec, steps),
    )
    if pressed and state.experiment() != identity:
        st.rerun()


def _train(identity: str, spec: ExperimentSpec, steps: int) -> None:
    """Start the experiment with another horizon and show it; a callback, as it changes the form."""
    wanted = replace(spec, options=tuple((dict(spec.options) | {"horizon": steps}).items()))
    try:
        plan, content = services.plan(wanted), services.content(wanted)
        if content is not None:
            services.use("own_experiments")
        started = services.engine().submit(plan, control=state.control(), content=content)
    except GatescopeError as error:
        state.put(_PROBLEM, str(error))
        return
    services.note_press(started, plan)
    state.attach(started)
    state.fill(wanted)
    state.put(NEXT_TAB, "Forecast")
