"""How a report that is kept is answered."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.http.model import ApiModel
from app.incidents.store import StoredReport


class StoredReportOut(ApiModel):
    """A report as kept: what was answered when it came, and the incident it speaks of now."""

    id: str
    external_id: str | None
    outcome: str
    received_at: datetime
    incident_id: str | None
    candidates: list[dict[str, Any]]
    answer: dict[str, Any]
    set_aside_at: datetime | None
    duress: Annotated[
        bool | None, Field(description="Its sender may have been forced; told to the desk alone.")
    ] = None


def stored_out(stored: StoredReport, *, duress: bool | None = None) -> StoredReportOut:
    """Return a report as it is answered; `duress`: its sender may have been forced."""
    return StoredReportOut(
        id=stored.id,
        external_id=stored.external_id,
        outcome=stored.outcome,
        received_at=stored.received_at,
        incident_id=stored.incident_id,
        candidates=[dict(candidate) for candidate in stored.candidates],
        answer=dict(stored.answer),
        set_aside_at=stored.set_aside_at,
        duress=duress,
    )
