"""A report whose place is taken back for another: "barrage à Kita, pardon, à Kéniéba". Pure."""

from app.subscribers.message import Message
from app.subscribers.understood import Action, Reading
from app.subscribers.whereabouts import ask_which


def read_amended(message: Message) -> Reading | None:
    """Return the report with its two places to choose from, the last one first; None: it is none.

    They are no ends of a road, and which one was meant is not for a machine to say.
    """
    claims = message.claims
    places = [spot for spot in claims.named if spot.found]
    if claims.kind is None or claims.asks or claims.ended or len(places) != 2:  # noqa: PLR2004
        return None
    first = min(spot.end for spot in claims.spots if spot.found)
    behind = claims.wording.words[first:]
    if not any("amend" in word.marks for word in behind):
        return None
    reading = Reading(
        action=Action.REPORT,
        kind=claims.kind,
        when=message.when,
        reasons=("the place is taken back",),
    )
    found = [spot.found for spot in reversed(places) if spot.found]
    return ask_which(reading, found, message.gazetteer)
