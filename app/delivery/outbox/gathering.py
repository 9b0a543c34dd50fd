"""What waited to be told: found when its time has come, put into messages, or dropped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select, update

from app.alerts.alert import AlertType, Reason
from app.core.levels import Level
from app.db.tables import AlertRow, ContactChannelRow, ContactRow, DeliveryRow
from app.db.types import UtcDateTime
from app.db.wake import call_workers
from app.delivery.delivery import Status
from app.delivery.moment import ANSWERS, COUNTED, Haste, Why, haste_of
from app.delivery.outbox import moments
from app.delivery.outbox.among import among
from app.delivery.outbox.joins import ITS_ADDRESS
from app.delivery.outbox.pace import Pace
from app.delivery.outbox.words import IN_DIGEST, NO_LONGER_TRUE

#: Deliveries that are looked at together, about.
_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A delivery whose time has come.

    Attributes:
        haste: Of its alert; what is left of a message that was taken apart may be urgent.
        answers: It answers or eases what its contact was told.
        true: What it says holds, or answers what its contact was told.
        priority: Its place in the queue.
        muted_until: His organisation wants no news of its route until then.
        first: It was told to others before he asked for the road: he may know nothing of it.
    """

    id: str
    alert_id: str
    level: Level
    haste: Haste
    answers: bool
    true: bool
    priority: int
    muted_until: datetime | None = None
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Everything that waits for one contact on one channel, and what fills his day, on all.

    `language` is None once the address is gone or wants nothing any more; `said_today`: the alerts
    that messages were sent for, each once whatever channels said it.
    """

    contact_id: str
    channel: str
    language: str | None
    hours_id: str | None
    said_today: frozenset[str]
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What becomes of an inbox.

    Attributes:
        says: Deliveries that one message says, the one that carries it first; none: they wait on.
        digest_id: Of that message's text.
        haste: Of the most urgent thing in it.
        wait_until: When to look again at what is not said now.
        muted: Deliveries that wait, each until its mute ends.
        dropped: Deliveries that are over by now.
    """

    says: tuple[str, ...] = ()
    digest_id: str | None = None
    haste: Haste = Haste.NEWS
    wait_until: datetime | None = None
    waits: tuple[str, ...] = ()
    muted: Mapping[str, datetime] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    why_dropped: str = NO_LONGER_TRUE


def next_telling(conn: Connection) -> datetime | None:
    """Return when the next of those who wait is to be told; None: nobody waits."""
    return conn.scalar(
        select(func.min(DeliveryRow.tell_at)).where(DeliveryRow.tell_at.is_not(None))
    )


def release_muted(conn: Connection, organisation_id: str, *, now: datetime) -> None:
    """Look now at what an organisation's mutes held up: what another one still mutes waits on."""
    conn.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.tell_at > now,
            DeliveryRow.deferred == Why.MUTED,
            DeliveryRow.organisation_id == organisation_id,
            DeliveryRow.status == Status.QUEUED,
        )
        .values(tell_at=now)
    )


def list_inboxes(
    conn: Connection, *, pace: Pace, limit: int, now: datetime, most: int = _MOST
) -> list[Inbox]:
    """Return what waits for up to `limit` contacts whose time has come, the longest waiting first.

    Of so many contacts as `most` deliveries are for: who begins to listen to every road may have a
    hundred, and what is done of them keeps others from writing.
    """
    waits = and_(DeliveryRow.tell_at <= now, DeliveryRow.status == Status.QUEUED)
    # as the index has it, and no more than are looked at: a million may wait
    first = select(DeliveryRow.contact_id).where(waits)
    first = first.order_by(DeliveryRow.tell_at, DeliveryRow.contact_id).limit(most)
    people = list(dict.fromkeys(conn.scalars(first)))[:limit]
    if not people:
        return []
    query = _waiting(pace, waits, among(conn, DeliveryRow.contact_id, people))
    rows = conn.execute(query, moments.given(now, {}, None)).all()
    found: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        found.setdefault((row.contact_id, row.channel), []).append(row)
    said = _said_today(conn, people, pace)
    return [
        Inbox(
            contact_id=contact_id,
            channel=channel,
            language=waiting[0].language if waiting[0].reachable else None,
            hours_id=waiting[0].hours_id,
            said_today=frozenset(
                alert_id
                for alert_id, at in said.get(contact_id, ())
                if at >= pace.of(waiting[0].hours_id).day_began_at
            ),
            waiting=tuple(_one(row, now) for row in waiting),
        )
        for (contact_id, channel), waiting in found.items()
    ]


def gather(
    conn: Connection, found: Sequence[Gathered], *, expires_at: datetime, now: datetime
) -> int:
    """Write down what becomes of inboxes; return how many messages are to be sent.

    Args:
        conn: Open transaction.
        found: One for each inbox.
        expires_at: Until when the messages are worth sending.
        now: When.
    """
    carriers = [one for one in found if one.says]
    _change(
        conn,
        _CARRY,
        [
            {
                "of": one.says[0],
                "digest": one.digest_id,
                "expires": expires_at,
                "now": now,
            }
            for one in carriers
        ],
    )
    _change(
        conn,
        _SAID_BY,
        [
            {"of": said, "digest": one.digest_id, "now": now}
            for one in carriers
            for said in one.says[1:]
        ],
    )
    _change(
        conn,
        _WAIT,
        [{"of": waits, "until": one.wait_until} for one in found for waits in one.waits],
    )
    _change(
        conn,
        _MUTE,
        [{"of": muted, "until": until} for one in found for muted, until in one.muted.items()],
    )
    _change(
        conn,
        _DROP,
        [
            {"of": dropped, "why": one.why_dropped, "now": now}
            for one in found
            for dropped in one.dropped
        ],
    )
    if carriers:
        call_workers(conn)
    return len(carriers)


