"""Messages that did not arrive: found by index, a batch at a time, and moved on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app.alerts.templates import ONE_SEGMENT
from app.db.ids import sql_uuid7, uuid7_prefix
from app.db.tables import AlertRow, ContactChannelRow, DeliveryRow, MessageRow
from app.db.types import UtcDateTime
from app.db.wake import call_workers
from app.delivery.delivery import NOT_ARRIVED, Status
from app.delivery.outbox import paying
from app.delivery.outbox.among import among
from app.delivery.outbox.digests import said_by
from app.delivery.outbox.joins import ITS_ADDRESS, put_right_since
from app.delivery.outbox.paying import AGAIN
from app.subscribers.countries import Countries

#: Why a delivery went back into the queue: another provider is to have it.
FAILED_OVER = "failed_over"
#: When to look again at what has been given up: a receipt may still move it.
_NEVER = datetime(9999, 12, 31, tzinfo=UTC)
_WAITING = (Status.QUEUED, Status.SENDING)
#: Channels on which something may fail to arrive.
CHANNELS = ("sms", "email", "voice", "whatsapp", "webhook")


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A delivery that has not arrived; `address_sealed` is None once the contact is gone.

    `since` is when its provider took it; `overtaken`: its alert is not what holds now.
    """

    id: str
    alert_id: str
    contact_id: str
    channel: str
    status: Status
    priority: int
    provider: str | None
    silent_provider: str | None
    since: datetime
    overtaken: bool
    address_sealed: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """How many recipients an alert has not reached, and what it is about."""

    alert_id: str
    words: str
    number: int


def priorities_behind(
    conn: Connection,
    *,
    silent: Mapping[int, datetime],
    stuck: Mapping[int, datetime],
    now: datetime,
) -> list[int]:
    """Return the priorities, worst first, of which `list_ended` or another here would find some.

    All are asked for in one statement: mostly nothing is late, and that is to cost little.

    Args:
        conn: In a transaction.
        silent: `before` of `list_silent`, by priority; the others are not asked for.
        stuck: `before` of `list_stuck`, by priority.
        now: As for `list_ended`.
    """
    if not stuck:
        return []
    given = {"b_now": now}
    given |= {f"b_silent_{priority}": before for priority, before in silent.items()}
    given |= {f"b_stuck_{priority}": before for priority, before in stuck.items()}
    return sorted(conn.scalars(_behind(tuple(stuck), tuple(silent)), given))


@cache
def _behind(stuck: tuple[int, ...], silent: tuple[int, ...]) -> CompoundSelect[Any]:
    """Return the statement of `priorities_behind`: built once, it is run every few seconds."""

    def found(priority: int) -> ColumnElement[bool]:
        kinds = [_ended(_given("b_now")), _stuck(_given(f"b_stuck_{priority}"))]
        if priority in silent:
            kinds.append(_silent(_given(f"b_silent_{priority}")))
        place = and_(DeliveryRow.channel.in_(CHANNELS), DeliveryRow.priority == priority)
        return or_(*(exists().where(kind, place) for kind in kinds))

    return union_all(*(select(literal(priority)).where(found(priority)) for priority in stuck))


def _given(name: str) -> Any:
    return bindparam(name, type_=UtcDateTime())


def list_silent(
    conn: Connection, *, channel: str, priority: int, before: datetime, limit: int
) -> list[Missing]:
    """Return what a provider took before `before` and said nothing more of, oldest first."""
    return _missing(conn, _silent(before), channel=channel, priority=priority, limit=limit)


def list_ended(
    conn: Connection, *, channel: str, priority: int, limit: int, now: datetime
) -> list[Missing]:
    """Return what ended without arriving and is on no list yet."""
    return _missing(conn, _ended(now), channel=channel, priority=priority, limit=limit)


def list_stuck(
    conn: Connection, *, channel: str, priority: int, before: datetime, limit: int
) -> list[Missing]:
    """Return what has waited to be sent since before `before` and is on no list yet."""
    return _missing(conn, _stuck(before), channel=channel, priority=priority, limit=limit)


def _silent(before: Any) -> ColumnElement[bool]:
    return and_(DeliveryRow.status == Status.SENT, DeliveryRow.due_at <= before)


