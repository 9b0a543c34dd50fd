"""How often the person on duty is told of what stands unread at the desk, and when his deputy."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.outbox import notices
from app.incidents.store import list_holds

#: Somebody who sits at the desk sees it at once, and has so long to answer or set it aside.
_STANDS = timedelta(minutes=5)
#: As long as the desk calls it news: of what is older nobody is woken.
NEWS_FOR = timedelta(hours=24)
#: What a phone wrote that he was told of, and that still stands, is told of again after so long.
_AGAIN = timedelta(hours=1)
#: He acts within so long, or the next is told: the wait of a step in GoAlert and PagerDuty.
DEPUTY_AFTER = timedelta(minutes=15)


class Standing(Protocol):
    """Something that stands unread; `phone_index`: of who wrote it, None of what no phone wrote."""

    @property
    def id(self) -> str:
        """Of what stands."""

    @property
    def phone_index(self) -> str | None:
        """Stands for the phone."""


#: Returns what came from one instant on and before another, and stands; the newest first.
Between = Callable[[Connection, datetime, datetime], Sequence[Standing]]


async def tell_of(
    db: Database,
    kind: str,
    between: Between,
    *,
    clock: Clock,
    duty: Sequence[str],
    remind: timedelta,
) -> int:
    """Have the person on duty told of what stands unread; return of how many he is told now.

    Each is told of once; those that come within `remind` of a notice are told of together after it,
    for a number is forged easily. Nobody is to be kept awake by one phone: while what it wrote
    before still stands, what it writes next is told of an hour after the last notice.

    Args:
        db: Of the service.
        kind: Of its notices; they are about "<kind>:<the newest>".
        between: Looks for it; what came within five minutes is left to who sits at the desk.
        clock: Of the service.
        duty: On which channels he is told; without one nothing is looked up.
        remind: How soon after a notice the next may follow.
    """
    now = clock.now()
    untold = partial(_untold, kind=kind, between=between, remind=remind, now=now)
    return await _note(db, kind, untold, channels=duty, remind=remind, now=now)


async def tell_deputy_of(
    db: Database,
    kind: str,
    between: Between,
    *,
    told_as: str,
    clock: Clock,
    deputy: Sequence[str],
) -> int:
    """Have the deputy told of what still stands though the person on duty was told; of how many.

    Once after each of his notices: who sleeps or is without a network must not be the last to know.
    What somebody has open at the desk is dealt with.

    Args:
        db: Of the service.
        kind: Of what the person on duty was told.
        between: Looks for it.
        told_as: The kind of the deputy's notices; they are about "<told_as>:<the newest>".
        clock: Of the service.
        deputy: On which channels he is told; without one nothing is looked up.
    """
    now = clock.now()
    unheeded = partial(_unheeded, kind=kind, between=between, told_as=told_as, now=now)
    return await _note(db, told_as, unheeded, channels=deputy, remind=NEWS_FOR, now=now)


async def _note(
    db: Database,
    kind: str,
    find: Callable[[Connection], Sequence[Standing]],
    *,
    channels: Sequence[str],
    remind: timedelta,
    now: datetime,
) -> int:
    """Write down what is found, for who is told on `channels`; return of how many."""
    if not channels or not await db.read(find):
        return 0

    def work(conn: Connection) -> int:
        found = find(conn)
        if found:
            notices.note(
                conn,
                kind=kind,
                about=f"{kind}:{found[0].id}",
                words="",
                number=len(found),
                channels=channels,
                remind=remind,
                now=now,
            )
        return len(found)

    return await db.write(work)


def _unheeded(
    conn: Connection, *, kind: str, between: Between, told_as: str, now: datetime
) -> Sequence[Standing]:
    """Return what the person on duty was told of long enough ago and nobody works on."""
    day = now - NEWS_FOR
    last = notices.last_of_kind(conn, kind, since=day)
    if last is None or now - last < DEPUTY_AFTER:
        return []
    told = notices.last_of_kind(conn, told_as, since=day)
    if told is not None and told >= last:
        return []
    found = between(conn, day, last - _STANDS)  # it told of what stood then
    held = list_holds(conn, now=now)
    return [one for one in found if held.keys().isdisjoint(_subjects(one))]


def _subjects(one: Standing) -> tuple[str, str]:
    return f"message:{one.id}", f"report:{one.id}"


def _untold(
    conn: Connection, *, kind: str, between: Between, remind: timedelta, now: datetime
) -> Sequence[Standing]:
    """Return what stands since the last notice of its kind, the newest first; none soon after."""
    before, day = now - _STANDS, now - NEWS_FOR
    last = notices.last_of_kind(conn, kind, since=day)
    if last is None:
        return between(conn, day, before)
    if timedelta(0) <= now - last < remind:
        return []
    since = max(day, last - _STANDS)  # it told of what stood then
    found = between(conn, since, before)
    if found and now - last < _AGAIN:
        told = {one.phone_index for one in between(conn, day, since)}
        found = [one for one in found if one.phone_index is None or one.phone_index not in told]
    return found
