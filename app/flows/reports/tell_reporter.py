"""What who reports is told of the incident that his report speaks of.

Of good news and of operations he is told what his own reports say and nothing more: whether others
told of it, too, would tell who reports from place to place where a convoy or soldiers are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.core.ids import new_id
from app.flows.context import Context
from app.flows.wire import incident_out, is_secret
from app.incidents import store as incident_store
from app.incidents.incident import Incident, Status
from app.incidents.joining import join, open_incident
from app.incidents.matching import Match, match
from app.incidents.report import Report
from app.incidents.store import StoredReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """The incident that a report speaks of: as it is now, as it was before (None: new), and why."""

    incident: Incident
    before: Incident | None
    match: Match

    @property
    def secret(self) -> bool:
        """Whether its place must not be told, or must not have been before the report came."""
        return any(one is not None and is_secret(one) for one in (self.before, self.incident))


def told_of(
    conn: Connection,
    spoken: Spoken,
    report: Report,
    *,
    key_id: str,
    ended: Sequence[Incident],
    context: Context,
    now: datetime,
) -> dict[str, Any]:
    """Return what a reporter's key is told of the incident, and of the dangers that `ended`."""
    if spoken.before is not None and spoken.secret:
        spoken = _by_own_reports(conn, spoken, report, key_id=key_id, context=context, now=now)
    return incident_told(spoken, [one for one in ended if not is_secret(one)], context)


def incident_told(spoken: Spoken, ended: Sequence[Incident], context: Context) -> dict[str, Any]:
    """Return an incident as who reported is told of it, and which dangers it ended."""
    names = context.config.incidents.matching.names
    return {
        **incident_out(spoken.incident, full=False, names=names),
        "is_new": spoken.before is None,
        # "same place" would be an answer to who asks from place to place
        "matched_by": [] if is_secret(spoken.incident) else list(spoken.match.reasons),
        "resolves": [one.id for one in ended if one.status is Status.RESOLVED],
    }


def as_told(stored: StoredReport) -> StoredReport:
    """Return a report as it was answered when it came, whatever the desk made of it since."""
    incident = stored.answer.get("incident") or {}
    return replace(
        stored,
        outcome=stored.answer["report"]["outcome"],
        incident_id=incident.get("id"),
        candidates=() if incident else stored.candidates,
        set_aside_at=None,
    )


def told_id(stored: StoredReport, incident: Incident) -> str | None:
    """Return the id by which who reported knows the incident that his report speaks of now."""
    if not is_secret(incident):
        return incident.id
    answered = stored.answer.get("incident") or {}
    return answered.get("id")


def _by_own_reports(
    conn: Connection,
    spoken: Spoken,
    report: Report,
    *,
    key_id: str,
    context: Context,
    now: datetime,
) -> Spoken:
    """Return what would be held had nobody reported it but this key."""
    policy, kinds = context.config.incidents, context.config.kinds
    own: dict[str, Incident] = {}
    for earlier, known_as in incident_store.own_reports_of(conn, spoken.incident.id, key_id=key_id):
        held = own.get(known_as)
        own[known_as] = (
            join(held, earlier, policy=policy, kinds=kinds)
            if held is not None
            else open_incident(earlier, incident_id=known_as, policy=policy, kinds=kinds)
        )
    found = match(report, list(own.values()), policy=policy.matching, kinds=kinds)
    before = own.get(found.incident_id or "")
    if before is None:
        fresh = open_incident(report, incident_id=new_id(now), policy=policy, kinds=kinds)
        return Spoken(incident=fresh, before=None, match=found)
    joined = join(before, report, policy=policy, kinds=kinds)
    return Spoken(incident=joined, before=before, match=found)
