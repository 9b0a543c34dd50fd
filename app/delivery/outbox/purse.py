"""Budgets where messages are made: what the money does not reach for is told otherwise.

Whoever looks at what is left plans with it in the same transaction, alone (`moments.count_alone`):
two at once would both spend the last of it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    true,
    update,
)
from sqlalchemy.orm import aliased

from app.alerts.templates import ONE_SEGMENT
from app.db.tables import BudgetRow, ContactChannelRow, ContactRow, DeliveryRow, SpendingRow
from app.db.types import UtcDateTime
from app.delivery.budget import Budget, BudgetPolicy, Degree, Month, Verdict, decide
from app.delivery.delivery import NOT_ARRIVED, Status
from app.delivery.moment import Moment, Why
from app.delivery.outbox.among import among
from app.delivery.outbox.chunks import Span, within
from app.delivery.outbox.digests import said_by
from app.delivery.outbox.pace import Pace
from app.delivery.outbox.paying import PRICED, SMS
from app.delivery.outbox.words import BUDGET, NEVER

EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An organisation's budget, what of it is spent or set aside this month, and what follows."""

    organisation_id: str
    budget: Budget
    committed: int
    verdict: Verdict


def of_chunk(conn: Connection, alert_ids: Sequence[str], span: Span) -> ColumnElement[bool]:
    """Return the condition that a delivery is of these alerts, and of a chunk's contacts."""
    return and_(among(conn, DeliveryRow.alert_id, alert_ids), within(DeliveryRow.contact_id, span))


def in_place_of(
    conn: Connection, contact_ids: Sequence[str], *, less_than: int, now: datetime
) -> ColumnElement[bool]:
    """Return the condition that a delivery was made just now for one of these contacts.

    `less_than`: of those that are less urgent than this place in the queue.
    """
    return and_(
        among(conn, DeliveryRow.contact_id, contact_ids),
        DeliveryRow.created_at == now,
        DeliveryRow.priority > less_than,
    )


