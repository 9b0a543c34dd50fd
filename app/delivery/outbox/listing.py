"""What people ask of the outbox."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)

from app.db.tables import (
    AcknowledgementRow,
    ContactChannelRow,
    DeliveryAttemptRow,
    DeliveryRow,
    DigestRow,
    MessageRow,
)
from app.db.types import UtcDateTime
from app.delivery.delivery import Status
from app.delivery.outbox.joins import ITS_ADDRESS, ITS_DIGEST, ITS_MESSAGE, is_sent_as
from app.delivery.outbox.reach import is_unreached
from app.delivery.outbox.words import SAID_BY_OTHERS

#: Set aside until it is settled; what is sent once more is both.
_COST = func.coalesce(
    DeliveryRow.cost + DeliveryRow.reserved, DeliveryRow.cost, DeliveryRow.reserved
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A delivery as people see it; the address is masked, and None once the contact is gone.

    `silent_provider` had it before `provider` and never said that it arrived: it may have been
    delivered by both. `deferred`: why it was not told at once (`delivery.moment.Why`).
    `tell_at`: it still waits, until then. `digest_id`: one message says it with others; `text` is
    that one's. `acknowledged_at`: the contact has taken note of the alert. `escalated`: the step of
    his organisation's list that he was told as. `unanswered_at`: since when somebody should call,
    for nobody of the organisation took note. `cost`: what it did cost, or else will, in millionths;
    `segments`: that were taken.
    """

    id: str
    alert_id: str
    contact_id: str
    organisation_id: str
    channel: str
    language: str
    status: str
    attempts: int
    provider: str | None
    provider_id: str | None
    silent_provider: str | None
    error_code: str | None
    error_detail: str | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    masked: str | None
    subject: str | None
    text: str | None
    deferred: str | None
    tell_at: datetime | None
    digest_id: str | None
    tariff: str | None
    segments: int | None
    cost: int | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    escalated: int | None
    unanswered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a delivery went to, how, and when it was last on its way there."""

    contact_id: str
    channel: str
    organisation_id: str
    left_at: datetime


def list_deliveries(
    conn: Connection,
    alert_id: str,
    *,
    cursor: str | None,
    limit: int,
    organisation_id: str | None,
) -> list[DeliveryView]:
    """Return deliveries of an alert after the delivery id `cursor`, by id."""
    query = _views().where(DeliveryRow.alert_id == alert_id)
    return _page(conn, query, cursor=cursor, limit=limit, organisation_id=organisation_id)


def list_unreached(
    conn: Connection,
    alert_id: str,
    *,
    cursor: str | None,
    limit: int,
    organisation_id: str | None,
    receipt_within: timedelta,
    now: datetime,
) -> list[DeliveryView]:
    """Return deliveries of an alert that a person has to look at, by id.

    Those that did not arrive, those nobody knows of, and those for which no receipt came in time.
    """
    query = _views().where(
        DeliveryRow.alert_id == alert_id, is_unreached(receipt_within=receipt_within, now=now)
    )
    return _page(conn, query, cursor=cursor, limit=limit, organisation_id=organisation_id)


def list_to_contacts(
    conn: Connection, contact_ids: Sequence[str], *, limit: int
) -> list[DeliveryView]:
    """Return the last deliveries to these contacts, newest first, but for what others say.

    Of a danger for four cargoes one message leaves, and three deliveries say that it does.
    """
    if not contact_ids:
        return []
    query = (
        _views()
        .where(
            DeliveryRow.contact_id.in_(list(contact_ids)),
            func.coalesce(DeliveryRow.error_code, "").not_in(SAID_BY_OTHERS),
        )
        .order_by(DeliveryRow.created_at.desc(), DeliveryRow.id.desc())
        .limit(limit)
    )
    return [DeliveryView(**row) for row in conn.execute(query).mappings()]


def counts(
    conn: Connection, alert_id: str, *, organisation_id: str | None = None
) -> Mapping[str, int]:
    """Return how many deliveries of an alert stand where; statuses without any are left out."""
    query = (
        select(DeliveryRow.status, func.count().label("number"))
        .where(DeliveryRow.alert_id == alert_id, _of(organisation_id))
        .group_by(DeliveryRow.status)
        .order_by(DeliveryRow.status)
    )
    return {row.status: row.number for row in conn.execute(query)}


def cost(conn: Connection, alert_ids: Collection[str], *, organisation_id: str | None) -> int:
    """Return what the SMS of alerts cost, or will, in millionths of the currency."""
    of_alerts = DeliveryRow.alert_id.in_(sorted(alert_ids))
    query = select(func.sum(_COST)).where(of_alerts, _of(organisation_id))
    return int(conn.scalar(query) or 0)


def find_recipient(conn: Connection, sent_as: str) -> Recipient | None:
    """Return whom a message went to that was sent under this id."""
    called = select(func.max(DeliveryAttemptRow.at)).where(
        DeliveryAttemptRow.delivery_id == DeliveryRow.id
    )
    left_at = func.coalesce(called.scalar_subquery(), DeliveryRow.created_at)
    query = select(
        DeliveryRow.contact_id,
        DeliveryRow.channel,
        DeliveryRow.organisation_id,
        type_coerce(left_at, UtcDateTime()).label("left_at"),
    ).where(is_sent_as(sent_as))
    row = conn.execute(query).mappings().one_or_none()
    return Recipient(**row) if row else None


def is_busy(conn: Connection, *, now: datetime) -> bool:
    """Tell whether anything is due to be sent, or on its way to a provider."""
    due = and_(DeliveryRow.status == Status.QUEUED, DeliveryRow.due_at <= now)
    busy = or_(due, DeliveryRow.status == Status.SENDING)
    return conn.execute(select(DeliveryRow.id).where(busy).limit(1)).first() is not None


#: What is shown of a delivery.
_SHOWN = (
    DeliveryRow.id,
    DeliveryRow.alert_id,
    DeliveryRow.contact_id,
    DeliveryRow.organisation_id,
    DeliveryRow.channel,
    DeliveryRow.language,
    DeliveryRow.status,
    DeliveryRow.attempts,
    DeliveryRow.provider,
    DeliveryRow.provider_id,
    DeliveryRow.silent_provider,
    DeliveryRow.error_code,
    DeliveryRow.error_detail,
    DeliveryRow.created_at,
    DeliveryRow.updated_at,
    DeliveryRow.expires_at,
    ContactChannelRow.masked,
    # what says it with others, once it is put together
    case((DigestRow.id.is_not(None), DigestRow.subject), else_=MessageRow.subject).label("subject"),
    func.coalesce(DigestRow.text, MessageRow.text).label("text"),
    DeliveryRow.deferred,
    DeliveryRow.tell_at,
    DeliveryRow.digest_id,
    DeliveryRow.tariff,
    DeliveryRow.segments,
    _COST.label("cost"),
    AcknowledgementRow.at.label("acknowledged_at"),
    AcknowledgementRow.way.label("acknowledged_by"),
    DeliveryRow.escalated,
    DeliveryRow.unanswered_at,
)


def _views() -> Any:
    """Return what finds deliveries as they are shown: with address, text and acknowledgement."""
    return (
        select(*_SHOWN)
        .outerjoin(
            AcknowledgementRow,
            and_(
                AcknowledgementRow.alert_id == DeliveryRow.alert_id,
                AcknowledgementRow.by == literal("contact:") + DeliveryRow.contact_id,
            ),
        )
        .outerjoin(ContactChannelRow, ITS_ADDRESS)
        .outerjoin(MessageRow, ITS_MESSAGE)
        .outerjoin(DigestRow, ITS_DIGEST)
    )


def _page(
    conn: Connection,
    query: Any,
    *,
    cursor: str | None,
    limit: int,
    organisation_id: str | None,
) -> list[DeliveryView]:
    query = query.where(_of(organisation_id))
    if cursor is not None:
        query = query.where(DeliveryRow.id > cursor)
    rows = conn.execute(query.order_by(DeliveryRow.id).limit(limit)).mappings()
    return [DeliveryView(**row) for row in rows]


def _of(organisation_id: str | None) -> ColumnElement[bool]:
    """Everybody's for None."""
    if organisation_id is None:
        return true()
    return DeliveryRow.organisation_id == organisation_id