def _ended(now: Any) -> ColumnElement[bool]:
    return and_(
        DeliveryRow.status.in_(NOT_ARRIVED),
        DeliveryRow.due_at <= now,
        DeliveryRow.listed_at.is_(None),
    )


def _stuck(before: Any) -> ColumnElement[bool]:
    return and_(
        DeliveryRow.status == Status.QUEUED,
        # what waits for its time is not stuck, nor is it late from the moment that its time comes
        func.coalesce(DeliveryRow.counts_at, DeliveryRow.created_at) <= before,
        DeliveryRow.tell_at.is_(None),
        DeliveryRow.listed_at.is_(None),
    )


def resend(conn: Connection, missing: Sequence[Missing], *, now: datetime) -> None:
    """Put back what another provider is to have; the record keeps who fell silent."""
    if not missing:
        return
    conn.execute(
        update(DeliveryRow)
        .where(_these(conn, missing), DeliveryRow.status == Status.SENT)
        .values(
            status=Status.QUEUED,
            silent_provider=DeliveryRow.provider,
            error_code=FAILED_OVER,
            reserved=AGAIN,
            due_at=now,
            updated_at=now,
        )
    )
    call_workers(conn)


def list_put_right(conn: Connection, missing: Sequence[Missing]) -> list[Missing]:
    """Return what did not arrive, of these, at an address that has been put right since."""
    query = select(DeliveryRow.id).where(
        _these(conn, missing), DeliveryRow.status.in_(NOT_ARRIVED), put_right_since()
    )
    found = set(conn.scalars(query))
    return [one for one in missing if one.id in found]


def give_up(conn: Connection, missing: Sequence[Missing], *, now: datetime) -> None:
    """Put deliveries on the call list. Whatever still comes of them is kept."""
    if not missing:
        return
    waits = DeliveryRow.status.in_(_WAITING)
    conn.execute(
        update(DeliveryRow)
        .where(_these(conn, missing), DeliveryRow.status != Status.DELIVERED)
        .values(listed_at=now, due_at=case((waits, DeliveryRow.due_at), else_=_NEVER))
    )


def use_other_channel(
    conn: Connection,
    missing: Sequence[Missing],
    *,
    countries: Countries | None,
    now: datetime,
) -> int:
    """Make deliveries for the other channels of these contacts; return how many were made.

    One for each alert, contact and channel, as ever: who has it there already gets nothing more.
    What the message says beside its own alert is kept as said on that channel, so that its end is.
    `countries`: what an SMS among them costs; None: nobody asks.
    """
    if not missing:
        return 0
    rows = _elsewhere(conn, missing, countries, now=now)
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(DeliveryRow).from_select(list(rows.selected_columns.keys()), rows)
    statement = statement.on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    made = conn.execute(statement).rowcount
    if made:
        _keep_companions(conn, missing, now=now)
        call_workers(conn)
    return made


def count_unreached(conn: Connection, alert_ids: Sequence[str]) -> list[Unreached]:
    """Return how many contacts of each alert are on its call list."""
    words = AlertRow.route + literal(" ") + AlertRow.cargo
    query = (
        select(
            AlertRow.id.label("alert_id"),
            words.label("words"),
            func.count(DeliveryRow.contact_id.distinct()).label("number"),
        )
        .join(DeliveryRow, DeliveryRow.alert_id == AlertRow.id)
        .where(
            among(conn, AlertRow.id, alert_ids),
            DeliveryRow.listed_at.is_not(None),
            DeliveryRow.status.not_in([Status.DELIVERED, Status.SUPPRESSED]),
        )
        .group_by(AlertRow.id, AlertRow.route, AlertRow.cargo)
    )
    return [Unreached(**row) for row in conn.execute(query).mappings()]


