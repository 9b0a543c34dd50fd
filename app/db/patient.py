"""Connections to PostgreSQL that do not wait for ever for an answer.

A server that is stopped, a table that a stranger's session has locked, a proxy that swallows what
it is sent: to the kernel each of them is there. Imported where there is a PostgreSQL only.
"""

import time
from collections.abc import Generator
from contextlib import suppress
from typing import Any, TypeVar

from psycopg import Connection, Error, OperationalError
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from typing_extensions import override

V = TypeVar("V")

#: How long nothing may come in one transaction while we wait for answers, s: longer than any
#: statement of ours lasts, shorter than reporters wait.
SILENCE_S = 25.0
#: How long it may take to answer the pool, which asks whether a connection still works, s.
_PING_S = 5.0
#: How long a server that is asked to give up a statement may take to say that it has, s.
_CANCEL_S = 2.0
#: Shorter silences are not added up, s: of many statements each takes its time.
_MOMENT_S = 1.0
#: How long PostgreSQL may take to answer a new connection, s, and to acknowledge what we send, ms:
#: a server that vanished without a word is an answer to nobody.
_CONNECT_S = 5
_UNACKNOWLEDGED_MS = 15_000


class SilentError(OperationalError):
    """Nothing came from the server for too long."""


class PatientConnection(Connection[TupleRow]):
    """Gives up a statement to which nothing comes, and itself where the server does not hear that.

    A statement that is given up is ended in the server too: it would wait on there, with its
    session, long after everybody here has gone.
    """

    silence_s = SILENCE_S
    #: How long nothing has come in this transaction, where it was for longer than a moment.
    _silent_s = 0.0

    @override
    def wait(self, gen: Any, *args: Any, **more: Any) -> Any:
        """Wait for what `gen` says of the server's answer."""
        if self.pgconn.transaction_status == TransactionStatus.IDLE:
            self._silent_s = 0.0
        # outside of transactions the pool asks whether we are there, and nothing else is done
        silence_s = _PING_S if self.autocommit else self.silence_s - self._silent_s
        try:
            return super().wait(self._heard(gen, silence_s), *args, **more)
        except SilentError:
            with suppress(Error):
                self.cancel_safe(timeout=_CANCEL_S)
        try:
            return super().wait(self._heard(gen, _CANCEL_S), *args, **more)
        except SilentError:
            self.close()
            raise

    def _heard(self, gen: Generator[V, Any, Any], silence_s: float) -> Generator[V, Any, Any]:
        """Pass on what a generator of psycopg waits for, until nothing has come for too long."""
        try:
            wanted = next(gen)
            silent_s, looked_at = 0.0, time.monotonic()
            while True:
                ready = yield wanted
                passed_s = time.monotonic() - looked_at
                looked_at += passed_s
                # we look many times a second: what is longer, we stood still ourselves
                silent_s += min(passed_s, _MOMENT_S)
                if ready:
                    self._silent_s += silent_s if silent_s > _MOMENT_S else 0.0
                    silent_s = 0.0
                elif silent_s > max(silence_s, _MOMENT_S):
                    raise SilentError(f"nothing came from the server for {silent_s:.0f} s")
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value


def patient_engine(url: URL, pool_size: int) -> Engine:
    """Return an engine with such connections.

    They have no statement compiled (`jit`): PostgreSQL takes ours, which ask much of few rows, for
    long reports, and compiled each anew, for 0.2 s a batch of 500 messages (bench/report.md).
    """
    engine = create_engine(
        url,
        pool_size=pool_size * 2,
        max_overflow=4,
        pool_pre_ping=True,
        hide_parameters=True,  # errors are logged; values are nobody's business
        connect_args={
            "prepare_threshold": None,  # PgBouncer in transaction mode
            "client_encoding": "utf8",  # whatever the database or the user has for others
            "connect_timeout": _CONNECT_S,
            "tcp_user_timeout": _UNACKNOWLEDGED_MS,
        },
    )

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, words: Any, named: Any) -> PatientConnection:
        connection = PatientConnection.connect(*words, autocommit=True, **named)
        connection.execute("SET jit = off")
        connection.autocommit = False
        return connection

    return engine
