"""The statement that makes the deliveries of a chunk: who hears what, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Insert,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app.alerts.alert import ENDS, AlertType, Audience, Reason
from app.alerts.audience import OF_ANOTHER
from app.core.levels import Level
from app.db.tables import (
    AlertRow,
    AlertTargetRow,
    ContactChannelRow,
    ContactRow,
    DeliveryRow,
    SubscriptionCargoRow,
    SubscriptionChannelRow,
    SubscriptionRow,
    SubscriptionTargetRow,
)
from app.db.types import UtcDateTime
from app.delivery.delivery import TOLD, Status
from app.delivery.moment import Tell, Why
from app.delivery.outbox import moments
from app.delivery.outbox.chunks import BUNDLE, Span, earlier_alerts, pending, within
from app.delivery.outbox.pace import PaceShape
from app.delivery.outbox.words import IN_DIGEST, OVERTAKEN, SAID_TOGETHER
from app.subscribers.countries import Countries

#: How often one who was told of a chain wants to hear of it, where no subscription says so now: as
#: he heard of it before. Added to `delivery.moment.Tell`, so that a subscription goes first.
_AS_BEFORE = 10
_HEARD_LATER = {
    Why.DAILY.value: _AS_BEFORE + Tell.DAILY,
    Why.WEEKLY.value: _AS_BEFORE + Tell.WEEKLY,
}
#: Whoever was told since then is not reminded.
LATELY = bindparam("b_lately", type_=UtcDateTime())
#: Ends told since then are what people go by.
END_SINCE = bindparam("b_end_since", type_=UtcDateTime())
#: Statements kept: of one or several alerts, of a first, middle or last chunk.
_SHAPES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the statement that makes a chunk depends on; the rest is given to it.

    Attributes:
        alerts: How many.
        after: Whether the chunk has a lower bound, and an upper one (`until`).
        reminds: Whether one of the alerts is a reminder.
        again: Whether one of them says more of a `severe` danger: it keeps to the limit of the day
            only for those who heard of that danger.
        hurried: Whether one of them is not held up for the end that was told before it: only
            those whom that reached go by it.
        subscribers: Whether one of them is for subscribers.
        told: Whether one of them is for those who were told of an alert before it.
        lesser: Whether one of them is news of another incident, below `severe`: who was told of one
            before hears it only if he asked for as little.
    """

    dialect: str
    alerts: int
    languages: tuple[str, ...]
    after: bool
    until: bool
    by_contact: bool
    pace: PaceShape | None
    countries: Countries | None = None
    reminds: bool = False
    again: bool = False
    hurried: bool = False
    subscribers: bool = True
    told: bool = True
    lesser: bool = False


@lru_cache(maxsize=_SHAPES)
def statement_of(shape: Shape) -> Insert:
    """Return the statement that makes the deliveries of a chunk; built once.

    Building it takes ten times as long as a hundred recipients do.
    """
    span = Span(shape.after or None, shape.until or None, by_contact=shape.by_contact).given
    rows = moments.deliveries(
        _recipients(span, shape),
        shape.alerts,
        shape.languages,
        bundle_id=BUNDLE,
        pace=shape.pace,
        countries=shape.countries,
    )
    dialect = sqlite if shape.dialect == "sqlite" else postgresql
    columns = list(rows.selected_columns.keys())
    statement: Insert = (
        dialect.insert(DeliveryRow).from_select(columns, rows).on_conflict_do_nothing()
    )
    # psycopg counts an insert's rows only where SQLAlchemy asks for it
    return statement.execution_options(preserve_rowcount=True)


def _subscribers(span: Span, shape: Shape) -> Select[str, str, str, int, int, int]:
    channel, alerts = SubscriptionChannelRow, shape.alerts
    heard: ColumnElement[int] = literal(0)
    if shape.hurried:
        heard = case((_unended(SubscriptionRow, alerts), moments.NO_END_HEARD), else_=0)
    found = select(
        AlertRow.id.label("alert_id"),
        SubscriptionRow.contact_id.label("contact_id"),
        channel.channel.label("channel"),
        literal(0).label("told"),
        func.coalesce(SubscriptionRow.tell, 0).label("tell"),
        heard.label("heard"),
    ).where(
        _made(alerts),
        channel.subscription_id == SubscriptionRow.id,
        AlertRow.audience == Audience.SUBSCRIBERS_AND_TOLD,
        SubscriptionRow.min_rank <= moments.of_alert("rank", alerts, AlertRow.id),
        within(SubscriptionRow.contact_id, span),
    )
    on_target, on_cargo = asked_for()
    if span.by_contact:
        return found.where(_asked(on_target, shape), _asked(on_cargo, shape))
    return found.where(on_target, on_cargo)


