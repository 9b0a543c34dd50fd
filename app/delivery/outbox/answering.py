"""What a recipient who answers may be speaking of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.alerts.records import TRIAL
from app.db.tables import AcknowledgementRow, AlertRow, DeliveryRow
from app.delivery.delivery import Status
from app.delivery.outbox.joins import is_sent_as

#: A message that a provider took, or perhaps took, may have been read.
_MAYBE_READ = (Status.SENT, Status.DELIVERED, Status.IN_DOUBT, Status.UNDELIVERED)


def newest_alert_to(
    conn: Connection, contact_ids: Sequence[str], *, channel: str, since: datetime
) -> tuple[str, bool] | None:
    """Return the alert that one of the contacts was told last since then, and whether it is a test.

    A test that was answered is not spoken of again.
    """
    answered = exists().where(
        AcknowledgementRow.alert_id == DeliveryRow.alert_id,
        AcknowledgementRow.contact_id == DeliveryRow.contact_id,
    )
    row = conn.execute(
        select(DeliveryRow.alert_id, (AlertRow.route == TRIAL).label("is_trial"))
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .where(
            or_(AlertRow.route != TRIAL, ~answered),
            DeliveryRow.contact_id.in_(contact_ids),
            DeliveryRow.channel == channel,
            DeliveryRow.created_at >= since,
            DeliveryRow.status.in_(_MAYBE_READ),
        )
        .order_by(DeliveryRow.created_at.desc(), DeliveryRow.id.desc())
        .limit(1)
    ).one_or_none()
    return (row.alert_id, row.is_trial) if row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A contact was sent an alert, perhaps in a message that says others, too."""

    alert_id: str
    contact_id: str
    organisation_id: str


def told_with(conn: Connection, alert_id: str, contact_ids: Sequence[str]) -> list[Told]:
    """Return everything that the messages which told these contacts of an alert say.

    One message may say several cargoes of a road, several roads of one cause, or what waited.
    """
    sent, beside, cause = aliased(DeliveryRow), aliased(AlertRow), aliased(AlertRow)
    query = (
        select(DeliveryRow.alert_id, DeliveryRow.contact_id, DeliveryRow.organisation_id)
        .distinct()
        .join(
            sent,
            and_(sent.contact_id == DeliveryRow.contact_id, sent.channel == DeliveryRow.channel),
        )
        .join(cause, cause.id == sent.alert_id)
        .join(beside, beside.id == DeliveryRow.alert_id)
        .where(
            sent.alert_id == alert_id,
            sent.contact_id.in_(contact_ids),
            or_(
                DeliveryRow.alert_id == alert_id,
                DeliveryRow.digest_id == sent.digest_id,
                and_(
                    beside.bundle_id == cause.bundle_id,
                    func.coalesce(DeliveryRow.digest_id, "") == func.coalesce(sent.digest_id, ""),
                ),
            ),
        )
        .order_by(DeliveryRow.alert_id, DeliveryRow.contact_id)
    )
    return [Told(**row) for row in conn.execute(query).mappings()]


def told_by(conn: Connection, delivery_id: str) -> tuple[Told, datetime] | None:
    """Return whom a delivery told of what, and when it was made."""
    return _told_by(conn, DeliveryRow.id == delivery_id)


def told_by_message(conn: Connection, sent_as: str) -> tuple[Told, datetime] | None:
    """Return whom a message told of what that was sent under this id, and when it was made."""
    return _told_by(conn, is_sent_as(sent_as))


def _told_by(conn: Connection, this: ColumnElement[bool]) -> tuple[Told, datetime] | None:
    query = select(
        DeliveryRow.alert_id,
        DeliveryRow.contact_id,
        DeliveryRow.organisation_id,
        DeliveryRow.created_at,
    ).where(this)
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    told = Told(
        alert_id=row.alert_id, contact_id=row.contact_id, organisation_id=row.organisation_id
    )
    return told, row.created_at
