"""How often the person on duty is told of what stands unread at the desk."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from app.delivery.outbox import notices

#: Somebody who sits at the desk sees it at once, and has so long to answer or set it aside.
_STANDS = timedelta(minutes=5)
#: As long as the desk calls it news: of what is older nobody is woken.
_NEWS_FOR = timedelta(hours=24)
#: What a phone wrote that he was told of, and that still stands, is told of again after so long.
_AGAIN = timedelta(hours=1)


class Standing(Protocol):
    """Something that stands unread; `phone_index`: of who wrote it, None of what no phone wrote."""

    @property
    def phone_index(self) -> str | None:
        """Stands for the phone."""


T = TypeVar("T", bound=Standing)


def untold(
    conn: Connection,
    kind: str,
    between: Callable[[datetime, datetime], Sequence[T]],
    *,
    remind: timedelta,
    now: datetime,
) -> Sequence[T]:
    """Return what stands since the last notice of its kind, the newest first; none soon after one.

    Each is told of once; those that come within `remind` of a notice are told of together after it,
    for a number is forged easily. Nobody is to be kept awake by one phone: while what it wrote
    before still stands, what it writes next is told of an hour after the last notice.

    Args:
        conn: Any.
        kind: Of the notices.
        between: Returns what came from one instant on and before another, and stands.
        remind: How soon after a notice the next may follow.
        now: What came within five minutes of it is left to who sits at the desk.
    """
    before, day = now - _STANDS, now - _NEWS_FOR
    last = notices.last_of_kind(conn, kind, since=day)
    if last is None:
        return between(day, before)
    if timedelta(0) <= now - last < remind:
        return []
    since = max(day, last - _STANDS)  # it told of what stood then
    found = between(since, before)
    if found and now - last < _AGAIN:
        told = {one.phone_index for one in between(day, since)}
        found = [one for one in found if one.phone_index is None or one.phone_index not in told]
    return found
