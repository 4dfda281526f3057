"""A PostgreSQL connection that does not wait for ever for a server that has stopped answering."""

from typing import Any

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from sqlalchemy import Engine, event

STATEMENT_SECONDS = 15  # the server itself ends a statement after these
_ANSWER_SECONDS = STATEMENT_SECONDS + 1.0  # without an answer after these, the server hangs
_PING_SECONDS = 1.0  # the same for the question whether a connection is alive


class ImpatientConnection(psycopg.Connection[Any]):
    """Closes itself and raises `psycopg.OperationalError` when the server does not answer in time."""

    patience = _ANSWER_SECONDS

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """See `psycopg.Connection.wait`."""
        try:
            return super().wait(gen, interval=interval, timeout=self.patience if timeout is None else timeout)
        except errors._WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError("timeout: the server does not answer") from error


def be_impatient(engine: Engine) -> None:
    """Make an engine use such connections, and ask only briefly whether one is alive."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, args: list[Any], parameters: dict[str, Any]) -> Any:
        return ImpatientConnection.connect(*args, **parameters)

    ping = engine.dialect.do_ping

    def ping_briefly(connection: Any) -> bool:
        connection.patience = _PING_SECONDS
        try:
            return ping(connection)
        finally:
            connection.patience = _ANSWER_SECONDS

    engine.dialect.do_ping = ping_briefly  # type: ignore[assignment, method-assign]
