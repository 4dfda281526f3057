"""The error boundary: catches every error that a page, a fragment or a widget's callback does not catch.

A visitor reads one sentence with an id; the log has the details under the same id, with secrets masked. It replaces
Streamlit's two functions for uncaught errors. Errors of pages, fragments, callbacks and forged messages all pass through
these, so no page can forget the boundary.
"""

import logging

import streamlit as st
from streamlit import error_util

from data.escape_output import markdown
from models.errors import GatescopeError
from models.logs import set_up
from models.records.experiment import new_id

_log = logging.getLogger("gatescope.page")
_LENGTH = 8
_LONGEST = 600  # letters of an error's own sentence


def install() -> None:
    """Install the boundary; repeated calls are fine."""
    set_up()
    # the error is logged with its id below, so Streamlit's own log entry would repeat it
    setattr(error_util, "_log_uncaught_app_exception", _leave_it)  # noqa: B010 - a stub does not let it be replaced
    setattr(error_util, "show_uncaught_app_exception", answer)  # noqa: B010


def answer(error: BaseException) -> None:
    """Show an error's own sentence if it has one; otherwise log it under a new id and show the visitor the id."""
    if isinstance(error, GatescopeError):
        _log.info("a part of a page says why it is missing: %s", error)
        st.error(markdown(error, _LONGEST))
        return
    identity = new_id().translate({ord("-"): "0", ord("_"): "1"})[:_LENGTH]
    _log.error("a page failed", exc_info=error, extra={"values": {"error": identity}})
    st.error(sentence(identity), icon=":material/error:")


def sentence(identity: str) -> str:
    """Return the sentence for the visitor."""
    return (
        "This part of the page could not be shown; saved experiments are safe. Reload the page, and if it happens "
        f"again, report error `{identity}`."
    )


def _leave_it(error: BaseException) -> None:
    """Replace Streamlit's own log entry."""
