"""Quotas: what one visitor may do within an hour, and what all may keep in memory."""

import gc
from queue import Empty, Queue
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFileRec

from dashboard import saved_experiments, services, state
from dashboard.held_uploads import HeldUploads, Upload
from dashboard.services import singletons
from dashboard.services.hourly_quotas import Allowance
from dashboard.streamlit_uploads import MAX_FILES, BoundedUploads, was_removed
from models.bounded_cache import BoundedCache
from models.errors import CapacityError
from models.records.experiment import Decision, Note
from tests.dashboard.test_experiments_page import MINE, keep, open_list, store
from tests.timing import PATIENCE

__all__ = ["open_list", "store"]
MEGABYTE = 1_000_000


class Clock:
    """Seconds that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def upload(megabytes: float, name: str = "a.csv") -> Upload:
    """Return a file of a size."""
    return Upload(name=name, digest=name, content=b"x" * round(megabytes * MEGABYTE))


def test_refusal_says_when_it_is_possible_again_and_it_is() -> None:
    """The oldest of the hour counts, and a refused try does not."""
    clock = Clock()
    allowance = Allowance(clock)
    allowance.take("imports", "ada", 2)
    clock.now += 1200
    allowance.take("imports", "ada", 2)
    for _ in range(3):
        with pytest.raises(CapacityError, match=r"At most 2 opened experiments per hour.*in 40 minutes\."):
            allowance.take("imports", "ada", 2)
    clock.now += 2399
    with pytest.raises(CapacityError, match=r"in 1 minute\."):
        allowance.take("imports", "ada", 2)
    clock.now += 1
    allowance.take("imports", "ada", 2)


def test_visitors_and_kinds_have_quotas_of_their_own() -> None:
    """What one did is not counted for another, nor imports for notes."""
    allowance = Allowance(Clock())
    allowance.take("imports", "ada", 1)
    allowance.take("imports", "bob", 1)
    allowance.take("notes", "ada", 1)
    with pytest.raises(CapacityError):
        allowance.take("notes", "ada", 1)


def test_address_bounds_many_browsers_and_a_refusal_counts_for_neither() -> None:
    """A visitor who drops the cookie has a new browser's quota and the same address."""
    allowance = Allowance(Clock())
    for browser in ("one", "two", "three"):
        allowance.take_all("uploads", [(browser, 2), ("address", 3)])
    with pytest.raises(CapacityError):
        allowance.take_all("uploads", [("four", 2), ("address", 3)])
    allowance.take("uploads", "four", 1)


def test_oldest_files_are_let_go_when_all_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest stays even if it is too large by itself; those of ended sessions count no more."""
    monkeypatch.setenv("GATESCOPE_MAX_HELD_MEGABYTES", "10")
    held = HeldUploads()
    first, second, third = upload(4), upload(4), upload(4)
    for one in (first, second, third):
        held.add(one)
    assert [len(one.content) // MEGABYTE for one in (first, second, third)] == [0, 4, 4]
    del second
    gc.collect()
    fourth = upload(6)
    held.add(fourth)
    assert third.content
    assert held.megabytes() == pytest.approx(10)
    huge = upload(20)
    held.add(huge)
    assert not third.content
    assert not fourth.content
    assert held.megabytes() == pytest.approx(20)


def test_session_without_its_file_must_upload_it_again(store: object) -> None:
    """A file that was let go is as if it had never been there."""
    state.keep_upload("a.csv", b"t,y\n1,2\n")
    kept = state.upload()
    assert kept is not None
    kept.content = b""
    assert state.upload() is None
    st.session_state.clear()


def test_notes_and_imports_are_counted(store: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than allowed is refused and changes nothing."""
    mine = keep(store, control=MINE)
    monkeypatch.setattr(state, "control", lambda: MINE)
    monkeypatch.setenv("GATESCOPE_MAX_NOTES_PER_HOUR", "2")
    monkeypatch.setenv("GATESCOPE_MAX_IMPORTS_PER_HOUR", "1")
    saved_experiments.add_note(mine, Note(text="one"))
    saved_experiments.set_decision(mine, Decision(question="?", decision="LSTM"))
    with pytest.raises(CapacityError, match="notes, tags and decisions"):
        saved_experiments.set_tags(mine, ("late",))
    assert services.store().tags(mine) == ()
    services.use("imports")
    with pytest.raises(CapacityError, match="opened experiments"):
        saved_experiments.open_file(b"{}")
    st.cache_resource.clear()


