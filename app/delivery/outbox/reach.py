"""How many people hear, or heard, what was said: what the desk looks at before it says more."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import aliased

from app.core.ids import first_id
from app.db.tables import AcknowledgementRow, AlertRow, DeliveryRow
from app.db.types import UtcDateTime
from app.delivery.delivery import TOLD, UNREACHED, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """How many messages of an alert did not arrive, or perhaps not."""

    alert_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """How many people hear something later only, and when the first of them does."""

    people: int
    first_at: datetime


def count_queued_people(conn: Connection, alert_ids: Collection[str]) -> tuple[int, int]:
    """Return how many people hear of these alerts now, and how many only later."""
    waits = DeliveryRow.tell_at.is_not(None)
    query = (
        select(DeliveryRow.contact_id, func.min(waits).label("waits"))
        if conn.dialect.name == "sqlite"
        else select(DeliveryRow.contact_id, func.bool_and(waits).label("waits"))
    )
    of_each = (
        query.where(
            DeliveryRow.alert_id.in_(sorted(alert_ids)), DeliveryRow.status == Status.QUEUED
        )
        .group_by(DeliveryRow.contact_id)
        .subquery()
    )
    counted = conn.execute(select(of_each.c.waits, func.count()).group_by(of_each.c.waits))
    found = {bool(waits): number for waits, number in counted}
    return found.get(False, 0), found.get(True, 0)


def find_later(
    conn: Connection, alert_ids: Collection[str], *, organisation_id: str | None = None
) -> Later | None:
    """Return who waits for these alerts: quiet hours, a digest, a mute or a full day; None: nobody.

    Who hears of one of them at once is not counted.
    """
    if not alert_ids:
        return None
    of_each = (
        select(
            func.min(DeliveryRow.tell_at).label("at"),
            func.count().label("number"),
            func.count(DeliveryRow.tell_at).label("waits"),
        )
        .where(
            DeliveryRow.alert_id.in_(sorted(alert_ids)),
            DeliveryRow.status == Status.QUEUED,
            _of(organisation_id),
        )
        .group_by(DeliveryRow.contact_id)
        .subquery()
    )
    row = conn.execute(
        select(func.count(), type_coerce(func.min(of_each.c.at), UtcDateTime())).where(
            of_each.c.waits == of_each.c.number
        )
    ).one()
    return Later(people=row[0], first_at=row[1]) if row[0] else None


def alerts_told_later(conn: Connection) -> frozenset[str]:
    """Return the alerts that somebody hears later only."""
    query = select(DeliveryRow.alert_id).where(
        DeliveryRow.status == Status.QUEUED, DeliveryRow.tell_at.is_not(None)
    )
    return frozenset(conn.scalars(query.distinct()))


def count_told_people(
    conn: Connection, alert_ids: Collection[str], *, organisation_id: str | None
) -> int:
    """Return how many people these alerts reached, or may have."""
    if not alert_ids:
        return 0
    query = select(func.count(DeliveryRow.contact_id.distinct())).where(
        DeliveryRow.alert_id.in_(sorted(alert_ids)),
        # said so, or SQLite begins with all that ever reached anybody
        DeliveryRow.status.not_in([one for one in Status if one not in TOLD]),
        _of(organisation_id),
    )
    return conn.scalar(query) or 0


def list_unreached_alerts(
    conn: Connection,
    *,
    since: datetime,
    organisation_id: str | None,
    receipt_within: timedelta,
    now: datetime,
    limit: int,
) -> Sequence[Unreached]:
    """Return the alerts since then with somebody to call, the gravest first, then the newest.

    As `list_unreached`, but for whom a person has told already, and for whom something later was
    said of the same road: what he has to hear is that.
    """
    query = (
        select(DeliveryRow.alert_id, func.count().label("number"))
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .where(
            # ids begin with the instant: what was told in years is passed over
            DeliveryRow.alert_id >= first_id(since),
            AlertRow.created_at >= since,
            is_unreached(receipt_within=receipt_within, now=now),
            ~_is_noted(),
            ~_was_told_later(),
            _of(organisation_id),
        )
        .group_by(DeliveryRow.alert_id, AlertRow.level_rank)
        .order_by(AlertRow.level_rank.desc(), DeliveryRow.alert_id.desc())
        .limit(limit)
    )
    return [Unreached(alert_id=row.alert_id, number=row.number) for row in conn.execute(query)]


def is_unreached(*, receipt_within: timedelta, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a person has to look at a delivery."""
    silent = and_(DeliveryRow.status == Status.SENT, DeliveryRow.updated_at < now - receipt_within)
    listed = and_(
        DeliveryRow.listed_at.is_not(None),
        DeliveryRow.status.in_([Status.QUEUED, Status.SENDING, Status.SENT]),
    )
    unanswered = DeliveryRow.unanswered_at.is_not(None)
    return or_(DeliveryRow.status.in_(UNREACHED), silent, listed, unanswered)


def _is_noted() -> ColumnElement[bool]:
    """Return the condition that the contact has taken note of the alert."""
    return exists().where(
        AcknowledgementRow.alert_id == DeliveryRow.alert_id,
        AcknowledgementRow.by == literal("contact:") + DeliveryRow.contact_id,
    )


def _was_told_later() -> ColumnElement[bool]:
    """Return the condition that a later alert of the chain left for the contact, or tried to."""
    then, later = aliased(DeliveryRow), aliased(AlertRow)
    # one within the other, so that he is looked up under each alert, and not all that he ever got
    left = exists().where(
        then.alert_id == later.id,
        then.contact_id == DeliveryRow.contact_id,
        then.status.in_([*TOLD, *UNREACHED]),
    )
    return exists().where(later.chain_id == AlertRow.chain_id, later.id > AlertRow.id, left)


def _of(organisation_id: str | None) -> ColumnElement[bool]:
    if organisation_id is None:
        return true()
    return DeliveryRow.organisation_id == organisation_id
