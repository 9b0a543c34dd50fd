"""Who of an organisation is told next while nobody answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from app.db.tables import ContactRow, EscalationContactRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStep:
    """Contacts who are told together; `after_minutes` without an answer, None: as the policy."""

    contact_ids: tuple[str, ...]
    after_minutes: int | None = None


def get_list(conn: Connection, organisation_id: str) -> list[CallStep]:
    """Return an organisation's list in its order; empty: it wants nobody told next."""
    row = EscalationContactRow
    query = (
        select(row.step, row.contact_id, row.wait_minutes)
        .where(row.organisation_id == organisation_id)
        .order_by(row.step, row.contact_id)
    )
    steps: dict[int, CallStep] = {}
    for step, contact_id, minutes in conn.execute(query):
        known = steps[step].contact_ids if step in steps else ()
        steps[step] = CallStep(contact_ids=(*known, contact_id), after_minutes=minutes)
    return list(steps.values())


def set_list(
    conn: Connection, organisation_id: str, steps: Sequence[CallStep], *, now: datetime
) -> None:
    """Put a list in the place of the one there was; what was told before it began is left alone."""
    row = EscalationContactRow
    began = conn.scalar(select(func.min(row.since)).where(row.organisation_id == organisation_id))
    conn.execute(delete(row).where(row.organisation_id == organisation_id))
    rows = [
        {
            "organisation_id": organisation_id,
            "contact_id": contact_id,
            "step": number,
            "wait_minutes": step.after_minutes,
            "since": began or now,
        }
        for number, step in enumerate(steps, start=1)
        for contact_id in step.contact_ids
    ]
    if rows:
        conn.execute(insert(row), rows)


def strangers(conn: Connection, organisation_id: str, contact_ids: Sequence[str]) -> set[str]:
    """Return which of these are no contacts of the organisation."""
    query = select(ContactRow.id).where(
        ContactRow.organisation_id == organisation_id, ContactRow.id.in_(contact_ids)
    )
    return set(contact_ids) - set(conn.scalars(query))
