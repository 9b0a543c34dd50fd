"""What SMS did cost: settled when they are with a provider, summed by organisation and month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Executable,
    Integer,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from app.db import turns
from app.db.tables import (
    AlertRow,
    DeliveryAttemptRow,
    DeliveryRow,
    SpendingRow,
)
from app.db.turns import Sort
from app.db.types import UtcDateTime
from app.delivery.budget import Month
from app.delivery.delivery import Status
from app.delivery.outbox.among import among_given, as_given
from app.delivery.outbox.paying import price_of, segments_of_text
from app.subscribers.countries import Countries

#: The provider may still take it, or be found to have taken it.
_OPEN = (Status.QUEUED, Status.SENDING, Status.IN_DOUBT)
#: The provider has it, whatever became of it then.
_TAKEN = (Status.SENT, Status.DELIVERED, Status.UNDELIVERED)


class Beside(StrEnum):
    """What is sent to people and is no alert: stands in the place of an alert's level."""

    SIGN_IN = "sign_in"
    INVITATION = "invitation"
    #: That the organisation's money runs short.
    NOTICE = "notice"
    #: To what they wrote to us.
    REPLY = "reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What an organisation's SMS of one tariff and level cost in a month; millionths.

    `level` is one of `Beside` for what is no alert.
    """

    tariff: str
    level: str
    messages: int
    segments: int
    cost: int


def settle(conn: Connection, *, countries: Countries, months: Sequence[Month], limit: int) -> int:
    """Put what up to `limit` messages did cost in the place of what was set aside for them.

    Return how many; call it until it returns 0. A message costs what every provider took of it:
    the segments that the provider counted, or else ours, at the price of today. What no provider
    took costs nothing, and what was set aside for it is free again.

    Args:
        conn: Open transaction.
        countries: Prices.
        months: The one that is now, and the one before: an SMS counts in that in which it was sent.
        limit: Messages.
    """
    turns.take(conn, Sort.SPENDING, ["settle"])
    ended, billing, settling = _settling(conn.dialect.name, countries)
    ids = conn.scalars(ended, {"b_limit": limit}).all()
    if not ids:
        return 0
    now, before = months
    given = {"b_ids": as_given(conn, ids), "b_began": now.began_at}
    conn.execute(billing, given | {"b_now": now.name, "b_before": before.name})
    conn.execute(settling, {"b_ids": given["b_ids"]})
    return len(ids)


@lru_cache(maxsize=8)
def _settling(dialect: str, countries: Countries) -> tuple[Executable, Executable, Executable]:
    """Return what finds messages that are settled, what adds up their bills, and what closes them.

    Built once: that costs more than running them.
    """
    ended = (
        select(DeliveryRow.id)
        .where(DeliveryRow.reserved.is_not(None), DeliveryRow.status.not_in(_OPEN))
        .limit(bindparam("b_limit", type_=Integer()))
        .with_for_update(skip_locked=True)
    )
    these = among_given(dialect, DeliveryRow.id)
    bills = _bills(these).cte("bill")
    taken = _taken_segments()
    fresh = taken - func.coalesce(DeliveryRow.segments, 0)
    price = price_of(DeliveryRow.tariff, countries)
    settling = (
        update(DeliveryRow)
        .where(these)
        .values(
            segments=taken,
            cost=func.coalesce(DeliveryRow.cost, 0) + fresh * price,
            reserved=None,
        )
    )
    return ended, _billing(dialect, bills, price_of(bills.c.tariff, countries)), settling


def add(conn: Connection, organisation_id: str, spent: Spent, *, month: str) -> None:
    """Count what was sent beside alerts, once a provider has taken it.

    Last in its transaction: the row is one that others wait for.
    """
    values = {field: getattr(spent, field) for field in Spent.__dataclass_fields__}
    row = {"organisation_id": organisation_id, "month": month} | values
    conn.execute(_adding(_insert(conn.dialect.name).values(row)))


def list_spent(conn: Connection, organisation_id: str | None, month: str) -> list[Spent]:
    """Return what an organisation, or all of them for None, spent in a month."""
    query = (
        select(
            SpendingRow.tariff,
            SpendingRow.level,
            func.sum(SpendingRow.messages).label("messages"),
            func.sum(SpendingRow.segments).label("segments"),
            cast(func.sum(SpendingRow.cost), BigInteger).label("cost"),
        )
        .where(SpendingRow.month == month)
        .group_by(SpendingRow.tariff, SpendingRow.level)
        .order_by(SpendingRow.tariff, SpendingRow.level)
    )
    if organisation_id is not None:
        query = query.where(SpendingRow.organisation_id == organisation_id)
    return [Spent(**row) for row in conn.execute(query).mappings()]


def reserved_for(conn: Connection, organisation_id: str | None) -> int:
    """Return what is set aside for messages on their way."""
    query = select(func.sum(DeliveryRow.reserved)).where(DeliveryRow.reserved.is_not(None))
    if organisation_id is not None:
        query = query.where(DeliveryRow.organisation_id == organisation_id)
    return int(conn.scalar(query) or 0)


def _bills(these: ColumnElement[bool]) -> Any:
    """Return what is new of each message: segments taken since it was settled before."""
    taken = _taken_segments()
    return (
        select(
            DeliveryRow.organisation_id,
            DeliveryRow.tariff,
            AlertRow.level,
            (taken - func.coalesce(DeliveryRow.segments, 0)).label("segments"),
            _taken_at().label("at"),
        )
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .where(these, taken > func.coalesce(DeliveryRow.segments, 0))
    )


def _taken_segments() -> ColumnElement[int]:
    """Return how many segments of a message providers took, in all its attempts."""
    attempt = DeliveryAttemptRow
    ours = segments_of_text()
    sent = select(func.sum(func.coalesce(attempt.segments, ours))).where(_was_taken())
    counted = sent.correlate(DeliveryRow).scalar_subquery()
    # settled by a receipt that came before the answer: no attempt says so yet
    known = and_(DeliveryRow.status.in_(_TAKEN), DeliveryRow.provider_id.is_not(None))
    return func.coalesce(counted, case((known, ours), else_=0))


def _was_taken() -> ColumnElement[bool]:
    """Return the condition that an attempt is of the delivery, and a provider took it.

    A doubt counts once it is settled that way: the last attempt of what was sent, or the one that
    fell silent before another provider got it.
    """
    attempt = DeliveryAttemptRow
    settled = and_(attempt.number == DeliveryRow.attempts, DeliveryRow.status.in_(_TAKEN))
    silent = attempt.provider == DeliveryRow.silent_provider
    doubt = and_(attempt.outcome == "in_doubt", or_(settled, silent))
    return and_(attempt.delivery_id == DeliveryRow.id, or_(attempt.outcome == "accepted", doubt))


def _taken_at() -> ColumnElement[datetime]:
    last = select(func.max(DeliveryAttemptRow.at)).where(_was_taken()).correlate(DeliveryRow)
    return func.coalesce(last.scalar_subquery(), DeliveryRow.updated_at)


def _billing(dialect: str, bills: Any, price: ColumnElement[int]) -> Executable:
    began = bindparam("b_began", type_=UtcDateTime())
    now, before = bindparam("b_now", type_=String()), bindparam("b_before", type_=String())
    month = case((bills.c.at >= began, now), else_=before)
    segments = func.sum(bills.c.segments)
    rows = (
        select(
            bills.c.organisation_id,
            month.label("month"),
            bills.c.tariff,
            bills.c.level,
            func.count().label("messages"),
            segments.label("segments"),
            cast(func.sum(bills.c.segments * price), BigInteger).label("cost"),
        )
        .where(bills.c.tariff.is_not(None))
        .group_by(bills.c.organisation_id, month, bills.c.tariff, bills.c.level)
    )
    return _adding(_insert(dialect).from_select(list(rows.selected_columns.keys()), rows))


def _insert(dialect: str) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert(SpendingRow)


def _adding(statement: Any) -> Executable:
    """Return the statement that adds new rows to those of the same key."""
    added: Executable = statement.on_conflict_do_update(
        index_elements=("organisation_id", "month", "tariff", "level"),
        set_={
            name: getattr(SpendingRow, name) + getattr(statement.excluded, name)
            for name in ("messages", "segments", "cost")
        },
    )
    return added
