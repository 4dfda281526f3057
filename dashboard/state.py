"""A visitor's session state and the address bar. No other module uses session state or query parameters.

The address always holds the whole spec and, once one was started, the experiment's id. A page calls `begin` before it
draws the form and `commit` after it has read it.
"""

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from dashboard.held_uploads import HELD, Upload
from data import fields
from data.uploads.inspect import digest
from models.errors import GatescopeError, InvalidSpecError
from models.records.experiment import new_id, valid_id
from models.spec.experiment_settings import ExperimentSpec
from models.spec.link_query import OPTION_PREFIX

EXPERIMENT = "experiment"
PRESENT = "present"  # whether a result is shown for a shared screen
LESSON = "lesson"
COOKIE = "gatescope_control"
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_STALE_SECONDS = 2.0  # a newer address may still be on its way to the browser
_MAX_REMEMBERED = 50
_LONGEST_SETTING = 400  # letters
Find = Callable[[str], ExperimentSpec | None]


def widget(name: str) -> str:
    """Return the key of a setting's widget."""
    return f"setting_{name}"


def option_widget(dataset: str, name: str) -> str:
    """Return the key of the widget of a dataset's option."""
    return f"option_{dataset}_{name}"


def get(key: str, default: Any = None) -> Any:
    """Return a value of the session."""
    return st.session_state.get(key, default)


def put(key: str, value: Any) -> None:
    """Store a value in this session."""
    st.session_state[key] = value


def take(key: str) -> Any:
    """Return a value of the session and remove it; None if there is none."""
    return st.session_state.pop(key, None)


def control() -> str:
    """Return this browser's token, which gives the right to stop and delete the experiments it started."""
    if "control" not in st.session_state:
        st.session_state["control"] = remembered() or new_id()
    return str(st.session_state["control"])


def remembered() -> str:
    """Return the token that the browser sent, or an empty text."""
    token = st.context.cookies.get(COOKIE, "")
    return token if valid_id(token) else ""


def experiment() -> str | None:
    """Return the id of the experiment that the page shows, or None."""
    return st.session_state.get(EXPERIMENT)


def attach(identity: str | None) -> None:
    """Show an experiment, or none."""
    st.session_state[EXPERIMENT] = identity


def pointed_at() -> str | None:
    """Return the experiment that the address names, else the one this session showed last, or None."""
    address = st.query_params.get(EXPERIMENT, "")
    if _ID.fullmatch(address):
        attach(address)
    return experiment()


def point_at(identity: str, spec: ExperimentSpec) -> None:
    """Show an experiment on a page without settings: put its id into the address and its settings into Compare."""
    attach(identity)
    st.session_state["spec"] = spec
    if st.query_params.get(EXPERIMENT) != identity:
        st.query_params[EXPERIMENT] = identity


def show_link(identity: str, spec: ExperimentSpec) -> None:
    """Show an experiment on a page without its own settings, with the whole link in the address, as on Compare."""
    attach(identity)
    st.session_state["spec"] = spec
    if st.query_params.to_dict() != (address := _address(spec, identity)):
        st.query_params.from_dict(address)


def linked() -> ExperimentSpec | None:
    """Return the settings in the address, or None if there are none or they are invalid."""
    address = st.query_params.to_dict()
    try:
        return ExperimentSpec.from_query(_settings_of(address)) if "dataset" in address else None
    except GatescopeError:
        return None


def upload() -> Upload | None:
    """Return the file that this session uploaded last, or None; also if it was let go for newer ones of others."""
    kept: Upload | None = st.session_state.get("upload")
    return kept if kept is not None and kept.content else None


def keep_upload(name: str, content: bytes, gone: Callable[[str], object] = lambda digest: None) -> None:
    """Keep a file for this session, replacing an earlier one.

    Args:
        name: Its name.
        content: Its bytes.
        gone: Called with its digest once no session has it any more.
    """
    kept = Upload(name=name, digest=digest(content), content=content)
    st.session_state["upload"] = kept
    HELD.add(kept, gone)


