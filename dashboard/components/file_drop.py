"""A file dropped anywhere on the page goes into one hidden uploader."""

from collections.abc import Callable

import streamlit as st

KEY = "file_drop"
HINT = (
    "data-file-over"  # attribute of the application: text over the page while a file is dragged, or why it is refused
)
_FORGET = 700  # milliseconds without a further event after which a drag has left the window
_SAY = 5_000  # milliseconds for which a refusal is shown

_JS = f"""
const OWN = "[data-testid='stFileUploader'], [data-testid='stDialog']";
const input = () => document.querySelector('.st-key-{KEY} input[type=file]');
export default function ({{ data }}) {{
  const app = document.querySelector('[data-testid=stApp]');
  if (!app || !data) return;
  const installed = Boolean(app.fileDrop);
  app.fileDrop = data;
  if (installed) return;
  let timer;
  const say = (words, milliseconds) => {{
    clearTimeout(timer);
    if (app.getAttribute('{HINT}') !== words) app.setAttribute('{HINT}', words);
    timer = setTimeout(() => app.removeAttribute('{HINT}'), milliseconds);
  }};
  const forget = () => say('', 0);
  const files = (event) => event.dataTransfer?.types?.includes('Files') && input();
  const over = (event) => {{
    if (!files(event)) return;
    if (event.target.closest?.(OWN)) return forget();  // it has its own way to show it
    event.preventDefault();
    const several = event.dataTransfer.items.length > 1;
    event.dataTransfer.dropEffect = several ? 'none' : 'copy';
    say(several ? app.fileDrop.several : app.fileDrop.hint, {_FORGET});
  }};
  const drop = (event) => {{
    if (!files(event)) return;
    forget();
    if (event.target.closest?.(OWN)) return;
    event.preventDefault();
    const dropped = [...event.dataTransfer.files];
    if (dropped.length !== 1) return say(app.fileDrop.several, {_SAY});
    if (dropped[0].size > app.fileDrop.bytes) return say(app.fileDrop.large, {_SAY});
    const carrier = new DataTransfer();
    carrier.items.add(dropped[0]);
    const target = input();
    target.files = carrier.files;
    target.dispatchEvent(new Event('change', {{ bubbles: true }}));
  }};
  document.addEventListener('dragenter', over);
  document.addEventListener('dragover', over);
  document.addEventListener('dragleave', (event) => event.relatedTarget || forget());
  document.addEventListener('drop', drop);
}}
"""

_mount = st.components.v2.component("gatescope_file_drop", js=_JS, isolate_styles=False)


def file_drop(uploader: Callable[[], object], *, megabytes: int) -> None:
    """Draw a hidden uploader, and make the browser put files that are dropped on the page into it.

    Args:
        uploader: Draws the `st.file_uploader`; its callback handles all refusals except those by size.
        megabytes: Size of the largest file that it takes.
    """
    with st.container(key=KEY):
        uploader()
        _mount(
            key=f"{KEY}_script",
            data={
                "bytes": megabytes * 1024 * 1024,
                "hint": "Drop the file to see how it is read",
                "several": "One file at a time, please",
                "large": f"This file is larger than {megabytes} MB",
            },
        )
