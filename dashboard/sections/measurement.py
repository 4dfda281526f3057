"""A measurement on a worker: a button that starts it, a progress sign, and its report."""

import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard import services, state
from dashboard.formatting import sentence_of
from models.errors import GatescopeError

TICK = 0.5  # seconds between two checks of a running measurement


@dataclass
class _Job:
    arguments: tuple[Any, ...]
    future: "Future[Any]"
    started: float


def measurement(
    name: str, function: str, arguments: tuple[Any, ...], *, label: str, about: str
) -> dict[str, Any] | None:
    """Draw a button that calls a function on a worker; return its report once there is one for these arguments.

    Args:
        name: Identity on the page.
        function: `package.module:function`.
        arguments: Plain values.
        label: Text of the button.
        about: What it does and how long it takes, in a sentence.
    """
    job: _Job | None = state.get(f"measuring_{name}")
    if job is not None and job.future.done():
        _collect(name, job)
        job = None
    left, right = st.columns([0.3, 0.7], vertical_alignment="center")
    right.caption(about)
    if job is not None:
        with left:
            st.fragment(_waiting, run_every=TICK)(name)
    elif left.button(label, key=f"measure_{name}", icon=":material/timer:", width="stretch"):
        future = services.engine().call(function, *arguments)
        state.put(f"measuring_{name}", _Job(arguments=arguments, future=future, started=time.monotonic()))
        st.rerun()
    return _report(name, arguments)


def _waiting(name: str) -> None:
    job: _Job | None = state.get(f"measuring_{name}")
    if job is None or job.future.done():
        st.rerun()
    else:
        caption = f"Measuring … {time.monotonic() - job.started:.0f} s"
        st.button(caption, key=f"measuring_{name}_told", icon=":material/timer:", width="stretch", disabled=True)


def _collect(name: str, job: _Job) -> None:
    state.put(f"measuring_{name}", None)
    try:
        state.put(f"measured_{name}", (job.arguments, job.future.result()))
    except GatescopeError as error:
        st.error(sentence_of(error))


def _report(name: str, arguments: tuple[Any, ...]) -> dict[str, Any] | None:
    kept = state.get(f"measured_{name}")
    if kept is None:
        return None
    if kept[0] != arguments:
        st.caption("The settings changed since the last measurement; measure again to see these.")
        return None
    report: dict[str, Any] = kept[1]
    return report


def circumstances(report: dict[str, Any]) -> str:
    """Write where and how a report was measured, and how busy the machine was."""
    known, cores = report["environment"], report["cores"]
    load = max(report["load_before"], report["load_after"])
    rounds = [row["rounds"] for row in report["rows"] if row["rounds"] > 1]
    text = (
        f"Measured here in {report['seconds']:.0f} s: {known['cpu']}, one thread, PyTorch {known['torch']}. "
        f"Median of {min(rounds, default=0)} to {max(rounds, default=0)} rounds in turns, bars show the quartiles. "
        f"Load of the machine {load:.1f} on {cores} cores"
    )
    busy = load > cores
    return f"{text}: it was busy with other work, so times are longer and spread wider." if busy else f"{text}."
