"""A file that was made for a visitor can be fetched, whatever other visitors do meanwhile."""

from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from dashboard.kept_downloads import KeptDownloads
from tests.timing import wait_until


def made(storage: MemoryMediaFileStorage, content: bytes = b"a,b\n1,2\n") -> str:
    """Store a file for download; return its id."""
    return storage.load_and_get_id(content, "text/csv", MediaFileKind.DOWNLOADABLE, "x.csv")


def kept(storage: MemoryMediaFileStorage, name: str) -> bool:
    """Say whether a file can be fetched."""
    return name in storage._files_by_id


def test_deleted_file_stays_for_a_while() -> None:
    """And then goes, so that memory is given back."""
    storage = MemoryMediaFileStorage("/media")
    KeptDownloads(storage, seconds=0.2).install()
    first, second = made(storage), made(storage, b"other")
    storage.delete_file(first)
    assert kept(storage, first)
    storage.delete_file(second)
    wait_until(lambda: not kept(storage, first) and not kept(storage, second))


def test_file_that_is_made_again_is_not_deleted() -> None:
    """Two visitors may ask for the same bytes."""
    storage = MemoryMediaFileStorage("/media")
    KeptDownloads(storage, seconds=0.2).install()
    first, other = made(storage), made(storage, b"other")
    storage.delete_file(first)
    storage.delete_file(other)
    assert made(storage) == first
    wait_until(lambda: not kept(storage, other))
    assert kept(storage, first)
    storage.delete_file(first)
    wait_until(lambda: not kept(storage, first))
