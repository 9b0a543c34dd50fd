"""From alerts to deliveries: one INSERT ... SELECT a chunk, whatever the number of recipients."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Executable,
    Integer,
    Select,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app.alerts.alert import Audience, Reason
from app.alerts.audience import OF_ANOTHER
from app.core.levels import Level
from app.db.tables import (
    AlertRow,
    DeliveryRow,
    MessageRow,
)
from app.delivery.delivery import Status
from app.delivery.moment import END_WITHIN, Haste, MomentPolicy
from app.delivery.outbox import digests, moments, newcomers, paying
from app.delivery.outbox.chunks import (
    Span,
    comes_before,
    next_span,
    overtaken_by_bundle,
    pending,
    told_before,
    within,
)
from app.delivery.outbox.digests import Unwritten
from app.delivery.outbox.making import Shape, statement_of
from app.delivery.outbox.pace import pace_at
from app.delivery.outbox.words import OVERTAKEN, UNSETTLED
from app.subscribers.countries import Countries


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
    return list(conn.scalars(_bundles(), {"b_limit": limit}))


@cache
def _bundles() -> Select[str]:
    """Return the statement of `list_bundles`: built once, every worker asks all the time."""
    older = aliased(AlertRow)
    waits = exists().where(
        comes_before(older, AlertRow),
        older.bundle_id != AlertRow.bundle_id,
        older.fanned_out_at.is_(None),
        older.status != "held",
    )
    return (
        select(AlertRow.bundle_id)
        .where(AlertRow.fanned_out_at.is_(None), AlertRow.status != "held")
        .group_by(AlertRow.bundle_id)
        .having(func.max(case((waits, 1), else_=0)) == 0)
        .order_by(func.max(AlertRow.level_rank).desc(), AlertRow.bundle_id)
        .limit(bindparam("b_limit", type_=Integer()))
    )


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
    alert_ids: Collection[str] | None = None,
) -> FanOutStep:
    """Make the deliveries of the next `chunk` contacts of a bundle.

    1. What is still queued of alerts that this bundle overtakes is suppressed: nobody hears of a
       danger that has been withdrawn, and nobody gets the withdrawal of what never reached them.
    2. Subscribers whom an alert concerns, and contacts who were told of its chain, become rows.
       What one contact hears of the bundle is one message: alerts of one route and type that differ
       in the cargo have one text, several routes have a text of their own (a digest); the other
       rows are kept as said with it. What the policy lets nobody hear now waits, see `moments`.
       Who had just asked for the road, and was about to be told what held, is told what holds now.
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
        alert_ids: Of these alerts only: of those whose texts are there; None: of all.
    """
    alerts = [row for row in untold_of(conn, bundle_id) if alert_ids is None or row.id in alert_ids]
    if not alerts:
        return FanOutStep(inserted=0, next_after=None)
    span = next_span(conn, bundle_id, after=after, chunk=chunk)
    return make_chunk(
        conn,
        bundle_id,
        alerts,
        span,
        languages=languages,
        now=now,
        policy=policy,
        countries=countries,
    )


def untold_of(conn: Connection, bundle_id: str) -> Sequence[Any]:
    """Return what a chunk needs to know of a bundle's alerts that are to be fanned out."""
    return conn.execute(
        select(
            AlertRow.id,
            AlertRow.level,
            AlertRow.before_level,
            AlertRow.type,
            AlertRow.reason,
            AlertRow.audience,
            AlertRow.facts,
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
    countries: Countries | None,
) -> FanOutStep:
    """Make the deliveries of `alerts` to the contacts of `span`; see `fan_out_step`."""
    said = {row.id: moments.said_in(row, policy) for row in alerts}
    pace = None
    if policy is not None:
        pace = pace_at(conn, policy, now=now)
        if any(one.haste or one.hurried for one in said.values()):
            moments.count_alone(conn)
    before = list(conn.scalars(told_before(), {"b_bundle": bundle_id}))
    if before:
        over = list(conn.scalars(overtaken_by_bundle(), {"b_bundle": bundle_id}))
        _suppress_overtaken(conn, before, over, span, now=now)
    shape = Shape(
        dialect=conn.dialect.name,
        alerts=len(said),
        languages=tuple(languages),
        after=span.after is not None,
        until=span.until is not None,
        by_contact=span.by_contact,
        pace=pace.shape if pace is not None else None,
        countries=countries,
        again=any(one.haste is Haste.AGAIN for one in said.values()),
        hurried=any(one.hurried for one in said.values()),
        reminds=any(row.reason == Reason.STILL_SEVERE for row in alerts),
        subscribers=any(row.audience == Audience.SUBSCRIBERS_AND_TOLD for row in alerts),
        told=bool(before),
        lesser=any(
            row.reason in OF_ANOTHER and said[row.id].rank < Level.SEVERE.rank for row in alerts
        ),
    )
    given = moments.given(now, said, pace)
    given |= {"b_bundle": bundle_id, "b_after": span.after, "b_until": span.until}
    if shape.hurried:
        given["b_end_since"] = now - END_WITHIN
    if shape.reminds:
        remind = policy.remind if policy is not None else None
        given["b_lately"] = now - remind.told_lately if remind is not None else now
    if countries is not None:
        given |= paying.given(conn, list(said), languages)
    inserted = _count_inserted(conn, statement_of(shape), given)
    how = newcomers.How(pace=pace, languages=languages, countries=countries, now=now)
    newcomers.tell_overtaken(conn, before, span, how)
    if span.until is None:
        made = (pending(bundle_id), AlertRow.id.in_(list(said)))
        conn.execute(update(AlertRow).where(*made).values(fanned_out_at=now))
    several = inserted and len(said) > 1
    unwritten = digests.list_unwritten(conn, list(said), span) if several else ()
    return FanOutStep(inserted=inserted, next_after=span.until, unwritten=unwritten, span=span)


def _count_inserted(conn: Connection, statement: Executable, given: Mapping[str, Any]) -> int:
    """Insert; return how many rows it were."""
    made = conn.execute(statement, dict(given)).rowcount
    # Python's sqlite3 counts none of a statement that begins with WITH
    if conn.dialect.name == "sqlite":
        return conn.scalar(select(func.changes())) or 0
    return made


def _suppress_overtaken(
    conn: Connection, before: Sequence[str], over: Sequence[str], span: Span, *, now: datetime
) -> None:
    """Take out of the queue what need not be told; what waits for its time is told by what holds.

    `before`: the alerts that came before; `over`: those of them that are overtaken.
    """
    digests.dissolve(conn, over, span, now=now)
    statement = (
        update(DeliveryRow)
        .where(
            DeliveryRow.alert_id.in_(before),
            or_(DeliveryRow.alert_id.in_(over), DeliveryRow.tell_at.is_not(None)),
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
