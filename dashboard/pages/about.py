"""About: what Gatescope is, its health, its limits, and what it stores."""

import streamlit as st

from dashboard import services
from dashboard.formatting import grouped, sentence_of
from dashboard.navigation import PageInfo
from models.errors import GatescopeError

PAGE = PageInfo(
    title="About",
    icon=":material/info:",
    url="about",
    order=90,
    question="What is this, is the server healthy, and what does it store?",
)


def page() -> None:
    """Draw the page from top to bottom."""
    st.title("About", anchor=False)
    with st.sidebar:
        st.markdown("On this page\n\n- [Health](#health)\n- [Limits](#limits)\n- [What it stores](#kept)")
    st.markdown(
        "Gatescope answers one question with evidence: **LSTM or GRU, for this data, at this cost?** It trains small "
        "PyTorch models while you watch, several seeds of each architecture at once, and states how sure its verdict is."
    )
    try:
        _health()
        _limits()
    except GatescopeError as error:
        st.error(sentence_of(error))
    _kept()


def _health() -> None:
    st.header("Health", anchor="health")
    findings = services.health()
    for finding in findings:
        if finding.problem:
            st.warning(f"{finding.part.capitalize()}: {finding.problem}", icon=":material/error:")
    if not any(finding.problem for finding in findings):
        st.success("Healthy.", icon=":material/check_circle:")
    st.table(
        [{"Part": finding.part.capitalize(), "What was found": finding.value} for finding in findings],
        hide_index=True,
        border="horizontal",
        alt="Health of this server",
    )
    st.caption("`python -m models doctor` prints the same on the server.")


def _limits() -> None:
    st.header("Limits", anchor="limits")
    rows = services.allowed()
    st.table(
        [{"Limit": row["limit"].rstrip("."), "At most": most(row["most"], row["unit"])} for row in rows],
        hide_index=True,
        border="horizontal",
        alt="What this server allows",
    )
    with st.expander("Environment variables that set these limits", icon=":material/tune:"):
        st.markdown("\n".join(f"- `{row['variable']}`: {row['limit']}" for row in rows))


def most(value: float, unit: str) -> str:
    """Format a limit with its unit: "30 min", "200 000 gigaflops"."""
    number = grouped(value) if value == round(value) else f"{value:g}"
    return f"{number} {unit}".strip()


def _kept() -> None:
    st.header("What it stores", anchor="kept")
    st.markdown(
        "- **Experiments** with their settings, curves and weights, until they are deleted. Whoever has an experiment's "
        "link may see it; only the browser that started it may stop or delete it.\n"
        "- **Your file**, in memory while this page is open, and with the experiments that you train on it. Only people with "
        "such an experiment's link can see it.\n"
        "- **One cookie**, a random token with which this browser may stop and delete what it started. No statistics are "
        "gathered."
    )


if __name__ == "__main__":
    page()
