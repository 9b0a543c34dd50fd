"""Organisations that do not answer what they were told: how far their list was called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from app.alerts.alert import ENDS, AlertType, Reason
from app.core.levels import Level
from app.db.tables import (
    AlertRow,
    ContactChannelRow,
    ContactRow,
    DeliveryRow,
    EscalationContactRow,
    EscalationRow,
)
from app.db.types import UtcDateTime
from app.delivery.delivery import Status
from app.delivery.escalation import Rung, Why

#: What was told longer ago is looked for no more: a clock that stood still for longer is an outage
#: that people know of.
_LOOK_BACK = timedelta(hours=24)

#: Channels on which the next contact is told, that which rings first; one of them each. Those
#: beside them have words that a provider approved, or are a program's.
TOLD_ON = ("voice", "sms", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An organisation with a list, and a bundle of alerts with a grave danger in it.

    `told_at`: when it was told; None: nobody of it was.
    """

    bundle_id: str
    organisation_id: str
    level: Level
    told_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """How far an organisation's list was called."""

    bundle_id: str
    organisation_id: str
    step: int
    told_at: datetime
    due_at: datetime


def list_unopened(
    conn: Connection, *, levels: Sequence[Level], limit: int, now: datetime
) -> list[Opened]:
    """Return who has to answer what since lately; each organisation and bundle once."""
    lately, since = literal(now - _LOOK_BACK, UtcDateTime()), func.min(EscalationContactRow.since)
    lists = (
        select(
            EscalationContactRow.organisation_id,
            # the later of both: of two bounds SQLite may walk from the earlier, years ago
            case((since < lately, lately), else_=since).label("since"),
        )
        .group_by(EscalationContactRow.organisation_id)
        .subquery()
    )
    known = exists().where(
        EscalationRow.bundle_id == AlertRow.bundle_id,
        EscalationRow.organisation_id == lists.c.organisation_id,
    )
    pairs = (
        select(
            AlertRow.bundle_id,
            lists.c.organisation_id,
            func.max(AlertRow.level_rank).label("rank"),
        )
        .where(
            AlertRow.fanned_out_at >= lists.c.since,
            became_grave(levels),
            ~known,
        )
        .group_by(AlertRow.bundle_id, lists.c.organisation_id)
        .order_by(AlertRow.bundle_id, lists.c.organisation_id)
        .limit(limit)
    )
    by_rank = {level.rank: level for level in Level}
    return [
        Opened(
            bundle_id=row.bundle_id,
            organisation_id=row.organisation_id,
            level=by_rank[row.rank],
            told_at=_told_at(conn, row.bundle_id, row.organisation_id, levels),
        )
        for row in conn.execute(pairs).all()
    ]


def add(conn: Connection, opened: Opened, *, due_at: datetime | None, now: datetime) -> None:
    """Begin to wait for an answer until `due_at`; None: there is nobody to answer."""
    conn.execute(
        insert_into(conn, EscalationRow)
        .values(
            bundle_id=opened.bundle_id,
            organisation_id=opened.organisation_id,
            step=0,
            told_at=opened.told_at,
            due_at=due_at,
            ended=None if due_at else Why.NOT_TOLD.value,
            updated_at=now,
        )
        .on_conflict_do_nothing()
    )


