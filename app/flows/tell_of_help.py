"""A call for help stands unread at the desk: whoever is on duty hears of it, wherever he is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.outbox import notices
from app.flows.context import Context
from app.flows.desk_messages import calls_for_help
from app.subscribers.store import unread
from app.subscribers.store.inbound import Heard
from app.subscribers.store.unread import Span

#: Somebody who sits at the desk sees it at once, and has so long to answer or set it aside.
_STANDS = timedelta(minutes=5)
#: As long as the desk calls it news: of what is older nobody is woken.
_NEWS_FOR = timedelta(hours=24)
#: Calls of a phone that he was told of, and that still stand, are told of again after so long.
_AGAIN = timedelta(hours=1)
#: Of one look; more is a flood, and the first tell as much.
_MOST = 300


async def tell_of_help(db: Database, context: Context, clock: Clock, *, duty: Sequence[str]) -> int:
    """Have the person on duty told of calls for help that nobody at the desk dealt with.

    Nothing is done of what a stranger writes, and who broke down or is ill at night waits for a
    person. Each call is told of once; those that come within `remind` of a notice are told of
    together after it, for a number is forged easily. Nobody is to be kept awake by one phone: while
    what it wrote before still stands, what it writes next is told of an hour after the last notice.

    Args:
        db: Of the service.
        context: Of the service.
        clock: Of the service.
        duty: On which channels that person is told; without one nothing is looked up.

    Returns:
        Of how many he is told now.
    """
    now, remind = clock.now(), context.config.providers.fail_over.remind
    if not duty or not await db.read(lambda conn: _untold(conn, context, remind=remind, now=now)):
        return 0

    def work(conn: Connection) -> int:
        calls = _untold(conn, context, remind=remind, now=now)
        if calls:
            notices.note(
                conn,
                kind=notices.HELP,
                about=f"{notices.HELP_OF}{calls[0].id}",
                words="",
                number=len(calls),
                channels=duty,
                remind=remind,
                now=now,
            )
        return len(calls)

    return await db.write(work)


def _untold(
    conn: Connection, context: Context, *, remind: timedelta, now: datetime
) -> Sequence[Heard]:
    """Return the calls that stand since the last notice, the newest first; none soon after one."""
    before, day = now - _STANDS, now - _NEWS_FOR
    last = notices.last_of_kind(conn, notices.HELP, since=day)
    if last is None:
        return _calls(conn, context, since=day, before=before)
    if timedelta(0) <= now - last < remind:
        return []
    since = max(day, last - _STANDS)  # it told of what stood then
    calls = _calls(conn, context, since=since, before=before)
    if calls and now - last < _AGAIN:
        told = {one.phone_index for one in _calls(conn, context, since=day, before=since)}
        calls = [one for one in calls if one.phone_index is None or one.phone_index not in told]
    return calls


def _calls(
    conn: Connection, context: Context, *, since: datetime, before: datetime
) -> Sequence[Heard]:
    span = Span(since=since, before=before, beyond=True)
    found = unread.list_unfiled(conn, span, vault=context.vault, limit=_MOST)
    return list(filter(calls_for_help, found))
