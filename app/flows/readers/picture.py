"""What the public pages show of every route. Language-neutral, and nothing that only the desk sees.

Stricter than the API for subscribers: a place is told by its name in the gazetteer, never by the
words of a report, and of good news and of operations neither place nor hour.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.core.levels import Level
from app.flows.alerting.alternatives import Alternative, Alternatives
from app.flows.alerting.towns import part_told, span_on, spot_near, still_on
from app.flows.context import Context
from app.flows.rating.ratings import states_of
from app.flows.readers import show_ratings
from app.flows.readers.journeys_out import OVER, leading
from app.flows.readers.other_roads import OtherRoads, standing_of
from app.flows.wire import is_secret, noon_of
from app.incidents import store as incident_store
from app.incidents.incident import Incident, Status
from app.incidents.report import Family
from app.incidents.store import IncidentFilters
from app.risk import store as risk_store
from app.risk.closures import holding
from app.risk.kept import LevelChange, SectionState
from app.risk.rating import RouteState, SectionCargoState
from app.roads.network import Corridor
from app.roads.places import Location, Place, Shape
from app.roads.placing import NAMED_AFTER_KM


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An incident as anybody may see it.

    Attributes:
        place: Its name in the gazetteer, `area` when that is a region; None: that is not told.
        place_km: How far from it whoever told of it counted; None: near it.
        starts_at: From when it holds, where it was announced for a day to come.
        at: When it happened; noon of the day where no more is known or told.
        exact: Whether `at` is more than a day.
        sources: How many independent ones told of it; 0: that is not told.
    """

    id: str
    kind: str
    place: str | None
    area: bool
    at: datetime
    exact: bool
    certain: bool
    sources: int
    place_km: int | None = None
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """When something was last heard; `exact` False: no more is told than the day."""

    at: datetime
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A route's level for one cargo.

    Attributes:
        since: None: never rated.
        spoke: What set the level: "floor", "statistics", "positive", "hysteresis", "no evidence".
        why: The incident that weighs most; None where none does.
        news: The last from where it is so bad; `elsewhere`: newer one from the rest of the road.
        stretch: The towns between which it is worst.
        closed: The road is closed there.
    """

    cargo: str
    level: Level
    since: datetime | None
    spoke: str
    why: Sighting | None
    news: News | None
    stretch: tuple[str, str] | None
    other_road: Alternative | None
    elsewhere: News | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """A route and how it stands for every cargo, in the order of the configuration."""

    corridor: Corridor
    standings: tuple[Standing, ...]

    @property
    def worst(self) -> Level:
        """Return its worst level for any cargo."""
        return max((one.level for one in self.standings), key=lambda level: level.rank)


def sighting(incident: Incident, spot: Location, context: Context) -> Sighting:
    """Return what anybody may see of an incident, at the one of its places that is meant.

    Of one whose place is not told the sources are not counted: whoever reports from place to place
    would see by them which of his reports joined it.
    """
    secret = is_secret(incident)
    exact = incident.date_precision == "instant" and not secret
    return Sighting(
        id=incident.id,
        kind=incident.kind,
        place=None if secret else _place_of(spot, context),
        area=spot.shape is Shape.AREA,
        at=incident.occurred_at if exact else noon_of(incident.occurred_at),
        exact=exact,
        certain=incident.certain,
        sources=0 if secret else len(incident.voices),
        place_km=spot.km_from_place if spot.counted and not secret else None,
        starts_at=incident.starts_at,
    )


def _place_of(spot: Location, context: Context) -> str | None:
    """Return a name of the gazetteer: a report may call its position anything, a person even."""
    if spot.shape is not Shape.POINT or spot.counted:
        return spot.label
    town = town_of(spot, context)
    return town.name if town is not None else None


def town_of(spot: Location, context: Context) -> Place | None:
    """Return the place by which anybody may be told where it is; None: there is none near."""
    gazetteer = context.gazetteer
    known = gazetteer.places.get(spot.place_id or "")
    if known is not None:
        return known
    near = gazetteer.nearest(spot.position, NAMED_AFTER_KM)
    return near[0] if near is not None else None


def dangers_since(
    conn: Connection, since: datetime, *, most: int, sections: Collection[str] | None = None
) -> list[Incident]:
    """Return the dangers that hold, the latest ones; `sections`: those that reach one of these."""
    filters = IncidentFilters(
        statuses=frozenset({Status.OPEN, Status.CONFIRMED}),
        families=frozenset(family.value for family in Family) - {Family.POSITIVE.value},
        sections=frozenset(sections) if sections is not None else None,
        since=since,
    )
    return incident_store.list_incidents(conn, filters=filters, after=None, limit=most)


def news_of(state: SectionCargoState | None) -> News | None:
    """Return when a section was last heard of; of good news and operations the day alone."""
    if state is None or state.evidence_at is None:
        return None
    exact = not state.by_day
    return News(at=state.evidence_at if exact else noon_of(state.evidence_at), exact=exact)


def _newest(states: Iterable[SectionCargoState]) -> News | None:
    """Return the newest of what may be told of these sections."""
    heard = (news_of(one) for one in states)
    return max(filter(None, heard), key=lambda one: one.at, default=None)


def all_roads(
    conn: Connection, context: Context, *, now: datetime, others: OtherRoads
) -> list[Road]:
    """Return every route as it stands, the most dangerous first.

    `others`: what was found before.

    1. The levels of routes, and the sections that set them: two queries.
    2. How those sections got their levels, and the incidents that weigh most: some more per cargo.
    3. Another road, for what is `high` or worse.
    """
    network = context.config.network
    shown = show_ratings.all_routes(conn, context)
    states = [state for one in shown for state in one.states.values()]
    sections = states_of(conn, network.sections.keys(), context)
    teller = _Teller(conn, context, states, sections, others, now=now)
    roads = [
        Road(
            corridor=one.corridor,
            standings=tuple(
                teller.tell(one.states[cargo]) if cargo in one.states else _never_rated(cargo)
                for cargo in context.config.cargoes.codes
            ),
        )
        for one in shown
    ]
    return sorted(roads, key=_urgency)


def _urgency(road: Road) -> tuple[int, ...]:
    """Return how a route is sorted: by its worst level, then by how many cargoes have it."""
    return tuple(sorted(-one.level.rank for one in road.standings))


def _never_rated(cargo: str) -> Standing:
    return Standing(
        cargo=cargo,
        level=Level.UNKNOWN,
        since=None,
        spoke="no evidence",
        why=None,
        news=None,
        stretch=None,
        other_road=None,
    )


class _Teller:
    """Tells of routes how the sections that set their levels got theirs, and of another road."""

    def __init__(
        self,
        conn: Connection,
        context: Context,
        states: Iterable[RouteState],
        sections: Mapping[str, SectionState],
        others: OtherRoads,
        *,
        now: datetime,
    ) -> None:
        self._context, self._now = context, now
        self._sections, self._others = sections, others
        self._finder = Alternatives(conn, context, now)
        self._standing = {
            cargo: standing_of(sections, cargo) for cargo in context.config.cargoes.codes
        }
        wanted: dict[str, set[str]] = {}
        for state in states:
            if state.worst_section is not None and state.level.rank != Level.UNKNOWN.rank:
                wanted.setdefault(state.cargo, set()).add(state.worst_section)
        self._changes: dict[str, Mapping[str, LevelChange]] = {
            cargo: risk_store.section_levels_at(conn, cargo, at=now, section_ids=sorted(ids))
            for cargo, ids in wanted.items()
        }
        named = {
            one["incident"]
            for changes in self._changes.values()
            for change in changes.values()
            for one in leading(change)
        }
        self._incidents = incident_store.incidents_known(conn, named, at=now)

    def tell(self, state: RouteState) -> Standing:
        """Return how a route stands."""
        section = state.worst_section
        change = self._changes.get(state.cargo, {}).get(section or "")
        speaks = self._speaks(change) if state.level.rank > Level.UNKNOWN.rank else None
        network = self._context.config.network
        spot = spot_near(speaks, section, network) if speaks else None
        if speaks is not None and spot is not None:
            spot = part_told(state.route, speaks, spot, state.cargo, network)
        stretch = self._stretch(state, speaks, spot)
        news, elsewhere = self._news(state)
        return Standing(
            cargo=state.cargo,
            level=state.level,
            since=state.since,
            spoke=str(change.reasons.get("spoke")) if change is not None else "no evidence",
            why=sighting(speaks, spot, self._context) if speaks and spot else None,
            news=news,
            elsewhere=elsewhere,
            stretch=stretch,
            other_road=self._others.find(
                state, stretch, self._standing[state.cargo], self._finder, now=self._now
            ),
            closed=self._is_closed(state),
        )

    def _at(self, section: str | None, cargo: str) -> SectionCargoState | None:
        known = self._sections.get(section or "")
        return known.cargoes.get(cargo) if known is not None else None

    def _all_of(self, state: RouteState) -> list[SectionCargoState]:
        """Return how each section of a route was last rated."""
        corridor = self._context.config.network.corridors[state.route]
        rated = (self._at(section, state.cargo) for section in corridor.section_ids)
        return [one for one in rated if one is not None]

    def _is_closed(self, state: RouteState) -> bool:
        """Return whether anything closes the road, where it is worst or elsewhere on it."""
        return any(holding(one.closures, now=self._now) for one in self._all_of(state))

    def _news(self, state: RouteState) -> tuple[News | None, News | None]:
        """Return the last news from where a road is as bad as it is called; newer from elsewhere.

        Of the worst section alone an attack this morning on another one that is as bad would not
        be heard of; and of all of the road a quiet mile would make old news of the bad one new.
        """
        rated = self._all_of(state)
        last = _newest(rated)
        there = _newest(one for one in rated if one.level is state.level)
        if (
            there is None and state.level.rank > Level.UNKNOWN.rank
        ):  # it eased, and is called so yet
            return last, None
        return there, last if last != there else None

    def _stretch(
        self, state: RouteState, speaks: Incident | None, spot: Location | None
    ) -> tuple[str, str] | None:
        """Return between which towns it is worst: all of what is closed, else its worst section."""
        network, section = self._context.config.network, state.worst_section or ""
        if speaks is not None and spot is not None and spot.whole and section in spot.section_ids:
            still = still_on(state.route, speaks, spot, state.cargo, network)
            return span_on(state.route, still, network)
        return network.stretch_names(section) if section in network.sections else None

    def _speaks(self, change: LevelChange | None) -> Incident | None:
        """Return the incident that weighs most and is not over."""
        for one in leading(change) if change is not None else ():
            incident = self._incidents.get(one["incident"])
            if incident is not None and incident.status not in OVER:
                return incident
        return None
