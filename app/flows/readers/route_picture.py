"""What the page of a route shows: its sections with every reason, its incidents, its past."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.core.errors import DomainError
from app.core.levels import Level
from app.flows.alerting.towns import part_told, spot_near
from app.flows.context import Context
from app.flows.readers import plan_journey, show_ratings
from app.flows.readers.outside import told_outside
from app.flows.readers.picture import Sighting, dangers_since, sighting
from app.flows.readers.plan_journey import Question
from app.flows.readers.show_ratings import Rated
from app.flows.wire import is_secret
from app.incidents.incident import Incident
from app.risk import store as risk_store
from app.risk.contradictions import contradictions
from app.risk.rating import Contribution
from app.roads.network import Corridor, Network
from app.roads.places import Location, Shape

#: How far back the line of levels goes.
PAST = timedelta(days=30)
#: Changes of level drawn of it; a route that changes more often than daily is told by its latest.
_MOST_CHANGES = 200
#: Incidents listed: those of the last two months, the latest ones.
_INCIDENTS_FOR = timedelta(days=60)
_MOST_INCIDENTS = 40
#: Farther from the road than this an incident has no place on its strip.
_BESIDE_KM = 30.0
_WAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason of a section's level.

    Attributes:
        rule, rule_fr: Titles of the rule that weighed it, in English and in French.
        holds: The level that it insists on; `until`: how long, None: until lifted.
        eases: It is good news.
    """

    what: Sighting
    rule: str
    rule_fr: str
    holds: Level | None
    until: datetime | None
    eases: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionShown:
    """A section in the order of the route.

    Attributes:
        contradicted: (kind, kind) of those who say that it is open and that it is closed.
    """

    start: str
    end: str
    part: int | None
    from_km: float
    to_km: float
    level: Level
    score: float
    reasons: tuple[Reason, ...]
    contradicted: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """An incident and where on the route it is; `km` None: that is not told, or everywhere."""

    what: Sighting
    km: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The route's level from an instant on."""

    at: datetime
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePicture:
    """A route for one cargo.

    Attributes:
        past: The first one held at the beginning of the time shown.
        ways: As `GET /v1/journeys` answers between its ends; None where it has no two ends.
    """

    corridor: Corridor
    cargo: str
    sections: tuple[SectionShown, ...]
    incidents: tuple[Beside, ...]
    past: tuple[Change, ...]
    ways: dict[str, Any] | None


def one_road(
    conn: Connection,
    corridor: Corridor,
    cargo: str,
    *,
    language: str,
    context: Context,
    now: datetime,
) -> RoutePicture:
    """Return a route as it stands for a cargo, and how it came there."""
    rated = show_ratings.rated_now(conn, corridor, cargo, context=context, now=now)
    return RoutePicture(
        corridor=corridor,
        cargo=cargo,
        sections=tuple(
            _section(one, span, corridor, cargo, context, now=now)
            for one, span in zip(rated, corridor.section_km, strict=True)
        ),
        incidents=tuple(_incidents(conn, corridor, cargo, context, now=now)),
        past=tuple(_past(conn, corridor.code, cargo, now=now)),
        ways=_ways(conn, corridor, cargo, language=language, context=context, now=now),
    )


def _km(corridor: Corridor, place_id: str, network: Network) -> float:
    return network.stop_km(corridor.code, place_id) or 0.0


def _section(
    one: Rated,
    span: tuple[float, float],
    corridor: Corridor,
    cargo: str,
    context: Context,
    *,
    now: datetime,
) -> SectionShown:
    network = context.config.network
    section = network.sections[one.rating.section_id]
    # its ends are in the order of its id, which is that of no road
    back = _km(corridor, section.start, network) > _km(corridor, section.end, network)
    number, parts = section.part

    def place_of(incident: Incident) -> Location:
        spot = spot_near(incident, section.id, network)
        return part_told(corridor.code, incident, spot, cargo, network)

    incidents = {item.id: item.exposed.incident for item in one.evidence.items}
    pairs = contradictions(one.evidence, one.evidence.book.cargoes.index(cargo), now=now)
    return SectionShown(
        start=section.end_name if back else section.start_name,
        end=section.start_name if back else section.end_name,
        part=None if parts == 1 else parts + 1 - number if back else number,
        from_km=span[0],
        to_km=span[1],
        level=one.level,
        score=one.rating.score,
        reasons=tuple(
            _reason(told, incident, place_of(incident), context)
            for told in _strongest_first(
                told_outside(one.rating, context.config.kinds).contributions
            )
            if (incident := incidents.get(told.incident_id)) is not None
            # which sections it adds a little to would tell where it is
            and (one.level is not Level.UNKNOWN or not is_secret(incident))
        ),
        contradicted=tuple((pair.open.kind, pair.closed.kind) for pair in pairs),
    )