def go_to(page: str, parameters: dict[str, str]) -> None:
    """Open a page with these query parameters; Streamlit alone would drop them."""
    st.switch_page(page, query_params=parameters)


def notice() -> str:
    """Return and clear the sentence about a problem with the opened link; empty without a problem."""
    return str(st.session_state.pop("notice", ""))


def begin(default: ExperimentSpec, find: Find) -> None:
    """Choose between the settings of the address and those of the form, and fill the form.

    Args:
        default: Settings of a visit without a valid link.
        find: Returns the spec of an experiment, for links that contain only its id.
    """
    address = st.query_params.to_dict()
    if _navigated(address):
        put(PRESENT, address.get(PRESENT) == "1" and LESSON not in address)  # a lesson asks before it shows the answer
        fill(_adopt(address, default, find))
    elif "spec" not in st.session_state:
        fill(default)
    elif (
        widget("dataset") not in st.session_state
    ):  # back from another page, where Streamlit dropped the form's widgets
        fill(st.session_state["spec"])


def fill(spec: ExperimentSpec) -> None:
    """Set every widget of the form to its value in a spec."""
    session = st.session_state
    session["spec"] = spec
    session[widget("dataset")] = spec.dataset
    session[widget("architectures")] = list(spec.architectures)
    for name in fields.infos(ExperimentSpec):
        session[widget(name)] = getattr(spec, name)
    for name, value in spec.options:
        session[option_widget(spec.dataset, name)] = value
    session["filled"] = _form()


def filled(key: str) -> Any:
    """Return the value that `fill` gave a widget; a scale offers it even if it is not a mark."""
    return st.session_state.get("filled", {}).get(key)


def commit(spec: ExperimentSpec) -> None:
    """Write the form's settings and the experiment into the address."""
    session = st.session_state
    session["spec"] = spec
    more = {PRESENT: "1" if get(PRESENT) else "", LESSON: get(LESSON, "")}
    address = _address(spec, experiment()) | {name: value for name, value in more.items() if value}
    session["form"] = _form()
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)
        session["written_at"] = time.monotonic()
    session["addresses"] = [*session.get("addresses", [])[-_MAX_REMEMBERED:], address]


def link(spec: ExperimentSpec, identity: str | None = None) -> dict[str, str]:
    """Return the query parameters of a link to settings and, with an id, to an experiment."""
    return _address(spec, identity)


def url(spec: ExperimentSpec, identity: str | None = None, *, lesson: str = "") -> str:
    """Return the whole link, with the host under which this session reached the application."""
    home = str(st.context.url or "").partition("?")[0].removesuffix("experiments").removesuffix("learn").rstrip("/")
    return f"{home}/?{urlencode(link(spec, identity) | ({LESSON: lesson} if lesson else {}))}"


def _address(spec: ExperimentSpec, identity: str | None) -> dict[str, str]:
    settings = dict(parse_qsl(spec.to_query(), keep_blank_values=True))
    return settings | ({EXPERIMENT: identity} if identity else {})


def _form() -> dict[str, Any]:
    prefixes = (widget(""), "option_")
    ours = {str(key): value for key, value in st.session_state.items() if str(key).startswith(prefixes)}
    return {key: value for key, value in ours.items() if key != widget("preset")}


def _navigated(address: dict[str, str]) -> bool:
    """Return whether the visitor opened a link or went back in the history, rather than using the form."""
    written = st.session_state.get("addresses", [])
    if not address or (written and address == written[-1]):
        return False
    if address not in written:
        return True
    young = time.monotonic() - st.session_state.get("written_at", 0.0) < _STALE_SECONDS
    before, now = st.session_state.get("form", {}), _form()
    used = any(before[key] != value for key, value in now.items() if key in before)
    return not young and not used


