"""The database server's clock: the one for all machines on it, whatever their own say.

Leases, due times and signs of life are instants that one machine writes and another reads. Each by
its own clock, a worker that is behind writes leases that have run out for everybody else.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from app.core.clock import Clock, SystemClock, since_boot
from app.db.engine import Database

_log = logging.getLogger(__name__)

#: The clock of this machine, whatever the time is taken from.
MACHINE = SystemClock()
#: The server is asked again so often, s: a machine may have slept, or its database have moved.
_ASK_EVERY_S = 5.0
#: An answer that took longer tells too little: the machine may have slept meanwhile.
_IN_TIME = timedelta(seconds=1)


def machine_ahead(conn: Connection, machine: Clock) -> timedelta:
    """Return how far `machine` is ahead of the server, negative: behind; SQLite has none: zero."""
    if conn.dialect.name == "sqlite":
        return timedelta(0)
    return machine.now() - _shown(conn)


class ServerClock:
    """The server's clock, from what it showed and how long this machine has run since.

    Nothing that is done to the machine's own clock moves it.

    Args:
        shown: What the server's clock showed.
        asked, answered: How long the machine had run when it was asked, and when it answered.
        passed: How long the machine has run.
    """

    def __init__(
        self,
        shown: datetime,
        *,
        asked: timedelta,
        answered: timedelta,
        passed: Callable[[], timedelta] = since_boot,
    ) -> None:
        self._passed = passed
        #: What it showed, by our reckoning, when this machine was switched on.
        self._zero = shown - (asked + answered) / 2

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        return self._zero + self._passed()

    def heard(self, shown: datetime, *, asked: timedelta, answered: timedelta) -> None:
        """Follow the server: no farther than its answer, which was some time on its way, demands.

        So it does not tremble by as much as answers take.
        """
        if answered - asked <= _IN_TIME:
            self._zero = min(max(self._zero, shown - answered), shown - asked)


def whose_clock(db: Database) -> str:
    """Name the machine by whose clock everything on `db` is dated."""
    return "this machine" if db.is_sqlite else "the database server"


@contextmanager
def keeping_time(db: Database, given: Clock | None = None) -> Iterator[Clock]:
    """Yield the clock of all machines on `db`: the server's, followed from a thread.

    SQLite has no server, and is this machine's. `given`: in place of both.
    """
    if given is not None or db.is_sqlite:
        yield given or MACHINE
        return
    shown, asked, answered = _ask(db)
    clock, ended = ServerClock(shown, asked=asked, answered=answered), threading.Event()

    def follow() -> None:
        while not ended.wait(_ASK_EVERY_S):
            try:
                shown, asked, answered = _ask(db)
            except SQLAlchemyError as error:  # it goes on as time passes, and nothing is written
                _log.debug("clock.not_compared", extra={"error": type(error).__name__})
            else:
                clock.heard(shown, asked=asked, answered=answered)

    thread = threading.Thread(target=follow, name="server-clock", daemon=True)
    thread.start()
    try:
        yield clock
    finally:
        ended.set()
        thread.join()


def _ask(db: Database) -> tuple[datetime, timedelta, timedelta]:
    """Return what the server's clock shows, and when by our reckoning it was asked and answered."""

    def work(conn: Connection) -> tuple[datetime, timedelta, timedelta]:
        asked = since_boot()
        return _shown(conn), asked, since_boot()

    return db.read_now(work)


def _shown(conn: Connection) -> datetime:
    shown: datetime = conn.execute(select(func.clock_timestamp())).scalar_one()
    return shown.astimezone(UTC)
