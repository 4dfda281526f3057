"""Common statements, each with its evidence and a button that checks it."""

import streamlit as st

from dashboard import services, state
from dashboard.formatting import escaped
from dashboard.navigation import page_file
from models.analysis.statements import Finding, Statement, statements
from models.findings.finding import findings as published
from models.findings.frames import NOT_RUN, current
from models.findings.reproduce import read_result

MARKS = {
    "supported": (":material/check_circle:", "green", "supported"),
    "refuted": (":material/cancel:", "red", "refuted"),
    "undecided": (":material/help:", "orange", "undecided"),
}


def show_statements() -> None:
    """Draw every statement; sizes for the formulas are chosen once."""
    st.caption(
        "Each claim is supported, refuted or undecided, by the rule of the verdict. “Check it” opens the experiment, ready to run."
    )
    with st.sidebar:
        inputs = st.number_input(
            "Input size",
            1,
            512,
            1,
            key="formula_inputs",
            help="Numbers per step. With more inputs, recurrent weights are a smaller share.",
        )
        hidden = st.number_input(
            "Hidden size",
            1,
            1024,
            32,
            key="formula_hidden",
            help="Units of one layer. Parameters grow with the square of it.",
        )
    for statement in statements().values():
        with st.container(border=True):
            _show(statement, int(inputs), int(hidden))


def _show(statement: Statement, inputs: int, hidden: int) -> None:
    st.markdown(f"#### “{statement.said}”")
    st.markdown(statement.comment)
    if statement.formula is not None:
        _show_finding(statement.formula(inputs, hidden), "computed by formula")
    elif statement.spec is not None and statement.rule is not None:
        result = services.known_result(statement.spec)
        if result is None:
            st.markdown(":gray-badge[:material/science: not checked here yet]")
        else:
            _show_finding(statement.rule(result), "measured in the last run of this experiment on this server")
        _check_button(statement)
    _show_published(statement)


def _show_published(statement: Statement) -> None:
    """Name the published findings about a statement, each with its state here; a press opens it."""
    known = published()
    with st.container(horizontal=True):
        for name in statement.findings:
            entry, kept = known[name], current(known[name], read_result(name))
            label = f"{entry.source.authors} {entry.source.year}: {kept.state if kept else NOT_RUN}"
            key = f"published_{statement.name}_{name}"
            if st.button(label, key=key, icon=":material/menu_book:", type="tertiary", help=entry.claim):
                state.go_to(page_file("findings"), {"finding": name})


def _show_finding(finding: Finding, provenance: str) -> None:
    icon, colour, word = MARKS[finding.outcome]
    st.markdown(f":{colour}-badge[{icon} {word}] :gray[{provenance}]")
    st.markdown(escaped(finding.sentence, longest=len(finding.sentence)))


def _check_button(statement: Statement) -> None:
    spec = statement.spec
    if spec is None:
        return
    if st.button(
        "Check it",
        key=f"check_{statement.name}",
        icon=":material/science:",
        help="Opens this experiment on Compare, ready to run.",
    ):
        st.switch_page(page_file(""), query_params=state.link(spec))
