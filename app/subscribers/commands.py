"""Understands inbound messages, as `nowhere.understand` hands them on. Pure, changes nothing.

A wrong action is worse than a question: what is not plain is asked back with numbered choices.
"""

from collections.abc import Callable
from dataclasses import replace

from app.incidents.cargo import Cargoes
from app.incidents.kinds import Kinds
from app.incidents.report import Family
from app.incidents.tallies import is_tally
from app.roads.gazetteer import Gazetteer
from app.subscribers.accounted import left_of_good_news, strange_beside_danger
from app.subscribers.amending import read_amended
from app.subscribers.answering import answer_in
from app.subscribers.asking import ask_back, ask_what_is_told, ask_whether
from app.subscribers.at_once import sorts_once_placed, told_at_once
from app.subscribers.bounded import beside_what_is_to_come, denies_a_part, sound_part, tells_without
from app.subscribers.claims import Claims, courtesy_of, is_little, read_claims
from app.subscribers.clauses import BUT, NO_EVENT
from app.subscribers.dating import Calendar
from app.subscribers.follow_ups import read_follow_up
from app.subscribers.lexicon import ASKING, GOING, MONTHS, WEEKDAYS, Lexicon
from app.subscribers.message import Message
from app.subscribers.need import read_need
from app.subscribers.spotting import is_numbered
from app.subscribers.transits import CARRIED, read_transit
from app.subscribers.understood import Action, Choice, Courtesy, Missing, Reading, Standing
from app.subscribers.whereabouts import MOST_CHOICES, in_place

#: A language is asked for in few words.
_LONGEST_LANGUAGE = 5
#: A question that no word of ours is in is one to us only if hardly anything else is in it.
_MOST_STRANGE = 1
_OURS = ("ask", "road", "passed", "calm", "report", "urgent", "deny", GOING)
_OF_ROADS = ("ask", "road", "group:road", "group:reopened", GOING)
#: What says that something bad happened, though not yet what: with a place it is a report.
_BAD = frozenset({"attacked", "killed", "road blocked", "armed"})
#: Beside these it may be over.
_OVER = frozenset({"gone", "lifted"})
#: Beside these "alerte" or "report" alone announces nothing: "No incident to report in Kayes".
_NO_ALERT = ("ok", "leave", "subscribe", "calm")
#: Beside these what is denied is not what was told of a place.
_ELSE = ("ok", "passed", "calm", "leave", "subscribe")
#: Beside these it is no more than that, or something else is wished: "plus d'abonnement".
_NOT_ALONE = BUT | {"plus", "more", "sans", "without", "contre", "against"}
_NEXT = frozenset({"demain", "tomorrow"})
#: Beside a day they say that it has been.
_GONE_BY = frozenset("depuis since dernier derniere passe passee last".split())  # noqa: SIM905
#: Said without being called an alert, and with more words than these, it may be of a match.
_MOST_AROUND = 2
_AROUND = ("road", "group:road", "ask")


def understand(
    text: str,
    standing: Standing,
    *,
    lexicon: Lexicon,
    gazetteer: Gazetteer,
    cargoes: Cargoes,
    spoken: tuple[str, ...] = ("fr", "en"),
    calendar: Calendar | None = None,
    kinds: Kinds | None = None,
) -> Reading:
    """Return what `text` asks for, or what to ask back.

    Args:
        text: As it came in; read up to `wording.LONGEST` characters.
        standing: Of whoever wrote it.
        lexicon: config/commands.toml.
        gazetteer: Of the places.
        cargoes: What may be carried.
        spoken: The languages that answers can be written in.
        calendar: When it came, from which days and times are counted; None: nothing is dated.
        kinds: What happens on roads, which tells what may be told of before it is so.
    """
    part = sound_part(text, lambda of: read_claims(of, lexicon, gazetteer, cargoes))
    text = text if part is None else part
    claims = read_claims(text, lexicon, gazetteer, cargoes)
    message = Message(claims, standing, lexicon, gazetteer, spoken, calendar, kinds)
    readings = (step(message) for step in _STEPS)
    reading = next((one for one in readings if one is not None), None) or ask_back(message)
    reading = _accounted(message, reading, text)
    reading = replace(reading, tongue=claims.wording.tongue, cargoes=claims.cargoes)
    if calendar is None or reading.action not in (Action.REPORT, Action.UNCLEAR):
        return reading
    dated = replace(reading, when=calendar.announced(text, reading.when))
    if _is_yet_to_be(dated, kinds):
        back = replace(ask_back(message), when=None)  # the day it names is to come
        return replace(back, tongue=reading.tongue, cargoes=reading.cargoes)
    return dated


