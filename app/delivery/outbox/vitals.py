"""How the outbox stands: what an operator watches. Reads what is not settled, never all rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.tables import AlertRow, DeliveryRow, LeaseRow
from app.delivery.delivery import Status
from app.delivery.outbox.words import NEVER

#: What each place in the queue is called; see `delivery.delivery.priority_of`.
LEVELS: Mapping[int, str] = {0: "severe", 1: "all_clear", 2: "high", 3: "moderate", 4: "low"}
OTHER = "other"
#: Name of a lease that nobody holds.
_PROBE = "probe"
_LIVE = (Status.QUEUED, Status.SENDING, Status.IN_DOUBT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Deliveries of one status, channel and level; `first_due_at` is the earliest instant due."""

    status: Status
    channel: str
    level: str
    number: int
    first_due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """Alerts that wait for fan-out, since when the oldest does; and those held by the desk."""

    number: int
    oldest_at: datetime | None
    held: int


def list_waiting(conn: Connection) -> list[Waiting]:
    """Return how many deliveries are queued, in the air or in doubt, by channel and level.

    One walk along an index, over these alone.
    """
    found = []
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
        found += [
            Waiting(
                status=status,
                channel=row.channel,
                level=LEVELS.get(row.priority, OTHER),
                number=row.number,
                first_due_at=row.first_due_at,
            )
            for row in conn.execute(query)
        ]
    return found


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


def write_something(conn: Connection, *, now: datetime) -> None:
    """Write a row that means nothing: whether it is taken is what matters."""
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(LeaseRow).values(name=_PROBE, owner="", until=now, runs=1)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=[LeaseRow.name], set_={"until": now, "runs": LeaseRow.runs + 1}
        )
    )
