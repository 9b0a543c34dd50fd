"""Reads a message that came in: whose it is, what it says, what it answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.config import Config
from app.flows.context import Context
from app.flows.messages.inbound_news import capital_of
from app.roads.folding import fold
from app.roads.gazetteer import Gazetteer
from app.roads.locating import locate
from app.roads.network import Corridor, Network
from app.roads.places import Location, PlaceQuery, Shape
from app.roads.placing import at_place, spread
from app.subscribers.addresses import AddressError, check_phone
from app.subscribers.conversation import (
    Outcome,
    Past,
    ask_again,
    settle,
    without_duress,
)
from app.subscribers.dating import Calendar
from app.subscribers.inbound_codec import Said
from app.subscribers.nowhere import understand as read
from app.subscribers.store import inbound as store
from app.subscribers.store import senders
from app.subscribers.store.senders import Known
from app.subscribers.understood import Action, Choice, Missing, Reading, Standing
from app.subscribers.whereabouts import MOST_CHOICES, which
from app.subscribers.wording import words_of

#: Shorter ones are short codes, which mean nothing outside their country.
_INTERNATIONAL_DIGITS = 10
_PHONE_CHARS = 40
#: So many towns are a list.
_A_LIST = 3
#: What stands between the towns of a list; "Bamako-Kayes-Diéma" is a way.
_APART = re.compile(r"[,;&/\n]|\s(?:et|and|puis|then)\s", re.IGNORECASE)
#: Words of a road, of a journey, or of how far from a town.
_WAYS = frozenset(
    """route routes rn axe axes troncon trajet voie piste chemin entre vers depuis jusqu parti
    partie partis parties quitte venant venu provenance allant destination direction km kms
    kilometre kilometres road roads highway axis stretch track way between from towards to heading
    bound leaving left""".split()  # noqa: SIM905
)
_ROADS = frozenset("route routes axe axes road roads".split())  # noqa: SIM905
_FROM_TO = re.compile(r"\b(?:de|d) \S+ (?:a|jusqu) ")
_ASKED = frozenset({Action.ASK_STATE, Action.ASK_ROUTE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """What the phone wrote just before: whether it asked for a road, what it reported."""

    asked: bool = False
    told: Reading | None = None


_NOTHING = Lately()


def normal_phone(phone: str, context: Context) -> str:
    """Return a number in E.164, or what stands in its place: a name, a short code."""
    text = phone.strip().removeprefix("whatsapp:").strip()
    digits = text.removeprefix("+").removeprefix("00")
    if digits.isdigit() and len(digits) >= _INTERNATIONAL_DIGITS:
        text = f"+{digits}"
    try:
        return check_phone(text, country=context.config.subscribers.default_country)
    except AddressError:
        return text[:_PHONE_CHARS]


def take_duress_out(
    conn: Connection, text: str, known: Known, context: Context
) -> tuple[str, bool]:
    """Return the text without a word of duress, so that it is read and answered as always."""
    agreed = senders.duress_words(conn, known.subjects)
    if not agreed:
        return text, False

    def is_word(word: str) -> bool:
        return any(
            duress_token(subject, word, context) == token for subject, token in agreed.items()
        )

    return without_duress(text, is_word)


def duress_token(subject: str, word: str, context: Context) -> str:
    """Return the keyed hash of a word of duress, the same however it is written."""
    folded = "".join(words_of(word, context.config.commands))  # "lattaque": two
    return context.vault.token(f"duress|{subject}|{folded}")


def text_index(text: str, context: Context) -> str:
    """Return what stands for a text where loops are looked for."""
    return context.vault.token(f"inbound|{fold(text) or text.strip().casefold()}")


def read_lately(
    conn: Connection, rows: Sequence[tuple[str, Past]], context: Context, *, now: datetime
) -> Lately:
    """Return what the last of `rows`, the oldest first, leave to follow on."""
    since = now - context.config.inbound.open_for
    late = [(row_id, one) for row_id, one in rows if one.at > since]
    asked = bool(late) and late[-1][1].outcome is Outcome.ANSWERED and late[-1][1].action in _ASKED
    told = next((row_id for row_id, one in reversed(late) if _is_report(one)), None)
    said = store.find_said(conn, told, vault=context.vault) if told else None
    return Lately(asked=asked, told=said.reading if said else None)


def _is_report(past: Past) -> bool:
    return past.outcome is Outcome.DONE and past.action in {Action.REPORT, Action.SAFE_TRANSIT}


def read_message(
    text: str,
    question: Said | None,
    known: Known,
    context: Context,
    *,
    now: datetime,
    lately: Lately = _NOTHING,
) -> tuple[Reading, bool]:
    """Return how a message is read, and whether it is the answer to the question."""
    config = context.config
    standing = Standing(
        language=known.language,
        question=question.choices if question else (),
        missing=ask_again(question.reading).missing if question else None,
        each=question.reading.each if question else False,
        asked=lately.asked,
        told=lately.told,
    )
    reading = read(
        text,
        standing,
        lexicon=config.commands,
        gazetteer=context.gazetteer,
        cargoes=config.cargoes,
        spoken=tuple(config.templates.languages),
        calendar=Calendar(config.alerts.zone, now, config.incidents.starting),
        kinds=config.kinds,
    )
    open_to = question is not None and (question.choices or reading.chosen)
    if question is None or reading.action is not Action.CHOICE or not open_to:
        return as_acted_on(text, reading, config, context.gazetteer), False
    if reading.chosen is None:
        return ask_again(question.reading), True  # no such number: asked again
    chosen = (reading.chosen, *reading.also)
    told = _together(question, chosen, reading, config, context.gazetteer)
    return told or ask_again(question.reading), True


def as_acted_on(text: str, reading: Reading, config: Config, gazetteer: Gazetteer) -> Reading:
    """Return what is done of a message that is read so: where it was is on a road, or in a list."""
    told = _all_of_a_list(text, reading, config, gazetteer)
    told = told and replace(told, said=reading.said)
    return told or _from_the_capital(_on_one_spot(reading, config, gazetteer), config)


def _together(
    question: Said,
    choices: Sequence[Choice],
    reading: Reading,
    config: Config,
    gazetteer: Gazetteer,
) -> Reading | None:
    """Return the incidents that were chosen as one message; None: more than one lacks something."""
    chosen = [_settled(question, one, reading, config, gazetteer) for one in choices]
    chosen.sort(key=lambda one: one.missing is None)
    first, *others = chosen
    return None if any(one.missing for one in others) else replace(first, beside=tuple(others))


def _all_of_a_list(
    text: str, reading: Reading, config: Config, gazetteer: Gazetteer
) -> Reading | None:
    """Return what is told of each of several towns as so many incidents, as the API takes a list.

    Two may be the ends of one road, and three of an attack that has no sort are asked which. So are
    towns by which a road is told: "convoi Bamako-Kayes-Diéma attaqué" is no attack in the capital.
    """
    alike = {one.kind for one in reading.choices} == {None}
    if not reading.each or reading.kind is None or not alike or len(reading.choices) < _A_LIST:
        return None
    if _tells_a_way(text, reading, config):
        return None
    said = Said(text=text, reading=reading)
    told = _together(said, reading.choices, reading, config, gazetteer)
    return told if told is not None and told.missing is None else None


def _tells_a_way(text: str, reading: Reading, config: Config) -> bool:
    """Return whether towns may be those that a road or a journey is called by, not each a place."""
    words = words_of(text, config.commands)
    # "route de Kayes: Diéma, ..." names its road, and the towns are on it
    on_a_road = len(reading.located) > len(reading.choices)
    ways = _WAYS - _ROADS if on_a_road else _WAYS
    if config.kinds.is_of_whole_roads(reading.kind) or not ways.isdisjoint(words):
        return True
    if len(_APART.findall(text)) < len(reading.choices) - 1 or _FROM_TO.search(" ".join(words)):
        return True
    capitals = [(capital_of(one, config.network), one) for one in reading.located]
    return any(capital and capital.id == one.place_id for capital, one in capitals)


def _settled(
    question: Said, choice: Choice, reading: Reading, config: Config, gazetteer: Gazetteer
) -> Reading:
    """Return what was asked about with one of the choices filled in."""
    settled = settle(question, choice, lexicon=config.commands, gazetteer=gazetteer)
    return _on_one_spot(replace(settled, when=reading.when or settled.when), config, gazetteer)


def _from_the_capital(reading: Reading, config: Config) -> Reading:
    """Return the wish to hear of "la route de Kayes" as one of the road from Bamako to there.

    The attack is mostly 200 km before the town. Who asks for it is told of that road, too.
    """
    if reading.action is not Action.SUBSCRIBE or reading.missing or not reading.leads:
        return reading
    network = config.network
    capital = capital_of(reading.located[0], network) if len(reading.located) == 1 else None
    if capital is None or capital.name == reading.located[0].label:
        return reading
    start = at_place(capital, "where its roads begin")
    located = (start, *reading.located)
    places = tuple(one.label for one in located)
    return replace(reading, located=located, places=places, location=None)


def _on_one_spot(reading: Reading, config: Config, gazetteer: Gazetteer) -> Reading:
    """Return a transit at a place or on a stretch; of a whole region nobody can say that.

    "OK KAYES DIEMA" is the road between the two, and so is "OK KORO BANKASS BANDIAGARA" that
    between the first and the last. Of one too long to be one place, where he passed is asked, with
    its towns to choose from; of towns that are not one behind the other these are.
    """
    if reading.action is not Action.SAFE_TRANSIT or reading.missing:
        return reading
    found, towns = reading.location, tuple[Choice, ...]()
    if found is None and len(reading.located) > 1:
        found, towns = _between_ends(reading, config.network, gazetteer)
    if found is None or found.shape is Shape.AREA:
        each = len(towns) > 1
        return replace(reading, missing=Missing.PLACE, choices=towns, each=each, location=None)
    return replace(reading, location=found)


def _between_ends(
    reading: Reading, network: Network, gazetteer: Gazetteer
) -> tuple[Location | None, tuple[Choice, ...]]:
    """Return the stretch that he passed, or the towns of which he is asked."""
    start, *by, end = reading.located
    if by and not any(_in_order(reading.located, network.corridors[one]) for one in reading.routes):
        named = (Choice(place=one.label, place_id=one.place_id) for one in reading.located)
        return None, tuple(one for one in named if one.place_id)[:MOST_CHOICES]
    between = locate(PlaceQuery(place=f"entre {start.label} et {end.label}"), gazetteer)
    if isinstance(between, Location):
        return between, ()
    return None, which(spread(between.candidates, MOST_CHOICES), gazetteer)


def _in_order(places: Sequence[Location], corridor: Corridor) -> bool:
    """Return whether a road leads through places one after the other, either way."""
    stops = [stop.place_id for stop in corridor.stops]
    at = [stops.index(one.place_id) for one in places if one.place_id in stops]
    return len(at) == len(places) and at in (sorted(at), sorted(at, reverse=True))
