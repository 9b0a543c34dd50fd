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
    true,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app.alerts.alert import AlertType, Audience
from app.core.levels import Level
from app.db.ids import sql_uuid7, uuid7_prefix
from app.db.json import sql_json_length
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

#: Why a delivery that had not left was taken out of the queue.
OVERTAKEN = "overtaken"
#: Why a delivery that may have left was put back: the doubt could not be settled in time.
UNSETTLED = "unsettled"

#: Contacts in the first chunk: small, so that the first calls go out at once.
_FIRST_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutStep:
    """One chunk done. `next_after` is where the next one starts; None: the bundle is finished."""

    inserted: int
    next_after: str | None


@dataclass(frozen=True, slots=True)
class _Span:
    """Contact ids of a chunk: after the first, up to and with the second; None: no bound.

    `by_contact`: the bundle is large, so each chunk reads the contacts in it, not all subscribers.
    """

    after: str | None
    until: str | None
    by_contact: bool


def list_bundles(conn: Connection, *, limit: int) -> list[str]:
    """Return bundles with an alert to fan out, worst first, but the alerts of a chain in order."""
    older = aliased(AlertRow)
    waits = exists().where(
        _comes_before(older, AlertRow),
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
    query = select(AlertRow.id).where(_pending(bundle_id)).order_by(AlertRow.bundle_rank)
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
       chain hears what becomes of that chain, whatever else the bundle holds.
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
            _pending(bundle_id)
        )
    ).all()
    if not alerts:
        return FanOutStep(inserted=0, next_after=None)
    span = _next_span(conn, bundle_id, after=after, chunk=chunk)
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
        conn.execute(update(AlertRow).where(_pending(bundle_id)).values(fanned_out_at=now))
    return FanOutStep(inserted=inserted, next_after=span.until)


def is_overtaken(status: str) -> bool:
    """Tell whether what an alert of this status says has been answered, or is over."""
    return status in {"superseded", "ended"}


def _comes_before(earlier: Any, later: Any) -> ColumnElement[bool]:
    """Return the condition that two alerts are of one chain, in this order.

    By the number of alerts each refers to: their times come from clocks of several machines.
    """
    return and_(
        earlier.chain_id == later.chain_id,
        sql_json_length(earlier.references) < sql_json_length(later.references),
    )


def _least_rank(row: Any) -> int:
    """Return what a subscriber's minimum is held against: who heard it rise hears it fall."""
    level = Level(row.level).rank
    if row.type == AlertType.ALERT:
        return level
    return max(level, Level(row.before_level).rank)


def _pending(bundle_id: str) -> ColumnElement[bool]:
    return and_(
        AlertRow.bundle_id == bundle_id,
        AlertRow.fanned_out_at.is_(None),
        AlertRow.status != "held",
    )


def _earlier(bundle_id: str) -> tuple[Any, ColumnElement[bool]]:
    """Return an alias for earlier alerts, and what joins them to those of the bundle."""
    earlier = aliased(AlertRow, name="earlier")
    return earlier, and_(_comes_before(earlier, AlertRow), earlier.bundle_id != bundle_id)


def _next_span(conn: Connection, bundle_id: str, *, after: str | None, chunk: int) -> _Span:
    matches = _count_matches(conn, bundle_id, most=chunk + 1)
    if matches <= chunk:
        first = after is None and matches > _FIRST_CHUNK
        until = _first_matching(conn, bundle_id) if first else None
        return _Span(after, until, by_contact=False)
    size = _FIRST_CHUNK if after is None else chunk
    query = select(ContactRow.id).order_by(ContactRow.id).offset(size - 1).limit(1)
    if after is not None:
        query = query.where(ContactRow.id > after)
    return _Span(after, conn.scalar(query), by_contact=True)


def _first_matching(conn: Connection, bundle_id: str) -> str | None:
    """Return the contact up to whom a first small chunk goes, so that calls begin at once."""
    query = (
        select(SubscriptionRow.contact_id)
        .join(SubscriptionTargetRow, SubscriptionTargetRow.subscription_id == SubscriptionRow.id)
        .where(SubscriptionTargetRow.target.in_(_targets(bundle_id)))
        .order_by(SubscriptionRow.contact_id)
        .offset(_FIRST_CHUNK - 1)
        .limit(1)
    )
    return conn.scalar(query)


