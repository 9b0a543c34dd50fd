"""Which contacts come next: a large bundle is fanned out chunk by chunk."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    func,
    literal,
    not_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from app.alerts.alert import AlertType
from app.alerts.audience import BESIDE_OTHERS
from app.db.json import sql_json_length
from app.db.tables import (
    AlertRow,
    AlertTargetRow,
    ContactRow,
    DeliveryRow,
    SubscriptionRow,
    SubscriptionTargetRow,
)

#: Contacts in the first chunk: small, so that the first calls go out at once.
_FIRST_CHUNK = 100
#: Subscribers are counted off where they are no more than so many chunks, for each reads them all,
#: and there are so many times as many contacts.
_FEW_CHUNKS, _MANY_MORE = 4, 8
#: The bundle, for a statement that is built once.
BUNDLE = bindparam("b_bundle", type_=String())


@dataclass(frozen=True, slots=True)
class Span:
    """Contact ids of a chunk: after the first, up to and with the second; None: no bound.

    `by_contact`: the bundle is large, so each chunk reads the contacts in it, not all subscribers.
    """

    after: Any
    until: Any
    by_contact: bool

    @property
    def given(self) -> "Span":
        """The same chunk for a statement that is built once: its bounds are given later."""
        after, until = bindparam("b_after", type_=String()), bindparam("b_until", type_=String())
        return Span(
            None if self.after is None else after,
            None if self.until is None else until,
            by_contact=self.by_contact,
        )


def comes_before(earlier: Any, later: Any) -> ColumnElement[bool]:
    """Return the condition that two alerts are of one chain, in this order.

    By the number of alerts each refers to: their times come from clocks of several machines.
    """
    return and_(
        earlier.chain_id == later.chain_id,
        sql_json_length(earlier.references) < sql_json_length(later.references),
    )


def overtakes(later: Any, earlier: Any) -> ColumnElement[bool]:
    """Return the condition that who hears `later` of two alerts of a chain needs no `earlier` one.

    News of another place is none of the first: who has heard of neither drives into that. So both
    are told, in their order, where the road is as dangerous in both and nothing is taken back.
    """
    speaks = func.coalesce(earlier.facts["speaks"].as_string(), "")
    news, ended, lost = (
        func.coalesce(later.facts[name].as_string(), "") for name in ("speaks", "lifted", "lost")
    )
    beside = and_(
        later.type == AlertType.UPDATE,
        later.reason.in_(sorted(BESIDE_OTHERS)),
        later.level_rank == earlier.level_rank,
        speaks.not_in(["", news, ended]),
        lost == "",
    )
    return not_(beside)


def pending(bundle_id: Any) -> ColumnElement[bool]:
    """Return the condition that an alert is of the bundle and still to be fanned out."""
    return and_(
        AlertRow.bundle_id == bundle_id,
        AlertRow.fanned_out_at.is_(None),
        AlertRow.status != "held",
    )


def earlier_alerts() -> tuple[Any, ColumnElement[bool]]:
    """Return an alias for earlier alerts, and what joins them to those of the bundle."""
    earlier = aliased(AlertRow, name="earlier")
    return earlier, and_(comes_before(earlier, AlertRow), earlier.bundle_id != BUNDLE)


def next_span(conn: Connection, bundle_id: str, *, after: str | None, chunk: int) -> Span:
    """Return the next contacts to make deliveries for: `chunk` at most, few at first.

    Few subscribers among many contacts are counted off themselves, and read for each of their few
    chunks. Where most contacts are subscribers, or they are many, the contacts are counted off.
    """
    matches = _count_matches(conn, bundle_id, most=_FEW_CHUNKS * chunk + 1)
    if matches <= chunk:
        first = after is None and matches > _FIRST_CHUNK
        until = matching_at(conn, bundle_id, None, _FIRST_CHUNK) if first else None
        return Span(after, until, by_contact=False)
    size = _FIRST_CHUNK if after is None else chunk
    if matches <= _FEW_CHUNKS * chunk and _are_few_of_all(conn, matches):
        return Span(after, matching_at(conn, bundle_id, after, size), by_contact=False)
    query = select(ContactRow.id).order_by(ContactRow.id).offset(size - 1).limit(1)
    if after is not None:
        query = query.where(ContactRow.id > after)
    return Span(after, conn.scalar(query), by_contact=True)


def _are_few_of_all(conn: Connection, matches: int) -> bool:
    """Return whether there are many contacts more than the `matches` that a bundle concerns."""
    most = _MANY_MORE * matches
    contacts = select(literal(1)).select_from(ContactRow).limit(most).subquery()
    return conn.scalar(select(func.count()).select_from(contacts)) == most


def matching_at(conn: Connection, bundle_id: str, after: str | None, number: int) -> str | None:
    """Return the `number`th contact after `after` whom a bundle may concern; None: the last ones.

    Subscribers and the told are counted apart, and the sooner one ends the chunk.
    """
    subscribed = (
        select(SubscriptionRow.contact_id)
        .join(SubscriptionTargetRow, SubscriptionTargetRow.subscription_id == SubscriptionRow.id)
        .where(SubscriptionTargetRow.target.in_(_targets(bundle_id)))
    )
    found = [_contact_at(conn, subscribed, SubscriptionRow.contact_id, after, number)]
    if before := conn.scalars(told_before(), {"b_bundle": bundle_id}).all():
        told = select(DeliveryRow.contact_id).where(DeliveryRow.alert_id.in_(before))
        found.append(_contact_at(conn, told, DeliveryRow.contact_id, after, number))
    return min((one for one in found if one is not None), default=None)


def _contact_at(
    conn: Connection, query: Select[str], contact_id: Any, after: str | None, number: int
) -> str | None:
    later = query if after is None else query.where(contact_id > after)
    return conn.scalar(later.order_by(contact_id).offset(number - 1).limit(1))


def _targets(bundle_id: Any) -> Select[str]:
    return select(AlertTargetRow.target).join(AlertRow).where(pending(bundle_id))


def _count_matches(conn: Connection, bundle_id: str, *, most: int) -> int:
    """Return how many subscribers or told contacts a bundle may concern, counting up to `most`."""
    given = {"b_bundle": bundle_id, "b_most": most}
    return max(conn.scalar(query, given) or 0 for query in _counting())


@cache
def _counting() -> tuple[Select[int], Select[int]]:
    """Return what counts the subscribers of the bundle `b_bundle`, and the told, up to `b_most`."""
    most = bindparam("b_most", type_=Integer())
    subscribed = SubscriptionTargetRow.target.in_(_targets(BUNDLE))
    of_subscribers = select(literal(1)).where(subscribed).limit(most)
    of_told = select(literal(1)).where(DeliveryRow.alert_id.in_(told_before())).limit(most)
    return (
        select(func.count()).select_from(of_subscribers.subquery()),
        select(func.count()).select_from(of_told.subquery()),
    )


@cache
def told_before() -> Select[str]:
    """Return what finds the alerts that those of the bundle `b_bundle` follow."""
    earlier, pairs = earlier_alerts()
    return select(earlier.id).join(AlertRow, pairs).where(pending(BUNDLE))


@cache
def overtaken_by_bundle() -> Select[str]:
    """Return what finds those of them that need not be told any more."""
    earlier, pairs = earlier_alerts()
    over = overtakes(AlertRow, earlier)
    return select(earlier.id).join(AlertRow, pairs).where(pending(BUNDLE), over)


def list_overtaken_alerts(conn: Connection, alert_ids: Collection[str]) -> set[str]:
    """Return those of superseded alerts that need not be told any more, for what came after."""
    if not alert_ids:
        return set()
    earlier, later = aliased(AlertRow, name="earlier"), aliased(AlertRow, name="later")
    query = (
        select(earlier.id)
        .join(later, comes_before(earlier, later))
        .where(earlier.id.in_(sorted(alert_ids)), later.status != "held", overtakes(later, earlier))
    )
    return set(conn.scalars(query))


def within(column: Any, span: Span) -> ColumnElement[bool]:
    """Return the condition that `column`, a contact id, lies in the chunk: (after, until]."""
    return and_(
        true() if span.after is None else column > span.after,
        true() if span.until is None else column <= span.until,
    )
