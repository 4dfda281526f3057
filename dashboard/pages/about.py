"""About: what is this, how is it, what does it keep, what is allowed?"""

import streamlit as st

from dashboard import services
from dashboard.navigation import PageInfo
from models.errors import GatescopeError

PAGE = PageInfo(
    title="About",
    icon=":material/info:",
    url="about",
    order=90,
    question="What is this, how is it, and what does it keep?",
)


def page() -> None:
    """Draw the page from top to bottom."""
    st.title("About", anchor=False)
    st.markdown(
        "Gatescope answers one question with evidence: **LSTM or GRU, for this data, at this cost?** It trains small "
        "PyTorch models while you watch, several seeds of each architecture at once, and states how sure its verdict is."
    )
    try:
        _health()
        _limits()
    except GatescopeError as error:
        st.error(str(error))
    _kept()


def _health() -> None:
    st.header("How it is", anchor="health")
    findings = services.health()
    for finding in findings:
        if finding.problem:
            st.warning(f"{finding.part.capitalize()}: {finding.problem}", icon=":material/error:")
    if not any(finding.problem for finding in findings):
        st.success("Healthy.", icon=":material/check_circle:")
    st.dataframe(
        [{"part": finding.part, "found": finding.value} for finding in findings],
        column_config={
            "part": st.column_config.TextColumn("Part", width="small"),
            "found": st.column_config.TextColumn("What was found", width="large"),
        },
        hide_index=True,
        key="health",
    )
    st.caption("`python -m models doctor` prints the same on the server.")


def _limits() -> None:
    st.header("What is allowed", anchor="limits")
    st.dataframe(
        services.allowed(),
        column_config={
            "limit": st.column_config.TextColumn("Limit", width="large"),
            "most": st.column_config.NumberColumn("At most", format="%g"),
            "variable": st.column_config.TextColumn("Environment variable of the server"),
        },
        hide_index=True,
        key="limits",
    )


def _kept() -> None:
    st.header("What it keeps", anchor="kept")
    st.markdown(
        "- **Experiments** with their settings, curves and weights, until they are deleted. Whoever has an experiment's "
        "link may see it; only the browser that started it may stop or delete it.\n"
        "- **Your file**, in memory while this page is open, and with the experiments that you train on it. It reaches "
        "nobody but those to whom you give such an experiment's link.\n"
        "- **One cookie**, a random token with which this browser may stop and delete what it started. No statistics are "
        "gathered."
    )


if __name__ == "__main__":
    page()
