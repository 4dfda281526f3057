"""Entry of the web application: frame and navigation. Guarded whole, so that spawned workers run none of it."""

if __name__ == "__main__":
    # These three first: imported lazily by several first visitors at once, they can be seen half initialised.
    import numpy  # noqa: F401
    import pandas  # noqa: F401
    import plotly.graph_objects  # noqa: F401
    import streamlit as st

    from dashboard.frame import frame
    from dashboard.navigation import pages
    from dashboard.services import prepare

    frame()
    prepare()
    st.navigation(pages(), position="top").run()
