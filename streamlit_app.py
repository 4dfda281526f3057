"""Entry of the web application: page config and navigation. Guarded whole, so that spawned workers run none of it."""

if __name__ == "__main__":
    # These three first: imported lazily by several first visitors at once, they can be seen half initialised.
    import numpy  # noqa: F401
    import pandas  # noqa: F401
    import plotly.graph_objects  # noqa: F401
    import streamlit as st

    from dashboard.navigation import pages
    from dashboard.services import prepare

    st.set_page_config(page_title="Gatescope", page_icon=":material/compare_arrows:", layout="wide")
    prepare()
    st.navigation(pages(), position="top").run()
