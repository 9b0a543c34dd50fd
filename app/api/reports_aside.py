"""/v1/reports/{id}/set-aside and /put-back: whether anybody looks for the place of a report."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import Connection

from app.api.report_bodies import StoredReportOut, stored_out
from app.flows.desk import unlocated
from app.http.deps import ModeratorDep, NowDep, StateDep
from app.http.model import ApiModel, Unsealed
from app.http.routing import api_router
from app.incidents import store as incident_store
from app.incidents.store import StoredReport

router = api_router("/reports", tag="reports")


class AsideIn(ApiModel):
    """Why, for the audit trail."""

    note: Annotated[Unsealed | None, Field(max_length=500)] = None


@router.post("/{report_id}/set-aside")
async def set_aside(
    report_id: str,
    caller: ModeratorDep,
    state: StateDep,
    now: NowDep,
    body: AsideIn | None = None,
) -> StoredReportOut:
    """Look for the place of a report no more. Nothing follows from it; it may still be placed.

    One that is set aside already stays as it is.
    """
    note = body.note if body is not None else None

    def work(conn: Connection) -> StoredReport:
        unlocated.set_aside(conn, report_id, note=note, actor=caller.key_id, now=now)
        return incident_store.get_report(conn, report_id)

    return stored_out(await state.db.write(work))


@router.post("/{report_id}/put-back")
async def put_back(
    report_id: str, caller: ModeratorDep, state: StateDep, now: NowDep
) -> StoredReportOut:
    """Let a report that was set aside wait for its place again; one that waits goes on waiting."""

    def work(conn: Connection) -> StoredReport:
        unlocated.put_back(conn, report_id, actor=caller.key_id, now=now)
        return incident_store.get_report(conn, report_id)

    return stored_out(await state.db.write(work))
