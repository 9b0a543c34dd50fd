"""Messages that came in: each once, what was said in them sealed until retention empties it."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select, update

from app.core.errors import NotFoundError
from app.db.tables import InboundRow
from app.subscribers.conversation import Outcome, Past, Sender
from app.subscribers.inbound_codec import Said, decode_said, encode_said
from app.subscribers.store import forced
from app.subscribers.understood import Action
from app.subscribers.vault import Vault

#: Fields that the vault binds to the row.
SAID, PHONE = "inbound.said", "inbound.phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message and what became of it.

    Attributes:
        message_id: The provider's: the same however often it is delivered.
        phone: In clear, in memory only: E.164, or whatever stands where a number should.
        said_index, reply_index: Keyed hashes of the two texts.
        report_id: The report that it made, or somebody at the desk of it.
        alert_id: The alert that it acknowledged.
        for_person: Somebody has to read it; None: the version before kept it, and did not say.
        set_aside_at: Since when nothing is to be done about it, as a person said; `set_aside_by`:
            with which key.
    """

    id: str
    provider: str
    message_id: str
    at: datetime
    sender: Sender
    organisation_id: str | None
    phone_index: str | None
    phone: str | None
    said: Said | None
    said_index: str | None
    reply_index: str | None
    replied: bool
    action: Action
    kind: str | None
    outcome: Outcome
    duress: bool = False
    report_id: str | None = None
    alert_id: str | None = None
    for_person: bool | None = None
    set_aside_at: datetime | None = None
    set_aside_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFilter:
    """Which messages to list; None: whatever they are."""

    organisation_id: str | None = None
    action: Action | None = None
    outcome: Outcome | None = None
    sender: Sender | None = None
    duress: bool | None = None
    set_aside: bool | None = None


def find_answered(
    conn: Connection, provider: str, message_id: str, *, vault: Vault
) -> tuple[str, str | None] | None:
    """Return (id, what was answered) of a message that came before; None: it is new."""
    row = conn.execute(
        select(InboundRow.id, InboundRow.said_sealed, InboundRow.replied).where(
            InboundRow.provider == provider, InboundRow.message_id == message_id
        )
    ).one_or_none()
    if row is None:
        return None
    said = _open_said(row.id, row.said_sealed, vault) if row.replied else None
    return row.id, said.reply if said else None


def list_past(conn: Connection, phone_index: str, *, since: datetime) -> list[tuple[str, Past]]:
    """Return (id, message) of what a phone sent since then, the oldest first."""
    rows = conn.execute(
        select(
            InboundRow.id,
            InboundRow.at,
            InboundRow.action,
            InboundRow.outcome,
            InboundRow.said_index,
            InboundRow.reply_index,
            InboundRow.replied,
        )
        .where(InboundRow.phone_index == phone_index, InboundRow.at >= since)
        .order_by(InboundRow.at, InboundRow.id)
    )
    return [
        (
            row.id,
            Past(
                at=row.at,
                action=Action(row.action),
                outcome=Outcome(row.outcome),
                said_index=row.said_index,
                reply_index=row.reply_index,
                replied=row.replied,
            ),
        )
        for row in rows
    ]


def count_unknown(conn: Connection, *, since: datetime) -> int:
    """Return how many messages of numbers that are nobody's came since then."""
    query = select(func.count()).where(InboundRow.sender == Sender.UNKNOWN, InboundRow.at >= since)
    return conn.scalar(query) or 0


def count_stopped(conn: Connection, *, since: datetime) -> int:
    """Return how many people's STOPs were obeyed since then."""
    query = select(func.count()).where(
        *_of_known(since), InboundRow.action == Action.STOP, InboundRow.outcome == Outcome.DONE
    )
    return conn.scalar(query) or 0


def count_flooding(conn: Connection, *, since: datetime) -> int:
    """Return how many known phones wrote so much since then that nothing was done any more."""
    query = select(func.count(InboundRow.phone_index.distinct())).where(
        *_of_known(since), InboundRow.outcome == Outcome.FLOOD
    )
    return conn.scalar(query) or 0


def _of_known(since: datetime) -> tuple[ColumnElement[bool], ...]:
    return InboundRow.sender.in_([Sender.CONTACT, Sender.REPORTER]), InboundRow.at >= since


