"""Where to drive instead: the ways between two places, each with what is known of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from app.core.errors import InvalidError
from app.core.levels import Level
from app.flows.context import Context
from app.flows.rating import rule_books
from app.flows.rating.ratings import cargo_states
from app.flows.readers.journeys_out import Told, journey_out, leading
from app.flows.readers.show_ratings import evidence_then
from app.flows.reports.filing import PlaceUnresolvedError
from app.flows.wire import is_hidden
from app.incidents import store as incident_store
from app.incidents.kinds import Kinds
from app.risk import store as risk_store
from app.risk.closures import closures_of
from app.risk.journey_words import advise
from app.risk.journeys import Journey, find_journeys
from app.risk.kept import LevelChange
from app.risk.rating import SectionCargoState
from app.risk.road_graph import Spot, road_graph
from app.roads.locating import locate
from app.roads.places import Candidate, Location, Place, PlaceQuery, Shape, Unplaced

#: Towns offered for a region that was named.
_OFFERED = 8
#: A section that says less has no reasons worth a look-up.
_REASONS_FROM = Level.MODERATE


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of a journey: the place that was meant, and the stop of the network it starts from.

    Attributes:
        km_off: From the place to the stop, as the crow flies; 0 for a stop.
    """

    place: Place
    spot: Spot
    km_off: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked.

    Attributes:
        at: As it was known then; None: now.
        depart_at: When to set out.
        limit: Alternatives; None: as the policy says.
        full: For the desk: when a convoy passed is told nobody else.
    """

    start: End
    end: End
    cargo: str
    at: datetime | None
    depart_at: datetime
    limit: int | None
    language: str
    full: bool


def find_end(text: str, parameter: str, context: Context) -> End:
    """Return the place that `text` means, by name or id, and the stop nearest to it.

    Raises:
        PlaceUnresolvedError: None or several are meant, or an area or a road; with candidates.
        InvalidError: The place is too far from every road of the network.
    """
    graph = road_graph(context.config.network)
    place = context.gazetteer.places.get(text) or _place_named(text, parameter, context)
    spot, km = graph.nearest(place)
    if km > context.config.journeys.farthest_km:
        detail = (
            f"{place.name} is {km:.0f} km from the nearest road Sira knows, at {spot.name}: "
            "name a place on the way."
        )
        raise InvalidError(detail, errors=[_fault(parameter, detail)])
    return End(place=place, spot=spot, km_off=round(km, 1))


def check_ends(start: End, end: End) -> None:
    """Refuse a journey that leads nowhere.

    Raises:
        InvalidError: Both ends are the same stop.
    """
    if start.spot == end.spot:
        detail = f"{start.place.name} and {end.place.name} are the same stop, {start.spot.name}."
        raise InvalidError(detail, errors=[_fault("to", detail)])


def plan(
    conn: Connection, question: Question, *, context: Context, now: datetime
) -> dict[str, Any]:
    """Return the ways as they stand, the one to take first, and in a sentence what to do.

    1. What the sections are rated for the cargo, now or as it was known then: one query.
    2. The ways, ranked; see `find_journeys`. Closed ones only where no way is open.
    3. The reasons of the sections on them, as they were when each got its level.
    """
    then = question.at if question.at is not None else now
    graph = road_graph(context.config.network)
    states = (
        cargo_states(conn, question.cargo, context)
        if question.at is None
        else states_then(conn, question.cargo, at=then, context=context)
    )
    found = find_journeys(
        graph,
        question.start.spot,
        question.end.spot,
        states,
        policy=context.config.journeys,
        now=then,
        limit=question.limit,
    )
    told = _told(conn, found, question, then, context)
    last_news_at = max(
        filter(None, (told.last_news_at(journey) for journey in found)), default=None
    )
    open_ones = [one for one in found if one.open]
    shown = [
        journey_out(one, rank, graph, told, depart_at=question.depart_at)
        for rank, one in enumerate(found, start=1)
    ]
    return {
        "start": _end_out(question.start),
        "end": _end_out(question.end),
        "cargo": question.cargo,
        "at": then,
        "depart_at": question.depart_at,
        "answer": "open" if open_ones else "none",
        "advice": advise(found, last_news_at=last_news_at, now=then, language=question.language),
        "last_news_at": last_news_at,
        "journeys": shown if open_ones else [],
        "closed": [] if open_ones else shown,
    }


def states_then(
    conn: Connection, cargo: str, *, at: datetime, context: Context
) -> dict[str, SectionCargoState]:
    """Return what was kept of each section for a cargo at an earlier instant.

    Levels and scores are those of the last change of level by then; what closed a road is worked
    out anew from what was known, for the sections dangerous enough to have been closed.
    """
    changes = risk_store.section_levels_at(conn, cargo, at=at)
    kinds = context.config.kinds
    states = {section_id: _state_of(change, kinds) for section_id, change in changes.items()}
    book = rule_books.book_at(conn, at, context)
    network, policy = context.config.network, context.config.journeys.closed
    for section_id, state in states.items():
        if state.level.rank < policy.from_level.rank:
            continue
        evidence = evidence_then(conn, section_id, book, at=at, network=network)
        closures = closures_of(evidence, cargo, policy=policy, now=at)
        states[section_id] = _state_of(changes[section_id], kinds, closures=closures)
    return states


def _state_of(change: LevelChange, kinds: Kinds, **closures: Any) -> SectionCargoState:
    told = sorted(change.reasons.get("contributions", ()), key=itemgetter("age_days"))
    heard = [change.at - timedelta(days=one["age_days"]) for one in told]
    newest = [one for one, at in zip(told, heard, strict=True) if at == heard[0]]
    good = [at for at, one in zip(heard, told, strict=True) if one["cleared"]]
    return SectionCargoState(
        level=change.after,
        score=change.score,
        since=change.at,
        calm_since=None,
        evidence_at=heard[0] if heard else None,
        positive_at=good[0] if good else None,
        by_day=any(is_hidden(one, kinds) for one in newest),
        rated_at=change.at,
        **closures,
    )


def _told(
    conn: Connection,
    journeys: Sequence[Journey],
    question: Question,
    then: datetime,
    context: Context,
) -> Told:
    """Return what is needed to say why the sections of these journeys are as they are."""
    legs = [leg for journey in journeys for leg in journey.legs]
    dangerous = {leg.piece.section_id for leg in legs if leg.level.rank >= _REASONS_FROM.rank}
    changes: Mapping[str, LevelChange] = {}
    if dangerous:
        changes = risk_store.section_levels_at(
            conn, question.cargo, at=then, section_ids=sorted(dangerous)
        )
    named = {one["incident"] for change in changes.values() for one in leading(change)}
    named |= {closure.incident_id for leg in legs for closure in leg.closures}
    book = rule_books.book_at(conn, then, context)
    return Told(
        config=context.config,
        language=question.language,
        at=then,
        full=question.full,
        changes=changes,
        incidents=incident_store.incidents_known(conn, named, at=then),
        titles={
            rule.id: rule.title_fr or rule.title if question.language == "fr" else rule.title
            for rule in book.rules
        },
    )


def _place_named(text: str, parameter: str, context: Context) -> Place:
    query = PlaceQuery(place=text)
    found = locate(query, context.gazetteer)
    if isinstance(found, Location) and found.shape is Shape.POINT and found.place_id:
        return context.gazetteer.places[found.place_id]
    if isinstance(found, Location):
        detail = f"{found.label} is {_WORDS[found.shape]}: a journey begins and ends in a town."
        found = Unplaced(
            reason="ambiguous", detail=detail, candidates=tuple(_towns_of(found, context))
        )
    error = PlaceUnresolvedError(found, query)
    error.errors = (_fault(parameter, found.detail),)
    raise error


_WORDS = {Shape.AREA: "an area", Shape.ROAD: "a stretch of road", Shape.POINT: "a position"}


def _towns_of(found: Location, context: Context) -> Iterable[Candidate]:
    """Return the largest towns on the roads of an area, or those at the ends of a stretch."""
    network = context.config.network
    inside: Iterable[str] = found.section_ids
    if found.shape is Shape.AREA and found.area:
        inside = network.sections_in(found.area)
    sections = [network.sections[one] for one in inside]
    stops = {one for section in sections for one in (section.start, section.end)}
    if found.place_id is not None:
        stops.add(found.place_id)
    places = [
        place
        for stop in stops
        if (place := context.gazetteer.places.get(stop)) is not None
        and (found.country is None or place.country == found.country)
    ]
    places.sort(key=lambda place: (-(place.population or 0), place.id))
    return (context.gazetteer.candidate(place, 1.0) for place in places[:_OFFERED])


def _fault(parameter: str, detail: str) -> dict[str, str]:
    return {"parameter": parameter, "in": "query", "detail": detail}


def _end_out(end: End) -> dict[str, Any]:
    return {
        "place_id": end.place.id,
        "name": end.place.name,
        "country": end.place.country,
        "stop": {"place_id": end.spot.place_id, "name": end.spot.name},
        "km_off": end.km_off,
    }
