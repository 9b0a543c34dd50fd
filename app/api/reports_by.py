"""/v1/keys/{id}/reports and /v1/reporters/{id}/reports: what a source that was taken has said."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Path
from sqlalchemy import Connection

from app.api.report_bodies import StoredReportOut, stored_out
from app.flows.reports.reports_by import Filed, list_by_key, list_by_reporter
from app.http.deps import AdminDep, StateDep
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.http.state import AppState

router = api_router("", tag="reports")

Id = Annotated[str, Path(max_length=64)]
View = Annotated[Window, Depends(window("reports-by"))]


@router.get("/keys/{key_id}/reports")
async def reports_by_key(
    key_id: Id, _caller: AdminDep, state: StateDep, view: View
) -> Page[StoredReportOut]:
    """List what was filed with a key, newest first, and the incident that each speaks of now.

    For the day on which the key was stolen: the desk looks at those incidents again.
    """
    return await _page(
        state, view, lambda conn: list_by_key(conn, key_id, after=view.after, limit=view.fetch)
    )


@router.get("/reporters/{reporter_id}/reports")
async def reports_by_reporter(
    reporter_id: Id, _caller: AdminDep, state: StateDep, view: View
) -> Page[StoredReportOut]:
    """List what a reporter's phone filed, newest first; with his key's, where he has one."""
    return await _page(
        state,
        view,
        lambda conn: list_by_reporter(
            conn, reporter_id, after=view.after, limit=view.fetch, context=state.context
        ),
    )


async def _page(
    state: AppState, view: Window, read: Callable[[Connection], list[Filed]]
) -> Page[StoredReportOut]:
    kept, following = view.page(await state.db.read(read), lambda one: one.report.id)
    shown = [stored_out(one.report, duress=one.forced) for one in kept]
    return Page(items=shown, next=following)