def _adopt(address: dict[str, str], default: ExperimentSpec, find: Find) -> ExperimentSpec:
    """Return the settings of an address, or the default and a notice; attach its experiment."""
    settings = _settings_of(address)
    foreign = [name for name in address if name not in settings and name not in (EXPERIMENT, PRESENT, LESSON)]
    put(LESSON, address.get(LESSON, ""))
    identity = address.get(EXPERIMENT, "")
    valid = bool(_ID.fullmatch(identity))
    attach(identity if valid else None)
    if identity and not valid:
        st.session_state["notice"] = "The link names no valid experiment; its settings are shown."
    if foreign:
        st.session_state["notice"] = f"The link's parameter `{fields.shown(foreign[0])}` is unknown and was ignored."
    try:
        if not settings:
            return (find(identity) if valid else None) or default
        return ExperimentSpec.from_query({"dataset": default.dataset} | settings)
    except GatescopeError as error:
        first = error.problems[0] if isinstance(error, InvalidSpecError) else str(error)
        st.session_state["notice"] = f"The link cannot be used, so this is the default: {first}"
        return default


def _settings_of(address: dict[str, str]) -> dict[str, str]:
    known = {*fields.infos(ExperimentSpec), "dataset", "architectures"}
    return {name: value for name, value in address.items() if name in known or name.startswith(OPTION_PREFIX)}


def open_settings(page: str) -> bool:
    """Read the address of a page whose settings are drawn by `setting`; call it first.

    Earlier settings of the page, or of another part of it, are kept.

    Returns:
        Whether there was a new address: a link was opened, or the visitor went back.
    """
    session, address = st.session_state, st.query_params.to_dict()
    session[f"{page}_drawn"] = []
    written = session.get(f"{page}_written", [])
    young = time.monotonic() - session.get(f"{page}_written_at", 0.0) < _STALE_SECONDS
    if not address or (address in written and (address == written[-1] or young)):
        return False
    session[f"{page}_kept"] = {**session.get(f"{page}_kept", {}), **address}
    for name in address:
        session.pop(f"{page}_{name}", None)
    return True


def asked(page: str, name: str) -> str:
    """Return the last value of a setting in the address, or an empty text."""
    return str(st.session_state.get(f"{page}_kept", {}).get(name, ""))


def setting(page: str, name: str, default: Any, accepts: Callable[[Any], bool]) -> str:
    """Set a widget's value (its own, else the address's, else the default) and return the widget's key.

    Args:
        page: Name of the page.
        name: Name of the setting in the address.
        default: Value without an address; its type is the type of the setting. A list is a list of texts.
        accepts: Returns whether a value from the address can be used; others are ignored.
    """
    session, key = st.session_state, f"{page}_{name}"
    if session.get(key) is None or not accepts(session[key]):
        text = session.get(f"{page}_kept", {}).get(name)
        value = None if text is None else _read(str(text)[:_LONGEST_SETTING], default)
        session[key] = value if value is not None and accepts(value) else default
    session[f"{page}_drawn"].append(name)
    return key


def commit_settings(page: str, **more: str) -> None:
    """Write the settings that were drawn, and more, into the address; call it last."""
    session = st.session_state
    drawn = {name: _written(session[f"{page}_{name}"]) for name in session[f"{page}_drawn"]}
    session[f"{page}_kept"] = {**session.get(f"{page}_kept", {}), **drawn}
    address = drawn | more
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)
        session[f"{page}_written_at"] = time.monotonic()
    session[f"{page}_written"] = [*session.get(f"{page}_written", [])[-_MAX_REMEMBERED:], address]


def _read(text: str, like: Any) -> Any:
    """Convert a text to the type of another value, or return None if that fails."""
    if isinstance(like, list):
        return [part for part in text.split(",") if part]
    if isinstance(like, bool):
        return {"true": True, "false": False}.get(text)
    if isinstance(like, str):
        return text
    try:
        return type(like)(text)
    except ValueError:
        return None


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(str(part) for part in value) if isinstance(value, (list, tuple)) else str(value)
