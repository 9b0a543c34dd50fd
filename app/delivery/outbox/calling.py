"""What a call says, found when it is answered."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from app.db.tables import DeliveryRow
from app.delivery.outbox import digests
from app.delivery.outbox.joins import is_sent_as


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A delivery that is a call, and its words; `names`: the contact they speak of, if any."""

    alert_id: str
    contact_id: str
    language: str
    text: str
    made_at: datetime
    names: str | None = None


def find_call(conn: Connection, sent_as: str) -> Call | None:
    """Return what a call says that was made under this id; None: none, or its words are gone."""
    row = conn.execute(
        select(
            DeliveryRow.alert_id,
            DeliveryRow.contact_id,
            DeliveryRow.language,
            DeliveryRow.channel,
            DeliveryRow.digest_id,
            DeliveryRow.created_at,
        ).where(is_sent_as(sent_as), DeliveryRow.channel == "voice")
    ).one_or_none()
    if row is None:
        return None
    found = digests.find_message(
        conn,
        row.alert_id,
        channel=row.channel,
        language=row.language,
        digest_id=row.digest_id,
    )
    if found is None:
        return None
    return Call(
        alert_id=row.alert_id,
        contact_id=row.contact_id,
        language=row.language,
        text=found.text,
        made_at=row.created_at,
        names=getattr(found, "names", None),  # of a message of its own
    )