def _accounted(message: Message, reading: Reading, text: str) -> Reading:
    """Return `reading`, or the question whether it is: of a strange word, a count of months."""
    if reading.action is not Action.REPORT or reading.missing or reading.kind is None:
        return reading
    good = _family(reading, message.kinds) is Family.POSITIVE
    ask = left_of_good_news if good else strange_beside_danger
    word = ask(message.claims, reading.kind, message.lexicon)
    counts = _family(reading, message.kinds) is Family.HOSTILE and is_tally(text)
    if word is None and not counts and not (good and _may_be_to_come(message)):
        return reading
    asked = ask_back(message) if good else ask_whether(message, reading)
    why = repr(word.said) if word else "a count" if counts else "the day"
    return replace(asked, reasons=(*reading.reasons, f"asked because of {why}"))


def _may_be_to_come(message: Message) -> bool:
    """Return whether a day is named that is to come, or may be the next: "réouverture lundi"."""
    said = {word.said for word in message.claims.wording.words}
    named = message.days & {*WEEKDAYS, *MONTHS}
    return bool(said & _NEXT or named) and not said & _GONE_BY


def _is_yet_to_be(reading: Reading, kinds: Kinds | None) -> bool:
    """Return whether it tells what is not so yet, and is no closure, which is announced.

    "Plus de carburant à partir de vendredi" may even be that there is fuel again.
    """
    if reading.action is not Action.REPORT or reading.when is None or kinds is None:
        return False
    return reading.when.starts_at is not None and _family(reading, kinds) is not Family.CLOSURE


def _family(reading: Reading, kinds: Kinds | None) -> Family | None:
    kind = kinds.find(reading.kind) if kinds and reading.kind else None
    return kind.family if kind else None


def _alone(message: Message) -> Reading | None:
    """What only counts as the whole message, and no message at all."""
    if message.claims.wording.asked:
        return Reading(action=Action.HELP, reasons=("a question mark alone",))
    if not message.claims.wording.words:
        return Reading(
            action=Action.UNCLEAR, missing=Missing.MEANING, reasons=("nothing in it to read",)
        )
    if message.is_whole("stop", bare=True) and not message.claims.wording.questioned:
        return Reading(action=Action.STOP, reasons=("the whole message",))
    # asked for politely as well: taken for it by mistake it silences nobody, as a STOP would
    if message.is_whole("start") and not message.claims.wording.questioned:
        return Reading(action=Action.START, reasons=("the whole message",))
    if message.is_whole("help"):
        return Reading(action=Action.HELP, reasons=("the whole message",))
    return None


def _choice(message: Message) -> Reading | None:
    """The answer to a question."""
    answer = answer_in(message.claims, message.standing, nowhere=message.is_unsure)
    return replace(answer, when=message.when_answered) if answer else None


def _language(message: Message) -> Reading | None:
    """A language by name, and nothing else."""
    claims, codes = message.claims, message.lexicon.languages
    named = [code for code in codes if claims.has(f"language:{code}")]
    asked = claims.has("language")
    marks = ("language", *(f"language:{code}" for code in codes))
    if not (asked or named) or claims.left(*marks) or claims.spots:
        return None
    if len(claims.wording.core) > _LONGEST_LANGUAGE or claims.wording.questioned:
        return None
    if len(named) == 1 and named[0] in message.spoken:
        reasons = ("a language, and nothing else",)
        return Reading(action=Action.LANGUAGE, language=named[0], reasons=reasons)
    return Reading(
        action=Action.LANGUAGE,
        missing=Missing.LANGUAGE,
        choices=tuple(Choice(action=Action.LANGUAGE, language=code) for code in message.spoken),
        reasons=("no one language was named that we write",),
    )