def take_due(conn: Connection, *, limit: int, now: datetime) -> list[Called]:
    """Return those whose time for an answer is over, and keep them to this transaction."""
    query = (
        select(
            EscalationRow.bundle_id,
            EscalationRow.organisation_id,
            EscalationRow.step,
            EscalationRow.told_at,
            EscalationRow.due_at,
        )
        .where(EscalationRow.due_at <= now)
        .order_by(EscalationRow.due_at, EscalationRow.bundle_id, EscalationRow.organisation_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Called(**row) for row in conn.execute(query).mappings()]


def move(
    conn: Connection, called: Called, *, step: int, due_at: datetime | None, why: Why, now: datetime
) -> None:
    """Write down which step was told and until when it has time; or why nothing follows."""
    conn.execute(
        update(EscalationRow)
        .where(
            EscalationRow.bundle_id == called.bundle_id,
            EscalationRow.organisation_id == called.organisation_id,
        )
        .values(step=step, due_at=due_at, ended=None if due_at else why.value, updated_at=now)
    )


def rungs_of(conn: Connection, organisation_id: str, *, channels: Sequence[str]) -> list[Rung]:
    """Return an organisation's list, in its order; `channels`: on which people can be told here."""
    row = EscalationContactRow
    reachable = exists().where(
        ContactChannelRow.contact_id == row.contact_id,
        ContactChannelRow.channel.in_(channels),
        ContactChannelRow.status == "active",
    )
    query = (
        select(row.contact_id, row.step, row.wait_minutes, reachable.label("reachable"))
        .where(row.organisation_id == organisation_id)
        .order_by(row.step, row.contact_id)
    )
    return [
        Rung(
            contact_id=one.contact_id,
            step=one.step,
            wait=None if one.wait_minutes is None else timedelta(minutes=one.wait_minutes),
            reachable=bool(one.reachable),
        )
        for one in conn.execute(query)
    ]


def count_exhausted(conn: Connection, bundle_id: str) -> int:
    """Return how many organisations have nobody left to tell of a bundle."""
    query = select(func.count()).where(
        EscalationRow.bundle_id == bundle_id, EscalationRow.ended == Why.EXHAUSTED.value
    )
    return conn.scalar(query) or 0


def list_of_alert(
    conn: Connection, alert_id: str, *, organisation_id: str | None
) -> list[dict[str, Any]]:
    """Return how far lists were called for what an alert's cause told; everybody's for None."""
    mine = EscalationRow.organisation_id == organisation_id if organisation_id else true()
    query = (
        select(
            EscalationRow.organisation_id,
            EscalationRow.step,
            EscalationRow.told_at,
            EscalationRow.due_at,
            EscalationRow.ended,
        )
        .join(AlertRow, AlertRow.bundle_id == EscalationRow.bundle_id)
        .where(AlertRow.id == alert_id, mine)
        .order_by(EscalationRow.organisation_id)
    )
    return [dict(row) for row in conn.execute(query).mappings()]


def became_grave(levels: Sequence[Level]) -> ColumnElement[bool]:
    """Return the condition that an alert says that a danger has become grave, or a person does."""
    rose = [
        and_(
            AlertRow.level == level,
            AlertRow.before_level.not_in([one for one in Level if one.rank >= level.rank]),
        )
        for level in levels
    ]
    return and_(
        # not what it is: SQLite would walk along every alert that was ever active, and not lately's
        AlertRow.status.not_in(["held", "ended"]),
        AlertRow.level.in_(list(levels)),
        AlertRow.type.not_in(list(ENDS)),
        or_(AlertRow.type == AlertType.ALERT, AlertRow.reason == Reason.BY_HAND, *rose),
    )


def _told_at(
    conn: Connection, bundle_id: str, organisation_id: str, levels: Sequence[Level]
) -> datetime | None:
    """Return when an organisation was first told: by its contacts, whom it has fewer of.

    Each is looked up under each alert: all that he ever got would be years of it.
    """
    # the condition within: for the least of a column SQLite walks along an index with it, his years
    at = case((DeliveryRow.status != Status.SUPPRESSED, DeliveryRow.created_at))
    told_at = (
        select(func.min(at))
        .where(DeliveryRow.alert_id == AlertRow.id, DeliveryRow.contact_id == ContactRow.id)
        .correlate(AlertRow, ContactRow)
        .scalar_subquery()
    )
    query = (
        select(func.min(told_at, type_=UtcDateTime()))
        .select_from(ContactRow)
        .join(AlertRow, AlertRow.bundle_id == bundle_id)
        .where(ContactRow.organisation_id == organisation_id, became_grave(levels))
    )
    first: datetime | None = conn.scalar(query)
    return first


def insert_into(conn: Connection, table: Any) -> Any:
    """Return an INSERT that may say what follows when a row is there."""
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)
