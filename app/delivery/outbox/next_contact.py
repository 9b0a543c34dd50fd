"""What the next contact of an organisation that does not answer is told, and who calls at last.

It is a delivery like any other, of the alert that holds now: its unique key is why nobody is told
twice, however often this is done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, exists, or_, select, update

from app.alerts.alert import ENDS, AlertType
from app.core.ids import new_id
from app.core.levels import Level
from app.db.tables import (
    AcknowledgementRow,
    AlertRow,
    ContactChannelRow,
    ContactRow,
    DeliveryRow,
)
from app.db.wake import call_workers
from app.delivery.delivery import Status, priority_of
from app.delivery.escalation import Rung
from app.delivery.outbox import digests
from app.delivery.outbox.call_rounds import Called, became_grave, insert_into
from app.delivery.outbox.paying import PRICED
from app.delivery.outbox.words import IN_DIGEST, SAID_TOGETHER
from app.subscribers.countries import OTHER

_SAID_WITH = (IN_DIGEST, SAID_TOGETHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What an organisation was told of, and how that stands now.

    Attributes:
        current: Alerts that hold now and have to be answered, the first to say first.
        every: Those and all that their chains said since the danger became grave.
        acknowledged: Somebody of the organisation has taken note of one of them.
        told: Contacts who know of it, or whose message is on its way.
        silent: Those who were told last and did not answer.
    """

    current: tuple[str, ...]
    level: Level | None
    expires_at: datetime | None
    every: tuple[str, ...]
    acknowledged: bool
    told: frozenset[str]
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Where somebody is told: called where he takes calls, else by SMS where he has a phone."""

    contact_id: str
    channel: str
    language: str
    tariff: str | None


def matter_of(
    conn: Connection, called: Called, rungs: Sequence[Rung], *, levels: Sequence[Level]
) -> Matter:
    """Return how that stands now which an organisation was told of."""
    said = _said_since(conn, called.bundle_id, levels)
    every = tuple(row.id for row in said)
    holding = [
        row
        for row in said
        if row.status == "active" and row.level in levels and row.type not in ENDS
    ]
    holding.sort(key=lambda row: (-row.level_rank, row.bundle_rank, row.id))
    current = tuple(row.id for row in holding)
    return Matter(
        current=current,
        level=Level(holding[0].level) if holding else None,
        expires_at=holding[0].expires_at if holding else None,
        every=every,
        acknowledged=_is_acknowledged(conn, every, called.organisation_id),
        told=_told_of(conn, every, current, [one.contact_id for one in rungs]),
        silent=_silent(conn, every, called),
    )


def addresses_of(
    conn: Connection, contact_ids: Sequence[str], *, channels: Sequence[str]
) -> list[Reached]:
    """Return where these contacts are told: one address each, on the first of the channels."""
    places = {channel: place for place, channel in enumerate(channels)}
    first = case(places, value=ContactChannelRow.channel)
    query = (
        select(
            ContactChannelRow.contact_id,
            ContactChannelRow.channel,
            ContactRow.language,
            ContactChannelRow.tariff,
        )
        .join(ContactRow, ContactRow.id == ContactChannelRow.contact_id)
        .where(
            ContactChannelRow.contact_id.in_(contact_ids),
            ContactChannelRow.channel.in_(channels),
            ContactChannelRow.status == "active",
        )
        .order_by(ContactChannelRow.contact_id, first)
    )
    found: dict[str, Reached] = {}
    for row in conn.execute(query).mappings():
        found.setdefault(row["contact_id"], Reached(**row))
    return list(found.values())


def tell(
    conn: Connection,
    called: Called,
    matter: Matter,
    to: Reached,
    *,
    step: int,
    texts: Sequence[Mapping[str, Any]],
    language: str,
    now: datetime,
) -> str | None:
    """Make the message to one contact; return its delivery's id, None where there was one.

    `texts`: of each channel, without the id of the message that they are.
    """
    delivery_id, digest_id = new_id(now), f"{digests.ESCALATION}{new_id(now)}"
    level = matter.level or Level.SEVERE
    row = {
        "contact_id": to.contact_id,
        "organisation_id": called.organisation_id,
        "channel": to.channel,
        "language": language,
        "priority": priority_of(level, AlertType.UPDATE),
        "attempts": 0,
        "due_at": now,
        "created_at": now,
        "updated_at": now,
        "expires_at": matter.expires_at,
        "digest_id": digest_id,
        "escalated": step,
        "tariff": (to.tariff or OTHER) if to.channel in PRICED else None,
    }
    first, *others = matter.current
    carrier = {"id": delivery_id, "alert_id": first, "status": Status.QUEUED, "counts_at": now}
    made = conn.execute(
        insert_into(conn, DeliveryRow)
        .values(row | carrier)
        .on_conflict_do_nothing()
        .returning(DeliveryRow.id)
    ).one_or_none()
    if made is None:
        return None
    said = [
        row | {"id": new_id(now), "alert_id": one, "status": Status.SUPPRESSED,
               "error_code": IN_DIGEST}
        for one in others
    ]  # fmt: skip
    if said:
        conn.execute(insert_into(conn, DeliveryRow).on_conflict_do_nothing(), said)
    digests.add_digests(conn, [{**text, "id": digest_id, "created_at": now} for text in texts])
    call_workers(conn)
    return delivery_id


def list_for_a_person(
    conn: Connection, called: Called, matter: Matter, rungs: Sequence[Rung], *, now: datetime
) -> str | None:
    """Put those of an organisation whom somebody should call on the list; return of which alert.

    The contacts of its list who were told, or whoever was.
    """
    told = (
        DeliveryRow.organisation_id == called.organisation_id,
        DeliveryRow.status != Status.SUPPRESSED,
    )
    listed = DeliveryRow.contact_id.in_([one.contact_id for one in rungs])
    tries = [
        (matter.current, and_(*told, listed)),
        (matter.every, and_(*told, listed)),
        (matter.every, and_(*told)),
    ]
    for alert_ids, which in tries:
        query = select(DeliveryRow.id, DeliveryRow.alert_id).where(
            DeliveryRow.alert_id.in_(alert_ids), which
        )
        if found := conn.execute(query.order_by(DeliveryRow.alert_id.desc())).all():
            newest = found[0].alert_id
            ids = [row.id for row in found if row.alert_id == newest]
            conn.execute(
                update(DeliveryRow).where(DeliveryRow.id.in_(ids)).values(unanswered_at=now)
            )
            return str(newest)
    return None


def words_of(conn: Connection, alert_id: str) -> str:
    """Return route and cargo of an alert."""
    row = conn.execute(select(AlertRow.route, AlertRow.cargo).where(AlertRow.id == alert_id)).one()
    return f"{row.route} {row.cargo}"


def _said_since(conn: Connection, bundle_id: str, levels: Sequence[Level]) -> Sequence[Any]:
    """Return what the chains of a bundle have said since it said that a danger was grave."""
    began = (
        select(AlertRow.chain_id, AlertRow.created_at)
        .where(AlertRow.bundle_id == bundle_id, became_grave(levels))
        .subquery()
    )
    query = (
        select(
            AlertRow.id,
            AlertRow.status,
            AlertRow.type,
            AlertRow.level,
            AlertRow.level_rank,
            AlertRow.bundle_rank,
            AlertRow.expires_at,
        )
        .join(began, began.c.chain_id == AlertRow.chain_id)
        .where(AlertRow.created_at >= began.c.created_at)
        .order_by(AlertRow.id)
    )
    return conn.execute(query).all()


def _is_acknowledged(conn: Connection, alert_ids: Sequence[str], organisation_id: str) -> bool:
    query = select(
        exists().where(
            AcknowledgementRow.organisation_id == organisation_id,
            AcknowledgementRow.alert_id.in_(alert_ids),
        )
    )
    return bool(conn.scalar(query))


def _told_of(
    conn: Connection, every: Sequence[str], current: Sequence[str], contact_ids: Sequence[str]
) -> frozenset[str]:
    """Return who was told, or cannot be told any more: he has a row that another may not repeat."""
    spoken = or_(
        DeliveryRow.status != Status.SUPPRESSED,
        DeliveryRow.error_code.in_(_SAID_WITH),
        DeliveryRow.alert_id.in_(current),
    )
    query = select(DeliveryRow.contact_id).where(
        DeliveryRow.alert_id.in_(every), DeliveryRow.contact_id.in_(contact_ids), spoken
    )
    return frozenset(conn.scalars(query.distinct()))


def _silent(conn: Connection, every: Sequence[str], called: Called) -> tuple[str, ...]:
    """Return who was told by the last step, or of themselves where nobody was."""
    query = select(DeliveryRow.contact_id).where(
        DeliveryRow.alert_id.in_(every),
        DeliveryRow.organisation_id == called.organisation_id,
        DeliveryRow.status != Status.SUPPRESSED,
    )
    of_step = query.where(DeliveryRow.escalated == called.step)
    found = set(conn.scalars(of_step)) or set(
        conn.scalars(query.where(DeliveryRow.escalated.is_(None)))
    )
    return tuple(sorted(found))
