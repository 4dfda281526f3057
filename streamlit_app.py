"""Entry point of the web application: page setup and navigation. The guard keeps spawned workers from running it."""

if __name__ == "__main__":
    import sys

    import streamlit as st

    sign = st.empty()
    if "dashboard.services" not in sys.modules:  # the first visitor of a server sees this meanwhile
        sign.markdown("**Gatescope** trains LSTM and GRU networks side by side. It is starting …")

    # Imported first: if several first visitors imported these at once, some could see them half initialised.
    import numpy  # noqa: F401
    import pandas  # noqa: F401
    import plotly.graph_objects  # noqa: F401

    from dashboard.navigation import pages, show_page_bar
    from dashboard.page_setup import set_up_page
    from dashboard.services import prepare, warm_up

    set_up_page()
    prepare()
    page = st.navigation(pages(), position="top")
    sign.empty()
    show_page_bar()
    page.run()
    warm_up()
