"""From alerts to deliveries: one INSERT ... SELECT a chunk, whatever the number of recipients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
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
from app.delivery.delivery import TOLD, Status
from app.delivery.moment import MomentPolicy, Tell, Why
from app.delivery.outbox import digests, moments
from app.delivery.outbox.chunks import (
    Span,
    comes_before,
    count_inserted,
    earlier_alerts,
    next_span,
    pending,
    within,
)
from app.delivery.outbox.digests import Unwritten
from app.delivery.outbox.moments import Pace
from app.delivery.outbox.paying import rates_of
from app.delivery.outbox.words import IN_DIGEST, OVERTAKEN, SAID_TOGETHER, UNSETTLED
from app.subscribers.countries import Countries

#: How often one who was told of a chain wants to hear of it, where no subscription says so now: as
#: he heard of it before. Added to `delivery.moment.Tell`, so that a subscription goes first.
_AS_BEFORE = 10
_HEARD_LATER = {
    Why.DAILY.value: _AS_BEFORE + Tell.DAILY,
    Why.WEEKLY.value: _AS_BEFORE + Tell.WEEKLY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutStep:
    """One chunk done.

    Attributes:
        next_after: Where the next one starts; None: the bundle is finished.
        unwritten: Messages that say several alerts, and have no text yet: the caller writes it in
            the same transaction.
        span: The contacts whose deliveries were made.
    """

    inserted: int
    next_after: str | None
    unwritten: tuple[Unwritten, ...] = ()
    span: Span | None = None


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
    policy: MomentPolicy | None = None,
    countries: Countries | None = None,
) -> FanOutStep:
    """Make the deliveries of the next `chunk` contacts of a bundle.

    1. What is still queued of alerts that this bundle overtakes is suppressed: nobody hears of a
       danger that has been withdrawn, and nobody gets the withdrawal of what never reached them.
    2. Subscribers whom an alert concerns, and contacts who were told of its chain, become rows.
       What one contact hears of the bundle is one message: alerts of one route and type that differ
       in the cargo have one text, several routes have a text of their own (a digest); the other
       rows are kept as said with it. What the policy lets nobody hear now waits, see `moments`.
    3. After the last chunk the alerts are marked.

    A crash in between repeats chunks; the unique key makes that harmless.

    Args:
        conn: Open transaction.
        bundle_id: Alerts of one cause.
        languages: That the texts exist in; the first one is for everybody else.
        after: `next_after` of the step before; None for the first.
        chunk: Contacts at most.
        now: Time of the rows.
        policy: How much people are told, and when; None: everything, at once.
        countries: What messages cost; None: nobody asks.
    """
    alerts = untold_of(conn, bundle_id)
    if not alerts:
        return FanOutStep(inserted=0, next_after=None)
    span = next_span(conn, bundle_id, after=after, chunk=chunk)
    return make_chunk(
        conn, bundle_id, alerts, span,
        languages=languages, now=now, policy=policy, countries=countries,
    )  # fmt: skip


def untold_of(conn: Connection, bundle_id: str) -> Sequence[Any]:
    """Return what a chunk needs to know of a bundle's alerts that are to be fanned out."""
    return conn.execute(
        select(
            AlertRow.id, AlertRow.level, AlertRow.before_level, AlertRow.type, AlertRow.reason
        ).where(pending(bundle_id))
    ).all()


