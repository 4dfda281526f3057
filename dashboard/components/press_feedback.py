"""Immediate feedback on a press: the server's own "running" sign may take a few hundred milliseconds."""

import streamlit as st

KEY = "answer_presses"
PRESSED = "data-pressed"  # attribute of the application from a press until the script that it starts has run
_WAIT = 500  # milliseconds after which a press that starts no script is forgotten

_JS = f"""
const PARTS = [
  "[data-testid^='stBaseButton-']:not([data-testid='stPopover'] *)",
  "[data-testid='stTopNavLink']", "[data-testid='stSidebarNavLink']", "[data-testid='stSlider']", "summary",
  "[role='radio']", "[role='switch']", "[role='option']",
].join(', ');
const KEYS = ['Enter', ' ', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'];
export default function () {{
  const app = document.querySelector('[data-testid=stApp]');
  if (!app || app.answering) return;
  app.answering = true;
  let timer;
  const forget = () => app.removeAttribute('{PRESSED}');
  const answer = (event) => {{
    const part = event.target.closest?.(PARTS);
    if (!part || part.disabled || (event.key && !KEYS.includes(event.key))) return;
    app.setAttribute('{PRESSED}', '');
    clearTimeout(timer);
    timer = setTimeout(forget, {_WAIT});
  }};
  document.addEventListener('pointerup', answer, true);
  document.addEventListener('keydown', answer, true);
  new MutationObserver(() => {{
    if (app.dataset.testScriptState === 'notRunning') forget();
  }}).observe(app, {{ attributes: true, attributeFilter: ['data-test-script-state'] }});
}}
"""

_mount = st.components.v2.component("gatescope_answering", js=_JS, isolate_styles=False)


def answer_presses() -> None:
    """Make the browser mark the application while a press waits for its script; `style` draws a line for it."""
    with st.container(key=KEY):
        _mount(key=f"{KEY}_script")
