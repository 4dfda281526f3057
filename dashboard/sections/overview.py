"""The answer: headline, a card for each architecture, loss curves and differences, at the same places at any time.

While an experiment trains, the part refreshes itself; nothing moves when it ends.
"""

from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import services
from dashboard.components.cards import show_cards
from dashboard.components.place import show_place
from dashboard.formatting import duration
from dashboard.sections.actions import show_actions
from dashboard.sections.curves import show_curves
from dashboard.sections.differences import show_differences
from dashboard.sections.training import first_run, show_problems, status_line
from dashboard.sections.written_text import show_latest_samples
from models.analysis.cards import Card, live_cards, planned_cards, result_cards, sureness
from models.analysis.details import outlook
from models.analysis.statistics import min_repeats
from models.analysis.verdict import Verdict, judge
from models.errors import GatescopeError
from models.records.results import FINAL, ExperimentView
from models.spec.experiment_settings import ExperimentSpec
from models.spec.plan import Plan

TICK = 0.4  # seconds between two updates of a running experiment
WAITING_TICK = 1.5  # seconds between two updates of a waiting one


def show_overview(spec: ExperimentSpec | None, view: ExperimentView | None) -> None:
    """Draw the answer, or its places while there is none.

    Args:
        spec: The settings; None while they cannot be used.
        view: The experiment, or None before one was started.
    """
    if view is None:
        _before(spec)
        return
    every = None if view.final else services.pace(WAITING_TICK if view.position > 1 else TICK)
    st.fragment(_overview, run_every=every)(view.id, drawn=view.status)


def verdict_of(view: ExperimentView) -> Verdict | None:
    """Return the verdict of an experiment that has ended, or None."""
    result = view.result
    return None if result is None else services.drawn(("verdict", view.id), lambda: judge(result))


def _overview(identity: str, *, drawn: str) -> None:
    view = services.view(identity)
    if view is None:
        return
    if view.status != drawn and drawn not in FINAL:  # another pace, or the results
        st.rerun()
    verdict = verdict_of(view)
    _headline(*_words(view, verdict), view)
    show_problems(view)
    show_cards(_cards(view, verdict))
    left, right = _places()
    with left:
        show_curves(view)
    with right:
        show_differences(view, verdict)
    if not view.final:
        show_latest_samples(view)


def _words(view: ExperimentView, verdict: Verdict | None) -> tuple[str, str]:
    """Return the headline and the line below it."""
    if verdict is None or view.result is None:
        return status_line(view, engine=services.engine().state), ""
    below = (sureness(verdict, outlook(view.result, verdict.comparisons)), view.message, first_run(view))
    return verdict.headline, " ".join(part for part in below if part)


def _headline(text: str, below: str, view: ExperimentView | None) -> None:
    left, right = st.columns([0.66, 0.34], vertical_alignment="center", gap="medium")
    with left:
        small = f'<div class="sureness">{escape(below) or "&nbsp;"}</div>'
        st.html(f'<div class="headline" role="status"><div class="finding">{escape(text)}</div>{small}</div>')
    with right:
        show_actions(view)


def _cards(view: ExperimentView, verdict: Verdict | None) -> tuple[Card, ...]:
    result = view.result
    if result is None or verdict is None:
        return live_cards(view, _plan(view.spec))
    return services.drawn(("cards", view.id), lambda: result_cards(result, verdict))


def _plan(spec: ExperimentSpec | None) -> Plan | None:
    """Return the plan of settings, or None where they are refused or their file is missing."""
    if spec is None or services.lacks_file(spec):
        return None
    try:
        return services.plan(spec)
    except GatescopeError:
        return None


def _before(spec: ExperimentSpec | None) -> None:
    """Draw the places of the answer before there is one."""
    plan = _plan(spec)
    _headline(*_invitation(spec, plan), None)
    if spec is not None:
        seconds = None if plan is None or plan.problems else services.expected_seconds(plan)
        show_cards(planned_cards(spec, plan, seconds=seconds))
    left, right = _places()
    with left:
        show_place("Loss curves", "How fast each network learns appears here.", low=True)
    with right:
        show_place("Differences", "Which one is better in each repeat appears here.", low=True)


def _invitation(spec: ExperimentSpec | None, plan: Plan | None) -> tuple[str, str]:
    """Return what to do before there is an answer; Train is named only where it can be pressed."""
    if spec is None:
        return "Some settings cannot be used yet.", "The sidebar says what to change."
    if services.lacks_file(spec):
        return "Add your file first.", "Drop it anywhere on this page, or choose it in the sidebar."
    if plan is None or plan.problems:
        return "These settings cannot be trained.", "The message above says why."
    least = min_repeats()
    if spec.seeds < least and len(spec.architectures) > 1:
        many = "1 repeat" if spec.seeds == 1 else f"{spec.seeds} repeats"
        return "Ready: press Train.", f"With {many} nothing can be claimed; use at least {least} for an answer."
    return "Ready: press Train.", f"The answer appears here in about {duration(services.expected_seconds(plan))}."


def _places() -> tuple[DeltaGenerator, DeltaGenerator]:
    left, right = st.columns(2, gap="medium")
    return left, right
