"""Where what a message tells is: filled in, or asked back with places to choose from. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import rough_km
from app.roads.locating import locate
from app.roads.network import Network
from app.roads.places import Candidate, Location, PlaceQuery, Unplaced
from app.roads.placing import at_place, spread
from app.subscribers.accounted import changes_nothing
from app.subscribers.clauses import Clause, clauses_of, strange_in_list
from app.subscribers.dating import Calendar, told_at
from app.subscribers.lexicon import GOING, Lexicon
from app.subscribers.message import Message
from app.subscribers.spotting import Spot, is_numbered, is_of_a_way
from app.subscribers.together import as_one, far_ends
from app.subscribers.understood import Action, Choice, Missing, Reading, When
from app.subscribers.whole_roads import WholeRoad

#: What is told happened at a place on it; what is asked or wished may be of all of a road.
_OF_A_ROAD = frozenset({Action.ASK_STATE, Action.ASK_ROUTE, Action.SUBSCRIBE})
#: So many are offered in one SMS.
MOST_CHOICES = 4


def in_place(message: Message, reading: Reading, *, one: bool = False) -> Reading:
    """Return `reading` with its places and day, or asking for them; `one`: it was at one place."""
    reading = replace(reading, when=message.when)
    if message.claims.road and reading.action in _OF_A_ROAD:
        return on_whole(reading, message.claims.road, message.gazetteer.network)
    if one and (road := _by_its_number(message, reading.kind)):
        return replace(
            reading,
            places=(road.label,),
            located=(road,),
            location=road,
            routes=routes_of([road], message.gazetteer),
        )
    return _placed(reading, message, one=one)


def _by_its_number(message: Message, kind: str | None) -> Location | None:
    """Return all of the road of which the number is all that is said: "RN7 suspendue"."""
    words = message.claims.wording.words
    if not message.is_of_whole_roads(kind) or any(spot.meant for spot in message.claims.spots):
        return None
    strange = [word for spot in message.claims.spots for word in words[spot.start : spot.end]]
    if not all(changes_nothing(word, message.lexicon.beside_danger) for word in strange):
        return None
    numbers = [word.said.upper() for word in words if is_numbered(word)]
    if message.claims.road:  # "RN 7" is two words
        numbers.append(message.claims.road.said)
    query = PlaceQuery(place=" ".join(dict.fromkeys(numbers)), whole_road=True)
    found = locate(query, message.gazetteer)
    return found if isinstance(found, Location) else None


def _placed(reading: Reading, message: Message, *, one: bool) -> Reading:
    """Return `reading` with its places, or asking for them; `one`: it happened at one place.

    Of two places each may have its own day; without a calendar nothing is dated.
    """
    claims, lexicon = message.claims, message.lexicon
    gazetteer, calendar = message.gazetteer, message.calendar
    found = [spot.found for spot in claims.named if spot.found]
    reading = replace(
        reading,
        places=tuple(dict.fromkeys(place.label for place in found)),
        located=once(found),
        routes=routes_of(found, gazetteer),
    )
    asked = next((spot for spot in claims.spots if spot.found is None), None)
    if asked is not None or not found:
        return replace(
            reading,
            missing=Missing.PLACE,
            choices=which(_offered(asked, found, gazetteer), gazetteer),
            said=asked.said if asked else None,
        )
    if not one:
        placed = replace(reading, location=found[0] if len(found) == 1 else None)
        return _of_its_road(placed, message)
    reading = replace(reading, said=strange_in_list(claims))
    clauses = clauses_of(claims, lexicon)
    if len(clauses) > 1:
        return _either(reading, clauses, _whens(clauses, lexicon, calendar), gazetteer)
    if clauses:
        reading = replace(reading, when=_whens(clauses, lexicon, calendar)[0])
    spots = [clause.spot for clause in clauses] or claims.named
    whole = message.is_of_whole_roads(reading.kind)
    spot = as_one(spots, claims.wording.words, gazetteer, whole_road=whole)
    if isinstance(spot, Location):
        return replace(reading, location=spot)
    return replace(reading, missing=Missing.PLACE, choices=_along(spot, gazetteer))


def _of_its_road(reading: Reading, message: Message) -> Reading:
    """Return what is asked of "la route de Dakar", or wished, as of all of it, from its beginning.

    "La route de Kayes", "aller à Kayes" is of all that leads there, whatever it is called.
    """
    claims, gazetteer = message.claims, message.gazetteer
    wished = reading.action is Action.SUBSCRIBE
    if not (wished or reading.action is Action.ASK_STATE) or reading.location is None:
        return reading
    spot = next(one for one in claims.named if one.found)
    words = claims.wording.words
    begins = far_ends(spot, words, gazetteer)
    if len(begins) != 1:
        return replace(reading, leads=claims.has(GOING) or is_of_a_way(spot.start, words))
    (start,) = (at_place(gazetteer.places[one], "where the road begins") for one in begins)
    return replace(
        reading,
        action=Action.SUBSCRIBE if wished else Action.ASK_ROUTE,
        places=(start.label, *reading.places),
        located=(start, *reading.located),
        location=None,
        routes=routes_of((start, *reading.located), gazetteer),
    )


def _along(asked: Unplaced, gazetteer: Gazetteer) -> tuple[Choice, ...]:
    """Return what may be meant; of a long road towns all along it, and that nobody can say where.

    Who was told of an attack "between Kayes and Diéma" knows no more, and cannot name one of them.
    """
    if asked.road is None:
        return which(asked.candidates, gazetteer)
    if not asked.road.may_be_all:
        return which(spread(asked.candidates, MOST_CHOICES), gazetteer)
    towns = which(spread(asked.candidates, MOST_CHOICES - 1), gazetteer)
    return (*towns, Choice(place=asked.road.label, ends=asked.road.ends))


def _whens(
    clauses: Sequence[Clause], lexicon: Lexicon, calendar: Calendar | None
) -> list[When | None]:
    return [told_at(one.said, lexicon, calendar) if calendar else None for one in clauses]


def _either(
    reading: Reading,
    clauses: Sequence[Clause],
    whens: Sequence[When | None],
    gazetteer: Gazetteer,
) -> Reading:
    """Return `reading` asking which of two places is meant, each with what happened, and when."""
    found = [clause.spot.found for clause in clauses if clause.spot.found]
    kinds = {clause.kind for clause in clauses}
    choices = which(_offered(None, found, gazetteer), gazetteer)
    if len(choices) == len(clauses):
        told = zip(choices, clauses, whens, strict=True)
        choices = tuple(
            replace(choice, kind=clause.kind if len(kinds) > 1 else None, when=when)
            for choice, clause, when in told
        )
    kind = reading.kind if len(kinds) == 1 else None
    when = whens[0] if len(set(whens)) == 1 else None
    return replace(
        reading,
        kind=kind,
        when=when,
        missing=Missing.PLACE,
        choices=choices,
        each=len(choices) == len(clauses),
    )


def on_whole(reading: Reading, road: WholeRoad, network: Network) -> Reading:
    """Return `reading` of all of a road."""
    found = road.located(network)
    action = Action.ASK_STATE if reading.action is Action.ASK_ROUTE else reading.action
    return replace(
        reading,
        action=action,
        places=(found.label,),
        located=(found,),
        location=found,
        routes=(road.corridor.code,),
    )


def ask_which(reading: Reading, found: list[Location], gazetteer: Gazetteer) -> Reading:
    """Return `reading` asking which one of these places is meant."""
    return replace(
        reading,
        places=tuple(place.label for place in found),
        located=once(found),
        routes=routes_of(found, gazetteer),
        missing=Missing.PLACE,
        choices=which(_offered(None, found, gazetteer), gazetteer),
    )


def once(places: Sequence[Location]) -> tuple[Location, ...]:
    """Return `places`, each once."""
    return tuple({place.label: place for place in places}.values())


def _offered(
    asked: Spot | None, found: list[Location], gazetteer: Gazetteer
) -> tuple[Candidate, ...]:
    """Return what a place may be: its namesakes, else the other places of the message."""
    if asked and asked.candidates:
        return asked.candidates
    ids = (place.place_id for place in found)
    return tuple(gazetteer.candidate(gazetteer.places[i], 0.5) for i in ids if i)


def which(candidates: tuple[Candidate, ...], gazetteer: Gazetteer) -> tuple[Choice, ...]:
    """Return up to four places to choose from, namesakes told apart by where they lie."""
    offered = candidates[:MOST_CHOICES]
    areas = [one.cercle or one.region or one.country for one in offered]
    named = [(one.name, area) for one, area in zip(offered, areas, strict=True)]
    return tuple(
        Choice(
            place=one.name,
            place_id=one.place_id,
            area=area if named.count((one.name, area)) == 1 else _town_near(one, gazetteer),
        )
        for one, area in zip(offered, areas, strict=True)
    )


def _town_near(candidate: Candidate, gazetteer: Gazetteer) -> str:
    """Return how far from the nearest stop on a road one of two namesakes in one cercle lies."""
    stops = (stop for stop in gazetteer.network.places.values() if stop.name != candidate.name)
    km, name = min((rough_km(stop.position, candidate.position), stop.name) for stop in stops)
    return f"{km:.0f} km {name}"


def routes_of(places: Sequence[Location], gazetteer: Gazetteer) -> tuple[str, ...]:
    """Return the routes that all the places lie on: those between two, those through one."""
    network = gazetteer.network
    through = [network.routes_at(place.place_id) for place in places if place.place_id]
    if len(through) < 2 or len(through) < len(places):  # noqa: PLR2004 - a route has two ends
        return ()
    return tuple(code for code in through[0] if all(code in other for other in through[1:]))
