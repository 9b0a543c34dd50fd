"""Values as the API shows them. No source is named, and of good news no position is given."""

from collections.abc import Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

from app.core.text import rfc3339
from app.incidents.incident import Incident
from app.incidents.kinds import Kinds
from app.incidents.naming import Names
from app.incidents.report import Family, Range, Report
from app.risk.rating import Contribution, Rating
from app.roads.places import Candidate, Location, Shape

#: Decimals of a degree that tell a kilometre.
_KILOMETRE = 2
#: Of these an exact place would tell where an escort or a convoy is.
HIDDEN = frozenset({Family.POSITIVE, Family.MILITARY})


def instant(value: datetime | None) -> str | None:
    """Return an instant as RFC 3339, UTC, with `Z`."""
    return rfc3339(value) if value is not None else None


def candidate_out(candidate: Candidate) -> dict[str, Any]:
    """Return a place that may have been meant."""
    return {
        "place_id": candidate.place_id,
        "name": candidate.name,
        "country": candidate.country,
        "region": candidate.region,
        "cercle": candidate.cercle,
        "position": {"lat": candidate.position.lat, "lon": candidate.position.lon},
        "routes": list(candidate.routes),
        "score": round(candidate.score, 3),
    }


def location_out(location: Location, *, full: bool = True) -> dict[str, Any]:
    """Return where something happened; `full` for the desk, and for who reported it.

    Others are told it by a name of the gazetteer, and not by the words of a report, in which it may
    have been found; and of a filed position, which is where a telephone was, no more than the
    kilometre.
    """
    label, place_km = (location.label, location.km_from_place) if full else location.told
    lat, lon = location.position.lat, location.position.lon
    if not full and location.place_id is None:
        lat, lon = round(lat, _KILOMETRE), round(lon, _KILOMETRE)
    return {
        "shape": location.shape.value,
        "label": label,
        "place_km": place_km,
        "position": {"lat": lat, "lon": lon},
        "radius_km": location.radius_km,
        "place_id": location.place_id,
        "area": location.area,
        "sections": list(location.section_ids),
        "country": location.country,
        "region": location.region,
        "cercle": location.cercle,
        "how": location.how if full else None,
    }


def report_out(report: Report, *, external_id: str | None = None) -> dict[str, Any]:
    """Return a report as its sender sees it."""
    return {
        "id": report.id,
        "external_id": external_id,
        "kind": report.kind,
        "occurred_at": instant(report.occurred_at),
        "date_precision": report.date_precision,
        "reported_at": instant(report.reported_at),
        "received_at": instant(report.received_at),
        "outcome": "placed",
        "location": location_out(report.location),
        "summary": report.summary,
        "starts_at": instant(report.starts_at),
        "cargo": list(report.cargo),
    }


def incident_out(incident: Incident, *, full: bool, names: Names | None = None) -> dict[str, Any]:
    """Return an incident; `full` for the desk.

    Others are not given the place of good news and of operations, which would tell where an escort
    or a convoy is: they get its region. Of `names` they are told who did it, and to whom.
    """
    hidden = not full and incident.family in HIDDEN
    names = None if hidden else names
    return {
        "id": incident.id,
        "version": incident.version,
        "kind": incident.kind,
        "family": incident.family.value,
        "status": incident.status.value,
        "certainty": "confirmed" if incident.certain else "unconfirmed",
        "credibility": incident.credibility,
        "occurred_at": instant(noon_of(incident.occurred_at) if hidden else incident.occurred_at),
        "date_precision": _day_at_most(incident.date_precision)
        if hidden
        else incident.date_precision,
        "starts_at": instant(incident.starts_at),
        "first_reported_at": instant(incident.first_reported_at),
        "last_reported_at": instant(incident.last_reported_at),
        "location": _coarse(incident.location)
        if hidden
        else location_out(incident.location, full=full),
        "elsewhere": []
        if hidden
        else [location_out(spot, full=full) for spot in incident.elsewhere],
        "cargo": list(incident.cargo),
        "in_part": incident.in_part if full else None,
        "shut": list(incident.shut) if full else [],
        "lifted_for": list(incident.over_for),
        "actor": _who(incident.actor, names) if not full else incident.actor,
        "target": _who(incident.target, names) if not full else incident.target,
        "fatalities": _range(incident.fatalities),
        "abducted": _range(incident.abducted),
        "vehicles": _range(incident.vehicles) if not hidden else None,
        "reports": incident.reports,
        "independent_sources": len(incident.voices),
        "resolved_at": instant(incident.resolved_at),
        "resolved_by": incident.resolved_by if full else None,
        "verdict_by": incident.verdict_by if full else None,
        "merged_into": incident.merged_into,
    }


