"""Organisations in a storm that have a list of who is told next, and those of them who answer."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import Connection, delete, select

from app.db.engine import Database
from app.db.tables import AlertRow, ContactRow, DeliveryRow, OrganisationRow, SubscriptionRow
from app.flows.context import Context
from app.flows.outcomes import call_list
from app.flows.sending import acknowledge
from app.subscribers.store.call_lists import CallStep


def make_lists(conn: Connection, context: Context, *, now: datetime) -> set[str]:
    """Let every organisation have three who are told next; return who answers.

    One of the three is a subscriber like the others, two hear only when they are called. Of two
    organisations in three one of these answers, of the third nobody ever does.
    """
    answering = set()
    ids = list(conn.scalars(select(OrganisationRow.id).order_by(OrganisationRow.id)))
    for place, organisation in enumerate(ids):
        of = ContactRow.organisation_id == organisation
        people = list(conn.scalars(select(ContactRow.id).where(of).order_by(ContactRow.id)))
        conn.execute(delete(SubscriptionRow).where(SubscriptionRow.contact_id.in_(people[1:3])))
        steps = [CallStep(contact_ids=(one,)) for one in people[:3]]
        call_list.set_call_list(conn, organisation, steps, actor="t", context=context, now=now)
        if place % 3:
            answering.add(people[place % 3])
    return answering


def answer(db: Database, answering: AbstractSet[str], *, now: datetime) -> None:
    """Let those who answer take note of what holds and they were told."""
    query = (
        select(DeliveryRow.alert_id, DeliveryRow.contact_id)
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .where(
            AlertRow.level == "severe",
            AlertRow.status == "active",
            DeliveryRow.contact_id.in_(answering),
            DeliveryRow.status == "delivered",
        )
    )

    def work(conn: Connection) -> None:
        for alert_id, contact_id in conn.execute(query).all():
            acknowledge.by_reply(conn, alert_id, [contact_id], actor="storm", now=now)

    if answering:
        db.write_now(work)
