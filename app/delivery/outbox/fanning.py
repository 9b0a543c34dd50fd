"""From alerts to deliveries: one INSERT ... SELECT a chunk, whatever the number of recipients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app.alerts.alert import AlertType, Audience
from app.core.levels import Level
from app.db.ids import sql_uuid7, uuid7_prefix
from app.db.tables import (
    AlertRow,
    AlertTargetRow,
    ContactChannelRow,
    ContactRow,
    DeliveryRow,
    MessageRow,
    SubscriptionCargoRow,
    SubscriptionChannelRow,
    SubscriptionRow,
    SubscriptionTargetRow,
)
from app.db.types import UtcDateTime
from app.delivery.delivery import TOLD, Status, priority_of
from app.delivery.outbox.chunks import (
    Span,
    comes_before,
    earlier_alerts,
    next_span,
    pending,
    within,
)

#: Why a delivery that had not left was taken out of the queue.
OVERTAKEN = "overtaken"
#: Why a delivery was never sent: another one of its bundle says it, too, for several cargoes.
SAID_TOGETHER = "said_together"
#: Why a delivery that may have left was put back: the doubt could not be settled in time.
UNSETTLED = "unsettled"


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutStep:
    """One chunk done. `next_after` is where the next one starts; None: the bundle is finished."""

    inserted: int
    next_after: str | None


def list_bundles(conn: Connection, *, limit: int) -> list[str]:
    """Return bundles with an alert to fan out, worst first, but the alerts of a chain in order."""
    older = aliased(AlertRow)
    waits = exists().where(
        comes_before(older, AlertRow),
        older.bundle_id != AlertRow.bundle_id,
        older.fanned_out_at.is_(None),
        older.status != "held",
    )
    query = (
        select(AlertRow.bundle_id)
        .where(AlertRow.fanned_out_at.is_(None), AlertRow.status != "held")
        .group_by(AlertRow.bundle_id)
        .having(func.max(case((waits, 1), else_=0)) == 0)
        .order_by(func.max(AlertRow.level_rank).desc(), AlertRow.bundle_id)
        .limit(limit)
    )
    return list(conn.scalars(query))


def list_untold(conn: Connection, bundle_id: str) -> list[str]:
    """Return the ids of the bundle's alerts that are not fanned out."""
    query = select(AlertRow.id).where(pending(bundle_id)).order_by(AlertRow.bundle_rank)
    return list(conn.scalars(query))


def add_messages(conn: Connection, messages: Sequence[Mapping[str, Any]]) -> None:
    """Store rendered texts; one that is there stays, so that all recipients read the same."""
    if not messages:
        return
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    conn.execute(dialect.insert(MessageRow).on_conflict_do_nothing(), list(messages))


def fan_out_step(
    conn: Connection,
    bundle_id: str,
    *,
    languages: Sequence[str],
    after: str | None,
    chunk: int,
    now: datetime,
) -> FanOutStep:
    """Make the deliveries of the next `chunk` contacts of a bundle.

    1. What is still queued of alerts that this bundle overtakes is suppressed: nobody hears of a
       danger that has been withdrawn, and nobody gets the withdrawal of what never reached them.
    2. Subscribers whom an alert concerns, and contacts who were told of its chain, become rows. A
       subscriber hears of one alert of the bundle, that with the lowest rank; who was told of a
       chain hears what becomes of that chain, whatever else the bundle holds. Alerts of one route
       and type that differ in the cargo are one message: the others are kept as said with it.
    3. After the last chunk the alerts are marked.

    A crash in between repeats chunks; the unique key makes that harmless.

    Args:
        conn: Open transaction.
        bundle_id: Alerts of one cause.
        languages: That the texts exist in; the first one is for everybody else.
        after: `next_after` of the step before; None for the first.
        chunk: Contacts at most.
        now: Time of the rows.
    """
    alerts = conn.execute(
        select(AlertRow.id, AlertRow.level, AlertRow.before_level, AlertRow.type).where(
            pending(bundle_id)
        )
    ).all()
    if not alerts:
        return FanOutStep(inserted=0, next_after=None)
    span = next_span(conn, bundle_id, after=after, chunk=chunk)
    _suppress_overtaken(conn, bundle_id, span, now=now)
    priorities = {row.id: priority_of(Level(row.level), AlertType(row.type)) for row in alerts}
    recipients = _recipients(bundle_id, span, {row.id: _least_rank(row) for row in alerts})
    rows = _deliveries(recipients, priorities, languages, now=now)
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(DeliveryRow).from_select(list(rows.selected_columns.keys()), rows)
    # psycopg counts an insert's rows only where SQLAlchemy asks for it
    statement = statement.on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    inserted = conn.execute(statement).rowcount
    if span.until is None:
        conn.execute(update(AlertRow).where(pending(bundle_id)).values(fanned_out_at=now))
    return FanOutStep(inserted=inserted, next_after=span.until)


