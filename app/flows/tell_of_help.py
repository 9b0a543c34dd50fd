"""A call for help stands unread at the desk: whoever is on duty hears of it, wherever he is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.outbox import notices
from app.flows.context import Context
from app.flows.desk_messages import calls_for_help
from app.flows.duty_pace import untold
from app.subscribers.store import unread
from app.subscribers.store.inbound import Heard
from app.subscribers.store.unread import Span

#: Of one look; more is a flood, and the first tell as much.
_MOST = 300


async def tell_of_help(db: Database, context: Context, clock: Clock, *, duty: Sequence[str]) -> int:
    """Have the person on duty told of calls for help that nobody at the desk dealt with.

    Nothing is done of what a stranger writes, and who broke down or is ill at night waits for a
    person. Each call is told of once, see `duty_pace`.

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
    def between(since: datetime, before: datetime) -> Sequence[Heard]:
        return _calls(conn, context, since=since, before=before)

    return untold(conn, notices.HELP, between, remind=remind, now=now)


def _calls(
    conn: Connection, context: Context, *, since: datetime, before: datetime
) -> Sequence[Heard]:
    span = Span(since=since, before=before, beyond=True)
    found = unread.list_unfiled(conn, span, vault=context.vault, limit=_MOST)
    return list(filter(calls_for_help, found))
