"""Contacts whom nothing reaches are found, and shown to their organisation until something does."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.channels.smtp_replies import has_no_mailbox
from app.channels.twilio_errors import MEANINGS, Meaning
from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.delivery import Status
from app.delivery.outbox import arriving
from app.delivery.outbox.arriving import Ended
from app.delivery.unreachable import Result, Unreachable, judge
from app.flows.context import Context
from app.subscribers.store import reach

#: Messages that went wrong are looked for so far back: longer than any pause of the clock.
_LOOKS_BACK = timedelta(days=1)
#: What was longer ago says nothing of today.
_COUNTS = timedelta(days=60)


async def find_unreachable(db: Database, context: Context, clock: Clock) -> int:
    """Mark addresses where nothing arrives, and clear those where something did.

    It looks at the outbox from outside: sending does not wait for it. An address that is marked is
    written to as before, for a warning that might arrive is not held back to tidy a list.

    Returns:
        How many addresses changed.
    """
    now, in_a_row = clock.now(), context.config.consent.in_a_row
    found = await db.read(lambda conn: _judged(conn, context, in_a_row=in_a_row, now=now))
    if not found:
        return 0
    return await db.write(lambda conn: reach.note(conn, found))


def _judged(
    conn: Connection, context: Context, *, in_a_row: int, now: datetime
) -> Mapping[tuple[str, str], Unreachable | None]:
    """Return what is to be written: None for those whom something reached again."""
    marked = reach.list_unreachable(conn)
    asked = arriving.list_missed(conn, since=now - _LOOKS_BACK) | set(marked)
    contacts = sorted({contact_id for contact_id, _ in asked})
    ended = arriving.last_ended(conn, contacts, since=now - _COUNTS, limit=in_a_row)
    most = context.config.delivery.max_attempts
    found: dict[tuple[str, str], Unreachable | None] = {}
    for at in asked:
        results = [_result(one, most) for one in ended.get(at, ())]
        verdict = judge(results, in_a_row=in_a_row)
        if verdict is None and at in marked and any(one.arrived for one in results):
            found[at] = None
        elif verdict is not None and at not in marked:
            found[at] = verdict
    return found


def _result(one: Ended, max_attempts: int) -> Result:
    arrived = one.status is Status.DELIVERED
    known = MEANINGS.get(int(one.code)) if one.code and one.code.isdecimal() else None
    # refused outright before the tries were used up: the provider said that no other would help
    outright = one.status is Status.FAILED and not one.taken and one.attempts < max_attempts
    gone = known is Meaning.PERMANENT or has_no_mailbox(one.code or "")
    hopeless = not arrived and (gone or outright)
    return Result(at=one.at, arrived=arrived, hopeless=hopeless, code=one.code)