def _strongest_first(told: Iterable[Contribution]) -> list[Contribution]:
    """Return reasons, what holds a level before what adds to the risk, good news last."""
    return sorted(
        told,
        key=lambda one: (one.cleared, -(one.floor.rank if one.floor else 0), -one.hazard),
    )


def _reason(told: Contribution, incident: Incident, spot: Location, context: Context) -> Reason:
    return Reason(
        what=sighting(incident, spot, context),
        rule=told.rule_title,
        rule_fr=told.rule_title_fr or told.rule_title,
        holds=told.floor,
        until=told.floor_until,
        eases=told.cleared,
    )


def _incidents(
    conn: Connection, corridor: Corridor, cargo: str, context: Context, *, now: datetime
) -> list[Beside]:
    """Return the dangers known on a route, in its order; those without a place last."""
    found = dangers_since(
        conn, now - _INCIDENTS_FOR, most=_MOST_INCIDENTS, sections=corridor.section_ids
    )
    beside = _told_once(_beside(one, corridor, cargo, context) for one in found)
    return sorted(beside, key=lambda one: (one.km is None, one.km or 0.0, one.what.id))


def _told_once(found: Iterable[Beside]) -> list[Beside]:
    """Return them, but of those whose place is not told one of each kind and day.

    How many there are would tell whoever reports from place to place which report was a new one.
    """
    kept: dict[Beside | Sighting, Beside] = {}
    for one in found:
        hidden = one.what.place is None and not one.what.sources
        kept.setdefault(replace(one.what, id="") if hidden else one, one)
    return list(kept.values())


def _beside(incident: Incident, corridor: Corridor, cargo: str, context: Context) -> Beside:
    """Return an incident at the one of its places that is nearest to the route."""

    def along(spot: Location) -> tuple[float, float]:
        return context.config.network.corridor_km(corridor.code, spot.position)

    spot = min(incident.spots, key=lambda one: along(one)[1])
    spot = part_told(corridor.code, incident, spot, cargo, context.config.network)
    km, off = along(spot)
    somewhere = spot.shape is not Shape.AREA and not spot.whole
    told = not is_secret(incident) and somewhere and off <= _BESIDE_KM
    return Beside(what=sighting(incident, spot, context), km=km if told else None)


def _past(conn: Connection, code: str, cargo: str, *, now: datetime) -> list[Change]:
    subject, since = f"route:{code}", now - PAST
    before = risk_store.find_level_at(conn, subject, cargo, at=since)
    changes = risk_store.list_level_changes(
        conn, subject, cargo, since=since, until=now, limit=_MOST_CHANGES
    )
    first = before.after if before is not None else Level.UNKNOWN
    return [Change(at=since, level=first), *(Change(at=c.at, level=c.after) for c in changes)]


def _ways(
    conn: Connection,
    corridor: Corridor,
    cargo: str,
    *,
    language: str,
    context: Context,
    now: datetime,
) -> dict[str, Any] | None:
    stops = corridor.stops
    try:
        start = plan_journey.find_end(stops[0].place_id, "from", context)
        end = plan_journey.find_end(stops[-1].place_id, "to", context)
        plan_journey.check_ends(start, end)
    except DomainError:  # a round trip, or an end that the gazetteer does not know
        return None
    question = Question(
        start=start,
        end=end,
        cargo=cargo,
        at=None,
        depart_at=now,
        limit=_WAYS,
        language=language,
        full=False,
    )
    return plan_journey.plan(conn, question, context=context, now=now)