def _missing(
    conn: Connection, condition: ColumnElement[bool], *, channel: str, priority: int, limit: int
) -> list[Missing]:
    ids = (
        select(DeliveryRow.id)
        .where(condition, DeliveryRow.channel == channel, DeliveryRow.priority == priority)
        .order_by(DeliveryRow.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = list(conn.scalars(ids))
    if not found:
        return []
    query = (
        select(
            DeliveryRow.id,
            DeliveryRow.alert_id,
            DeliveryRow.contact_id,
            DeliveryRow.channel,
            DeliveryRow.status,
            DeliveryRow.priority,
            DeliveryRow.provider,
            DeliveryRow.silent_provider,
            DeliveryRow.due_at.label("since"),
            (AlertRow.status != "active").label("overtaken"),
            ContactChannelRow.address_sealed,
        )
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .outerjoin(ContactChannelRow, and_(ITS_ADDRESS, ContactChannelRow.status == "active"))
        .where(among(conn, DeliveryRow.id, found))
    )
    rows = conn.execute(query).mappings()
    return [
        Missing(**{**row, "status": Status(row["status"]), "overtaken": bool(row["overtaken"])})
        for row in rows
    ]


def _elsewhere(
    conn: Connection, missing: Sequence[Missing], countries: Countries | None, *, now: datetime
) -> Any:
    instant = literal(now, UtcDateTime())
    channel, number = ContactChannelRow.channel, ContactChannelRow.tariff
    language: ColumnElement[str] = func.replace(DeliveryRow.language, ONE_SEGMENT, "")
    money: list[ColumnElement[Any]] = []
    if countries is not None:
        language = paying.language_of(language, channel=channel, tariff=number, countries=countries)
        tariff = paying.tariff_of(channel, number)
        cost = MessageRow.segments * paying.price_of(tariff, countries)
        reserved = case((channel.in_(paying.PRICED), cost), else_=cast(null(), BigInteger()))
        money = [tariff.label("tariff"), reserved.label("reserved")]
    return (
        select(
            sql_uuid7(literal(uuid7_prefix(now))).label("id"),
            DeliveryRow.alert_id,
            DeliveryRow.contact_id,
            DeliveryRow.organisation_id,
            ContactChannelRow.channel,
            language.label("language"),
            literal(Status.QUEUED.value).label("status"),
            DeliveryRow.priority,
            literal(0).label("attempts"),
            instant.label("due_at"),
            instant.label("created_at"),
            instant.label("updated_at"),
            DeliveryRow.expires_at,
            DeliveryRow.digest_id,
            *money,
        )
        .join(AlertRow, and_(AlertRow.id == DeliveryRow.alert_id, AlertRow.status == "active"))
        .join(
            ContactChannelRow,
            and_(
                ContactChannelRow.contact_id == DeliveryRow.contact_id,
                ContactChannelRow.channel != DeliveryRow.channel,
                ContactChannelRow.status == "active",
            ),
        )
        .join(
            MessageRow,
            and_(
                MessageRow.alert_id == DeliveryRow.alert_id,
                MessageRow.channel == ContactChannelRow.channel,
                MessageRow.language == language,
            ),
        )
        .where(_these(conn, missing), DeliveryRow.expires_at > now)
    )


def _keep_companions(conn: Connection, missing: Sequence[Missing], *, now: datetime) -> None:
    """Keep what the new messages of `missing` say, too, as said with them."""
    instant = literal(now, UtcDateTime())
    carrier, made = aliased(DeliveryRow, name="carrier"), aliased(DeliveryRow, name="made")
    rows = (
        select(
            sql_uuid7(literal(uuid7_prefix(now))).label("id"),
            DeliveryRow.alert_id,
            DeliveryRow.contact_id,
            DeliveryRow.organisation_id,
            made.channel,
            made.language,
            DeliveryRow.status,
            DeliveryRow.error_code,
            DeliveryRow.priority,
            literal(0).label("attempts"),
            instant.label("due_at"),
            instant.label("created_at"),
            instant.label("updated_at"),
            made.expires_at,
            DeliveryRow.digest_id,
        )
        .join(carrier, said_by(carrier))
        .join(
            made,
            and_(
                made.alert_id == carrier.alert_id,
                made.contact_id == carrier.contact_id,
                made.channel != carrier.channel,
                made.created_at == now,
            ),
        )
        .where(among(conn, carrier.id, [one.id for one in missing]))
    )
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(DeliveryRow).from_select(list(rows.selected_columns.keys()), rows)
    conn.execute(statement.on_conflict_do_nothing())


def _these(conn: Connection, missing: Sequence[Missing]) -> ColumnElement[bool]:
    return among(conn, DeliveryRow.id, [one.id for one in missing])