def of_ids(conn: Connection, ids: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a delivery is one of these."""
    return among(conn, DeliveryRow.id, ids)


def list_accounts(
    conn: Connection,
    *,
    policy: BudgetPolicy,
    month: Month,
    now: datetime,
    only: Collection[str] | None = None,
) -> list[Account]:
    """Return how the money of every organisation with a budget stands, or of `only` some."""
    spent = (
        select(func.sum(SpendingRow.cost))
        .where(
            SpendingRow.organisation_id == BudgetRow.organisation_id,
            SpendingRow.month == month.name,
        )
        .scalar_subquery()
    )
    reserved = (
        select(func.sum(DeliveryRow.reserved))
        .where(
            DeliveryRow.organisation_id == BudgetRow.organisation_id,
            DeliveryRow.reserved.is_not(None),
        )
        .scalar_subquery()
    )
    # in one statement: what is settled meanwhile is seen on one side, and on one only
    query = select(
        BudgetRow.organisation_id,
        BudgetRow.monthly,
        BudgetRow.reserve,
        (func.coalesce(spent, 0) + func.coalesce(reserved, 0)).label("committed"),
    ).order_by(BudgetRow.organisation_id)
    if only is not None:
        query = query.where(among(conn, BudgetRow.organisation_id, sorted(only)))
    found = []
    for row in conn.execute(query):
        budget, committed = Budget(monthly=row.monthly, reserve=row.reserve), int(row.committed)
        verdict = decide(budget, committed, month, policy=policy, now=now)
        found.append(
            Account(
                organisation_id=row.organisation_id,
                budget=budget,
                committed=committed,
                verdict=verdict,
            )
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """Messages that were just made, and are not urgent; `digests`: they are the day's digest."""

    which: ColumnElement[bool]
    digests: bool


def hold_back(
    conn: Connection,
    planned: Planned,
    *,
    policy: BudgetPolicy,
    month: Month,
    pace: Pace,
    now: datetime,
) -> int:
    """Tell otherwise what the budgets do not reach for; return how many messages.

    By e-mail, where the money is spent and the contact has one; all else waits for his morning.
    What was to be said in the same message goes with it.
    """
    mine = and_(
        planned.which,
        DeliveryRow.channel.in_(PRICED),
        DeliveryRow.status == Status.QUEUED,
        DeliveryRow.reserved.is_not(None),
    )
    asked: Mapping[str, int] = {
        row.organisation_id: int(row.asked)
        for row in conn.execute(
            select(DeliveryRow.organisation_id, func.sum(DeliveryRow.reserved).label("asked"))
            .join(BudgetRow, BudgetRow.organisation_id == DeliveryRow.organisation_id)
            .where(mine)
            .group_by(DeliveryRow.organisation_id)
        )
    }
    if not asked:
        return 0
    later: list[str] = []
    by_email: list[str] = []
    for account in list_accounts(conn, policy=policy, month=month, now=now, only=asked):
        sum_asked = asked[account.organisation_id]
        before = account.committed - sum_asked
        verdict = decide(account.budget, before, month, policy=policy, now=now)
        waits = verdict.degree is Degree.DIGEST and not planned.digests
        room = 0 if waits else verdict.room
        if sum_asked > room:
            over = _over(conn, mine, account.organisation_id, room)
            (later if waits else by_email).extend(over)
    moved = _move_to_email(conn, by_email, pace, now=now)
    later += [one for one in by_email if one not in moved]
    _put_off(conn, later, pace, now=now)
    return len(moved) + len(later)


def _over(
    conn: Connection, mine: ColumnElement[bool], organisation_id: str, room: int
) -> list[str]:
    """Return the messages that the room does not reach for.

    The least urgent ones, and of these first of contacts who can be told by e-mail.
    """
    reachable = case((_has_email(), 1), else_=0)
    order = (DeliveryRow.priority, reachable, DeliveryRow.contact_id, DeliveryRow.id)
    running = (
        select(DeliveryRow.id, func.sum(DeliveryRow.reserved).over(order_by=order).label("sum"))
        .where(mine, DeliveryRow.organisation_id == organisation_id)
        .subquery()
    )
    return list(conn.scalars(select(running.c.id).where(running.c.sum > room)))


def _move_to_email(conn: Connection, ids: Sequence[str], pace: Pace, *, now: datetime) -> set[str]:
    """Make e-mails of SMS, for contacts who have an address; return which.

    Who gets that e-mail anyway is told by it; his SMS ends here. Who had as many e-mails today as
    a day has is left out.
    """
    if not ids:
        return set()
    twin = aliased(DeliveryRow, name="twin")
    told_anyway = exists().where(
        twin.alert_id == DeliveryRow.alert_id,
        twin.contact_id == DeliveryRow.contact_id,
        twin.channel == EMAIL,
    )
    moved = list(
        conn.scalars(
            select(DeliveryRow.id).where(
                among(conn, DeliveryRow.id, ids),
                DeliveryRow.channel == SMS,  # a call beside it would be the same e-mail again
                _has_email(),
                _has_room_today(pace),
                # an e-mail that did not arrive tells nobody, and may be why there is this SMS
                ~told_anyway.where(twin.status.in_(NOT_ARRIVED)),
            )
        )
    )
    if not moved:
        return set()
    every = _with_companions(conn, moved)
    unpriced = {"reserved": None, "updated_at": now}
    conn.execute(
        update(DeliveryRow)
        .where(among(conn, DeliveryRow.id, every), told_anyway)
        .values(status=Status.SUPPRESSED, error_code=BUDGET, counts_at=None, **unpriced)
    )
    conn.execute(
        update(DeliveryRow)
        .where(among(conn, DeliveryRow.id, every), ~told_anyway)
        .where(DeliveryRow.channel == SMS)
        .values(
            channel=EMAIL,
            language=func.replace(DeliveryRow.language, ONE_SEGMENT, ""),
            tariff=cast(null(), String),
            deferred=func.coalesce(DeliveryRow.deferred, Why.BUDGET.value),
            **unpriced,
        )
    )
    return set(moved)


def _has_email() -> ColumnElement[bool]:
    return exists().where(
        ContactChannelRow.contact_id == DeliveryRow.contact_id,
        ContactChannelRow.channel == EMAIL,
        ContactChannelRow.status == "active",
    )


def _has_room_today(pace: Pace) -> ColumnElement[bool]:
    if pace.policy.per_day is None:
        return true()
    before = aliased(DeliveryRow, name="before")
    said = (
        select(func.count())
        .where(
            before.contact_id == DeliveryRow.contact_id,
            before.channel == EMAIL,
            before.counts_at >= _at(pace, lambda moment: moment.day_began_at),
        )
        .correlate(DeliveryRow)
        .scalar_subquery()
    )
    return said < pace.policy.per_day


def _at(pace: Pace, of: Callable[[Moment], datetime]) -> ColumnElement[Any]:
    """Return an instant of the moment of each delivery's contact."""
    usual = literal(of(pace.usual), UtcDateTime())
    if not pace.by_hours:
        return usual
    each = {one: literal(of(moment), UtcDateTime()) for one, moment in pace.by_hours.items()}
    hours = case(each, value=ContactRow.hours_id, else_=usual)
    own = select(hours).where(ContactRow.id == DeliveryRow.contact_id)
    return func.coalesce(own.correlate(DeliveryRow).scalar_subquery(), usual)


def _put_off(conn: Connection, ids: Sequence[str], pace: Pace, *, now: datetime) -> None:
    """Let messages wait for their contacts' morning, with everything that they say."""
    if not ids:
        return
    morning = _at(pace, lambda moment: moment.morning_at)
    conn.execute(
        update(DeliveryRow)
        .where(among(conn, DeliveryRow.id, _with_companions(conn, ids)))
        .values(
            status=Status.QUEUED,
            error_code=None,
            digest_id=None,
            tell_at=morning,
            deferred=Why.BUDGET.value,
            due_at=NEVER,
            counts_at=None,
            reserved=None,
            updated_at=now,
        )
    )


def _with_companions(conn: Connection, ids: Iterable[str]) -> list[str]:
    """Return messages with the rows that each says, too."""
    carrier = aliased(DeliveryRow, name="carrier")
    ids = list(ids)
    companions = (
        select(DeliveryRow.id).join(carrier, said_by(carrier)).where(among(conn, carrier.id, ids))
    )
    return [*ids, *conn.scalars(companions)]
