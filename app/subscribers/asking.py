"""What is asked back of a message that is not plain, with what it may mean to choose from. Pure."""

from dataclasses import replace

from app.incidents.openings import REOPENED
from app.subscribers.bounded import tells_without, told_beside_question
from app.subscribers.claims import Claims, is_little, kind_of
from app.subscribers.clauses import NO_EVENT, clauses_of
from app.subscribers.message import Message
from app.subscribers.understood import Action, Choice, Missing, Reading
from app.subscribers.whereabouts import once, routes_of

#: Whoever names one of these, in whatever words, is not left with nothing to answer.
_DANGERS = frozenset({"attacked", "armed", "killed", "burnt", "explosion", "bomb", "mine", "meant"})

_OF_A_ROAD = frozenset({Action.ASK_STATE, Action.ASK_ROUTE})


def ask_back(message: Message, beside: frozenset[str] = frozenset()) -> Reading:
    """Return the question what a message means, with up to four answers to choose from.

    Words that say of an alert what happened name it here: "mon frère a été enlevé". `beside`:
    the parts of what is told alone, where the rest of the message asks.
    """
    claims = message.claims
    reading = Reading(
        action=Action.UNCLEAR, missing=Missing.MEANING, when=message.when, reasons=("not plain",)
    )
    kind = None if beside else claims.kind
    kind = kind or kind_of(beside or frozenset(claims.groups), message.lexicon, called=True)
    if claims.ended:
        kind = _end_of(kind, message)
    bare = not (claims.kind or any(spot.meant for spot in claims.spots))
    if claims.has("leave") and bare:
        return replace(reading, choices=(Choice(action=Action.STOP), Choice(action=Action.HELP)))
    if claims.has("ok") and bare:
        return replace(reading, choices=(Choice(action=Action.ACKNOWLEDGE),))
    if bare and not claims.groups and (languages := _languages(message)):
        return replace(reading, missing=Missing.LANGUAGE, choices=languages)
    places = [spot.found for spot in claims.named if spot.found]
    if not places:
        return _without_place(claims, replace(reading, kind=kind))
    wished = claims.has("subscribe") and not (claims.has("leave") or claims.kind)
    ask = Action.ASK_ROUTE if len(places) > 1 else Action.ASK_STATE
    meant = [*([Action.SUBSCRIBE] if wished else []), ask, Action.REPORT]
    told = claims.kind or set(claims.groups) - NO_EVENT or claims.has("report")
    none = claims.doubted or tells_without(claims)
    if not wished and (none or not told or claims.has("calm")):
        meant.append(Action.SAFE_TRANSIT)
    # "Stopper les alertes Kayes": whoever would leave, in whatever words, must find how.
    leave = claims.has("leave") and not (claims.kind or claims.groups)
    told_of = [one.spot.found for one in clauses_of(claims, message.lexicon) if one.spot.found]
    place = told_of[0] if len(told_of) == 1 else places[0]  # "bus de Gao bloqué à Gossi"
    return replace(
        reading,
        kind=kind,
        places=tuple(place.label for place in places),
        located=once(places),
        routes=routes_of(places, message.gazetteer),
        choices=tuple(
            Choice(
                action=action,
                kind=kind if action is Action.REPORT else None,
                place=place.label,
                place_id=place.place_id,
            )
            for action in meant
        )
        + ((Choice(action=Action.STOP),) if leave else ()),
    )


def ask_what_is_told(message: Message) -> Reading | None:
    """`Citerne brûlée à Diéma, est ce que la route est ouverte`: the danger is offered, too."""
    claims = message.claims
    if not claims.asks or claims.has("subscribe") or claims.has("leave"):
        return None
    told = told_beside_question(claims, message.lexicon)
    return ask_back(message, told) if told else None


def _end_of(kind: str | None, message: Message) -> str | None:
    """Return the good news that what is said to be over is, "couvre-feu levé"; None: none."""
    good = message.kinds.find(REOPENED) if message.kinds else None
    return REOPENED if good and kind in good.answers else None


def ask_whether(message: Message, reading: Reading) -> Reading:
    """Return the question whether what `reading` takes it for is what happened.

    It stays a report all the same: it waits at the desk, with its place, until it is answered.
    """
    state = tuple(one for one in ask_back(message).choices if one.action in _OF_A_ROAD)
    report = Choice(action=Action.REPORT, kind=reading.kind)
    return replace(reading, missing=Missing.MEANING, choices=(report, *state))


def _languages(message: Message) -> tuple[Choice, ...]:
    """Return what to choose from where one is named: "can you write me in english".

    All of them: "je ne parle pas anglais" names the one that is not meant. Of "en fait" the first
    word is grammar, and names none.
    """
    said = frozenset().union(*(w.marks for w in message.claims.outside if not is_little(w)))
    named = [code for code in message.spoken if f"language:{code}" in said]
    every = dict.fromkeys((*named, *message.spoken)) if named else ()
    return tuple(Choice(action=Action.LANGUAGE, language=code) for code in every)


def _without_place(claims: Claims, reading: Reading) -> Reading:
    """Return `reading` offering the report of a danger that is named and not plainly denied."""
    denied = claims.has("deny") and len(claims.groups) <= 1
    if denied or not (reading.kind or _DANGERS & set(claims.groups)):
        return reading
    report = Choice(action=Action.REPORT, kind=reading.kind)
    return replace(reading, choices=(report, Choice(action=Action.HELP)))
