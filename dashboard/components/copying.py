"""Buttons that copy a text to the clipboard, also where the page was not loaded over HTTPS."""

from collections.abc import Mapping

import streamlit as st

_HTML = '<div class="copying" role="group" aria-label="Copy"></div><div class="copying-said" role="status"></div>'
_CSS = """
.copying { display: flex; flex-wrap: wrap; gap: .5rem; }
.copying button { font: inherit; font-size: .9rem; color: var(--st-text-color); cursor: pointer; padding: .35rem .8rem;
  background: var(--st-secondary-background-color); border: 1px solid rgba(128, 136, 148, .45); border-radius: .5rem; }
.copying button:hover { border-color: var(--st-primary-color); }
.copying button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.copying-said { font-family: var(--st-font); font-size: .85rem; min-height: 1.4em; padding-top: .2rem; }
"""
_JS = """
function byHand(text) {
  const area = document.createElement('textarea');
  area.value = text;
  area.setAttribute('aria-hidden', 'true');
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done ? Promise.resolve() : Promise.reject(new Error('The browser refused.'));
}
function copy(text) {
  return navigator.clipboard && isSecureContext ? navigator.clipboard.writeText(text).catch(() => byHand(text)) : byHand(text);
}
export default function ({ data, parentElement }) {
  const row = parentElement.querySelector('.copying'), said = parentElement.querySelector('.copying-said');
  if (!row || !data) return;
  row.replaceChildren(...data.map(({ label, text }) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = label;
    button.onclick = () => copy(text).then(
      () => { said.textContent = 'Copied.'; },
      () => { said.textContent = 'The browser does not allow copying; select the text instead.'; });
    return button;
  }));
}
"""

_mount = st.components.v2.component("gatescope_copying", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


def copy_buttons(texts: Mapping[str, str], *, key: str) -> None:
    """Draw a button per text that copies it.

    Args:
        texts: Label of the button to the text.
        key: Identity on the page.
    """
    _mount(key=key, data=[{"label": label, "text": text} for label, text in texts.items()])