def test_cache_forgets_a_value_and_its_size() -> None:
    """A removed value makes room; removing it again changes nothing."""
    cache: BoundedCache[str, int] = BoundedCache(10, size_of=lambda value: value)
    cache.put("a", 6)
    for _ in range(2):
        cache.remove("a")
    cache.put("b", 6)
    cache.put("c", 4)
    assert ("a" in cache, "b" in cache, "c" in cache) == (False, True, True)


def test_end_of_the_last_holder_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made from a file is kept while any session has it; afterwards it is forgotten and its memory handed back."""
    handed = Queue[str]()
    monkeypatch.setattr("dashboard.held_uploads.hand_back_memory", lambda: handed.put("back"))
    held, gone = HeldUploads(), Queue[str]()
    first, second = upload(1), upload(1)
    held.add(first, gone.put)
    held.add(second, gone.put)
    del first
    gc.collect()
    with pytest.raises(Empty):
        gone.get(timeout=0.2)
    del second
    gc.collect()
    assert gone.get(timeout=PATIENCE) == "a.csv"
    assert handed.get(timeout=PATIENCE) == "back"


def test_file_that_is_let_go_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made from it takes memory, too."""
    monkeypatch.setenv("GATESCOPE_MAX_HELD_MEGABYTES", "10")
    held, gone = HeldUploads(), Queue[str]()
    first, second = upload(6, "a.csv"), upload(6, "b.csv")
    held.add(first, gone.put)
    held.add(second, gone.put)
    assert gone.get(timeout=PATIENCE) == "a.csv"
    assert gone.empty()


def stored(manager: MemoryUploadedFileManager) -> dict[str, list[str]]:
    """Return the names of the files that Streamlit keeps, by session."""
    return {session: sorted(files) for session, files in manager.file_storage.items() if files}


def put(manager: MemoryUploadedFileManager, session: str, name: str, megabytes: float = 1.0) -> None:
    """Put a file where Streamlit's address for uploads puts it."""
    data = b"x" * round(megabytes * MEGABYTE)
    manager.add_file(session, UploadedFileRec(file_id=name, name=name, type="", data=data))


def test_files_that_nobody_asked_for_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client may put files without end; of a session the newest stay, and of all those that fit."""
    monkeypatch.setenv("GATESCOPE_MAX_HELD_MEGABYTES", "20")
    manager = MemoryUploadedFileManager("/files")
    BoundedUploads(manager).install()
    put(manager, "ada", "first", 2.0)
    for number in range(30):
        put(manager, "bob", f"{number:02}")
    assert stored(manager) == {"ada": ["first"], "bob": [f"{number}" for number in range(30 - MAX_FILES, 30)]}
    put(manager, "cyd", "large", 13.0)
    assert stored(manager) == {"bob": [f"{number}" for number in range(30 - MAX_FILES, 30)], "cyd": ["large"]}
    manager.remove_session_files("bob")
    put(manager, "dan", "new", 7.0)
    assert stored(manager) == {"cyd": ["large"], "dan": ["new"]}
    put(manager, "eve", "huge", 30.0)
    assert stored(manager) == {"eve": ["huge"]}


def test_server_bounds_streamlits_files_and_a_removed_one_is_no_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is put in place once per server; to an uploader a removed file is a change."""
    manager, storage = MemoryUploadedFileManager("/files"), MemoryMediaFileStorage("/media")
    monkeypatch.setattr(singletons.runtime, "exists", lambda: True)
    monkeypatch.setattr(
        singletons.runtime,
        "get_instance",
        lambda: SimpleNamespace(uploaded_file_mgr=manager, media_file_mgr=MediaFileManager(storage)),
    )
    singletons.prepare()
    assert storage.delete_file.__self__ is not storage
    for number in range(2 * MAX_FILES):
        put(manager, "ada", f"{number:02}", 0.01)
    assert len(stored(manager)["ada"]) == MAX_FILES
    assert was_removed(DeletedFile(file_id="00"))
    assert not was_removed(None)
    st.cache_resource.clear()
