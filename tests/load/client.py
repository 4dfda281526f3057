"""A visitor without a browser: speaks the application's WebSocket protocol, and may say what no browser would.

One visitor belongs to one thread. It renews fragments as a browser does, so that a running experiment stays attended.
"""

import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets import Subprotocol
from websockets.sync.client import ClientConnection, connect

FULL, FAILED, EARLY, PART = range(4)  # ForwardMsg.ScriptFinishedStatus
PATIENCE = 180.0
_LARGEST = 64 * 2**20


class UnansweredError(AssertionError):
    """The server did not answer in time."""


@dataclass
class Visitor:
    """One session.

    Attributes:
        url: Address of the server, `http://127.0.0.1:port`.
        query: The address bar, as the server changes it.
        page: Path of the page, empty for the first one.
        widgets: (kind, label) of every widget seen to its id.
        texts: What the last runs of the script wrote: headings, markdown, alerts.
        alerts: Those of them that are alerts.
        errors: Sentences of the error boundary, and errors that passed it.
        received: All bytes received, if `keep`.
        keep: Whether to keep them.
    """

    url: str
    query: str = ""
    page: str = ""
    keep: bool = False
    widgets: dict[tuple[str, str], str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)  # label of a download button to what it makes
    _states: dict[str, WidgetState] = field(default_factory=dict)
    _renewed: dict[str, tuple[float, float]] = field(default_factory=dict)
    _asked: dict[str, tuple[float, float]] = field(default_factory=dict)
    session: str = ""
    _places: Any = None
    _made: str | None = None
    _finished: int = 0
    _socket: ClientConnection | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> "Visitor":
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        opening = connect(address, subprotocols=[Subprotocol("streamlit")], max_size=_LARGEST, open_timeout=PATIENCE)
        self._socket = self._stack.enter_context(opening)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def open(self) -> float:
        """Load the page; return the seconds until it stood."""
        self._renewed.clear()
        return self._run()

    def set(self, kind: str, label: str, **value: Any) -> float:
        """Give a widget a value, as a browser would after a click; return the seconds until the page stood again.

        Args:
            kind: Kind of the widget, such as `slider`.
            label: Its label.
            value: Field of `WidgetState` and its value; a trigger is sent once.
        """
        state = WidgetState(id=self.widgets[(kind, label)], **value)
        if "trigger_value" in value:
            return self._run(state)
        self._states[state.id] = state
        return self._run()

    def press(self, label: str) -> float:
        """Press a button."""
        return self.set("button", label, trigger_value=True)

    def upload(self, label: str, name: str, content: bytes) -> float:
        """Give a file to an uploader, as a browser does: ask for a place, put it there, name it in a state."""
        request = BackMsg()
        request.file_urls_request.request_id, request.file_urls_request.session_id = "upload", self.session
        request.file_urls_request.file_names.append(name)
        self._places = None
        self._send(request)
        self.stay(PATIENCE, lambda: self._places)
        assert self._places is not None
        _put(self.url, self._places.upload_url, name, content)
        state = WidgetState(id=self.widgets[("file_uploader", label)])
        state.file_uploader_state_value.uploaded_file_info.add(
            name=name, size=len(content), file_id=self._places.file_id, file_urls=self._places
        )
        self._states[state.id] = state
        return self._run()

    def open_tab(self, title: str) -> float:
        """Open a tab of the page; return the seconds until the page stood again."""
        state = WidgetState(id=self.widgets[("tabs", "")], string_value=title)
        self._states[state.id] = state
        return self._run()

    def download(self, label: str) -> bytes:
        """Press a button whose file is made when it is asked for; return the file."""
        request = BackMsg()
        asked = request.backend_operation_request
        asked.request_id, asked.session_id = "download", self.session
        asked.deferred_file.file_id = self.files[label]
        self._made = None
        self._send(request)
        self.stay(PATIENCE, lambda: self._made)
        if not self._made:
            raise UnansweredError(f"`{label}` was not made")
        with urllib.request.urlopen(self.url + self._made, timeout=PATIENCE) as answer:  # noqa: S310
            return bytes(answer.read())

    def forge(self, state: WidgetState) -> float:
        """Send a state that no widget asked for."""
        return self._run(state)

    def stay(self, seconds: float, until: Callable[[], object] = lambda: False) -> bool:
        """Look at the page for a while as a browser does; return whether `until` came true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if until():
                return True
            self._renew()
            self._receive(min(0.05, end - time.monotonic()))
        return bool(until())

    @property
    def experiment(self) -> str:
        """Id of the experiment in the address bar."""
        return next((part[11:] for part in self.query.split("&") if part.startswith("experiment=")), "")

    def _run(self, *once: WidgetState, fragment: str = "") -> float:
        message = BackMsg()
        client = message.rerun_script
        client.query_string, client.page_name, client.fragment_id = self.query, self.page, fragment
        client.is_auto_rerun = bool(fragment)
        client.widget_states.widgets.extend([*self._states.values(), *once])
        before, start = self._finished, time.monotonic()
        if not fragment:
            self._renewed.clear()
            self.texts.clear()
            self.alerts.clear()
        self._send(message)
        while self._finished == before:
            if time.monotonic() - start > PATIENCE:
                raise UnansweredError(f"no answer within {PATIENCE:.0f} s")
            self._receive(0.05)
        return time.monotonic() - start

    def _renew(self) -> None:
        now = time.monotonic()
        for fragment, (due, interval) in list(self._renewed.items()):
            if now >= due:
                self._renewed[fragment] = (now + interval, interval)
                message = BackMsg()
                message.rerun_script.query_string, message.rerun_script.page_name = self.query, self.page
                message.rerun_script.fragment_id, message.rerun_script.is_auto_rerun = fragment, True
                message.rerun_script.widget_states.widgets.extend(self._states.values())
                self._send(message)

    def _send(self, message: BackMsg) -> None:
        assert self._socket is not None
        self._socket.send(message.SerializeToString())

    def _receive(self, timeout: float) -> None:
        assert self._socket is not None
        try:
            raw = self._socket.recv(timeout=max(0.0, timeout))
        except TimeoutError:
            return
        assert isinstance(raw, bytes)
        if self.keep:
            self.received.append(raw)
        self._take(ForwardMsg.FromString(raw))

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "script_finished":
            self._finished += message.script_finished in (FULL, FAILED)
            if message.script_finished == FULL:  # only what this run of the whole page asked for is renewed from now on
                self._renewed = self._asked
            if message.script_finished in (FULL, EARLY):
                self._asked = {}
            if message.script_finished == FAILED:
                self.errors.append("the script did not compile")
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "file_urls_response":
            self._places = message.file_urls_response.file_urls[0]
        elif kind == "backend_operation_response":
            answer = message.backend_operation_response
            self._made = answer.deferred_file.url
            if answer.error_msg:
                self.errors.append(f"a download failed: {answer.error_msg}")
        elif kind == "new_session":
            self.session = message.new_session.initialize.session_id
        elif kind == "auto_rerun":
            interval = message.auto_rerun.interval
            self._asked[message.auto_rerun.fragment_id] = (time.monotonic() + interval, interval)
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._element(message.delta.new_element)
        elif kind == "delta" and message.delta.add_block.tab_container.id:
            self.widgets[("tabs", "")] = message.delta.add_block.tab_container.id

    def _element(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind is None:
            return
        part = getattr(element, kind)
        if hasattr(part, "id") and hasattr(part, "label"):
            self.widgets[(kind, part.label)] = part.id
        if kind == "download_button" and part.deferred_file_id:
            self.files[part.label] = part.deferred_file_id
        if kind in ("alert", "markdown", "heading", "text"):
            self.texts.append(part.body)
        if kind == "alert":
            self.alerts.append(part.body)
            if "report error" in part.body:
                self.errors.append(part.body)
        if kind == "exception":
            self.errors.append(f"{part.type}: {part.message}")


def _put(url: str, place: str, name: str, content: bytes) -> None:
    """Put a file where the server said, with the cookie that every page gets."""
    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=PATIENCE) as answer:  # noqa: S310
        cookie = next(part for part in answer.headers.get_all("Set-Cookie") if part.startswith("_streamlit_xsrf="))
    token = cookie.partition("=")[2].partition(";")[0]
    edge = "gatescope-edge"
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    )
    request = urllib.request.Request(  # noqa: S310
        url + place, data=head.encode() + content + f"\r\n--{edge}--\r\n".encode(), method="PUT"
    )
    request.add_header("Content-Type", f"multipart/form-data; boundary={edge}")
    request.add_header("X-Xsrftoken", token)
    request.add_header("Cookie", f"_streamlit_xsrf={token}")
    with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310
        return
