"""Experiments: what did we try, and what do we conclude?"""

import streamlit as st

from dashboard import saved_experiments, services, state
from dashboard.formatting import sentence_of
from dashboard.navigation import PageInfo, page_file
from dashboard.sections.experiment_comparison import show_experiments, show_ranks
from dashboard.sections.experiment_detail import show_detail
from dashboard.sections.experiment_list import choose, chosen, show_list
from dashboard.sections.storage import show_storage
from models.errors import GatescopeError, StoreError
from models.records.results import ExperimentView
from models.spec.experiment_settings import ExperimentSpec

PAGE = PageInfo(
    title="Experiments",
    icon=":material/library_books:",
    url="experiments",
    order=60,
    question="What did we try, and what do we conclude? Open, compare, share, export, note, decide",
)
_ADOPTED = "experiments_adopted"  # the experiment of the address that was already selected


def page() -> None:
    """Draw the page from top to bottom."""
    st.title("Experiments", anchor=False)
    st.caption("What did we try, and what do we conclude?")
    try:
        show_storage()
        _undo()
        _adopt_address()
        show_list()
        _open_file()
        views = [view for view in map(_view, chosen()) if view is not None]
        if len(views) == 1:
            state.show_link(views[0].id, views[0].spec)
            state.put(_ADOPTED, views[0].id)
            show_detail(views[0])
        elif views:
            show_experiments(views)
        show_ranks(views)
    except GatescopeError as error:
        st.error(sentence_of(error))


def _view(identity: str) -> ExperimentView | None:
    """Return an experiment; if it cannot be read, say so and continue with the rest of the page."""
    try:
        return services.view(identity)
    except StoreError as error:
        st.error(sentence_of(error))
        choose([other for other in chosen() if other != identity])
        return None


def _adopt_address() -> None:
    """Select the experiment that the address names, once; if it is no longer stored, offer to train it again."""
    named = state.pointed_at()
    if not named or named in saved_experiments.deleted():
        return
    try:
        known = services.view(named) is not None
    except StoreError as error:
        st.error(sentence_of(error))
        return
    if named != state.get(_ADOPTED):
        state.put(_ADOPTED, named)
        choose([named] if known else [])
    if not known and not chosen():
        _offer_again(state.linked())


def _offer_again(spec: ExperimentSpec | None) -> None:
    if spec is None:
        st.info("The experiment of this link is no longer kept, and the link does not hold its settings.")
        return
    st.info(
        "The experiment of this link is no longer stored. The link holds its settings, which give the same numbers again."
    )
    if st.button("Open its settings to train it again", icon=":material/replay:", key="train_again"):
        state.go_to(page_file(""), state.link(spec))


def _undo() -> None:
    """Offer to restore the last deleted experiment."""
    for identity in saved_experiments.deleted()[-1:]:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown("Deleted. It can be brought back for ten minutes.")
            if st.button("Undo", icon=":material/undo:", key="undo_delete"):
                if saved_experiments.bring_back(identity):
                    choose([identity])
                    st.rerun()
                st.warning("It is too late: the experiment is gone.")


def _open_file() -> None:
    """Let the visitor open an exported experiment."""
    with st.expander("Open an exported experiment", icon=":material/upload_file:", key="part_import"):
        with st.form("import", clear_on_submit=True, border=False):
            file = st.file_uploader("JSON file made with Everything (JSON)", type="json", key="import_file")
            pressed = st.form_submit_button("Open file")
        if pressed and file is not None:
            choose([saved_experiments.open_file(file.getvalue())])
            st.rerun()


if __name__ == "__main__":
    page()
