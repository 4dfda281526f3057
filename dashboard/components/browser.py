"""The token a browser keeps between visits, to stop and delete what it started."""

import streamlit as st

from dashboard.state import COOKIE, remembered

KEY = "remember_browser"

_JS = """
export default function ({ data }) {
  if (!data || document.cookie.split('; ').some((entry) => entry === data.name + '=' + data.token)) return;
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = data.name + '=' + data.token + '; Path=/; Max-Age=31536000; SameSite=Lax' + secure;
}
"""

_mount = st.components.v2.component("gatescope_browser", js=_JS, isolate_styles=False)


def remember(token: str) -> None:
    """Make the browser keep a token for a year, unless it already has it."""
    if remembered() != token:
        with st.container(key=KEY):
            _mount(key=f"{KEY}_script", data={"name": COOKIE, "token": token})