def _who(said: str | None, names: Names | None) -> str | None:
    return names.told(said) if names is not None else None


def is_secret(incident: Incident) -> bool:
    """Return whether its place must not be told: it may be that of a convoy or of an operation."""
    return incident.family in HIDDEN and incident.location.shape is not Shape.AREA


def coarse_evidence(found: Mapping[str, Any], kinds: Kinds) -> dict[str, Any]:
    """Return what made a rating as those outside the desk may see it.

    The distances of one incident from several sections, and its age, tell where it was and when:
    of good news and of operations they are left out, and so is the hazard, which is made of them,
    with the sum that it could be taken from; so are its id and how far it is believed, and of some
    alike one is told: their number would tell who reports which of his reports joined another's. Of
    all others they are rounded: together they would
    tell where the telephone was that told of it.
    """
    shown = {key: value for key, value in found.items() if key != "rated"}  # all incidents, by id
    told = shown.get("contributions", ())
    if told:
        shown["contributions"] = each_once([_coarse_contribution(one, kinds) for one in told])
        untold = any(one["hazard"] for one in told if is_hidden(one, kinds))
        shown["hazard"] = None if untold else round(shown["hazard"], ROUGHLY)
    last = min(told, key=itemgetter("age_days"), default=None)
    if last is not None and is_hidden(last, kinds):
        shown["evidence_at"] = None
    if (positive_at := shown.get("positive_at")) is not None:
        shown["positive_at"] = None
        if shown.get("evidence_at") == positive_at:
            shown["evidence_at"] = None
    return shown


#: The id has the hour in it, and how far one is believed whether others told of it, too.
_UNTOLD = dict.fromkeys(
    ("incident", "version", "credibility", "distance_km", "age_days", "floor_until", "hazard")
)
#: Decimals of a hazard from which no distance can be worked out to less than some hundred metres.
ROUGHLY = 3


def _coarse_contribution(one: Mapping[str, Any], kinds: Kinds) -> dict[str, Any]:
    if is_hidden(one, kinds):
        return {**one, **_UNTOLD}
    return {
        **one,
        "distance_km": round(one["distance_km"]),
        "hazard": round(one["hazard"], ROUGHLY),
    }


def coarse_facts(facts: Mapping[str, Any], kinds: Kinds) -> dict[str, Any]:
    """Return the facts of an alert as those outside the desk may see them.

    Of good news and operations not which one it is. When it was reported is when they were told.
    """
    hidden = is_hidden(facts, kinds)
    return {name: one for name, one in facts.items() if not (hidden and name == "speaks")}


def each_once(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return them without a second one that says the same, which only an untold one can."""
    return [one for at, one in enumerate(told) if one not in told[:at]]


def _day_at_most(precision: str) -> str:
    return "day" if precision == "instant" else precision


def noon_of(instant: datetime) -> datetime:
    """Return the middle of the day: all that is told of when a convoy passed."""
    return instant.replace(hour=12, minute=0, second=0, microsecond=0)


def is_hidden(contribution: Mapping[str, Any], kinds: Kinds) -> bool:
    """Tell whether what is kept of a contribution, or of an alert, is of one that is hidden."""
    kind = kinds.find(contribution.get("kind") or "")
    return kind is None or kind.family in HIDDEN


def _coarse(location: Location) -> dict[str, Any]:
    label = location.region or location.country or ""
    known: Mapping[str, Any] = {
        "shape": Shape.AREA.value,
        "label": label,
        "country": location.country,
        "region": location.region,
    }
    empty = ("place_km", "position", "radius_km", "place_id", "area", "cercle", "how")
    return {**known, **dict.fromkeys(empty), "sections": []}


def _range(found: Range | None) -> dict[str, int] | None:
    return {"low": found.low, "high": found.high} if found is not None else None


def reasons_out(rating: Rating) -> dict[str, Any]:
    """Return what made a rating, as it is kept with alerts and changes of level."""
    return {
        "section": rating.section_id,
        "score": rating.score,
        "hazard": rating.hazard,
        "prior": rating.prior,
        "spoke": rating.spoke,
        "contributions": [contribution_out(one) for one in rating.contributions],
    }


def contribution_out(one: Contribution) -> dict[str, Any]:
    """Return a contribution as JSON: ids, versions, rule and figures."""
    return {
        "incident": one.incident_id,
        "version": one.incident_version,
        "kind": one.kind,
        "rule": one.rule_id,
        "title": one.rule_title,
        "distance_km": one.distance_km,
        "age_days": one.age_days,
        "credibility": one.credibility,
        "weight": one.weight,
        "hazard": one.hazard,
        "floor": one.floor.value if one.floor is not None else None,
        "floor_until": one.floor_until.isoformat() if one.floor_until is not None else None,
        "cleared": one.cleared,
    }
