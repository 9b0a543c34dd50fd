"""A key is made, shown once, and put on the record."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.accounts import store as accounts_store
from app.accounts.keys import Scope
from app.audit import store as audit
from app.flows.context import Context
from app.subscribers.store.organisations import get_organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWish:
    """What a key is to open.

    Attributes:
        organisation_id: A subscriber key needs one; an admin key has none.
        name: What it is for; it is not sealed.
        expires_at: None: never.
    """

    scope: Scope
    organisation_id: str | None
    name: str
    expires_at: datetime | None = None


def make_key(
    conn: Connection, wish: KeyWish, *, actor: str, context: Context, now: datetime
) -> tuple[str, str]:
    """Make a key; return its id, and the key, of which only a hash is kept.

    Raises:
        NotFoundError: There is no such organisation.
    """
    if wish.organisation_id is not None:
        get_organisation(conn, wish.organisation_id, vault=context.vault)
    key_id, key = accounts_store.create_key(
        conn,
        scope=wish.scope,
        organisation_id=wish.organisation_id,
        name=wish.name,
        expires_at=wish.expires_at,
        now=now,
    )
    audit.record(
        conn,
        actor=actor,
        action="key.created",
        subject_type="api_key",
        subject_id=key_id,
        organisation_id=wish.organisation_id,
        detail={"scope": wish.scope},
        now=now,
    )
    return key_id, key
