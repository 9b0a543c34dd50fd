"""/v1/audit: who changed what, when."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from app.audit import store as audit_store
from app.http.deps import AdminDep, StateDep
from app.http.model import ApiModel, AsKept
from app.http.pagination import Page, Window, window
from app.http.routing import api_router

router = api_router("/audit", tag="audit")


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
    """List changes, newest first."""
    entries = await state.db.read(
        lambda conn: audit_store.list_entries(
            conn,
            before=view.after,
            limit=view.fetch,
            subject_type=subject_type,
            subject_id=subject_id,
            organisation_id=organisation_id,
            actor=actor,
        )
    )
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