def find_said(conn: Connection, inbound_id: str, *, vault: Vault) -> Said | None:
    """Return what was said in a message; None once it was emptied."""
    query = select(InboundRow.said_sealed).where(InboundRow.id == inbound_id)
    return _open_said(inbound_id, conn.scalar(query), vault)


def add(conn: Connection, heard: Heard, *, vault: Vault) -> None:
    """Keep a message. Its texts and its number are sealed for this row alone."""
    said = json.dumps(encode_said(heard.said), ensure_ascii=False) if heard.said else None
    conn.execute(
        insert(InboundRow).values(
            id=heard.id,
            provider=heard.provider,
            message_id=heard.message_id,
            at=heard.at,
            sender=heard.sender,
            organisation_id=heard.organisation_id,
            phone_index=heard.phone_index,
            phone_sealed=vault.seal(heard.phone, row_id=heard.id, field=PHONE)
            if heard.phone
            else None,
            said_sealed=vault.seal(said, row_id=heard.id, field=SAID) if said else None,
            said_index=heard.said_index,
            reply_index=heard.reply_index,
            replied=heard.replied,
            action=heard.action,
            kind=heard.kind,
            outcome=heard.outcome,
            duress=heard.duress,
            report_id=heard.report_id,
            alert_id=heard.alert_id,
            for_person=heard.for_person,
        )
    )


