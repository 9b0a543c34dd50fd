"""A danger waits for its place and nobody is warned: whoever is on duty hears of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.outbox import notices
from app.flows.context import Context
from app.flows.duty_pace import untold
from app.flows.unanswered import Stands, list_unplaced


async def tell_of_unplaced(
    db: Database, context: Context, clock: Clock, *, duty: Sequence[str]
) -> int:
    """Have the person on duty told of dangers that stand at the desk without a place.

    Asked back, whoever was shot at may never answer; a report of the API or a file waits until a
    moderator looks. Each is told of once, together with what came since, see `duty_pace`.

    Args:
        db: Of the service.
        context: Of the service.
        clock: Of the service.
        duty: On which channels that person is told; without one nothing is looked up.

    Returns:
        Of how many he is told now.
    """
    now, remind = clock.now(), context.config.providers.fail_over.remind
    if not duty:
        return 0

    def find(conn: Connection) -> Sequence[Stands]:
        def between(since: datetime, before: datetime) -> Sequence[Stands]:
            return list_unplaced(conn, context, since=since, before=before)

        return untold(conn, notices.UNPLACED, between, remind=remind, now=now)

    if not await db.read(find):
        return 0

    def work(conn: Connection) -> int:
        found = find(conn)
        if found:
            notices.note(
                conn,
                kind=notices.UNPLACED,
                about=f"{notices.UNPLACED_OF}{found[0].id}",
                words="",
                number=len(found),
                channels=duty,
                remind=remind,
                now=now,
            )
        return len(found)

    return await db.write(work)
