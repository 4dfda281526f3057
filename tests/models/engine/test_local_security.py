"""The cluster that a server starts for itself refuses everybody without its key."""

import asyncio
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from cryptography import x509
from distributed import Client, Security

from models.engine.engine import Engine
from models.engine.local_security import own_security
from tests.models.engine.conftest import until


def address_of(engine: Engine) -> str:
    """Return where the engine's scheduler listens."""
    until(lambda: engine._dispatcher.connection.link is not None)
    link = engine._dispatcher.connection.link
    assert link is not None
    return str(link._client.scheduler.address)


def ports(engine: Engine) -> list[tuple[str, int]]:
    """Return what this process and the engine's own children listen on; other tests may have started web servers."""
    address_of(engine)
    children = psutil.Process().children(recursive=True)
    family = [psutil.Process(), *(child for child in children if "multiprocessing" in " ".join(child.cmdline()))]
    return [
        (place.laddr.ip, place.laddr.port)
        for process in family
        for place in process.net_connections(kind="tcp")
        if place.status == psutil.CONN_LISTEN
    ]


def test_every_port_is_on_loopback(engine: Engine) -> None:
    """Scheduler, nanny, worker and their health pages."""
    found = ports(engine)
    assert len(found) >= 3
    assert {ip for ip, _ in found} <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("security", [None, "another"], ids=["without a key", "with a key of one's own"])
def test_stranger_cannot_reach_the_scheduler(engine: Engine, security: str | None) -> None:
    """Whoever could would run code as the server's user."""
    address = address_of(engine)
    if security is None:
        address, given = address.replace("tls://", "tcp://"), Security()
    else:
        given = own_security()

    async def try_to_connect() -> None:
        async with Client(address, security=given, asynchronous=True, timeout=3, set_as_default=False):
            pass

    # In a thread of its own: where browser tests run in the same process, this one has an event loop already.
    with ThreadPoolExecutor(1) as thread, pytest.raises(OSError):  # noqa: PT011 - what exactly depends on the transport
        thread.submit(lambda: asyncio.run(try_to_connect())).result()


def test_every_port_of_dask_asks_for_the_key(engine: Engine) -> None:
    """A connection without a certificate gets nothing: the health page has no routes, the other ports end the handshake."""
    open_to_all = ssl.create_default_context()
    open_to_all.check_hostname, open_to_all.verify_mode = False, ssl.CERT_NONE
    for ip, port in ports(engine):
        with socket.create_connection((ip, port), timeout=10) as plain:
            try:
                with open_to_all.wrap_socket(plain) as wrapped:
                    answer = wrapped.recv(1)  # with TLS 1.3 the refusal comes with the first bytes
            except OSError:
                continue
            assert answer == b""


def test_certificate_holds_whatever_the_clock_says() -> None:
    """A clock set back a year, or a server that runs for ten, closes no connection."""
    made = x509.load_pem_x509_certificate(own_security().tls_ca_file.encode())
    now = datetime.now(UTC)
    assert made.not_valid_before_utc < now - timedelta(days=3_650)
    assert made.not_valid_after_utc > now + timedelta(days=36_500)