def list_heard(
    conn: Connection, wanted: InboundFilter, *, vault: Vault, before: str | None, limit: int
) -> list[Heard]:
    """Return messages, the newest first, older than the id `before`."""
    query = select(InboundRow.__table__).order_by(InboundRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(InboundRow.id < before)
    return [heard_of(row, vault) for row in conn.execute(_filtered(query, wanted))]


def list_of_phone(
    conn: Connection,
    phone_index: str,
    *,
    since: datetime,
    organisation_id: str | None,
    vault: Vault,
    limit: int,
) -> list[Heard]:
    """Return what a phone wrote since then, the newest first."""
    query = (
        select(InboundRow.__table__)
        .where(
            InboundRow.phone_index == phone_index,
            InboundRow.at >= since,
            *known_to(organisation_id),
        )
        .order_by(InboundRow.id.desc())
        .limit(limit)
    )
    return [heard_of(row, vault) for row in conn.execute(query)]


def list_last(
    conn: Connection, phone_indexes: Collection[str], *, organisation_id: str | None, vault: Vault
) -> Mapping[str, Heard]:
    """Return the last message of each of these phones, by phone."""
    last = (
        select(func.max(InboundRow.id))
        .where(InboundRow.phone_index.in_(phone_indexes), *known_to(organisation_id))
        .group_by(InboundRow.phone_index)
    )
    ids = conn.scalars(last).all()
    found = list_by_id(conn, ids, vault=vault).values()
    return {one.phone_index: one for one in found if one.phone_index is not None}


def list_by_id(
    conn: Connection, inbound_ids: Collection[str], *, vault: Vault
) -> Mapping[str, Heard]:
    """Return these messages, as far as they are there, by id."""
    rows = conn.execute(select(InboundRow.__table__).where(InboundRow.id.in_(inbound_ids)))
    return {row.id: heard_of(row, vault) for row in rows}


def keep_report(conn: Connection, inbound_id: str, report_id: str) -> str | None:
    """Keep that somebody made a report of a message; of one that is a report, return which."""
    made = update(InboundRow).where(InboundRow.id == inbound_id, InboundRow.report_id.is_(None))
    if conn.execute(made.values(report_id=report_id)).rowcount:
        return None
    kept: str | None = conn.scalar(select(InboundRow.report_id).where(InboundRow.id == inbound_id))
    return kept


def find_of_report(conn: Connection, report_id: str, *, organisation_id: str | None) -> str | None:
    """Return the message that made a report; None: none did, of this organisation."""
    made = InboundRow.report_id == report_id
    query = select(InboundRow.id).where(made, *known_to(organisation_id)).limit(1)
    found: str | None = conn.scalar(query)
    return found


def get_heard(conn: Connection, inbound_id: str, *, vault: Vault) -> Heard:
    """Return one message.

    Raises:
        NotFoundError: There is none with that id.
    """
    query = select(InboundRow.__table__).where(InboundRow.id == inbound_id)
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("There is no inbound message with this id.")
    return heard_of(row, vault)


def under_duress(conn: Connection, report_ids: Sequence[str]) -> frozenset[str]:
    """Return which of these reports somebody sent who may have been forced to."""
    query = select(InboundRow.report_id).where(
        InboundRow.report_id.in_(report_ids), InboundRow.duress
    )
    by_phone = frozenset(one for one in conn.scalars(query) if one)
    return by_phone | forced.reports_of_keys(conn, report_ids)


def list_full(conn: Connection, *, before: datetime, limit: int) -> list[str]:
    """Return up to `limit` messages from before then that say who wrote what, the oldest first."""
    query = (
        select(InboundRow.id)
        .where(InboundRow.at < before, InboundRow.phone_index.is_not(None))
        .order_by(InboundRow.at)
        .limit(limit)
    )
    return list(conn.scalars(query))


def empty(conn: Connection, ids: Sequence[str]) -> None:
    """Take what names somebody or was said out of these messages.

    The row stays: the provider's id in it keeps the message from being taken again.
    """
    nothing = ("phone_index", "phone_sealed", "said_sealed", "said_index", "reply_index")
    conn.execute(update(InboundRow).where(InboundRow.id.in_(ids)).values(**dict.fromkeys(nothing)))


def reseal(conn: Connection, *, vault: Vault, after: str | None, limit: int) -> str | None:
    """Seal up to `limit` messages with the newest key; return the last id, None at the end."""
    query = (
        select(InboundRow.id, InboundRow.phone_sealed, InboundRow.said_sealed)
        .order_by(InboundRow.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(InboundRow.id > after)
    rows = conn.execute(query).all()
    for row in rows:
        sealed = {"phone_sealed": (row.phone_sealed, PHONE), "said_sealed": (row.said_sealed, SAID)}
        fresh = {
            column: vault.rotate(old, row_id=row.id, field=field)
            for column, (old, field) in sealed.items()
            if old is not None and not vault.is_current(old)
        }
        if fresh:
            conn.execute(update(InboundRow).where(InboundRow.id == row.id).values(**fresh))
    return rows[-1].id if rows else None


def known_to(organisation_id: str | None) -> Sequence[ColumnElement[bool]]:
    """Return that messages are of an organisation; nothing where all are meant.

    Not by its index, which SQLite would take before that of a phone, and read all that it has.
    """
    if organisation_id is None:
        return ()
    return (func.coalesce(InboundRow.organisation_id, "") == organisation_id,)


def _filtered(query: Select[Any], wanted: InboundFilter) -> Select[Any]:
    for name in ("organisation_id", "action", "outcome", "sender"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(InboundRow, name) == value)
    if wanted.duress is not None:  # as its index has it, and not as a value to compare with
        query = query.where(InboundRow.duress if wanted.duress else ~InboundRow.duress)
    if wanted.set_aside is not None:
        aside = InboundRow.set_aside_at
        query = query.where(aside.is_not(None) if wanted.set_aside else aside.is_(None))
    return query


def heard_of(row: Any, vault: Vault) -> Heard:
    """Return a row as a message."""
    phone = row.phone_sealed
    return Heard(
        id=row.id,
        provider=row.provider,
        message_id=row.message_id,
        at=row.at,
        sender=Sender(row.sender),
        organisation_id=row.organisation_id,
        phone_index=row.phone_index,
        phone=vault.open(phone, row_id=row.id, field=PHONE) if phone else None,
        said=_open_said(row.id, row.said_sealed, vault),
        said_index=row.said_index,
        reply_index=row.reply_index,
        replied=row.replied,
        action=Action(row.action),
        kind=row.kind,
        outcome=Outcome(row.outcome),
        duress=row.duress,
        report_id=row.report_id,
        alert_id=row.alert_id,
        for_person=row.for_person,
        set_aside_at=row.set_aside_at,
        set_aside_by=row.set_aside_by,
    )


def _open_said(row_id: str, sealed: bytes | None, vault: Vault) -> Said | None:
    if sealed is None:
        return None
    return decode_said(json.loads(vault.open(sealed, row_id=row_id, field=SAID)))
