"""Incidents and their versions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from app.core.errors import ConflictError, NotFoundError
from app.core.ids import first_id
from app.db.tables import ExposureRow, IncidentRow, IncidentVersionRow
from app.incidents.answering import search_days
from app.incidents.codec import decode_incident, encode_incident
from app.incidents.filed import STARTS_WITHIN
from app.incidents.incident import Incident, Status
from app.incidents.kinds import Kinds
from app.incidents.matching import cell_for, cells_to_answer, cells_to_search, is_somewhere_in
from app.incidents.policy import AnswerPolicy, MatchPolicy
from app.incidents.report import Family, Report
from app.roads.places import Location, Shape

#: Dangers looked at for one piece of good news, the latest ones.
_ANSWERABLE_LIMIT = 200
_DAY = timedelta(days=1)
#: The exactness at which the day is known.
_DATED = ("instant", "day")


# Built once: putting a statement together costs as much as running it.
_IN_CELLS = IncidentRow.cell.in_(bindparam("cells", expanding=True))


@lru_cache(maxsize=8)
def _candidates(levels: tuple[str, ...], *, dated: bool) -> Select[Any]:
    """Return the query; of a report of an area, `levels` name what it shares with all in it."""
    place = IncidentRow.facts["location"]
    inside = [place[level].as_string() == bindparam(level) for level in levels]
    query = (
        select(IncidentRow.facts)
        .where(
            IncidentRow.family.in_(bindparam("families", expanding=True)),
            or_(_IN_CELLS, and_(*inside)) if inside else _IN_CELLS,
            IncidentRow.occurred_at.between(bindparam("first"), bindparam("last")),
            IncidentRow.status != Status.MERGED.value,
        )
        .order_by(
            case((IncidentRow.cell == bindparam("own"), 0), else_=1),
            IncidentRow.occurred_at.desc(),
            IncidentRow.id.desc(),
        )
        .limit(bindparam("most"))
    )
    if not dated:
        return query
    return query.where(
        or_(
            IncidentRow.occurred_at.between(bindparam("after"), bindparam("before")),
            IncidentRow.facts["date_precision"].as_string().not_in(_DATED),
        )
    )


_ADD, _ADD_VERSION = insert(IncidentRow), insert(IncidentVersionRow)
_UPDATE = update(IncidentRow).where(
    IncidentRow.id == bindparam("known_id"), IncidentRow.version == bindparam("known_version")
)


class IncidentNotFoundError(NotFoundError):
    """There is no incident of this id."""

    code: ClassVar[str] = "incident-not-found"
    title: ClassVar[str] = "No such incident"


class IncidentChangedError(ConflictError):
    """Another report or decision changed the incident in between. Read it and try again."""

    code: ClassVar[str] = "incident-changed"
    title: ClassVar[str] = "The incident changed in between"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilters:
    """Which incidents a listing holds; None: all.

    Attributes:
        since: Only what happened from then on; `until`: only what happened before.
        sections: Only what reaches one of these sections now.
    """

    statuses: frozenset[Status] | None = None
    kinds: frozenset[str] | None = None
    families: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    sections: frozenset[str] | None = None
    min_credibility: float | None = None


def find_candidates(
    conn: Connection, report: Report, *, kinds: Kinds, policy: MatchPolicy
) -> list[Incident]:
    """Return the incidents that `report` may speak of; those of its own cell first, then latest."""
    window, near = timedelta(days=policy.window_days), timedelta(days=policy.near_days)
    at, dated = report.occurred_at, report.date_precision in _DATED
    inside = {}
    if is_somewhere_in(report.location, report.family):
        inside = _shared_within(report.location)
    given = inside | {
        "families": _families(kinds, report.kind),
        "cells": cells_to_search(report.location),
        "own": cell_for(report.location),
        "first": at - window,
        "last": at + window,
        "most": policy.limit,
    }
    if dated:
        given |= {"after": at - near, "before": at + near}
    found = conn.execute(_candidates(tuple(inside), dated=dated), given)
    return [decode_incident(facts) for facts in found.scalars()]


def _shared_within(location: Location) -> dict[str, Any]:
    """Return what all places of an area have in common."""
    levels = {"country": location.country, "region": location.region, "cercle": location.cercle}
    return {level: name for level, name in levels.items() if name}


def find_answerable(
    conn: Connection, positive: Incident, *, kinds: Kinds, policy: AnswerPolicy
) -> list[Incident]:
    """Return the open dangers that the good news `positive` may answer, latest first."""
    kind = kinds.find(positive.kind)
    if kind is None or not kind.answers:
        return []
    days = timedelta(days=search_days(positive.kind, policy))
    query = select(IncidentRow.facts).where(
        IncidentRow.kind.in_(sorted(kind.answers)),
        IncidentRow.status.in_([Status.OPEN.value, Status.CONFIRMED.value]),
        IncidentRow.occurred_at.between(positive.occurred_at - days, positive.occurred_at + _DAY),
    )
    # People are let go far from where they were taken, and an area reopens with all in it.
    if positive.kind != "hostage_release" and positive.location.shape is not Shape.AREA:
        families = sorted({kinds[code].family.value for code in kind.answers})
        query = query.where(
            IncidentRow.family.in_(families),
            IncidentRow.cell.in_(cells_to_answer(positive.location)),
        )
    query = query.order_by(IncidentRow.occurred_at.desc(), IncidentRow.id.desc())
    return [decode_incident(f) for f in conn.execute(query.limit(_ANSWERABLE_LIMIT)).scalars()]


def find_ended(conn: Connection, positive: Incident, *, policy: AnswerPolicy) -> list[Incident]:
    """Return the dangers that are held to be over because of the good news `positive`."""
    days = timedelta(days=search_days(positive.kind, policy))
    query = select(IncidentRow.facts).where(
        IncidentRow.status == Status.RESOLVED.value,
        IncidentRow.occurred_at.between(positive.occurred_at - days, positive.occurred_at + _DAY),
        IncidentRow.facts["resolved_by"].as_string() == f"incident:{positive.id}",
    )
    return [decode_incident(facts) for facts in conn.scalars(query.order_by(IncidentRow.id))]


def find_good_news(conn: Connection, danger: Incident, *, policy: AnswerPolicy) -> list[Incident]:
    """Return the good news since `danger` that may answer it, as it is held now, latest first."""
    days = max(policy.release_days, policy.reopened_days, policy.transit_days)
    since = danger.occurred_at - _DAY
    query = select(IncidentRow.facts).where(
        IncidentRow.family == Family.POSITIVE.value,
        IncidentRow.status.in_([Status.OPEN.value, Status.CONFIRMED.value]),
        IncidentRow.occurred_at.between(since, danger.occurred_at + timedelta(days=days)),
    )
    query = query.order_by(IncidentRow.occurred_at.desc(), IncidentRow.id.desc())
    return [decode_incident(f) for f in conn.scalars(query.limit(_ANSWERABLE_LIMIT))]


def list_begun(conn: Connection, *, since: datetime, now: datetime) -> list[Incident]:
    """Return the closures that stand and were announced for an instant that came after `since`."""
    query = select(IncidentRow.facts).where(
        IncidentRow.family == Family.CLOSURE.value,
        IncidentRow.status.in_([Status.OPEN.value, Status.CONFIRMED.value]),
        IncidentRow.occurred_at.between(now - STARTS_WITHIN - _DAY, now),
        IncidentRow.facts["starts_at"].as_string().is_not(None),
    )
    found = [decode_incident(facts) for facts in conn.scalars(query.order_by(IncidentRow.id))]
    return [one for one in found if one.starts_at is not None and since < one.starts_at <= now]


def list_opened(conn: Connection, *, since: datetime, limit: int) -> list[Incident]:
    """Return what was first told since an instant and nobody has decided of, the newest first."""
    query = (
        select(IncidentRow.facts)
        .where(IncidentRow.id >= first_id(since), IncidentRow.status == Status.OPEN.value)
        .order_by(IncidentRow.id.desc())
        .limit(limit)
    )
    return [decode_incident(facts) for facts in conn.execute(query).scalars()]


def find_incident(conn: Connection, incident_id: str) -> Incident | None:
    """Return the incident as it is held now, None when there is no such."""
    facts = conn.execute(
        select(IncidentRow.facts).where(IncidentRow.id == incident_id)
    ).scalar_one_or_none()
    return None if facts is None else decode_incident(facts)


def list_incidents_of(conn: Connection, incident_ids: Collection[str]) -> list[Incident]:
    """Return the incidents as they are held now, by id; those that are not known are left out."""
    query = select(IncidentRow.facts).where(IncidentRow.id.in_(sorted(incident_ids)))
    return [
        decode_incident(facts) for facts in conn.execute(query.order_by(IncidentRow.id)).scalars()
    ]


def get_incident(conn: Connection, incident_id: str) -> Incident:
    """Return the incident as it is held now.

    Raises:
        IncidentNotFoundError: There is no such.
    """
    found = find_incident(conn, incident_id)
    if found is None:
        raise IncidentNotFoundError(f"no incident {incident_id[:40]}")
    return found


def add_incident(conn: Connection, incident: Incident, *, cause: str, now: datetime) -> None:
    """Keep a new incident, known from `now` on because of `cause` ("report:<id>", "key:<id>")."""
    facts = encode_incident(incident)
    conn.execute(_ADD, {"id": incident.id, "updated_at": now, **_columns(incident, facts)})
    _add_version(conn, incident, facts, cause=cause, now=now)


def update_incident(conn: Connection, incident: Incident, *, cause: str, now: datetime) -> None:
    """Keep the next version of an incident; the ones before stay as they were known.

    Raises:
        IncidentChangedError: The version before is no longer the newest.
    """
    facts = encode_incident(incident)
    known = {"known_id": incident.id, "known_version": incident.version - 1}
    changed = conn.execute(_UPDATE, {**known, "updated_at": now, **_columns(incident, facts)})
    if changed.rowcount != 1:
        raise IncidentChangedError(
            f"incident {incident.id} is no longer at version {incident.version - 1}"
        )
    _add_version(conn, incident, facts, cause=cause, now=now)


def list_incidents(
    conn: Connection, *, filters: IncidentFilters, after: str | None, limit: int
) -> list[Incident]:
    """Return at most `limit` incidents, newest id first, those that come after the id `after`."""
    query = _filtered(select(IncidentRow.facts), filters)
    if after is not None:
        query = query.where(IncidentRow.id < after)
    query = query.order_by(IncidentRow.id.desc()).limit(limit)
    return [decode_incident(facts) for facts in conn.execute(query).scalars()]


def changed_since(conn: Connection, instant: datetime) -> list[Incident]:
    """Return the incidents of which something became known at or after an instant, in order."""
    changed = select(IncidentVersionRow.incident_id).where(IncidentVersionRow.known_at >= instant)
    query = select(IncidentRow.facts).where(IncidentRow.id.in_(changed)).order_by(IncidentRow.id)
    return [decode_incident(facts) for facts in conn.execute(query).scalars()]


def list_decided(conn: Connection, *, since: datetime, limit: int) -> list[Incident]:
    """Return what is held to be true, false or over since then, what was held last first."""
    query = _decided(select(IncidentRow.facts), since)
    ordered = query.order_by(IncidentVersionRow.known_at.desc(), IncidentRow.id.desc())
    return [decode_incident(facts) for facts in conn.scalars(ordered.limit(limit))]


def count_decided(conn: Connection, *, since: datetime) -> int:
    """Return how many are held to be true, false or over since then."""
    return conn.scalar(_decided(select(func.count(IncidentRow.id)), since)) or 0


def _decided(query: Select[Any], since: datetime) -> Select[Any]:
    return query.join(
        IncidentVersionRow,
        (IncidentVersionRow.incident_id == IncidentRow.id)
        & (IncidentVersionRow.version == IncidentRow.version),
    ).where(
        IncidentRow.status.in_([Status.CONFIRMED, Status.REFUTED, Status.RESOLVED]),
        IncidentVersionRow.known_at >= since,
    )


def incidents_known(
    conn: Connection, incident_ids: Collection[str], *, at: datetime
) -> dict[str, Incident]:
    """Return incidents by id, each as it was known at an instant; later news change nothing."""
    if not incident_ids:
        return {}
    versions = IncidentVersionRow.__table__
    last = (
        select(versions.c.incident_id, func.max(versions.c.version).label("last"))
        .where(versions.c.incident_id.in_(sorted(incident_ids)), versions.c.known_at <= at)
        .group_by(versions.c.incident_id)
        .subquery()
    )
    rows = conn.execute(
        select(versions.c.incident_id, versions.c.facts).join(
            last,
            (versions.c.incident_id == last.c.incident_id) & (versions.c.version == last.c.last),
        )
    )
    return {row.incident_id: decode_incident(row.facts) for row in rows}


def list_versions(conn: Connection, incident_id: str) -> list[tuple[datetime, str, Incident]]:
    """Return (known at, cause, incident) of every version, oldest first."""
    rows = conn.execute(
        select(IncidentVersionRow.known_at, IncidentVersionRow.cause, IncidentVersionRow.facts)
        .where(IncidentVersionRow.incident_id == incident_id)
        .order_by(IncidentVersionRow.version)
    )
    return [(row.known_at, row.cause, decode_incident(row.facts)) for row in rows]


@lru_cache(maxsize=256)
def _families(kinds: Kinds, kind: str) -> tuple[str, ...]:
    return tuple(sorted(family.value for family in kinds.families_near(kind)))


def _filtered(query: Select[Any], filters: IncidentFilters) -> Select[Any]:
    words = (
        (IncidentRow.status, filters.statuses),
        (IncidentRow.kind, filters.kinds),
        (IncidentRow.family, filters.families),
    )
    for column, wanted in words:
        if wanted is not None:
            query = query.where(column.in_(sorted(str(word) for word in wanted)))
    if filters.since is not None:
        query = query.where(IncidentRow.occurred_at >= filters.since)
    if filters.until is not None:
        query = query.where(IncidentRow.occurred_at < filters.until)
    if filters.min_credibility is not None:
        query = query.where(IncidentRow.credibility >= filters.min_credibility)
    if filters.sections is not None:
        reaching = select(ExposureRow.incident_id).where(
            ExposureRow.section_id.in_(sorted(filters.sections)), ExposureRow.live.is_(True)
        )
        query = query.where(IncidentRow.id.in_(reaching))
    return query


def _columns(incident: Incident, facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": incident.version,
        "kind": incident.kind,
        "family": incident.family.value,
        "status": incident.status.value,
        "occurred_at": incident.occurred_at,
        "last_reported_at": incident.last_reported_at,
        "lat": incident.location.position.lat,
        "lon": incident.location.position.lon,
        "cell": cell_for(incident.location),
        "credibility": incident.credibility,
        "facts": facts,
        "merged_into": incident.merged_into,
    }


def _add_version(
    conn: Connection, incident: Incident, facts: dict[str, Any], *, cause: str, now: datetime
) -> None:
    conn.execute(
        _ADD_VERSION,
        {
            "incident_id": incident.id,
            "version": incident.version,
            "known_at": now,
            "cause": cause,
            "facts": facts,
        },
    )
