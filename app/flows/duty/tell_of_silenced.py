"""Many people are silenced within an hour: perhaps by somebody who wants nobody to be warned."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from app.audit import store as audit
from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.outbox import notices
from app.flows.context import Context
from app.subscribers.silenced import ACTIONS, silenced
from app.subscribers.store.subscriptions import subscribed_among

_WITHIN = timedelta(hours=1)


async def tell_of_silenced(
    db: Database, context: Context, clock: Clock, *, duty: Sequence[str]
) -> int:
    """Have the person on duty told when more people than by chance are warned no more.

    One key of an organisation, a browser in which a manager is signed in, or a list of links is
    enough to silence all its drivers before an attack, and what it does is obeyed, for it may be
    meant. So it is told, once a day, and again when it has doubled.

    Args:
        db: Of the service.
        context: Of the service.
        clock: Of the service.
        duty: On which channels that person is told.

    Returns:
        How many were silenced within the last hour.
    """
    now = clock.now()
    number = await db.read(lambda conn: count_silenced(conn, since=now - _WITHIN))
    if number < context.config.inbound.stops:
        return number

    remind = context.config.providers.fail_over.remind
    told = partial(notices.note_of_day, kind=notices.SILENCED, number=number, remind=remind)
    await db.write(partial(told, channels=duty, now=now))
    return number


def count_silenced(conn: Connection, *, since: datetime) -> int:
    """Return how many contacts of before `since` are not warned any more as they were."""
    found = silenced(audit.list_since(conn, ACTIONS, since=since))
    others = sorted(found.unsubscribed - found.gone)
    return len(found.gone) + len(others) - len(subscribed_among(conn, others))
