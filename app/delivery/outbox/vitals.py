"""How the outbox stands: what an operator watches. Reads what is not settled, never all rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.tables import AlertRow, AnswerRow, DeliveryRow, LeaseRow, ProviderHealthRow
from app.db.types import UtcDateTime
from app.delivery.delivery import Status
from app.delivery.outbox.words import NEVER, RESTING
from app.subscribers.contact import ContactChannel

#: What each place in the queue is called; see `delivery.delivery.priority_of`.
SEVERE = 0
LEVELS: Mapping[int, str] = {SEVERE: "severe", 1: "all_clear", 2: "high", 3: "moderate", 4: "low"}
OTHER = "other"
#: Whoever waits for one of these drives into something, or waits for nothing.
_GRAVE = (1, 2)
#: Name of a lease that nobody holds.
_PROBE = "probe"
_LIVE = (Status.QUEUED, Status.SENDING, Status.IN_DOUBT)
_NOT_ARRIVED = (Status.UNDELIVERED, Status.FAILED, Status.EXPIRED)
#: What did not arrive is counted for so long: by then whoever wrote it has seen so, or never will.
_LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Deliveries of one status, channel and level.

    Attributes:
        first_due_at: The earliest instant at which one of them is to be sent, or asked about.
        waits_since: Since when somebody who should know has not been told, as far as is known.
        tried: How many of them are severe, and were tried in vain.
    """

    status: Status
    channel: str
    level: str
    number: int
    first_due_at: datetime
    waits_since: datetime
    tried: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """Alerts that wait for fan-out, since when the oldest does; and those held by the desk."""

    number: int
    oldest_at: datetime | None
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """Answers by hand that no provider has, as far as is known; and those that did not arrive.

    Attributes:
        waiting: They are to leave, or a worker holds them.
        oldest_at: When the first of them was written: somebody waits for it since then.
        in_doubt: A provider may or may not have them.
        not_arrived: They were written lately, and ended without reaching anybody.
    """

    waiting: int = 0
    oldest_at: datetime | None = None
    in_doubt: int = 0
    not_arrived: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A provider that refuses our account, why, and how many messages wait for that."""

    provider: str
    code: str
    held: int


def list_waiting(conn: Connection) -> list[Waiting]:
    """Return how many deliveries are queued, in the air or in doubt, by channel and level.

    One walk along an index, over these alone. A severe message that is tried again and again waits
    since it was to be told, not since its next try, and while it is in doubt, too: a provider that
    takes every call and answers none would leave nothing in the queue.
    """
    found = []
    tried = _severe_tried(conn)
    for status in _LIVE:  # one status at a time: SQLite then groups in the order of the index
        query = (
            select(
                DeliveryRow.channel,
                DeliveryRow.priority,
                func.count().label("number"),
                func.min(DeliveryRow.due_at).label("first_due_at"),
            )
            .where(DeliveryRow.status == status, DeliveryRow.due_at < NEVER)
            .group_by(DeliveryRow.channel, DeliveryRow.priority)
        )
        for row in conn.execute(query):
            queued = row.first_due_at if status is Status.QUEUED else NEVER
            in_vain, tried_since = tried.get((status, row.channel, row.priority), (0, NEVER))
            level = LEVELS.get(row.priority, OTHER)
            found.append(
                Waiting(
                    status=status,
                    channel=row.channel,
                    level=level,
                    number=row.number,
                    first_due_at=row.first_due_at,
                    waits_since=min(queued, tried_since),
                    tried=in_vain,
                )
            )
    return found


def _severe_tried(conn: Connection) -> dict[tuple[Status, str, int], tuple[int, datetime]]:
    """Return how many severe messages were tried in vain, and since when one of them waits."""
    since = func.coalesce(DeliveryRow.counts_at, DeliveryRow.created_at)
    query = (
        select(
            DeliveryRow.status,
            DeliveryRow.channel,
            func.count(),
            func.min(since, type_=UtcDateTime()),
        )
        .where(
            DeliveryRow.status.in_([Status.QUEUED, Status.IN_DOUBT]),
            DeliveryRow.priority == SEVERE,
            DeliveryRow.attempts > 0,
            DeliveryRow.due_at < NEVER,
        )
        .group_by(DeliveryRow.status, DeliveryRow.channel)
    )
    rows = conn.execute(query).all()
    return {(Status(status), channel, SEVERE): (number, at) for status, channel, number, at in rows}


def count_retried(conn: Connection, *, now: datetime) -> int:
    """Return how many messages of a high danger, or of an end, were tried and wait to be again.

    By the index, and not along what a storm leaves due: who is refused now has a later try.
    """
    query = (
        select(func.count())
        .select_from(DeliveryRow)
        .where(
            DeliveryRow.status == Status.QUEUED,
            DeliveryRow.channel.in_(list(ContactChannel)),
            DeliveryRow.priority.in_(_GRAVE),
            DeliveryRow.due_at > now,
            DeliveryRow.due_at < NEVER,
            DeliveryRow.attempts > 0,
        )
    )
    return conn.scalar(query) or 0


def list_refused(conn: Connection) -> list[Refused]:
    """Return the providers that refuse our account, with what is kept from leaving by it.

    Most of it is not refused itself: while the provider is left alone, nobody tries.
    """
    rests = and_(
        DeliveryRow.error_code == RESTING, DeliveryRow.provider == ProviderHealthRow.provider
    )
    held = and_(
        DeliveryRow.status == Status.QUEUED,
        or_(DeliveryRow.error_code == ProviderHealthRow.code, rests),
    )
    number = select(func.count()).where(held).correlate(ProviderHealthRow).scalar_subquery()
    query = (
        select(ProviderHealthRow.provider, ProviderHealthRow.code, number.label("held"))
        .where(ProviderHealthRow.code.is_not(None))
        .order_by(ProviderHealthRow.provider)
    )
    return [Refused(**row) for row in conn.execute(query).mappings()]


def newest_word_at(conn: Connection) -> datetime | None:
    """Return when the newest alert was raised, by the clock of then: ids begin with the instant."""
    return conn.scalar(select(AlertRow.created_at).order_by(AlertRow.id.desc()).limit(1))


def find_untold(conn: Connection) -> Untold:
    """Return what waits for fan-out, and for a moderator."""
    untold = select(func.count(), func.min(AlertRow.created_at)).where(
        AlertRow.fanned_out_at.is_(None), AlertRow.status != "held"
    )
    number, oldest_at = conn.execute(untold).one()
    held = conn.scalar(select(func.count()).where(AlertRow.status == "held"))
    return Untold(number=number, oldest_at=oldest_at, held=held or 0)


def find_unanswered(conn: Connection, *, now: datetime) -> Unanswered:
    """Return how answers by hand stand; what was kept back for good is nobody's wait."""
    query = (
        select(AnswerRow.status, func.count(), func.min(AnswerRow.created_at))
        .where(AnswerRow.cost.is_(None), AnswerRow.status.in_(_LIVE))
        .group_by(AnswerRow.status)
    )
    live = {status: (number, first_at) for status, number, first_at in conn.execute(query)}
    leaving = [live[one] for one in (Status.QUEUED, Status.SENDING) if one in live]
    not_arrived = select(func.count()).where(
        AnswerRow.created_at > now - _LATELY, AnswerRow.status.in_(_NOT_ARRIVED)
    )
    return Unanswered(
        waiting=sum(number for number, _ in leaving),
        oldest_at=min((first_at for _, first_at in leaving), default=None),
        in_doubt=live.get(Status.IN_DOUBT, (0, None))[0],
        not_arrived=conn.scalar(not_arrived) or 0,
    )


def write_something(conn: Connection, *, now: datetime) -> None:
    """Write a row that means nothing: whether it is taken is what matters."""
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(LeaseRow).values(name=_PROBE, owner="", until=now, runs=1)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=[LeaseRow.name], set_={"until": now, "runs": LeaseRow.runs + 1}
        )
    )