def make_chunk(
    conn: Connection,
    bundle_id: str,
    alerts: Sequence[Any],
    span: Span,
    *,
    languages: Sequence[str],
    now: datetime,
    policy: MomentPolicy | None,
    countries: Countries | None = None,
) -> FanOutStep:
    """Make the deliveries of `alerts` to the contacts of `span`; see `fan_out_step`."""
    said = {row.id: moments.said_in(row, policy) for row in alerts}
    pace = None
    if policy is not None:
        pace = moments.pace_at(conn, policy, now=now)
        if any(one.haste for one in said.values()):
            moments.count_alone(conn)
    _suppress_overtaken(conn, bundle_id, span, now=now)
    ranks = {row.id: _least_rank(row) for row in alerts}
    recipients = _recipients(bundle_id, span, ranks, pace, now)
    rates = rates_of(conn, countries, said, languages) if countries else None
    rows = moments.deliveries(
        recipients, said, languages, bundle_id=bundle_id, pace=pace, rates=rates, now=now
    )
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(DeliveryRow).from_select(list(rows.selected_columns.keys()), rows)
    inserted = count_inserted(conn, statement.on_conflict_do_nothing())
    if span.until is None:
        conn.execute(update(AlertRow).where(pending(bundle_id)).values(fanned_out_at=now))
    several = inserted and len(said) > 1
    unwritten = digests.list_unwritten(conn, list(said), span) if several else ()
    return FanOutStep(inserted=inserted, next_after=span.until, unwritten=unwritten, span=span)


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
    ids = list(conn.scalars(select(earlier.id).join(AlertRow, pairs).where(pending(bundle_id))))
    if not ids:  # a first alert; and with the ids at hand each look-up is by alert and contact
        return
    digests.dissolve(conn, ids, span, now=now)
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
    may_have_left = digests.may_have_left()
    return {
        "status": case((may_have_left, Status.UNDELIVERED), else_=Status.SUPPRESSED),
        "error_code": case((may_have_left, UNSETTLED), else_=OVERTAKEN),
        "tell_at": None,
        "counts_at": case((may_have_left, DeliveryRow.counts_at), else_=None),
        "updated_at": now,
    }


def _subscribers(
    bundle_id: str, span: Span, ranks: Mapping[str, int]
) -> Select[str, str, str, int, int]:
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
            func.coalesce(SubscriptionRow.tell, 0).label("tell"),
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


def _told(bundle_id: str, span: Span) -> Select[str, str, str, int, int]:
    earlier, pairs = earlier_alerts(bundle_id)
    return (
        select(
            AlertRow.id.label("alert_id"),
            DeliveryRow.contact_id.label("contact_id"),
            DeliveryRow.channel.label("channel"),
            literal(1).label("told"),
            case(_HEARD_LATER, value=DeliveryRow.deferred, else_=_AS_BEFORE).label("tell"),
        )
        .join(earlier, pairs)
        .join(DeliveryRow, DeliveryRow.alert_id == earlier.id)
        .where(
            pending(bundle_id),
            or_(_heard(DeliveryRow), _in_digest(DeliveryRow), _heard_with_another(earlier)),
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
        # ... unless it waited, and there is no danger any more: that would be old news.
        or_(delivery.deferred.is_(None), AlertRow.level_rank >= Level.MODERATE.rank),
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
            or_(
                and_(sent.status == Status.QUEUED, sent.tell_at.is_(None)),
                _heard(sent),
                _in_digest(sent),
            ),
        ),
    )


def _in_digest(delivery: Any) -> ColumnElement[bool]:
    """Return the condition that the message that says it with others was heard, or may be."""
    carrier = aliased(DeliveryRow, name="carrier")
    return and_(
        delivery.status == Status.SUPPRESSED,
        delivery.error_code == IN_DIGEST,
        exists().where(
            carrier.digest_id == delivery.digest_id,
            carrier.contact_id == delivery.contact_id,
            or_(carrier.status == Status.QUEUED, carrier.status.in_(TOLD)),
        ),
    )


def _recipients(
    bundle_id: str, span: Span, ranks: Mapping[str, int], pace: Pace | None, now: datetime
) -> CTE:
    """Return who hears which alert, with what their delivery needs: who can be written to now."""
    found = union_all(_subscribers(bundle_id, span, ranks), _told(bundle_id, span)).cte("found")
    tell = func.min(found.c.tell)
    once = (
        select(
            found.c.alert_id,
            found.c.contact_id,
            found.c.channel,
            case((tell >= _AS_BEFORE, tell - _AS_BEFORE), else_=tell).label("tell"),
        )
        .group_by(found.c.alert_id, found.c.contact_id, found.c.channel)
        .cte("once")
    )
    return (
        select(
            once,
            AlertRow.expires_at,
            AlertRow.route,
            AlertRow.type,
            AlertRow.bundle_rank,
            ContactRow.language,
            ContactRow.organisation_id,
            ContactRow.hours_id,
            ContactChannelRow.tariff,
            moments.muted_until(pace, now=now).label("muted_until"),
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
        .cte("addressed")
    )
