"""/v1/audit: who changed what, when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query
from sqlalchemy import Connection

from app.accounts import store as accounts_store
from app.audit import store as audit_store
from app.http.deps import AdminDep, StateDep
from app.http.model import ApiModel, AsKept
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.subscribers.store import organisations as organisation_store

router = api_router("/audit", tag="audit")

#: Who acts without a key.
_NO_KEYS = frozenset({audit_store.OPERATOR, "clock", "system"})


class AuditOut(ApiModel):
    """One change. `actor` is a key's id, `clock` or `cli`."""

    id: str
    at: datetime
    actor: str
    action: str
    subject_type: str
    subject_id: str
    organisation_id: str | None
    detail: AsKept


@router.get("")
async def list_audit(
    *,
    _caller: AdminDep,
    state: StateDep,
    view: Annotated[Window, Depends(window("audit"))],
    subject_type: str | None = None,
    subject_id: str | None = None,
    organisation_id: str | None = None,
    actor: Annotated[str | None, Query(max_length=64, description="Whose changes: a key.")] = None,
) -> Page[AuditOut]:
    """List changes, newest first; 404 for a key or an organisation that there never was."""

    def work(conn: Connection) -> Sequence[audit_store.AuditEntry]:
        found = audit_store.list_entries(
            conn,
            before=view.after,
            limit=view.fetch,
            subject_type=subject_type,
            subject_id=subject_id,
            organisation_id=organisation_id,
            actor=actor,
        )
        # whoever looks at what a stolen key did must not read a slip in its id as "nothing"
        if not found and actor is not None and actor not in _NO_KEYS:
            accounts_store.get_key(conn, actor)
        if not found and organisation_id is not None:
            organisation_store.get_organisation(conn, organisation_id, vault=state.vault)
        return found

    entries = await state.db.read(work)
    items, following = view.page(entries, lambda entry: entry.id)
    shown = [
        AuditOut(
            id=entry.id,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            subject_type=entry.subject_type,
            subject_id=entry.subject_id,
            organisation_id=entry.organisation_id,
            detail=dict(entry.detail),
        )
        for entry in items
    ]
    return Page(items=shown, next=following)
