"""Contacts who may sign in by a code, and the codes, in the database."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from app.accounts.letting_in import ALLOWED, LetIn
from app.accounts.one_time import DAY, KNOWN_FOR, Asked
from app.core.ids import new_id
from app.db.refused import REFUSED_BEFORE
from app.db.tables import AuditRow, ContactChannelRow, SignInCodeRow, SignInRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A contact who may sign in, and the channel that his address is of."""

    contact_id: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCode:
    """A code to be kept: for which browser, and who asked for it."""

    visit_hash: str
    code_hash: str
    expires_at: datetime
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCode:
    """A code that a browser waits for.

    Attributes:
        blind_index: Of the address it was sent to.
        entered_at: When it was entered; None: not yet.
    """

    id: str
    blind_index: str
    code_hash: str
    attempts: int
    entered_at: datetime | None


def find_allowed(conn: Connection, blind_index: str) -> Allowed | None:
    """Return a contact with this address who may sign in, if there is one.

    Until the transaction ends nobody else asks for a code for this address: another process could
    not see this one, and would send a second.
    """
    row = conn.execute(
        select(SignInRow.contact_id, ContactChannelRow.channel)
        .join(ContactChannelRow, _may_sign_in(blind_index))
        .order_by(SignInRow.contact_id, ContactChannelRow.channel)
        .limit(1)
        .with_for_update(of=SignInRow)
    ).one_or_none()
    return Allowed(contact_id=row.contact_id, channel=row.channel) if row is not None else None


def find_keys(conn: Connection, blind_index: str) -> list[str]:
    """Return the keys of all contacts with this address who may sign in: one an organisation."""
    query = (
        select(SignInRow.key_id)
        .join(ContactChannelRow, _may_sign_in(blind_index))
        .order_by(SignInRow.contact_id)
    )
    return list(conn.scalars(query))


def _may_sign_in(blind_index: str) -> ColumnElement[bool]:
    """Return what joins who may sign in to this address of his, while it is written to."""
    return and_(
        ContactChannelRow.contact_id == SignInRow.contact_id,
        ContactChannelRow.blind_index == blind_index,
        ContactChannelRow.channel.in_(("sms", "email")),
        ContactChannelRow.status == "active",
        ~REFUSED_BEFORE,
    )


def find_key(conn: Connection, contact_id: str) -> str | None:
    """Return the key with whose rights a contact signs in; None: he may not."""
    return conn.scalar(select(SignInRow.key_id).where(SignInRow.contact_id == contact_id))


def list_let_in(conn: Connection, *, contact_id: str | None = None) -> list[LetIn]:
    """Return who may sign in and by whose word, as the record has it since he may."""
    query = (
        select(SignInRow.contact_id, SignInRow.key_id, AuditRow.actor)
        .outerjoin(
            AuditRow,
            and_(
                AuditRow.subject_type == "contact",
                AuditRow.subject_id == SignInRow.contact_id,
                AuditRow.action == ALLOWED,
                AuditRow.at >= SignInRow.allowed_at,
            ),
        )
        .order_by(SignInRow.contact_id)
    )
    if contact_id is not None:
        query = query.where(SignInRow.contact_id == contact_id)
    return [
        LetIn(contact_id=one, key_id=own, by=frozenset(row.actor for row in rows if row.actor))
        for (one, own), rows in groupby(conn.execute(query), lambda row: (row[0], row[1]))
    ]


def allow(conn: Connection, contact_id: str, key_id: str, *, now: datetime) -> None:
    """Let a contact sign in with the rights of a key."""
    conn.execute(insert(SignInRow).values(contact_id=contact_id, key_id=key_id, allowed_at=now))


def allow_anew(conn: Connection, contact_id: str, *, now: datetime) -> None:
    """Let nobody's word for a contact count that was given before."""
    conn.execute(update(SignInRow).where(SignInRow.contact_id == contact_id).values(allowed_at=now))


def forbid(conn: Connection, contact_id: str) -> None:
    """Let a contact sign in no more.

    Codes that were sent to his address stay: they open what it may still open, perhaps for another
    organisation, and are counted.
    """
    conn.execute(delete(SignInRow).where(SignInRow.contact_id == contact_id))