def _subscribe(message: Message) -> Reading | None:
    """The wish to be told; it does not say anything of what happened."""
    claims = message.claims
    if not claims.has("subscribe") or claims.has("leave") or claims.doubted:
        return None
    left = claims.left("subscribe", "report", *_AROUND)
    if claims.wording.questioned or claims.kind or not all(map(is_numbered, left)):
        return None
    if any(word.said in _NOT_ALONE for word in claims.outside):
        return None
    return in_place(message, Reading(action=Action.SUBSCRIBE, reasons=("asks to be told",)))


def _denial(message: Message) -> Reading | None:
    """`Faux, pas d'attaque à Diéma`: a person at the desk decides what it is worth.

    Not where something else happened, or in another place: "pas d'attaque mais barrage".
    """
    claims = message.claims
    if not claims.has("deny") or claims.asks or any(map(claims.has, _ELSE)):
        return None
    if len(claims.named) != 1 or any(word.said in BUT for word in claims.wording.words):
        return None
    placed = any(spot.meant and spot.found for spot in claims.spots)
    if not placed or denies_a_part(claims, message.lexicon):
        return None
    denial = Reading(action=Action.UNCLEAR, denied=True, reasons=("says that it is false",))
    return in_place(message, denial)


def _question(message: Message) -> Reading | None:
    """A question, by its mark or its words; what it speaks of is not claimed."""
    claims = message.claims
    if not claims.asks or claims.has("subscribe") or claims.has("leave"):
        return None
    if _tells_beside(claims):
        return None
    if not claims.spots:
        placeless = claims.road or any(map(claims.has, _OF_ROADS))
        return _ask(message, "asks, without a place") if placeless else None
    if not any(spot.meant for spot in claims.spots):
        return None
    ours = claims.groups or any(claims.has(mark) for mark in _OURS)
    if not ours and (claims.doubted or len(claims.left(ASKING)) > _MOST_STRANGE):
        return None
    return _ask(message, "a question")


def _tells_beside(claims: Claims) -> bool:
    """Return whether it may be a report: "Allo? Il y a des gens armés à Nara"."""
    told = set(claims.groups) - NO_EVENT
    beside = told and not (claims.wording.closed or claims.has(ASKING))
    return bool(beside or (claims.has("report") and claims.kind) or _tells_calm(claims))


def _tells_calm(claims: Claims) -> bool:
    """Return whether what may ask stands beside news: "Frontière ouverte à Zégoua ça passe"."""
    asking = [word for word in claims.outside if ASKING in word.marks]
    told = set(claims.groups) - NO_EVENT
    calm = bool(asking) and all("calm" in word.marks for word in asking)
    return bool(told) and calm and not claims.wording.questioned


def _report(message: Message) -> Reading | None:
    """What happened: announced as an alert, or said so that it can be nothing else."""
    claims = message.claims
    if claims.asks or claims.ended or claims.doubted or tells_without(claims):
        return None
    if claims.has("report"):
        return _called(message)
    noted = claims.has("ok") and not _goes_on(claims)
    if claims.has("ask") or noted or claims.has("subscribe"):
        return None
    if not any(spot.meant for spot in claims.spots):
        return _placeless(message)
    if claims.kind:
        return _reported(message, "says what happened and where")
    return _something_bad(message)


def _standing(message: Message) -> Reading | None:
    """`Barrage à Niéna, ils vont brûler`: what stands is no less there."""
    claims = message.claims
    kind = beside_what_is_to_come(claims, message.lexicon)
    if kind is None or claims.asks or claims.ended:
        return None
    return _reported(message, "stands beside what is yet to come", kind=kind)


def _goes_on(claims: Claims) -> bool:
    """Return whether an OK goes on with something else: "Bien reçu, mais barrage à Niéna"."""
    said = [word.said for word in claims.wording.words]
    but = next((at for at, word in enumerate(said) if word in BUT), None)
    return (
        but is not None
        and claims.begins_with("ok")
        and len(claims.named) == 1
        and claims.named[0].start > but
    )


def _placeless(message: Message) -> Reading | None:
    """`Barrage Xyzzyba`: a word that may be a place is said back; `On nous attaque`: where?

    Whoever is shot at names no town first, and must not hear that nothing is done.
    """
    claims = message.claims
    if claims.has("leave"):
        return None
    if not claims.spots:
        return _something_bad(message, "says that something bad happened, and not where")
    return _reported(message, "says what happened, and where perhaps") if claims.kind else None


