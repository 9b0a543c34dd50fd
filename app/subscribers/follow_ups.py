"""What a message says only after what the phone wrote, or was answered, just before. Pure."""

from app.subscribers.lexicon import DOUBT, ORDINARY
from app.subscribers.message import Message
from app.subscribers.understood import Action, Reading
from app.subscribers.whereabouts import in_place


def read_follow_up(message: Message) -> Reading | None:
    """Return what follows on a question of the phone's, or on its report; None: nothing does."""
    return _asks_on(message) or _takes_back(message)


def _asks_on(message: Message) -> Reading | None:
    """`ETAT KAYES`, and then `et Sikasso`: the name of a place asks for it, too."""
    claims = message.claims
    if not message.standing.asked or claims.doubted or claims.groups or claims.left():
        return None
    if not claims.spots or any(spot.found is None for spot in claims.spots):
        return None
    action = Action.ASK_STATE if len(claims.named) == 1 else Action.ASK_ROUTE
    return in_place(message, Reading(action=action, reasons=("asks on",)))


def _takes_back(message: Message) -> Reading | None:
    """`Annulez mon message, c'est faux`: of what the phone reported, a person decides."""
    claims, told = message.claims, message.standing.told
    if told is None or claims.spots or claims.groups or claims.asks:
        return None
    if not (claims.has("deny") or claims.has("retract")):
        return None
    if claims.left("deny", "retract", "amend", DOUBT, ORDINARY):
        return None
    return Reading(
        action=Action.UNCLEAR,
        denied=True,
        places=told.places,
        located=told.located,
        location=told.location,
        reasons=("takes its own report back",),
    )
