"""Keys and sessions in the database: their hashes only."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from app.accounts.keys import ApiKey, Scope, hash_key, new_key
from app.accounts.sessions import SESSIONS_PER_KEY, Session, hash_token
from app.core.errors import NotFoundError
from app.core.ids import new_id
from app.db.tables import ApiKeyRow, SessionRow

_COLUMNS = (
    ApiKeyRow.id,
    ApiKeyRow.scope,
    ApiKeyRow.organisation_id,
    ApiKeyRow.name,
    ApiKeyRow.created_at,
    ApiKeyRow.expires_at,
    ApiKeyRow.revoked_at,
)


def create_key(
    conn: Connection,
    *,
    scope: Scope,
    organisation_id: str | None,
    name: str,
    expires_at: datetime | None,
    now: datetime,
) -> tuple[str, str]:
    """Add a key and return (its id, the key itself, which nobody can read again)."""
    key = new_key(scope)
    key_id = new_id(now)
    conn.execute(
        insert(ApiKeyRow).values(
            id=key_id,
            key_hash=hash_key(key),
            scope=scope,
            organisation_id=organisation_id,
            name=name,
            created_at=now,
            expires_at=expires_at,
            revoked_at=None,
        )
    )
    return key_id, key


def find_key_by_hash(conn: Connection, key_hash: str) -> ApiKey | None:
    """Return the key with that hash, live or not; None for one never made."""
    row = conn.execute(select(*_COLUMNS).where(ApiKeyRow.key_hash == key_hash)).one_or_none()
    return _key(row) if row is not None else None


def get_key(conn: Connection, key_id: str) -> ApiKey:
    """Return the key with that id.

    Raises:
        NotFoundError: there is none.
    """
    row = conn.execute(select(*_COLUMNS).where(ApiKeyRow.id == key_id)).one_or_none()
    if row is None:
        raise NotFoundError("There is no key with this id.")
    return _key(row)


def list_keys(
    conn: Connection, *, after: str | None, limit: int, organisation_id: str | None
) -> Sequence[ApiKey]:
    """Return keys in the order they were made, revoked ones too."""
    query = select(*_COLUMNS).order_by(ApiKeyRow.id).limit(limit)
    if after is not None:
        query = query.where(ApiKeyRow.id > after)
    if organisation_id is not None:
        query = query.where(ApiKeyRow.organisation_id == organisation_id)
    return [_key(row) for row in conn.execute(query)]


def revoke_key(conn: Connection, key_id: str, *, now: datetime) -> bool:
    """Make the key open nothing from now on; return False when it was revoked before.

    Raises:
        NotFoundError: there is no such key.
    """
    get_key(conn, key_id)
    result = conn.execute(
        update(ApiKeyRow)
        .where(ApiKeyRow.id == key_id, ApiKeyRow.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return result.rowcount == 1


def revoked_keys(conn: Connection) -> list[str]:
    """Return the ids of all keys that were revoked."""
    return list(conn.scalars(select(ApiKeyRow.id).where(ApiKeyRow.revoked_at.is_not(None))))


def live_among(conn: Connection, key_ids: Collection[str], *, now: datetime) -> set[str]:
    """Return those of some keys that open something."""
    query = select(*_COLUMNS).where(ApiKeyRow.id.in_(sorted(key_ids)))
    return {key.id for row in conn.execute(query) if (key := _key(row)).is_live(now)}


def live_admins(conn: Connection, *, now: datetime) -> set[str]:
    """Return the admin keys that open something; nobody revokes one before this transaction ends.

    Two admins who revoke one another would each see the other's key otherwise.
    """
    query = (
        select(*_COLUMNS)
        .where(ApiKeyRow.scope == Scope.ADMIN, ApiKeyRow.revoked_at.is_(None))
        .order_by(ApiKeyRow.id)
        .with_for_update()
    )
    return {key.id for row in conn.execute(query) if (key := _key(row)).is_live(now)}


def any_admin_key(conn: Connection) -> bool:
    """Tell whether an admin key was ever made: only a first start makes one by itself."""
    return (
        conn.execute(select(ApiKeyRow.id).where(ApiKeyRow.scope == Scope.ADMIN).limit(1)).first()
        is not None
    )


def open_session(
    conn: Connection, token: str, key_id: str, *, expires_at: datetime, now: datetime
) -> None:
    """Add a session of a key; those that are over go, and the oldest where there are too many."""
    conn.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
    older = (
        select(SessionRow.token_hash)
        .where(SessionRow.key_id == key_id)
        .order_by(SessionRow.created_at.desc(), SessionRow.token_hash)
        .offset(SESSIONS_PER_KEY - 1)
    )
    too_many = conn.execute(older).scalars().all()
    if too_many:
        conn.execute(delete(SessionRow).where(SessionRow.token_hash.in_(too_many)))
    conn.execute(
        insert(SessionRow).values(
            token_hash=hash_token(token), key_id=key_id, created_at=now, expires_at=expires_at
        )
    )


def find_session(conn: Connection, token_hash: str) -> Session | None:
    """Return the session with that hash and its key, live or not; None for one that is not."""
    row = conn.execute(
        select(*_COLUMNS, SessionRow.expires_at.label("ends_at"))
        .join(SessionRow, SessionRow.key_id == ApiKeyRow.id)
        .where(SessionRow.token_hash == token_hash)
    ).one_or_none()
    return Session(key=_key(row), expires_at=row.ends_at) if row is not None else None


def close_session(conn: Connection, token_hash: str) -> None:
    """End a session; one that is not there is no fault."""
    conn.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash))


def close_sessions(conn: Connection, key_id: str) -> int:
    """End every session of a key; return how many there were."""
    return conn.execute(delete(SessionRow).where(SessionRow.key_id == key_id)).rowcount


def close_every_session(conn: Connection) -> None:
    """Sign everybody out."""
    conn.execute(delete(SessionRow))


def _key(row: Row[*tuple[Any, ...]]) -> ApiKey:
    return ApiKey(
        id=row.id,
        scope=Scope(row.scope),
        organisation_id=row.organisation_id,
        name=row.name,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
