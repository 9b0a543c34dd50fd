"""What most reports say of an incident: when and where it was. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import chain

from app.incidents.incident import Incident, Tally
from app.incidents.nearness import apart_km, holds, is_long, is_on, place_key
from app.incidents.report import DANGERS, Family, Report
from app.roads.places import Location, Shape

#: From the most exact to the least; an instant and its day are counted together.
_EXACT = {"instant": 0, "day": 0, "week": 1, "month": 2}
#: An area, or a long road, says less of where than a place or a stretch of road.
_AREA_COUNTS = 0.4
#: Kinds, days and places are few; a flood of others says nothing.
_TALLY_LIMIT = 12
#: Two claims of where one event was are two places from so far on, beyond what either leaves open,
#: up to where none would be taken for the other: a person who joins those says which is wrong.
_APART_KM, _FAR_KM = 10.0, 60.0
#: Places of one event that are held beside the one said most.
_ELSEWHERE_LIMIT = 3


def counted(tally: Tally, said: str) -> Tally:
    """Return how often each thing was said, with `said` once more."""
    for index, (value, count) in enumerate(tally):
        if value == said:
            return (*tally[:index], (value, count + 1), *tally[index + 1 :])
    return (*tally, (said, 1)) if len(tally) < _TALLY_LIMIT else tally


def most_said(tally: Tally, held: str) -> str:
    """Return what was said most; what is held stays until another was said more often."""
    return max(tally, key=lambda entry: (entry[1], entry[0] == held), default=(held, 0))[0]


def when_said(incident: Incident, report: Report) -> tuple[datetime, str, Tally]:
    """Return the instant most reports mean, how exact it is, and the days counted.

    Only the most exact reports count: "in September" does not outvote "on the 14th".
    """
    held, said = _EXACT[incident.date_precision], _EXACT[report.date_precision]
    day = report.occurred_at.date().isoformat()
    if said != held:
        vaguer = said > held
        kept = incident if vaguer else report
        return kept.occurred_at, kept.date_precision, incident.days if vaguer else ((day, 1),)
    if _passed_later(incident, report):
        return report.occurred_at, "instant", counted(incident.days, day)
    days = counted(incident.days, day)
    held_day = incident.occurred_at.date().isoformat()
    most = most_said(days, held_day)
    if report.date_precision == "instant" and most == day and incident.date_precision == "day":
        return report.occurred_at, "instant", days
    if most == held_day:
        return incident.occurred_at, incident.date_precision, days
    if most == day:
        return report.occurred_at, report.date_precision, days
    noon = datetime.combine(date.fromisoformat(most), time(12), UTC)
    return noon, "day" if held == 0 else incident.date_precision, days


def _passed_later(incident: Incident, report: Report) -> bool:
    """Return whether a source with a record tells of a later hour of good news.

    Of several trucks that passed on one day the last one says most about the road now.
    """
    exact = incident.date_precision == report.date_precision == "instant"
    good = incident.family is report.family is Family.POSITIVE
    return exact and good and report.known_source and report.occurred_at > incident.occurred_at


def place_said(
    incident: Incident, report: Report, family: Family, *, whole: bool
) -> tuple[Location, Tally, tuple[Location, ...]]:
    """Return the place most reports mean, the places counted, and those held beside it.

    `whole`: what it is holds on all of a road or an area; see `Kind.whole`.
    """
    said, places = report.location, counted(incident.places, place_key(report.location))
    held = _held_place(incident, said, places, whole=whole)
    if family not in DANGERS:
        return held, places, ()
    held = _on_both_roads(held, (incident.location, said))
    return held, places, _elsewhere(incident, said, held)


def _held_place(incident: Incident, location: Location, places: Tally, *, whole: bool) -> Location:
    """Return the location said most; a place or stretch of road counts for more than an area.

    But not of what holds on all of an area: a region under blockade is none the less so for being
    told of one of its towns, and the roads to all the others would be free again.
    """
    held = incident.location
    if "location" in incident.pinned:
        return held
    if incident.family in DANGERS and is_on(held, location):  # closed at its town is closed, too
        return max(held, location, key=lambda one: (one.whole, len(one.section_ids)))
    if incident.family in DANGERS and whole and holds(held, location):
        return held
    key, held_key = place_key(location), place_key(held)
    if key == held_key:
        return location if location.radius_km < held.radius_km else held
    said = dict(places)
    new = said.get(key, 1) * _exactness(location)
    return location if new > said.get(held_key, 1) * _exactness(held) else held


def _on_both_roads(held: Location, told: Sequence[Location]) -> Location:
    """Return the location with every road that was named for it: one may be of both.

    Were only the first believed, a danger told of another road too would hold no level there.
    """
    same = place_key(held)
    named = [one.along for one in told if one.along is not None and place_key(one) == same]
    along = tuple(dict.fromkeys(chain.from_iterable(named))) if named else held.along
    at = tuple(dict.fromkeys(chain.from_iterable(one.at for one in told if place_key(one) == same)))
    return held if along == held.along else replace(held, along=along, at=at)


def _elsewhere(incident: Incident, said: Location, held: Location) -> tuple[Location, ...]:
    """Return the places, apart from the one held, that were given for it; the first ones stay.

    A truck attacked at Sandaré by one source and at Lakamané by another: were only the first
    believed, nobody on the road to the second would be warned.
    """
    if "location" in incident.pinned:
        return ()
    found: list[Location] = []
    for spot in (*incident.spots, said):
        gaps = [_gap_km(spot, other) for other in (held, *found)]
        if min(gaps) > _APART_KM and gaps[0] <= _FAR_KM:
            found.append(spot)
    return tuple(found[:_ELSEWHERE_LIMIT])


def _gap_km(one: Location, other: Location) -> float:
    """Return how far two places are from one another beyond what both leave open; 0 of an area."""
    if Shape.AREA in (one.shape, other.shape):
        return 0.0
    return apart_km(one, other)


def _exactness(location: Location) -> float:
    vague = location.shape is Shape.AREA or is_long(location)
    return _AREA_COUNTS if vague else 1.0
