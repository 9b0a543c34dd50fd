"""A danger waits for its place and nobody is warned: whoever is on duty hears of it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.outbox import notices
from app.flows.context import Context
from app.flows.duty.duty_pace import tell_deputy_of, tell_of
from app.flows.messages.unanswered import Stands, list_unplaced


async def tell_of_unplaced(
    db: Database, context: Context, clock: Clock, *, duty: Sequence[str], deputy: Sequence[str] = ()
) -> int:
    """Have the person on duty told of dangers that stand at the desk without a place.

    Asked back, whoever was shot at may never answer; a report of the API or a file waits until a
    moderator looks. Each is told of once, together with what came since, see `duty_pace`.

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
    dangers = partial(_unplaced, context)
    told = await tell_of(db, notices.UNPLACED, dangers, clock=clock, duty=duty, remind=remind)
    return told + await tell_deputy_of(
        db, notices.UNPLACED, dangers, told_as=notices.UNPLACED_STANDS, clock=clock, deputy=deputy
    )


def _unplaced(
    context: Context, conn: Connection, since: datetime, before: datetime
) -> Sequence[Stands]:
    return list_unplaced(conn, context, since=since, before=before)