_MINE = (
    DeliveryRow.id == bindparam("of"),
    DeliveryRow.status == Status.QUEUED.value,
    DeliveryRow.tell_at.is_not(None),
)
_NOW = bindparam("now", type_=UtcDateTime())
_CARRY = (
    update(DeliveryRow)
    .where(*_MINE)
    .values(
        digest_id=bindparam("digest"),
        counts_at=_NOW,
        expires_at=bindparam("expires", type_=UtcDateTime()),
        tell_at=None,
        due_at=_NOW,
        updated_at=_NOW,
    )
)
_SAID_BY = (
    update(DeliveryRow)
    .where(*_MINE)
    .values(
        status=Status.SUPPRESSED.value,
        error_code=IN_DIGEST,
        digest_id=bindparam("digest"),
        tell_at=None,
        updated_at=_NOW,
    )
)
_WAIT = update(DeliveryRow).where(*_MINE).values(tell_at=bindparam("until", type_=UtcDateTime()))
_MUTE = _WAIT.values(deferred=Why.MUTED.value)
_DROP = (
    update(DeliveryRow)
    .where(*_MINE)
    .values(
        status=Status.SUPPRESSED.value,
        error_code=bindparam("why"),
        tell_at=None,
        updated_at=_NOW,
    )
)


def _change(conn: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        conn.execute(statement, list(rows))


def _waiting(pace: Pace, *conditions: ColumnElement[bool]) -> Any:
    return (
        select(
            DeliveryRow.id,
            DeliveryRow.alert_id,
            DeliveryRow.contact_id,
            DeliveryRow.channel,
            DeliveryRow.language,
            DeliveryRow.priority,
            AlertRow.level,
            AlertRow.before_level,
            AlertRow.type,
            AlertRow.reason,
            AlertRow.status,
            AlertRow.expires_at,
            AlertRow.fanned_out_at,
            DeliveryRow.created_at,
            AlertRow.facts["after_end"].as_boolean().label("after_end"),
            DeliveryRow.deferred,
            ContactRow.hours_id,
            ContactChannelRow.contact_id.is_not(None).label("reachable"),
            moments.muted_until(pace.shape).label("muted_until"),
        )
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .outerjoin(ContactRow, ContactRow.id == DeliveryRow.contact_id)
        .outerjoin(ContactChannelRow, and_(ITS_ADDRESS, ContactChannelRow.status == "active"))
        .where(*conditions)
        .order_by(
            DeliveryRow.contact_id,
            DeliveryRow.channel.desc(),  # an SMS goes before an e-mail
            DeliveryRow.priority,
            DeliveryRow.alert_id,  # as they were made: of one report the nearest road first
        )
    )


def _said_today(
    conn: Connection, people: Sequence[str], pace: Pace
) -> dict[str, list[tuple[str, datetime]]]:
    """Return which alerts each was told that count, and when, since the first of the days began."""
    began = min(one.day_began_at for one in (pace.usual, *pace.by_hours.values()))
    row = DeliveryRow
    query = select(row.contact_id, row.alert_id, row.counts_at).where(
        among(conn, DeliveryRow.contact_id, people),
        DeliveryRow.channel.in_(COUNTED),
        DeliveryRow.counts_at >= began,
    )
    said: dict[str, list[tuple[str, datetime]]] = {}
    for contact_id, alert_id, at in conn.execute(query):
        if at is not None:
            said.setdefault(contact_id, []).append((alert_id, at))
    return said


def _one(row: Any, now: datetime) -> Waiting:
    level, before = Level(row.level), Level(row.before_level)
    kind, reason = AlertType(row.type), Reason(row.reason)
    # who reads once a day may have begun to listen since, too
    told_to_others = row.fanned_out_at is not None and row.created_at > row.fanned_out_at
    came_later = row.deferred == Why.NEWCOMER or told_to_others
    if row.deferred == Why.NEWCOMER and reason is not Reason.STILL_SEVERE:
        # to him it is the first word; but a reminder wakes nobody
        before, reason = Level.UNKNOWN, Reason.FIRST
    holds = row.status == "active" and row.expires_at > now
    answers = reason in ANSWERS
    # whoever waited from the first was not reached by that end
    after_end = bool(row.after_end) and row.deferred == Why.REWRITTEN
    return Waiting(
        id=row.id,
        alert_id=row.alert_id,
        level=level,
        haste=haste_of(level, before, kind, reason, after_end=after_end),
        answers=answers,
        true=holds or (answers and row.status != "superseded"),
        priority=row.priority,
        muted_until=row.muted_until,
        first=came_later,
    )
