"""Identifiers: UUID version 7, which sort by the time they were made."""

import os
import threading
import uuid
from datetime import datetime

_lock = threading.Lock()
_last = (0, 0)

#: Ids of one process within one millisecond start below this and count up to 4095.
_FIRST_BELOW = 0x400
_MOST = 0xFFF


def new_id(now: datetime) -> str:
    """Return a UUIDv7 as text: 48 bits of milliseconds, 12 of a counter, 62 random.

    Ids that one process makes sort in the order made, also within a millisecond and on a clock
    that stands still: the chain of an alert and its update is read by them.
    Source: RFC 9562, 5.7 and 6.2, method 1.
    """
    millis, counter = _next(int(now.timestamp() * 1000))
    value = (millis & 0xFFFFFFFFFFFF) << 80
    value |= 0x7 << 76
    value |= counter << 64
    value |= 0b10 << 62
    value |= int.from_bytes(os.urandom(8), "big") & 0x3FFFFFFFFFFFFFFF
    return str(uuid.UUID(int=value))


def first_id(at: datetime) -> str:
    """Return an id that no id made since `at` sorts before."""
    millis = max(0, int(at.timestamp() * 1000)) & 0xFFFFFFFFFFFF
    return str(uuid.UUID(int=millis << 80))


def _next(millis: int) -> tuple[int, int]:
    """Return the milliseconds and the counter of the next id; a clock set back starts anew."""
    global _last  # noqa: PLW0603 - one counter for the process, behind a lock
    with _lock:
        last_millis, counter = _last
        behind = last_millis - millis
        if 0 <= behind < _OVERFLOW_MS:
            millis, counter = last_millis, counter + 1
            if counter > _MOST:
                millis, counter = millis + 1, 0
        else:
            counter = int.from_bytes(os.urandom(2), "big") % _FIRST_BELOW
        _last = (millis, counter)
        return _last


#: How far a full counter may have run ahead of the clock before a smaller time is another clock's.
_OVERFLOW_MS = 1_000