def is_overtaken(status: str) -> bool:
    """Tell whether what an alert of this status says has been answered, or is over."""
    return status in {"superseded", "ended"}


def _least_rank(row: Any) -> int:
    """Return what a subscriber's minimum is held against: who heard it rise hears it fall."""
    level = Level(row.level).rank
    if row.type == AlertType.ALERT:
        return level
    return max(level, Level(row.before_level).rank)


def _suppress_overtaken(conn: Connection, bundle_id: str, span: Span, *, now: datetime) -> None:
    earlier, pairs = earlier_alerts(bundle_id)
    ids = select(earlier.id).join(AlertRow, pairs).where(pending(bundle_id))
    statement = (
        update(DeliveryRow)
        .where(
            DeliveryRow.alert_id.in_(ids),
            DeliveryRow.status == Status.QUEUED,
            within(DeliveryRow.contact_id, span),
        )
        .values(**overtaken_values(now=now))
    )
    conn.execute(statement)


def overtaken_values(*, now: datetime) -> dict[str, Any]:
    """Return what becomes of a queued delivery whose alert was overtaken.

    One that was put back after a doubt nobody could settle, or for another provider, may have
    left: its contact is told the end, and a person sees it.
    """
    may_have_left = or_(
        DeliveryRow.error_code == UNSETTLED, DeliveryRow.silent_provider.is_not(None)
    )
    return {
        "status": case((may_have_left, Status.UNDELIVERED), else_=Status.SUPPRESSED),
        "error_code": case((may_have_left, UNSETTLED), else_=OVERTAKEN),
        "updated_at": now,
    }


def _subscribers(
    bundle_id: str, span: Span, ranks: Mapping[str, int]
) -> Select[str, str, str, int]:
    target: Any = SubscriptionTargetRow.target
    if span.by_contact:
        # A chunk is read by contact; left to itself SQLite would read every subscriber of the
        # target for each chunk. The empty suffix keeps it from using the index on the target.
        target = target.concat("")
    return (
        select(
            AlertRow.id.label("alert_id"),
            SubscriptionRow.contact_id.label("contact_id"),
            SubscriptionChannelRow.channel.label("channel"),
            literal(0).label("told"),
        )
        .join(AlertTargetRow, AlertTargetRow.alert_id == AlertRow.id)
        .join(SubscriptionTargetRow, target == AlertTargetRow.target)
        .join(SubscriptionRow, SubscriptionRow.id == SubscriptionTargetRow.subscription_id)
        .join(
            SubscriptionCargoRow,
            and_(
                SubscriptionCargoRow.subscription_id == SubscriptionRow.id,
                SubscriptionCargoRow.cargo == AlertRow.cargo,
            ),
        )
        .join(SubscriptionChannelRow, SubscriptionChannelRow.subscription_id == SubscriptionRow.id)
        .where(
            pending(bundle_id),
            AlertRow.audience == Audience.SUBSCRIBERS_AND_TOLD,
            SubscriptionRow.min_rank <= case(dict(ranks), value=AlertRow.id),
            within(SubscriptionRow.contact_id, span),
        )
    )


def _told(bundle_id: str, span: Span) -> Select[str, str, str, int]:
    earlier, pairs = earlier_alerts(bundle_id)
    return (
        select(
            AlertRow.id.label("alert_id"),
            DeliveryRow.contact_id.label("contact_id"),
            DeliveryRow.channel.label("channel"),
            literal(1).label("told"),
        )
        .join(earlier, pairs)
        .join(DeliveryRow, DeliveryRow.alert_id == earlier.id)
        .where(
            pending(bundle_id),
            or_(_heard(DeliveryRow), _heard_with_another(earlier)),
            within(DeliveryRow.contact_id, span),
        )
    )


