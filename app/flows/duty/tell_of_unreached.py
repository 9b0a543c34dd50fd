"""People were not warned of a severe danger and nobody calls them: the deputy hears of it."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection

from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.outbox import notices, reach
from app.flows.context import Context
from app.flows.desk.desk_alert import subject_of
from app.flows.duty.duty_pace import DEPUTY_AFTER, NEWS_FOR
from app.incidents.store import list_holds

#: Of one look; more are told of after them.
_MOST = 100


async def tell_of_unreached(
    db: Database, context: Context, clock: Clock, *, deputy: Sequence[str]
) -> int:
    """Have the deputy told of severe alerts with people left to call; return of how many.

    The person on duty was told of each as its messages failed, and has had a quarter of an hour
    since. An alert that somebody has open at the desk is being dealt with, and who was called, or
    told something later of the same road, is called no more.

    Args:
        db: Of the service.
        context: Of the service.
        clock: Of the service.
        deputy: On which channels he is told; without one nothing is looked up.
    """

    def work(conn: Connection) -> int:
        found = _unheeded(conn, context, clock)
        if found:
            notices.note(
                conn,
                kind=notices.UNREACHED_STANDS,
                about=f"{notices.UNREACHED_STANDS}:{found[0]}",
                words="",
                number=len(found),
                channels=deputy,
                remind=NEWS_FOR,
                now=clock.now(),
            )
        return len(found)

    if not deputy or not await db.read(lambda conn: _unheeded(conn, context, clock)):
        return 0
    return await db.write(work)


def _unheeded(conn: Connection, context: Context, clock: Clock) -> Sequence[str]:
    """Return the alerts that the deputy has not been told of and nobody works on."""
    now = clock.now()
    since, remind = now - NEWS_FOR, context.config.providers.fail_over.remind
    told = notices.last_of_kind(conn, notices.UNREACHED_STANDS, since=since)
    if told is not None and timedelta(0) <= now - told < remind:
        return []
    after = since if told is None else max(since, told - DEPUTY_AFTER)
    severe = notices.list_severe_unreached(conn, after=after, until=now - DEPUTY_AFTER)
    if not severe:
        return []
    calls = reach.list_unreached_alerts(
        conn,
        since=since,
        organisation_id=None,
        receipt_within=context.config.delivery.receipt_within,
        now=now,
        limit=_MOST,
    )
    held = list_holds(conn, now=now)
    waiting = {one.alert_id for one in calls if subject_of(one.alert_id) not in held}
    return [one for one in severe if one in waiting]