def _called(message: Message) -> Reading | None:
    """`ALERTE`, unless it is about the alerts themselves."""
    claims = message.claims
    if claims.kind or not any(claims.has(mark) for mark in _NO_ALERT):
        return _reported(message, "announced as an alert")
    if claims.has("ok") and not claims.left("ok", "report"):
        return _acknowledged("says that it arrived")
    return None


def _something_bad(
    message: Message, reason: str = "says that something bad happened, and where"
) -> Reading | None:
    """`Attaque à Kayes`: what happened is asked, but it is a report."""
    claims = message.claims
    said = set(claims.groups)
    bad = claims.kind or any(frozenset(words.split()) <= said for words in _BAD)
    groups = (f"group:{group}" for group in claims.groups)
    around = len(claims.left("urgent", *groups))
    if (bad and not said & _OVER and around <= _MOST_AROUND) or (
        claims.has("urgent") and claims.spots and not around
    ):
        return _reported(message, reason)
    return None


def _plain_question(message: Message) -> Reading | None:
    """`ETAT KAYES`, `ROUTE DAKAR BAMAKO CARBURANT`: the word, places, cargo, and nothing else."""
    claims = message.claims
    if claims.doubted or claims.kind or claims.has("report") or claims.has("subscribe"):
        return None
    if not (claims.has("ask") or claims.has("road") or claims.road):
        return None
    more = claims.left("ask", "road", "group:road", *CARRIED)
    if any(not is_numbered(word) for word in more):  # "ETAT RN6 BLA"
        return None
    # "En route pour Kayes" asks nothing: the word comes first, or stands with names alone.
    meant = any(spot.meant for spot in claims.spots) or not claims.spots
    if not claims.begins_with("ask", "road") and not (meant and _is_terse(claims)):
        return None
    return _ask(message, "the command and places")


def _acknowledge(message: Message) -> Reading | None:
    """`OK`, `Bien reçu`, `Merci`, and nothing else."""
    claims = message.claims
    courtesy = courtesy_of(claims, message.lexicon)
    if courtesy is Courtesy.THANKS and not claims.asks:
        return replace(_acknowledged("thanks, and nothing else"), courtesy=courtesy)
    if not claims.has("ok") or claims.asks or claims.doubted or claims.left("ok", "calm"):
        return None
    if claims.spots or sum(word.is_number for word in claims.wording.words) == 1:
        return None
    if message.days & {*WEEKDAYS, *MONTHS}:
        return None
    return replace(_acknowledged("OK, and nothing else"), courtesy=courtesy)


_STEPS: tuple[Callable[[Message], Reading | None], ...] = (
    _alone,
    _choice,
    _language,
    _subscribe,
    _denial,
    read_need,
    read_follow_up,
    ask_what_is_told,
    _question,
    read_amended,
    _standing,
    _report,
    read_transit,
    _plain_question,
    _acknowledge,
)


def _acknowledged(reason: str) -> Reading:
    return Reading(action=Action.ACKNOWLEDGE, reasons=(reason,))


def _ask(message: Message, reason: str) -> Reading:
    claims = message.claims
    alone = not claims.spots and claims.has("road") and not claims.has("ask")
    action = Action.ASK_ROUTE if len(claims.named) > 1 or alone else Action.ASK_STATE
    return in_place(message, Reading(action=action, reasons=(reason,)))


def _reported(message: Message, reason: str, *, kind: str | None = None) -> Reading:
    claims = message.claims
    kind = kind or claims.kind
    reading = in_place(
        message, Reading(action=Action.REPORT, kind=kind, reasons=(reason,)), one=True
    )
    if reading.missing and not kind:
        return replace(reading, sorts=sorts_once_placed(message, reading))
    if reading.missing or kind:
        return reading
    asked = replace(
        reading,
        missing=Missing.KIND,
        choices=tuple(Choice(kind=kind) for kind in claims.offers[:MOST_CHOICES]),
    )
    return told_at_once(message, asked) or asked


def _is_terse(claims: Claims) -> bool:
    """Return whether the word that asks stands with names, or is one that does nothing else."""
    return claims.has("ask") or not any(is_little(word) for word in claims.outside)
