"""Somebody begins to listen while a danger holds: he is told of it, and does not wait for news."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.delivery.outbox import newcomers
from app.delivery.outbox.pace import pace_at
from app.flows.context import Context


def tell_newcomers(
    conn: Connection, contact_ids: Sequence[str], *, context: Context, now: datetime
) -> None:
    """Have contacts told what holds where they asked for, in the transaction in which they did.

    A driver who is added the morning after the attack, who asks for the road himself, agrees to be
    told, writes START, gets another number or carries fuel from today on would else drive off with
    a subscription that looks right, and nothing heard. `tell_waiting` puts all of it into one
    message, within seconds.
    """
    newcomers.listen_alone(conn)
    config = context.config
    how = newcomers.How(
        pace=pace_at(conn, config.moment, now=now),
        languages=config.subscribers.languages,
        countries=config.countries,
        now=now,
    )
    newcomers.tell_newcomers(conn, contact_ids, how)
