"""Reads the answer to the question that is open: a number, or what was asked in words. Pure."""

from app.roads.folding import name_key
from app.subscribers.claims import Claims
from app.subscribers.understood import Action, Choice, Missing, Reading, Standing

#: Nobody is offered a hundred choices; longer numbers are telephones.
_DIGITS = 2
#: What is offered first of what somebody plainly began to say: he tells of a danger, or he leaves.
_MEANT_BY_YES = frozenset({Action.REPORT, Action.STOP})


def answer_in(claims: Claims, standing: Standing, *, nowhere: bool = False) -> Reading | None:
    """Return the answer that a message is; None when it says something of its own.

    1. "2", "le 2 svp", "2 Kati": the number, with no other name beside it than its own.
    2. "Kati", where a place was asked; "barrage", where it was asked what happened.
    3. "1 et 2", "les deux", "Diéma et Kita", where several may have happened.
    4. "Oui", where it was asked whether what was told is a danger.
    5. `nowhere`: the message says that nobody can say where, "je ne sais pas", and nothing else.
    """
    if claims.wording.questioned:
        return None
    if nowhere and standing.missing is Missing.PLACE:
        return _nowhere(standing)
    return _several(claims, standing) or _number(claims, standing) or _in_words(claims, standing)


def _several(claims: Claims, standing: Standing) -> Reading | None:
    """Return the answer that several happened."""
    if not standing.each or claims.asks or claims.doubted or claims.left("both", "pick", "ok"):
        return None
    numbers = [int(word.said) for word in claims.wording.words if word.is_number]
    named = {spot.found.label for spot in claims.named if spot.found}
    chosen = tuple(
        choice
        for number, choice in enumerate(standing.question, start=1)
        if choice.place in named or (not named and (claims.has("both") or number in numbers))
    )
    answers = len(named) if named else len(set(numbers))
    if len(chosen) < 2 or (len(chosen) != answers and not claims.has("both")):  # noqa: PLR2004
        return None
    reasons = ("several of what was offered",)
    return Reading(action=Action.CHOICE, chosen=chosen[0], also=chosen[1:], reasons=reasons)


def _number(claims: Claims, standing: Standing) -> Reading | None:
    numbers = [word for word in claims.wording.words if word.is_number]
    # "OK 2" answers a question, but without one it may be anything.
    others = claims.left("pick", *(("ok",) if standing.question else ()))
    if len(numbers) != 1 or others or len(numbers[0].said) > _DIGITS:
        return None
    number = int(numbers[0].said)
    chosen = standing.question[number - 1] if 0 < number <= len(standing.question) else None
    if claims.spots and not (chosen and all(name in _names(chosen) for name in _said(claims))):
        return None
    return Reading(action=Action.CHOICE, number=number, chosen=chosen, reasons=("a number alone",))


def _in_words(claims: Claims, standing: Standing) -> Reading | None:
    if claims.asks or claims.doubted or claims.ended:
        return None
    chosen = None
    if standing.missing is Missing.PLACE:
        chosen = _place(claims, standing)
    elif standing.missing is Missing.KIND and claims.kind:
        meant = any(spot.meant for spot in claims.spots)
        chosen = None if meant else Choice(kind=claims.kind)
    elif standing.missing is Missing.MEANING and claims.has("yes") and not claims.left("yes", "ok"):
        first = next(iter(standing.question), Choice())
        chosen = first if first.action in _MEANT_BY_YES else None
    if chosen is None:
        return None
    return Reading(action=Action.CHOICE, chosen=chosen, reasons=("what was asked, in words",))


def _nowhere(standing: Standing) -> Reading | None:
    """Return the answer that nobody can say where on the road it is, where it was offered."""
    chosen = next((one for one in standing.question if one.ends is not None), None)
    if chosen is None:
        return None
    return Reading(action=Action.CHOICE, chosen=chosen, reasons=("what was asked, in words",))


def _place(claims: Claims, standing: Standing) -> Choice | None:
    """Return the choice that is called so or lies there; else the place, offered or not."""
    found = [spot.found for spot in claims.named]
    place = found[0] if len(found) == 1 else None
    numbered = any(word.is_number for word in claims.wording.words)
    if place is None or numbered or claims.left():
        return None
    called = [one for one in standing.question if one.place == place.label]
    there = [one for one in standing.question if one.area == place.label]
    if len(called or there) == 1:
        return (called or there)[0]
    if called or there or not place.place_id:
        return None
    return Choice(place=place.label, place_id=place.place_id)


def _said(claims: Claims) -> tuple[str, ...]:
    found = (spot.found.label if spot.found else spot.said for spot in claims.spots)
    return tuple(name_key(name) for name in found)


def _names(choice: Choice) -> frozenset[str]:
    return frozenset(name_key(name) for name in (choice.place, choice.area) if name)
