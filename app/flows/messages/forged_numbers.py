"""Signs that somebody writes in the names of others: the sender of an SMS can be forged.

What such a message asks for is done all the same, for a STOP must be obeyed, and nobody can tell.
Its answer goes to the true phone; here the person on duty is told, who can call.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.delivery.outbox import notices
from app.subscribers.conversation import Outcome
from app.subscribers.inbound_policy import InboundPolicy
from app.subscribers.store import inbound
from app.subscribers.understood import Action

_WITHIN = timedelta(hours=1)


def tell(
    conn: Connection,
    action: Action,
    outcome: Outcome,
    *,
    policy: InboundPolicy,
    channels: Sequence[str],
    remind: timedelta,
    now: datetime,
) -> None:
    """Have the person on duty told of what a message that was kept may be a part of.

    - More people than by chance want nothing more: they would not hear the next warning.
    - A known phone writes so much that it is not listened to: nobody would hear its own warning.

    Args:
        conn: Open transaction.
        action: What the message asked for.
        outcome: What came of it.
        policy: From how many STOPs on.
        channels: On which that person is told.
        remind: No sooner again.
        now: When it came.
    """
    kind, number = _sign(conn, action, outcome, policy, since=now - _WITHIN)
    if number:
        notices.note_of_day(
            conn,
            kind=kind,
            number=number,
            channels=channels,
            remind=remind,
            now=now,
        )


def _sign(
    conn: Connection, action: Action, outcome: Outcome, policy: InboundPolicy, *, since: datetime
) -> tuple[str, int]:
    if outcome is Outcome.FLOOD:
        return notices.FLOOD, inbound.count_flooding(conn, since=since)
    if (action, outcome) == (Action.STOP, Outcome.DONE):
        number = inbound.count_stopped(conn, since=since)
        return notices.STOPS, number if number >= policy.stops else 0
    return "", 0
