"""Somebody nobody knows tells of danger after danger: perhaps so that all roads stand still."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.outbox import notices
from app.flows.context import Context
from app.incidents import store as incident_store
from app.incidents.credibility import stranger_of
from app.incidents.report import DANGERS

_WITHIN = timedelta(hours=1)
#: Nobody sees so many within an hour; who passes on what others saw may tell as many.
_MANY = 6
#: Of one look; more is a flood, and the first tell as much.
_MOST = 1_000


async def tell_of_strangers(
    db: Database, context: Context, clock: Clock, *, duty: Sequence[str]
) -> int:
    """Have the person on duty told when one unknown source alone tells of many dangers.

    Each is told on its road as unconfirmed, for it may be true: thirty of them, all over the
    country, use up what people read in a day, and belief in the next warning. A moderator takes
    them back. Told once a day, and again when they have doubled.

    Args:
        db: Of the service.
        context: Of the service.
        clock: Of the service.
        duty: On which channels that person is told; without one nothing is looked up.

    Returns:
        Of how many dangers the source told that tells of most.
    """
    now = clock.now()
    if not duty:
        return 0
    number = await db.read(lambda conn: _most_of_one(conn, since=now - _WITHIN))
    if number < _MANY:
        return number

    remind = context.config.providers.fail_over.remind
    told = partial(notices.note_of_day, kind=notices.STRANGER, number=number, remind=remind)
    await db.write(partial(told, channels=duty, now=now))
    return number


def _most_of_one(conn: Connection, *, since: datetime) -> int:
    """Return how many dangers that nobody else speaks of one stranger has told since."""
    told: Counter[str] = Counter()
    for one in incident_store.list_opened(conn, since=since, limit=_MOST):
        if one.family in DANGERS and len(one.voices) == 1 and (who := stranger_of(one.voices[0])):
            told[who] += 1
    return max(told.values(), default=0)
