"""The clocks of contacts: kept once for all who have the same."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.core.ids import new_id
from app.db.tables import ContactRow, HoursRow


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptHours:
    """When a contact sleeps: "22:00", "06:00" on the clock of a zone; "": none of its own."""

    zone: str = ""
    quiet_from: str = ""
    quiet_until: str = ""


def get_hours(conn: Connection, contact_id: str) -> KeptHours:
    """Return the hours of a contact; those of nobody in particular where it named none."""
    query = (
        select(HoursRow.zone, HoursRow.quiet_from, HoursRow.quiet_until)
        .join(ContactRow, ContactRow.hours_id == HoursRow.id)
        .where(ContactRow.id == contact_id)
    )
    row = conn.execute(query).mappings().one_or_none()
    return KeptHours(**row) if row else KeptHours()


def set_hours(conn: Connection, contact_id: str, hours: KeptHours, *, now: datetime) -> None:
    """Let a contact have these hours from now on; what waits already is told when it was to be."""
    hours_id = None if hours == KeptHours() else _kept(conn, hours, now)
    conn.execute(update(ContactRow).where(ContactRow.id == contact_id).values(hours_id=hours_id))


def _kept(conn: Connection, hours: KeptHours, now: datetime) -> str:
    values = {
        "zone": hours.zone,
        "quiet_from": hours.quiet_from,
        "quiet_until": hours.quiet_until,
    }
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(HoursRow).values(id=new_id(now), **values)
    conn.execute(statement.on_conflict_do_nothing())
    found = select(HoursRow.id).filter_by(**values)
    return conn.execute(found).scalar_one()
