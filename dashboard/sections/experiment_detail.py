"""One experiment: its findings, the actions it offers, and its notes and decision."""

from dataclasses import replace
from functools import partial

import streamlit as st

from dashboard import saved_experiments, services, state
from dashboard.formatting import escaped, sentence_of
from dashboard.navigation import page_file
from dashboard.sections.add_repeats import repeats_to_add, show_add_repeats
from dashboard.sections.experiment_list import choose
from dashboard.sections.exports import show_downloads
from dashboard.sections.training import STATUS
from dashboard.sections.verdict import show_layers
from models.analysis.compare_experiments import settings_frame
from models.analysis.experiment_list import key_settings
from models.analysis.verdict import judge
from models.errors import GatescopeError
from models.export.dossier import Dossier
from models.records.experiment import MAX_IN_A_FIELD, MAX_IN_A_NOTE, Decision, Note
from models.records.results import ExperimentView
from models.spec.experiment_settings import ExperimentSpec


def show_detail(view: ExperimentView) -> None:
    """Draw one experiment."""
    st.header(escaped(title(view.spec, view)), anchor="experiment")
    _facts(view)
    _actions(view)
    if view.result is not None:
        show_downloads(view.id, view.result)
    with st.expander("Settings", icon=":material/tune:", key="part_settings"):
        frame = settings_frame({"value": view.spec}).drop(columns="differs").reset_index()
        st.dataframe(
            frame, hide_index=True, column_config={"setting": "Setting", "value": "Value"}, alt="Every setting."
        )
    left, right = st.columns(2, gap="large")
    with left:
        st.fragment(_notes)(view.id)
    with right:
        st.fragment(_decision)(view.id)


def title(spec: ExperimentSpec, view: ExperimentView) -> str:
    """Return an experiment's title: "LSTM and GRU on Sunspots, yearly"."""
    if view.result is not None:
        return Dossier(result=view.result).title
    return f"{' and '.join(spec.architectures)} on {spec.source().title}"


def _facts(view: ExperimentView) -> None:
    record = services.store().record(view.id)
    parts = [STATUS[view.status], key_settings(view.spec)]
    if record is not None:
        parts.append(f"{record.created:%Y-%m-%d %H:%M} UTC")
    st.caption(" · ".join(parts))
    if view.message:
        st.caption(escaped(view.message, longest=400))
    if view.result is not None:
        show_layers(judge(view.result))


def _actions(view: ExperimentView) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Open on Compare", icon=":material/open_in_full:", type="primary", key="detail_open"):
            state.go_to(page_file(""), state.link(view.spec, view.id))
        if show_add_repeats(view, key="detail_add_repeats"):
            spec = replace(view.spec, seeds=view.spec.seeds + repeats_to_add(view.spec))
            state.go_to(page_file(""), state.link(spec, state.experiment()))
        if st.button(
            "Change and train", icon=":material/edit:", key="detail_duplicate", help="Opens its settings anew."
        ):
            state.go_to(page_file(""), state.link(view.spec))
        with st.popover("Link", icon=":material/link:"):
            st.caption(
                "Opens the result for anyone; holds all settings, so that it can be trained again. Only your browser can delete it."
            )
            st.code(state.url(view.spec, view.id), language=None, wrap_lines=True)
        if saved_experiments.may_delete(view.id):
            with st.popover("Delete", icon=":material/delete:"):
                st.write("Delete this experiment with its notes? It can be brought back for ten minutes.")
                if st.button("Delete it", type="primary", key="detail_delete"):
                    saved_experiments.delete(view)
                    choose([])
                    st.rerun()
        if saved_experiments.may_close(view.id):
            _closing(view.id)
    _tags(view.id)


def _closing(identity: str) -> None:
    closed = services.store().closed(identity)
    label, icon = ("Open to writing", ":material/lock_open:") if closed else ("Close to writing", ":material/lock:")
    pressed = st.button(label, icon=icon, key="detail_close", help="Whether notes, tags and the decision can change.")
    if pressed and _say(lambda: saved_experiments.set_closed(identity, closed=not closed)):
        st.rerun()


