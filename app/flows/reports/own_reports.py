"""What became of the reports of one key: for who sent them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.core.ids import first_id
from app.flows.wire import is_secret
from app.incidents import store as incident_store
from app.incidents.incident import Incident, Status
from app.incidents.store import StoredReport
from app.subscribers.store import inbound

#: Older ones are told by nobody's page: what a phone does not show, nobody finds on it.
SHOWN_FOR = timedelta(days=14)
SHOWN = 10
#: As versions until 0017 answered whoever was forced by SMS: it had a place, and waited like none.
_FORMERLY_FORCED = "It waits for the desk."


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReport:
    """A report, and what is held now of what it told.

    Attributes:
        place: As it was understood, else as it was said; `place_km` so far from it.
        fate: `asked` (where is it?), `aside` (nobody found out), `unconfirmed`, `confirmed`,
            `refuted` or `over`.
        sources: Independent ones that tell the same; of good news and of operations only himself.
    """

    kind: str
    place: str
    place_km: int | None
    received_at: datetime
    fate: str
    sources: int


def own_reports(conn: Connection, key_id: str, *, now: datetime) -> list[OwnReport]:
    """Return the last reports that came with a key, newest first."""
    since_id, found = first_id(now - SHOWN_FOR), []
    rows = incident_store.list_reports_by(conn, key_id, since_id=since_id, limit=SHOWN)
    forced = inbound.under_duress(conn, [row.id for row in rows])
    for stored in rows:
        if stored.id in forced and stored.answer.get("incident"):
            found.append(_as_told(stored))
            continue
        incident = (
            incident_store.find_incident(conn, stored.incident_id) if stored.incident_id else None
        )
        report, filed = stored.report, stored.filed
        kind = report.kind if report is not None else filed.kind if filed is not None else ""
        location = report.location if report is not None else None
        place = location.label if location is not None else filed.place if filed else None
        found.append(
            OwnReport(
                kind=kind,
                place=place or (filed.road if filed else None) or "",
                place_km=location.km_from_place if location is not None else None,
                received_at=stored.received_at,
                fate=_fate_told(conn, incident, stored),
                sources=_sources_told(incident),
            )
        )
    return found


def _as_told(stored: StoredReport) -> OwnReport:
    """Return a report of who may have been forced as it was answered when it came.

    It waits for the desk, or was looked at there, and whoever forces him sees this page.
    """
    report, incident = stored.answer["report"], stored.answer["incident"]
    fates = {Status.REFUTED: "refuted", Status.RESOLVED: "over"}
    return OwnReport(
        kind=report["kind"],
        place=report["location"]["label"],
        place_km=report["location"]["place_km"],
        received_at=stored.received_at,
        fate=fates.get(Status(incident["status"]), incident["certainty"]),
        sources=incident["independent_sources"],
    )


def _sources_told(incident: Incident | None) -> int:
    if incident is None:
        return 0
    return 1 if is_secret(incident) else len(incident.voices)


def _fate_told(conn: Connection, incident: Incident | None, stored: StoredReport) -> str:
    """Return what may be told of a report's fate.

    Whether others told of it, too, would tell who reports from place to place where a convoy or
    soldiers are: there, only what a person decided since, or that it is over by now, is told.
    """
    if incident is None:
        if stored.answer["report"].get("detail") == _FORMERLY_FORCED:
            return "unconfirmed"
        return "aside" if stored.set_aside_at else "asked"
    fate = _fate(incident)
    if not is_secret(incident):
        return fate
    known = incident_store.incidents_known(conn, [incident.id], at=stored.received_at)
    before = known.get(incident.id)
    by_others = fate == "confirmed" and incident.verdict_by is None
    is_old = before is not None and _fate(before) == fate
    return "unconfirmed" if by_others or is_old else fate


def _fate(incident: Incident) -> str:
    if incident.status is Status.REFUTED:
        return "refuted"
    if incident.status is Status.RESOLVED:
        return "over"
    return "confirmed" if incident.certain else "unconfirmed"
