"""What became of deliveries that were claimed, written down in batches."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Integer,
    String,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB

from app.db.tables import DeliveryAttemptRow, DeliveryRow
from app.db.types import UtcDateTime
from app.delivery.delivery import Status, Transition
from app.delivery.outbox.claiming import Claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one claimed delivery. `owner` held it; the rest: see `Accepted`."""

    claimed: Claimed
    owner: str
    provider: str
    at: datetime
    change: Transition
    route: str | None = None
    segments: int | None = None


def record(conn: Connection, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of deliveries that one lane claimed, and append the attempts.

    A delivery moves only while it is ours (or in doubt, which this settles): a receipt that came
    first keeps what it said, and learns the provider's id. An acceptance also settles what was put
    back into the queue meanwhile. Written twice, it is written once: where the database vanished
    while it committed, nobody knows whether it did.
    """
    if not outcomes:
        return
    moving, naming, keeping = _recording(conn.dialect.name)
    given = {
        "b_rows": _as_text(conn.dialect.name, [_fields(outcome) for outcome in outcomes]),
        "b_owner": outcomes[0].owner,
    }
    if conn.execute(moving, given).rowcount < len(outcomes):
        conn.execute(naming, given)
    conn.execute(keeping, given)


@cache
def _recording(dialect: str) -> tuple[Executable, Executable, Executable]:
    """Return what moves deliveries, what names those that moved before, and what keeps attempts.

    Built once: that costs more than running them. All three read the outcomes from `b_rows`.
    """
    new = _outcomes(dialect)
    accepted = or_(new.c.status == Status.SENT, new.c.status == Status.DELIVERED)
    status = DeliveryRow.status.concat("")  # else SQLite looks rows up by status, not by id
    same_attempt = DeliveryRow.attempts == new.c.attempt
    held = and_(status == Status.SENDING, DeliveryRow.lease_owner == bindparam("b_owner"))
    # one that was made at an address which has been put right since is on record, and no more
    there = new.c.attempt > func.coalesce(DeliveryRow.attempts_before, 0)
    ours = or_(
        # an answer to an earlier claim says nothing of what this process sends anew; taken, it is
        and_(held, or_(same_attempt, accepted)),
        and_(status == Status.IN_DOUBT, same_attempt),
        and_(
            status == Status.QUEUED,
            accepted,
            # not if it was put back because this very provider could not deliver it
            func.coalesce(DeliveryRow.silent_provider, "") != new.c.provider,
        ),
    )
    learnt = {
        "provider": new.c.provider,
        "route": func.coalesce(new.c.route, DeliveryRow.route),
        "provider_id": func.coalesce(new.c.provider_id, DeliveryRow.provider_id),
        "updated_at": new.c.at,
    }
    moved = {
        "status": new.c.status,
        "due_at": new.c.due_at,
        "error_code": new.c.code,
        "error_detail": new.c.detail,
        "lease_owner": None,
        "lease_until": None,
    }
    same = and_(DeliveryRow.id == new.c.id, there)
    nameless = and_(DeliveryRow.provider_id.is_(None), new.c.provider_id.is_not(None))
    columns = ["delivery_id", "number", "at", "provider", "outcome", "code", "detail", "segments"]
    rows = select(
        new.c.id, new.c.attempt, new.c.at, new.c.provider, new.c.outcome, new.c.code,
        new.c.detail, new.c.segments,
    )  # fmt: skip
    # SQLite takes the ON of "ON CONFLICT" for that of a join where no WHERE comes between
    rows = rows.where(new.c.id.is_not(None))
    keep = (sqlite if dialect == "sqlite" else postgresql).insert(DeliveryAttemptRow)
    return (
        update(DeliveryRow).where(same, ours).values(**moved, **learnt),
        update(DeliveryRow).where(same, nameless).values(**learnt),
        keep.from_select(columns, rows).on_conflict_do_nothing(),
    )


#: What `record` needs of an outcome, with the types; one order for both databases.
_FIELDS: dict[str, Any] = {
    "id": String(),
    "attempt": Integer(),
    "status": String(),
    "outcome": String(),
    "due_at": UtcDateTime(),
    "provider_id": String(),
    "code": String(),
    "detail": String(),
    "at": UtcDateTime(),
    "provider": String(),
    "route": String(),
    "segments": Integer(),
}


def _fields(outcome: Outcome) -> tuple[Any, ...]:
    change = outcome.change
    return (
        outcome.claimed.id,
        outcome.claimed.attempt,
        change.status.value,
        change.outcome,
        change.due_at,
        change.provider_id,
        change.code,
        change.detail,
        outcome.at,
        outcome.provider,
        outcome.route,
        outcome.segments,
    )


def _as_text(dialect: str, rows: Sequence[tuple[Any, ...]]) -> str:
    instant = _sqlite_instant if dialect == "sqlite" else datetime.isoformat
    return json.dumps(rows, default=instant)


def _outcomes(dialect: str) -> Any:
    """Return the rows of `b_rows` as something to join with: one statement for a batch of any size.

    They travel as one JSON text: an executemany of the same update took four times as long, and
    psycopg writes arrays with a regular expression an element.
    """
    text = bindparam("b_rows", type_=String())
    if dialect == "sqlite":
        value = func.json_each(text).table_valued("value").c.value

        def field(place: int, kind: Any) -> ColumnElement[Any]:
            return type_coerce(func.json_extract(value, f"$[{place}]"), kind)
    else:
        value = func.jsonb_array_elements(cast(text, JSONB)).column_valued("value")

        def field(place: int, kind: Any) -> ColumnElement[Any]:
            return cast(value.op("->>")(place), kind)

    columns = [field(place, kind).label(name) for place, (name, kind) in enumerate(_FIELDS.items())]
    return select(*columns).subquery("new")


def _sqlite_instant(value: datetime) -> str:
    """Return an instant as SQLAlchemy stores it in SQLite."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
