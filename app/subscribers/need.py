"""Who broke down or is ill, and asks for help: no incident of the road, but for a person. Pure."""

from dataclasses import replace

from app.subscribers.message import Message
from app.subscribers.understood import Action, Reading
from app.subscribers.whereabouts import once, routes_of

#: What somebody who is in need may tell of besides; "stopped", "fallen" are said of his truck.
_DANGERS = frozenset(
    {
        "attacked", "ambush", "armed", "burnt", "killed", "kidnapped", "taken", "robbery", "bomb",
        "mine", "explosion", "roadblock", "threat", "meant", "accident", "flood", "strike",
        "protest", "army",
    }
)  # fmt: skip
_ROAD_BLOCKED = frozenset({"road", "blocked"})


def read_need(message: Message) -> Reading | None:
    """Return a call for help in which no danger is told; None: it is none.

    A danger is read as one whatever help is asked for: "Aidez-nous, on nous tire dessus à Boni".
    """
    claims = message.claims
    groups = set(claims.groups)
    if not claims.has("need") or claims.kind or claims.has("subscribe") or claims.has("leave"):
        return None
    if groups & _DANGERS or groups >= _ROAD_BLOCKED:
        return None
    places = [spot.found for spot in claims.named if spot.found]
    reading = Reading(action=Action.UNCLEAR, in_need=True, reasons=("calls for help",))
    return replace(
        reading,
        places=tuple(dict.fromkeys(place.label for place in places)),
        located=once(places),
        routes=routes_of(places, message.gazetteer),
        when=message.when,
    )
