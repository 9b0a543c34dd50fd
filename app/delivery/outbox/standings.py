"""How providers do, as every worker knows it: a few rows, written in batches."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db.ids import uuid7_prefix
from app.db.tables import DeliveryRow, ProviderHealthRow
from app.delivery.delivery import Status
from app.delivery.routing import Receipts, Standing

#: The route of what is said of a provider altogether.
WHOLE = ""
#: Newest messages that are looked at: enough for a share, cheap in a storm.
_SAMPLE = 20_000


def list_standings(conn: Connection) -> list[Standing]:
    """Return what is known of every provider."""
    columns = (
        ProviderHealthRow.provider,
        ProviderHealthRow.route,
        ProviderHealthRow.shift,
        ProviderHealthRow.shifted_at,
        ProviderHealthRow.errors,
        ProviderHealthRow.errors_since,
        ProviderHealthRow.rests_until,
        ProviderHealthRow.code,
        ProviderHealthRow.detail,
    )
    return [Standing(**row) for row in conn.execute(select(*columns)).mappings()]


def add_errors(
    conn: Connection, errors: Mapping[tuple[str, str], int], *, within: timedelta, now: datetime
) -> None:
    """Count failures by provider and route; after `within` counting starts anew."""
    old = ProviderHealthRow.errors_since <= now - within
    for (provider, route), number in sorted(errors.items()):
        _upsert(
            conn,
            {"provider": provider, "route": route, "errors": number, "errors_since": now},
            {
                "errors": case((old, number), else_=ProviderHealthRow.errors + number),
                "errors_since": case((old, now), else_=ProviderHealthRow.errors_since),
            },
            now=now,
        )


def refuse(
    conn: Connection, provider: str, *, code: str, detail: str, until: datetime, now: datetime
) -> None:
    """Write down that a provider refuses our account, and rests until `until` for everybody."""
    values = {"rests_until": until, "code": code, "detail": detail}
    _upsert(conn, {"provider": provider, "route": WHOLE, **values}, values, now=now)


def welcome(conn: Connection, provider: str) -> None:
    """Write down that a provider takes our messages again."""
    conn.execute(
        update(ProviderHealthRow)
        .where(ProviderHealthRow.provider == provider, ProviderHealthRow.route == WHOLE)
        .values(rests_until=None, code=None, detail=None)
    )


def save_shifts(conn: Connection, standings: Sequence[Standing], *, now: datetime) -> None:
    """Write down by how much weights are shifted."""
    for one in standings:
        values = {"shift": one.shift, "shifted_at": one.shifted_at}
        _upsert(conn, {"provider": one.provider, "route": one.route, **values}, values, now=now)


def count_receipts(
    conn: Connection, *, slow_after: timedelta, watched: timedelta, now: datetime
) -> dict[tuple[str, str], Receipts]:
    """Return what came back of the messages of the last `watched`, by provider and route.

    A message that another provider had to take over counts against the one that fell silent.
    """
    newest = (
        select(
            DeliveryRow.provider,
            DeliveryRow.route,
            DeliveryRow.silent_provider,
            DeliveryRow.status,
            DeliveryRow.updated_at,
        )
        .where(DeliveryRow.id >= uuid7_prefix(now - watched), DeliveryRow.route.is_not(None))
        .order_by(DeliveryRow.id.desc())
        .limit(_SAMPLE)
        .subquery()
    )
    sent = newest.c.status == Status.SENT
    told = or_(
        and_(sent, newest.c.updated_at <= now - slow_after),
        newest.c.status.in_([Status.DELIVERED, Status.UNDELIVERED]),
    )
    number, slow = func.count(), func.sum(case((sent, 1), else_=0))
    taken = (
        select(newest.c.provider, newest.c.route, number, slow)
        .where(told)
        .group_by(newest.c.provider, newest.c.route)
    )
    left = (
        select(newest.c.silent_provider, newest.c.route, number, number)
        .where(newest.c.silent_provider.is_not(None))
        .group_by(newest.c.silent_provider, newest.c.route)
    )
    found: dict[tuple[str, str], Receipts] = {}
    for query in (taken, left):
        for provider, route, accepted, late in conn.execute(query):
            before = found.get((provider, route), Receipts(accepted=0, slow=0))
            found[provider, route] = Receipts(
                accepted=before.accepted + accepted, slow=before.slow + late
            )
    return found


def _upsert(
    conn: Connection, values: Mapping[str, object], changes: Mapping[str, object], *, now: datetime
) -> None:
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    fresh = {"shift": 0, "errors": 0, "errors_since": now} | dict(values)
    statement = dialect.insert(ProviderHealthRow).values(fresh)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=[ProviderHealthRow.provider, ProviderHealthRow.route],
            set_=dict(changes),
        )
    )
