"""Contacts who may sign in by a code, in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from app.accounts.one_time import Asked
from app.db.tables import ContactChannelRow, SignInRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A contact who may sign in, by the address that he gave."""

    contact_id: str
    channel: str
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCode:
    """A code that a browser waits for."""

    contact_id: str
    key_id: str
    code_hash: str
    expires_at: datetime
    attempts: int


def find_allowed(conn: Connection, blind_indexes: Sequence[str]) -> Allowed | None:
    """Return the contact with one of these addresses who may sign in, if there is one.

    Until the transaction ends nobody else counts a code for him: another process could not see
    this one, and would send a second.
    """
    row = conn.execute(
        select(
            SignInRow.contact_id,
            ContactChannelRow.channel,
            SignInRow.asked_at,
            SignInRow.day_began_at,
            SignInRow.asked_on_day,
        )
        .join(ContactChannelRow, ContactChannelRow.contact_id == SignInRow.contact_id)
        .where(
            ContactChannelRow.blind_index.in_(blind_indexes),
            ContactChannelRow.channel.in_(("sms", "email")),
            ContactChannelRow.status == "active",
        )
        .order_by(SignInRow.contact_id, ContactChannelRow.channel)
        .limit(1)
        .with_for_update(of=SignInRow)
    ).one_or_none()
    if row is None:
        return None
    asked = Asked(at=row.asked_at, day_began_at=row.day_began_at, on_day=row.asked_on_day)
    return Allowed(contact_id=row.contact_id, channel=row.channel, asked=asked)


def find_key(conn: Connection, contact_id: str) -> str | None:
    """Return the key with whose rights a contact signs in; None: he may not."""
    return conn.scalar(select(SignInRow.key_id).where(SignInRow.contact_id == contact_id))


def allow(conn: Connection, contact_id: str, key_id: str, *, now: datetime) -> None:
    """Let a contact sign in with the rights of a key."""
    conn.execute(
        insert(SignInRow).values(
            contact_id=contact_id, key_id=key_id, allowed_at=now, attempts=0, asked_on_day=0
        )
    )


def forbid(conn: Connection, contact_id: str) -> None:
    """Let a contact sign in no more."""
    conn.execute(delete(SignInRow).where(SignInRow.contact_id == contact_id))


def open_code(
    conn: Connection,
    allowed: Allowed,
    *,
    visit_hash: str,
    code_hash: str,
    expires_at: datetime,
) -> None:
    """Keep a new code; the one before it opens nothing any more."""
    conn.execute(
        update(SignInRow)
        .where(SignInRow.contact_id == allowed.contact_id)
        .values(
            visit_hash=visit_hash,
            code_hash=code_hash,
            expires_at=expires_at,
            attempts=0,
            asked_at=allowed.asked.at,
            day_began_at=allowed.asked.day_began_at,
            asked_on_day=allowed.asked.on_day,
        )
    )


def find_code(conn: Connection, visit_hash: str, *, now: datetime) -> OpenCode | None:
    """Return the code that a browser waits for, and keep others from trying it meanwhile."""
    row = (
        conn.execute(
            select(
                SignInRow.contact_id,
                SignInRow.key_id,
                SignInRow.code_hash,
                SignInRow.expires_at,
                SignInRow.attempts,
            )
            .where(SignInRow.visit_hash == visit_hash, SignInRow.expires_at > now)
            .with_for_update()
        )
        .mappings()
        .first()
    )
    return OpenCode(**row) if row is not None else None


def count_attempt(conn: Connection, contact_id: str) -> None:
    """Write down that a code was tried."""
    conn.execute(
        update(SignInRow)
        .where(SignInRow.contact_id == contact_id)
        .values(attempts=SignInRow.attempts + 1)
    )


def close_code(conn: Connection, contact_id: str) -> None:
    """Take back the code that is open."""
    conn.execute(
        update(SignInRow)
        .where(SignInRow.contact_id == contact_id)
        .values(visit_hash=None, code_hash=None, expires_at=None)
    )
