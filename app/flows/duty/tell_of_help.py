"""A call for help stands unread at the desk: whoever is on duty hears of it, wherever he is."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.outbox import notices
from app.flows.context import Context
from app.flows.desk.desk_messages import calls_for_help
from app.flows.duty.duty_pace import tell_deputy_of, tell_of
from app.subscribers.store import unread
from app.subscribers.store.inbound import Heard
from app.subscribers.store.unread import Span

#: Of one look; more is a flood, and the first tell as much.
_MOST = 300


async def tell_of_help(
    db: Database, context: Context, clock: Clock, *, duty: Sequence[str], deputy: Sequence[str] = ()
) -> int:
    """Have the person on duty told of calls for help that nobody at the desk dealt with.

    Nothing is done of what a stranger writes, and who broke down or is ill at night waits for a
    person. Each call is told of once, see `duty_pace`.

    Args:
        db: Of the service.
        context: Of the service.
        clock: Of the service.
        duty: On which channels that person is told; without one nothing is looked up.
        deputy: On which channels is told who comes next, while nobody acts.

    Returns:
        Of how many somebody is told now.
    """
    remind = context.config.providers.fail_over.remind
    calls = partial(_calls, context)
    told = await tell_of(db, notices.HELP, calls, clock=clock, duty=duty, remind=remind)
    return told + await tell_deputy_of(
        db, notices.HELP, calls, told_as=notices.HELP_STANDS, clock=clock, deputy=deputy
    )


def _calls(
    context: Context, conn: Connection, since: datetime, before: datetime
) -> Sequence[Heard]:
    span = Span(since=since, before=before, beyond=True)
    found = unread.list_unfiled(conn, span, vault=context.vault, limit=_MOST)
    return list(filter(calls_for_help, found))