def _tags(identity: str) -> None:
    present = list(services.store().tags(identity))
    if not saved_experiments.may_write(identity):
        if present:
            st.caption(f"Tags: {', '.join(map(escaped, present))}")
        return
    given = st.multiselect(
        "Tags",
        present,
        default=present,
        accept_new_options=True,
        key=f"tags_{identity}",
        placeholder="Add a tag",
        max_selections=20,
    )
    if sorted(given) != present:
        _say(lambda: saved_experiments.set_tags(identity, tuple(given)))


def _say(change: object) -> bool:
    """Apply a change, or show why it failed."""
    try:
        change()  # type: ignore[operator]
    except GatescopeError as error:
        st.error(sentence_of(error))
        return False
    return True


def _notes(identity: str) -> None:
    st.subheader("Notes", anchor=False)
    for note in services.store().notes(identity):
        with st.container(border=True):
            st.caption(f"{note.created:%Y-%m-%d %H:%M} UTC{' · ' + escaped(note.author) if note.author else ''}")
            st.text(note.text)
    if not saved_experiments.may_write(identity):
        closed = services.store().closed(identity)
        who = "whoever started this experiment"
        st.caption(
            f"Closed to writing; {who} can open it again."
            if closed
            else f"Notes, tags and the decision can be changed by {who}."
        )
        return
    with st.form(f"note_{identity}", clear_on_submit=True, border=False):
        text = st.text_area("Note", max_chars=MAX_IN_A_NOTE, height=90, placeholder="What did we see?")
        author = st.text_input("Name (optional)", max_chars=80)
        if st.form_submit_button("Add note") and _say(
            lambda: saved_experiments.add_note(identity, Note(text=text, author=author))
        ):
            st.rerun()


def _decision(identity: str) -> None:
    st.subheader("Decision", anchor=False)
    kept = services.store().decision(identity)
    if kept is not None:
        _show_decision(kept)
    if earlier := services.store().earlier_decisions(identity):
        with st.expander(f"Earlier decisions ({len(earlier)})", key=f"earlier_decisions_{identity}"):
            for decision in reversed(earlier):
                _show_decision(decision)
    if not saved_experiments.may_write(identity):
        if kept is None:
            st.caption("None is recorded.")
        return
    with st.expander("Change the decision" if kept else "Record a decision", key=f"decide_{identity}"):
        _decision_form(identity, kept)


def _show_decision(decision: Decision) -> None:
    with st.container(border=True):
        st.caption(f"{decision.decided:%Y-%m-%d} UTC{' · ' + escaped(decision.author) if decision.author else ''}")
        st.text(f"Question: {decision.question}")
        if decision.options:
            st.text("Options: " + "; ".join(decision.options))
        st.text(f"Decision: {decision.decision}")
        if decision.reason:
            st.text(f"Reason: {decision.reason}")


def _decision_form(identity: str, kept: Decision | None) -> None:
    with st.form(f"decision_{identity}", border=False):
        question = st.text_input("Question", kept.question if kept else "", max_chars=MAX_IN_A_FIELD)
        options = st.text_area("Options, one a line", "\n".join(kept.options) if kept else "", height=90)
        decided = st.text_input("Decision", kept.decision if kept else "", max_chars=MAX_IN_A_FIELD)
        reason = st.text_area("Reason", kept.reason if kept else "", height=90, max_chars=MAX_IN_A_NOTE)
        author = st.text_input("Name (optional)", kept.author if kept else "", max_chars=80)
        if st.form_submit_button("Save decision"):
            listed = tuple(options.splitlines())
            made = partial(  # built inside `_say`, which shows what is missing
                Decision, question=question, options=listed, decision=decided, reason=reason, author=author
            )
            if _say(lambda: saved_experiments.set_decision(identity, made())):
                st.rerun()
    if kept is not None and st.button("Take the decision back", key=f"undecide_{identity}"):
        saved_experiments.set_decision(identity, None)
        st.rerun()