def _targets(bundle_id: str) -> Select[str]:
    return select(AlertTargetRow.target).join(AlertRow).where(_pending(bundle_id))


def _count_matches(conn: Connection, bundle_id: str, *, most: int) -> int:
    """Return how many subscribers or told contacts a bundle may concern, counting up to `most`."""
    earlier, pairs = _earlier(bundle_id)
    told = select(earlier.id).join(AlertRow, pairs).where(_pending(bundle_id))
    subscribed = SubscriptionTargetRow.target.in_(_targets(bundle_id))
    return max(
        conn.scalar(select(func.count()).select_from(query.limit(most).subquery())) or 0
        for query in (
            select(literal(1)).where(subscribed),
            select(literal(1)).where(DeliveryRow.alert_id.in_(told)),
        )
    )


def _within(column: Any, span: _Span) -> ColumnElement[bool]:
    """Return the condition that `column`, a contact id, lies in the chunk: (after, until]."""
    return and_(
        true() if span.after is None else column > span.after,
        true() if span.until is None else column <= span.until,
    )


def _suppress_overtaken(conn: Connection, bundle_id: str, span: _Span, *, now: datetime) -> None:
    earlier, pairs = _earlier(bundle_id)
    ids = select(earlier.id).join(AlertRow, pairs).where(_pending(bundle_id))
    statement = (
        update(DeliveryRow)
        .where(
            DeliveryRow.alert_id.in_(ids),
            DeliveryRow.status == Status.QUEUED,
            _within(DeliveryRow.contact_id, span),
        )
        .values(**overtaken_values(now=now))
    )
    conn.execute(statement)


def overtaken_values(*, now: datetime) -> dict[str, Any]:
    """Return what becomes of a queued delivery whose alert was overtaken.

    One that was put back after a doubt nobody could settle may have left: its contact is told the
    end, and a person sees it.
    """
    may_have_left = DeliveryRow.error_code == UNSETTLED
    return {
        "status": case((may_have_left, Status.UNDELIVERED), else_=Status.SUPPRESSED),
        "error_code": case((may_have_left, UNSETTLED), else_=OVERTAKEN),
        "updated_at": now,
    }


def _subscribers(
    bundle_id: str, span: _Span, ranks: Mapping[str, int]
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
            _pending(bundle_id),
            AlertRow.audience == Audience.SUBSCRIBERS_AND_TOLD,
            SubscriptionRow.min_rank <= case(dict(ranks), value=AlertRow.id),
            _within(SubscriptionRow.contact_id, span),
        )
    )


def _told(bundle_id: str, span: _Span) -> Select[str, str, str, int]:
    earlier, pairs = _earlier(bundle_id)
    skipped = and_(
        # The alert never left because this update overtook it: its contact hears the update.
        AlertRow.type == AlertType.UPDATE,
        DeliveryRow.status == Status.SUPPRESSED,
        DeliveryRow.error_code == OVERTAKEN,
    )
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
            _pending(bundle_id),
            or_(DeliveryRow.status.in_(TOLD), skipped),
            _within(DeliveryRow.contact_id, span),
        )
    )


def _recipients(bundle_id: str, span: _Span, ranks: Mapping[str, int]) -> Subquery:
    """Return who hears which alert: `told` ones of their own chain, others one of the bundle."""
    found = union_all(_subscribers(bundle_id, span, ranks), _told(bundle_id, span)).subquery()
    told = func.max(found.c.told)
    once = (
        select(found.c.alert_id, found.c.contact_id, found.c.channel, told.label("told"))
        .group_by(found.c.alert_id, found.c.contact_id, found.c.channel)
        .subquery()
    )
    place = func.row_number().over(
        partition_by=(once.c.contact_id, once.c.channel),
        order_by=(once.c.told.desc(), AlertRow.bundle_rank, AlertRow.id),
    )
    return (
        select(
            once,
            AlertRow.expires_at,
            ContactRow.language,
            ContactRow.organisation_id,
            place.label("place"),
        )
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
        literal(Status.QUEUED.value).label("status"),
        case(dict(priorities), value=rows.c.alert_id).label("priority"),
        literal(0).label("attempts"),
        instant.label("due_at"),
        instant.label("created_at"),
        instant.label("updated_at"),
        rows.c.expires_at,
    ).where(or_(rows.c.told == 1, rows.c.place == 1))
