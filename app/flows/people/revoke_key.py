"""A key is revoked, and with it whoever came in by it."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection

from app.accounts import store as accounts_store
from app.accounts.letting_in import ended_with
from app.accounts.store import sign_ins
from app.audit import store as audit
from app.core.errors import ConflictError
from app.flows.people import sign_in_code


class LastAdminKeyError(ConflictError):
    """No other admin key opens anything: make one first, or nobody could make one any more."""

    code: ClassVar[str] = "last-admin-key"
    title: ClassVar[str] = "This is the last admin key"


def revoke_key(conn: Connection, key_id: str, *, actor: str, now: datetime) -> None:
    """Let a key open nothing from now on; a second time changes nothing.

    1. The key ends, and every session that was opened with it.
    2. So does signing in by code for whoever was let in by it alone; see `ended_with`.
    3. The record says each, and because of which key.

    Raises:
        NotFoundError: There is no such key.
        LastAdminKeyError: No other admin key is live.
    """
    if accounts_store.live_admins(conn, now=now) == {key_id}:
        raise LastAdminKeyError(
            "No other admin key is live: make one by `POST /v1/keys`, or `sira keys create` on the"
            " machine, and revoke this one with it."
        )
    if accounts_store.revoke_key(conn, key_id, now=now):
        organisation_id = accounts_store.get_key(conn, key_id).organisation_id
        audit.record(
            conn,
            actor=actor,
            action="key.revoked",
            subject_type="api_key",
            subject_id=key_id,
            organisation_id=organisation_id,
            now=now,
        )
    people = sign_ins.list_let_in(conn)
    held = {key for one in people for key in one.by} - {one.key_id for one in people}
    live = accounts_store.live_among(conn, held, now=now)
    for contact_id in sorted(ended_with(key_id, people, live=live)):
        sign_in_code.end_with_key(conn, contact_id, key_id, actor=actor, now=now)
