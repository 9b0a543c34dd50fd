"""A clock that is set ahead is followed once what waits has been allowed for."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from app.core.clock import SteadyClock
from app.db.engine import Database
from app.delivery.outbox import clock_ahead

_log = logging.getLogger(__name__)

#: The clock is followed after so long, whatever the database does.
HOLDS = timedelta(seconds=60)
_LOOK_S = 0.5


def follow_leap(db: Database, clock: SteadyClock) -> int:
    """Allow for a leap of the clock, if there is one, and follow it; return how many rows waited.

    Looked at again once it is followed: somebody may just have written by the clock before.
    """
    by, now = clock.leap, clock.now()
    if not by:
        return 0
    allow = partial(clock_ahead.allow_for_leap, by=by, now=now)
    found = db.write_now(allow)
    clock.follow_leap()
    found += db.write_now(allow)
    _log.warning("clock.set_ahead", extra={"seconds": by.total_seconds(), "put_off": found})
    return found


@contextmanager
def following_leaps(db: Database, clock: SteadyClock) -> Iterator[None]:
    """Follow leaps from a thread, as long as the context is open."""
    ended = threading.Event()

    def follow() -> None:
        while not ended.wait(_LOOK_S):
            try:
                follow_leap(db, clock)
            except SQLAlchemyError as error:  # tried again until the clock is followed anyway
                _log.warning("clock.leap_not_written", extra={"error": type(error).__name__})

    thread = threading.Thread(target=follow, name="clock-leaps", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
