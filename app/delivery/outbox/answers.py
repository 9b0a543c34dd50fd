"""Answers by hand: one SMS each to who wrote a message, sealed until they are emptied with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from app.db.tables import AnswerRow, InboundRow, ReceiptRow
from app.db.wake import call_workers
from app.delivery.delivery import Status
from app.delivery.outbox.restored import RESTORED
from app.subscribers.vault import Vault

#: The field that the vault binds to the row.
TEXT = "answer.text"
#: It may still leave, or have left.
OPEN = (Status.QUEUED, Status.SENDING, Status.IN_DOUBT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody at the desk wrote, and what became of it.

    Attributes:
        written_by: The key of who wrote it.
        text: As it leaves; None once it was emptied.
        parts: SMS that it is sent as.
        cost: In millionths of the currency; None: it is not settled yet.
    """

    id: str
    inbound_id: str
    written_by: str
    text: str | None
    status: Status
    error_code: str | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    parts: int
    cost: int | None


def add(conn: Connection, answer: Answer, *, idempotency: str | None, vault: Vault) -> None:
    """Put an answer into the outbox; its text is sealed for this row alone."""
    conn.execute(
        insert(AnswerRow).values(
            id=answer.id,
            inbound_id=answer.inbound_id,
            written_by=answer.written_by,
            idempotency=idempotency,
            text_sealed=vault.seal(answer.text or "", row_id=answer.id, field=TEXT),
            status=answer.status,
            attempts=0,
            due_at=answer.created_at,
            created_at=answer.created_at,
            updated_at=answer.updated_at,
            expires_at=answer.expires_at,
            parts=answer.parts,
        )
    )
    call_workers(conn)


def find_replay(
    conn: Connection, written_by: str, idempotency: str, *, vault: Vault
) -> Answer | None:
    """Return what was written under this key before; None: it is new."""
    query = _ANSWERS.where(AnswerRow.written_by == written_by, AnswerRow.idempotency == idempotency)
    row = conn.execute(query).one_or_none()
    return _answer(row, vault) if row is not None else None


def list_of(
    conn: Connection, inbound_ids: Sequence[str], *, vault: Vault
) -> Mapping[str, list[Answer]]:
    """Return the answers to messages by the message, the oldest first."""
    found: dict[str, list[Answer]] = {one: [] for one in inbound_ids}
    query = _ANSWERS.where(AnswerRow.inbound_id.in_(found)).order_by(AnswerRow.id)
    for row in conn.execute(query):
        found[row.inbound_id].append(_answer(row, vault))
    return found


def list_lately(
    conn: Connection, *, since: datetime, organisation_id: str | None, vault: Vault, limit: int
) -> list[tuple[str, Answer]]:
    """Return (phone index, answer) for the last answer to each phone since then, the last first."""
    query = (
        _ANSWERS.add_columns(InboundRow.phone_index)
        .join(InboundRow, InboundRow.id == AnswerRow.inbound_id)
        .where(AnswerRow.created_at >= since, InboundRow.phone_index.is_not(None))
        .order_by(AnswerRow.created_at.desc(), AnswerRow.id.desc())
        .limit(limit)
    )
    if organisation_id is not None:
        # not by its index: SQLite would read all that the organisation's phones ever wrote
        query = query.where(func.coalesce(InboundRow.organisation_id, "") == organisation_id)
    found: dict[str, Answer] = {}
    for row in conn.execute(query):
        if row.phone_index not in found:
            found[row.phone_index] = _answer(row, vault)
    return list(found.items())


def count_to(conn: Connection, phone_index: str, *, since: datetime) -> tuple[int, int]:
    """Return how many answers to a phone are on their way, and how many were written since then."""
    ours = InboundRow.phone_index == phone_index
    query = (
        select(func.count())
        .select_from(AnswerRow)
        .join(InboundRow, AnswerRow.inbound_id == InboundRow.id)
    )
    on_their_way = conn.scalar(query.where(ours, AnswerRow.status.in_(OPEN)))
    lately = conn.scalar(query.where(ours, AnswerRow.created_at >= since))
    return on_their_way or 0, lately or 0


def empty(conn: Connection, *, before: datetime, limit: int) -> int:
    """Take what was said out of up to `limit` answers to messages from before then."""
    query = (
        select(AnswerRow.id)
        .join(InboundRow, InboundRow.id == AnswerRow.inbound_id)
        .where(InboundRow.at < before, AnswerRow.text_sealed.is_not(None))
        .where(AnswerRow.status.not_in(OPEN))
        .limit(limit)
    )
    ids = list(conn.scalars(query))
    conn.execute(update(AnswerRow).where(AnswerRow.id.in_(ids)).values(text_sealed=None))
    conn.execute(delete(ReceiptRow).where(ReceiptRow.delivery_id.in_(ids)))
    return len(ids)


def reseal(conn: Connection, *, vault: Vault, after: str | None, limit: int) -> str | None:
    """Seal up to `limit` answers with the newest key; return the last id, None at the end."""
    query = select(AnswerRow.id, AnswerRow.text_sealed).order_by(AnswerRow.id).limit(limit)
    rows = conn.execute(query if after is None else query.where(AnswerRow.id > after)).all()
    for row in rows:
        if row.text_sealed is not None and not vault.is_current(row.text_sealed):
            fresh = vault.rotate(row.text_sealed, row_id=row.id, field=TEXT)
            conn.execute(update(AnswerRow).where(AnswerRow.id == row.id).values(text_sealed=fresh))
    return rows[-1].id if rows else None


def doubt_unsent(conn: Connection, *, now: datetime) -> int:
    """Put in doubt what was to be sent when a copy was made: it may have been sent since."""
    statement = (
        update(AnswerRow)
        .where(AnswerRow.status.in_([Status.QUEUED, Status.SENDING]))
        .values(
            status=Status.IN_DOUBT,
            error_code=RESTORED,
            due_at=now,
            lease_owner=None,
            lease_until=None,
            updated_at=now,
        )
    )
    return conn.execute(statement).rowcount


_ANSWERS = select(
    AnswerRow.id,
    AnswerRow.inbound_id,
    AnswerRow.written_by,
    AnswerRow.text_sealed,
    AnswerRow.status,
    AnswerRow.error_code,
    AnswerRow.created_at,
    AnswerRow.updated_at,
    AnswerRow.expires_at,
    AnswerRow.parts,
    AnswerRow.cost,
)


def _answer(row: Any, vault: Vault) -> Answer:
    sealed = row.text_sealed
    return Answer(
        id=row.id,
        inbound_id=row.inbound_id,
        written_by=row.written_by,
        text=vault.open(sealed, row_id=row.id, field=TEXT) if sealed is not None else None,
        status=Status(row.status),
        error_code=row.error_code,
        created_at=row.created_at,
        updated_at=row.updated_at,
        expires_at=row.expires_at,
        parts=row.parts,
        cost=row.cost,
    )
