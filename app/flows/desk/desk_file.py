"""One incident as the desk sees it: who says so, who was told, and what may be the same event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.records import StoredAlert
from app.delivery.outbox import listing, reach
from app.delivery.outbox.reach import Later
from app.flows.context import Context
from app.incidents import store as incident_store
from app.incidents.incident import Incident, Status
from app.incidents.matching import match
from app.incidents.report import Report
from app.incidents.store import Hold

#: Reports that are held against other incidents: the first says what happened, the last what is
#: said now.
_COMPARED = 6
#: Shown below the line from which reports join by themselves: a person sees more than a sum.
_BELOW = 2.5
_MOST_LIKE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """An incident that may be the same event; `near`: reports would have joined it."""

    incident: Incident
    reports: tuple[Report, ...]
    score: float
    near: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFile:
    """An incident with everything that a decision on it needs.

    Attributes:
        history: (known at, cause, status, kind) of each version, oldest first.
        alerts: What was said of it, newest first, and how many deliveries stand where.
        later: By alert, who hears of it later only.
        told: People who heard of it.
        hold: Who works on it.
    """

    incident: Incident
    reports: tuple[Report, ...]
    history: tuple[tuple[datetime, str, Incident], ...]
    alerts: tuple[tuple[StoredAlert, Mapping[str, int]], ...]
    later: Mapping[str, Later]
    told: int
    alike: tuple[Alike, ...]
    hold: Hold | None


def read_file(
    conn: Connection,
    incident_id: str,
    *,
    context: Context,
    organisation_id: str | None,
    now: datetime,
) -> IncidentFile:
    """Return an incident's file.

    Raises:
        IncidentNotFoundError: There is no such incident.
    """
    incident = incident_store.get_incident(conn, incident_id)
    reports = incident_store.list_reports_of(conn, incident_id)
    alerts = alert_store.alerts_of_incident(conn, incident_id)
    return IncidentFile(
        incident=incident,
        reports=tuple(reports),
        history=tuple(incident_store.list_versions(conn, incident_id)),
        alerts=tuple(
            (one, listing.counts(conn, one.id, organisation_id=organisation_id))
            for one in reversed(alerts)
        ),
        later={
            one.id: later
            for one in alerts
            if (later := reach.find_later(conn, [one.id], organisation_id=organisation_id))
        },
        told=reach.count_told_people(
            conn, [one.id for one in alerts], organisation_id=organisation_id
        ),
        alike=tuple(_alike(conn, incident, reports, context)),
        hold=incident_store.find_hold(conn, subject_of(incident_id), now=now),
    )


def subject_of(incident_id: str) -> str:
    """Return what a hold on an incident is called."""
    return f"incident:{incident_id}"


def _alike(
    conn: Connection, incident: Incident, reports: Sequence[Report], context: Context
) -> list[Alike]:
    """Return the incidents that these reports could have joined as well, the likeliest first."""
    if incident.status is Status.MERGED:
        return []
    policy, kinds = context.config.incidents.matching, context.config.kinds
    half = _COMPARED // 2
    asked = reports if len(reports) <= _COMPARED else [*reports[:half], *reports[-half:]]
    best: dict[str, tuple[float, Incident]] = {}
    for report in asked:
        for other in incident_store.find_candidates(conn, report, kinds=kinds, policy=policy):
            if other.id == incident.id:
                continue
            score = match(report, [other], kinds=kinds, policy=policy).score
            if score > best.get(other.id, (float("-inf"), other))[0]:
                best[other.id] = score, other
    found = sorted(best.values(), key=lambda one: (-one[0], one[1].id))
    return [
        Alike(
            incident=other,
            reports=tuple(incident_store.list_reports_of(conn, other.id)),
            score=score,
            near=score > policy.threshold,
        )
        for score, other in found[:_MOST_LIKE]
        if score > policy.threshold - _BELOW
    ]