def _heard(delivery: Any) -> ColumnElement[bool]:
    """Return the condition that a contact was told, or is told now instead."""
    skipped = and_(
        # The alert never left because this update overtook it: its contact hears the update.
        AlertRow.type == AlertType.UPDATE,
        delivery.status == Status.SUPPRESSED,
        delivery.error_code == OVERTAKEN,
    )
    return or_(delivery.status.in_(TOLD), skipped)


def _heard_with_another(earlier: Any) -> ColumnElement[bool]:
    """Return the condition that the message which said it, too, was heard, or waits to leave."""
    beside, sent = aliased(AlertRow, name="beside"), aliased(DeliveryRow, name="sent")
    return and_(
        DeliveryRow.status == Status.SUPPRESSED,
        DeliveryRow.error_code == SAID_TOGETHER,
        exists().where(
            beside.bundle_id == earlier.bundle_id,
            beside.route == earlier.route,
            beside.type == earlier.type,
            sent.alert_id == beside.id,
            sent.contact_id == DeliveryRow.contact_id,
            sent.channel == DeliveryRow.channel,
            or_(sent.status == Status.QUEUED, _heard(sent)),
        ),
    )


def _recipients(bundle_id: str, span: Span, ranks: Mapping[str, int]) -> Subquery:
    """Return who hears which alert: `told` ones of their own chain, others one of the bundle.

    An alert that is alone needs no choosing, and no sorting of everybody for it.
    """
    found = union_all(_subscribers(bundle_id, span, ranks), _told(bundle_id, span)).subquery()
    told = func.max(found.c.told)
    once = (
        select(found.c.alert_id, found.c.contact_id, found.c.channel, told.label("told"))
        .group_by(found.c.alert_id, found.c.contact_id, found.c.channel)
        .subquery()
    )
    if len(ranks) == 1:
        return _addressed(
            once, literal(1).label("turn"), literal(1).label("best"), once.c.told.label("any_told")
        )
    place = func.row_number().over(
        partition_by=(once.c.contact_id, once.c.channel),
        order_by=(once.c.told.desc(), AlertRow.bundle_rank, AlertRow.id),
    )
    alike = (once.c.contact_id, once.c.channel, AlertRow.route, AlertRow.type)
    turn = func.row_number().over(partition_by=alike, order_by=(AlertRow.bundle_rank, AlertRow.id))
    placed = _addressed(
        once, AlertRow.route, AlertRow.type, place.label("place"), turn.label("turn")
    )
    group = (placed.c.contact_id, placed.c.channel, placed.c.route, placed.c.type)
    return select(
        placed,
        func.max(placed.c.told).over(partition_by=group).label("any_told"),
        func.min(placed.c.place).over(partition_by=group).label("best"),
    ).subquery()


def _addressed(once: Subquery, *more: Any) -> Subquery:
    """Return those who can be written to now, with what their delivery needs."""
    return (
        select(once, AlertRow.expires_at, ContactRow.language, ContactRow.organisation_id, *more)
        .join(AlertRow, AlertRow.id == once.c.alert_id)
        .join(ContactRow, ContactRow.id == once.c.contact_id)
        .join(
            ContactChannelRow,
            and_(
                ContactChannelRow.contact_id == once.c.contact_id,
                ContactChannelRow.channel == once.c.channel,
                ContactChannelRow.status == "active",
            ),
        )
        .subquery()
    )


def _deliveries(
    rows: Subquery, priorities: Mapping[str, int], languages: Sequence[str], *, now: datetime
) -> Select[Any]:
    language = case((rows.c.language.in_(languages), rows.c.language), else_=languages[0])
    instant = literal(now, UtcDateTime())
    return select(
        sql_uuid7(literal(uuid7_prefix(now))).label("id"),
        rows.c.alert_id,
        rows.c.contact_id,
        rows.c.organisation_id,
        rows.c.channel,
        language.label("language"),
        case((rows.c.turn == 1, Status.QUEUED.value), else_=Status.SUPPRESSED.value).label(
            "status"
        ),
        case((rows.c.turn == 1, None), else_=SAID_TOGETHER).label("error_code"),
        case(dict(priorities), value=rows.c.alert_id).label("priority"),
        literal(0).label("attempts"),
        instant.label("due_at"),
        instant.label("created_at"),
        instant.label("updated_at"),
        rows.c.expires_at,
    ).where(or_(rows.c.any_told == 1, rows.c.best == 1))