def _asked(condition: ColumnElement[bool], shape: Shape) -> ColumnElement[bool]:
    """Return a condition as it is asked of each subscription in the chunk, by its key.

    Joined, either database would read all subscribers of the route for every chunk. SQLite joins
    no EXISTS; PostgreSQL does, but for one with an OFFSET.
    """
    found = select(literal(1)).where(condition).correlate(SubscriptionRow, AlertRow)
    return exists(found.offset(0) if shape.dialect == "postgresql" else found)


def _unended(person: Any, alerts: int) -> ColumnElement[bool]:
    """Return the condition that an alert is hurried for an end that did not reach this contact."""
    end, sent = aliased(AlertRow, name="end"), aliased(DeliveryRow, name="sent_end")
    reached = exists().where(
        end.route == AlertRow.route,
        end.type.in_(sorted(ENDS)),
        end.created_at >= END_SINCE,
        sent.alert_id == end.id,
        sent.contact_id == person.contact_id,
        or_(_left_or_will(sent), sent.error_code == SAID_TOGETHER),
    )
    return and_(moments.of_alert("hurried", alerts, AlertRow.id) == 1, ~reached)


def asked_for() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that a subscription is for a target of an alert, and for its cargo."""
    target, aim, cargo = SubscriptionTargetRow, AlertTargetRow, SubscriptionCargoRow
    same = SubscriptionRow.id
    on_target = and_(
        target.subscription_id == same,
        aim.target == target.target,
        aim.alert_id == AlertRow.id,
    )
    return on_target, and_(cargo.subscription_id == same, cargo.cargo == AlertRow.cargo)


def _made(alerts: int) -> ColumnElement[bool]:
    """Return the condition that an alert is one of those that the chunk is made of.

    One that is released meanwhile has its turn afterwards: its texts are not written yet.
    """
    return and_(pending(BUNDLE), AlertRow.id.in_(moments.alert_ids(alerts)))


def _told(span: Span, shape: Shape) -> Select[str, str, str, int, int, int]:
    earlier, pairs = earlier_alerts()
    heard: ColumnElement[int] = literal(0)
    if shape.again:
        heard = case((_reached(earlier), earlier.level_rank), else_=0)
    if shape.hurried:
        heard = case((_unended(DeliveryRow, shape.alerts), moments.NO_END_HEARD), else_=heard)
    return (
        select(
            AlertRow.id.label("alert_id"),
            DeliveryRow.contact_id.label("contact_id"),
            DeliveryRow.channel.label("channel"),
            literal(1).label("told"),
            case(_HEARD_LATER, value=DeliveryRow.deferred, else_=_AS_BEFORE).label("tell"),
            heard.label("heard"),
        )
        .join(earlier, pairs)
        .join(DeliveryRow, DeliveryRow.alert_id == earlier.id)
        .where(
            _made(shape.alerts),
            or_(
                _heard(DeliveryRow),
                _in_digest(DeliveryRow),
                _with_another(earlier, _heard_or_will),
            ),
            within(DeliveryRow.contact_id, span),
            *([_not_lately()] if shape.reminds else []),
            *([_not_too_little(earlier)] if shape.lesser else []),
        )
    )


def _not_too_little(earlier: Any) -> ColumnElement[bool]:
    """Return the condition that news of another incident is not less than this contact asked for.

    Who asked for the road hears it as a subscriber or not at all; who was told without asking,
    being next on a list, say, hears on. What stands in the place of a danger that never left is
    told.
    """
    asked = exists().where(SubscriptionRow.contact_id == DeliveryRow.contact_id, and_(*asked_for()))
    return or_(
        AlertRow.reason.not_in(sorted(OF_ANOTHER)),
        ~asked,
        _stands_in(DeliveryRow),
        _with_another(earlier, _stands_in),
    )


def _not_lately() -> ColumnElement[bool]:
    """Return the condition that a reminder is for this contact: he was told nothing of it lately.

    Whoever still waits for a word of the chain gets that.
    """
    recent, of = aliased(DeliveryRow, name="recent"), aliased(AlertRow, name="of")
    with_another = and_(
        recent.error_code.in_([IN_DIGEST, SAID_TOGETHER]), recent.updated_at >= LATELY
    )
    told = exists().where(
        of.chain_id == AlertRow.chain_id,
        recent.alert_id == of.id,
        recent.contact_id == DeliveryRow.contact_id,
        or_(recent.counts_at >= LATELY, with_another, recent.tell_at.is_not(None)),
    )
    return or_(AlertRow.reason != Reason.STILL_SEVERE, ~told)


def _heard(delivery: Any) -> ColumnElement[bool]:
    """Return the condition that a contact was told, or is told now instead."""
    return or_(delivery.status.in_(TOLD), _stands_in(delivery))


def _heard_or_will(delivery: Any) -> ColumnElement[bool]:
    return or_(_on_its_way(delivery), _heard(delivery))


def _stands_in(delivery: Any) -> ColumnElement[bool]:
    """Return the condition that a contact is told an update in the place of what never left."""
    skipped = and_(
        # The alert never left because this update overtook it: its contact hears the update.
        AlertRow.type == AlertType.UPDATE,
        delivery.status == Status.SUPPRESSED,
        delivery.error_code == OVERTAKEN,
        # ... as a subscriber or not at all, who had just become one, see `newcomers`,
        func.coalesce(delivery.deferred, "") != Why.NEWCOMER,
        # ... unless it waited, and there is no danger any more: that would be old news.
        or_(delivery.deferred.is_(None), AlertRow.level_rank >= Level.MODERATE.rank),
    )
    # Nor did this one leave, for a day: a danger that is there still is news to its contact.
    too_late = and_(
        AlertRow.type == AlertType.UPDATE,
        delivery.status == Status.EXPIRED,
        AlertRow.level_rank >= Level.MODERATE.rank,
    )
    return or_(skipped, too_late)


def _reached(earlier: Any) -> ColumnElement[bool]:
    """Return the condition that what `earlier` said left for a contact, or is about to.

    Not so what was overtaken or ran out before it left: he hears what came after it instead.
    """
    return or_(
        _left(DeliveryRow),
        _in_digest(DeliveryRow),
        _with_another(earlier, _left_or_will),
    )


def _left(delivery: Any) -> ColumnElement[bool]:
    return delivery.status.in_(TOLD)  # type: ignore[no-any-return]


def _left_or_will(delivery: Any) -> ColumnElement[bool]:
    return or_(_on_its_way(delivery), _left(delivery))


def _on_its_way(delivery: Any) -> ColumnElement[bool]:
    """Return the condition that a message waits to leave, or is said with another that does."""
    waits = and_(delivery.status == Status.QUEUED, delivery.tell_at.is_(None))
    return or_(waits, _in_digest(delivery))


def _with_another(
    earlier: Any, condition: Callable[[Any], ColumnElement[bool]]
) -> ColumnElement[bool]:
    """Return the condition that the message which said it, too, meets one."""
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
            condition(sent),
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


def _recipients(span: Span, shape: Shape) -> CTE:
    """Return who hears which alert, with what their delivery needs: who can be written to now."""
    # PostgreSQL, left to find out by itself that nobody is behind one of the two, may read every
    # subscription there is, or every delivery
    heard = [_subscribers(span, shape)] if shape.subscribers else []
    if shape.told or not heard:
        heard.append(_told(span, shape))
    found = union_all(*heard).cte("found")
    tell = func.min(found.c.tell)
    once = (
        select(
            found.c.alert_id,
            found.c.contact_id,
            found.c.channel,
            case((tell >= _AS_BEFORE, tell - _AS_BEFORE), else_=tell).label("tell"),
            func.max(found.c.heard).label("heard_here"),
        )
        .group_by(found.c.alert_id, found.c.contact_id, found.c.channel)
        .cte("once")
    )
    heard_of: ColumnElement[int] = literal(0)
    if shape.again or shape.hurried:
        # on any channel: what is told leaves on all of them or on none
        person = (once.c.alert_id, once.c.contact_id)
        heard_of = func.max(once.c.heard_here).over(partition_by=person)
    return (
        select(
            once,
            heard_of.label("heard"),
            AlertRow.expires_at,
            AlertRow.route,
            AlertRow.type,
            AlertRow.bundle_rank,
            ContactRow.language,
            ContactRow.organisation_id,
            ContactRow.hours_id,
            ContactChannelRow.tariff,
            moments.muted_until(shape.pace).label("muted_until"),
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