def list_asked(conn: Connection, blind_index: str, *, now: datetime) -> list[Asked]:
    """Return the codes that an address was sent within a day."""
    query = select(SignInCodeRow.asked_at, SignInCodeRow.asked_by, SignInCodeRow.known).where(
        SignInCodeRow.blind_index == blind_index, SignInCodeRow.asked_at > now - DAY
    )
    return [Asked(at=row.asked_at, by=row.asked_by, known=row.known) for row in conn.execute(query)]


def is_known(conn: Connection, blind_index: str, visit_hash: str, *, now: datetime) -> bool:
    """Tell whether somebody signed in with this address and this browser, not too long ago."""
    query = select(SignInCodeRow.id).where(
        SignInCodeRow.visit_hash == visit_hash,
        SignInCodeRow.blind_index == blind_index,
        SignInCodeRow.entered_at > now - KNOWN_FOR,
    )
    return conn.scalar(query.limit(1)) is not None


def open_code(
    conn: Connection, contact_id: str, blind_index: str, code: NewCode, *, now: datetime
) -> str:
    """Keep a new code and return its id; what this address needs no more is forgotten.

    The codes that other browsers wait for stay good: nobody can take away another's.
    """
    of_address = SignInCodeRow.blind_index == blind_index
    conn.execute(delete(SignInCodeRow).where(of_address, _needed_no_more(now)))
    code_id = new_id(now)
    conn.execute(
        insert(SignInCodeRow).values(
            id=code_id,
            contact_id=contact_id,
            blind_index=blind_index,
            asked_by=code.asked.by,
            known=code.asked.known,
            asked_at=code.asked.at,
            visit_hash=code.visit_hash,
            code_hash=code.code_hash,
            expires_at=code.expires_at,
            attempts=0,
        )
    )
    return code_id


def forget_codes(conn: Connection, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` codes that are needed no more by `before`; return how many.

    Who signs in again has his own deleted then; of who never does, they would stay for ever.
    """
    some = select(SignInCodeRow.id).where(_needed_no_more(before)).limit(limit)
    return conn.execute(delete(SignInCodeRow).where(SignInCodeRow.id.in_(some))).rowcount


def find_code(conn: Connection, visit_hash: str, *, now: datetime) -> OpenCode | None:
    """Return the newest code that a browser waits for, and keep others from trying it meanwhile."""
    row = (
        conn.execute(
            select(
                SignInCodeRow.id,
                SignInCodeRow.blind_index,
                SignInCodeRow.code_hash,
                SignInCodeRow.attempts,
                SignInCodeRow.entered_at,
            )
            .where(SignInCodeRow.visit_hash == visit_hash, SignInCodeRow.expires_at > now)
            .order_by(SignInCodeRow.id.desc())
            .limit(1)
            .with_for_update()
        )
        .mappings()
        .first()
    )
    return OpenCode(**row) if row is not None else None


def count_attempt(conn: Connection, code_id: str) -> None:
    """Write down that a code was tried."""
    conn.execute(
        update(SignInCodeRow)
        .where(SignInCodeRow.id == code_id)
        .values(attempts=SignInCodeRow.attempts + 1)
    )


def note_entered(conn: Connection, code_id: str, *, now: datetime) -> None:
    """Write down that a code was entered, and so opens nothing any more."""
    conn.execute(
        update(SignInCodeRow)
        .where(SignInCodeRow.id == code_id)
        .values(entered_at=now, code_hash="")
    )


def close_code(conn: Connection, code_id: str, *, now: datetime) -> None:
    """End what a browser waits for."""
    conn.execute(update(SignInCodeRow).where(SignInCodeRow.id == code_id).values(expires_at=now))


def _needed_no_more(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a code neither counts nor is how a browser is known again."""
    return or_(
        and_(SignInCodeRow.entered_at.is_(None), SignInCodeRow.asked_at <= now - DAY),
        SignInCodeRow.asked_at <= now - KNOWN_FOR,
    )
