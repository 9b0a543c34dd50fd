"""What a message says only after what the phone wrote, or was answered, just before. Pure."""

from dataclasses import replace

from app.subscribers.claims import Claims
from app.subscribers.clauses import NO_EVENT
from app.subscribers.lexicon import DOUBT, ORDINARY
from app.subscribers.message import Message
from app.subscribers.understood import Action, Reading
from app.subscribers.whereabouts import in_place

#: What takes a place back, of all that makes a statement doubtful.
_NOT = frozenset(
    "pas non ne n not no faux fausse false wrong erreur desole sorry".split()  # noqa: SIM905
)
#: "Annulez l'alerte à Sandaré" moves nothing there.
_CALLS_OFF = ("annul", "oubli", "retir", "cancel", "ignor", "menti")
#: Words that add nothing to where it was.
_PLAIN = frozenset(
    """mais but fait finalement ville lieu endroit place town avait etait c ca cela it was is and km
    trompe cote""".split()  # noqa: SIM905
)


def read_follow_up(message: Message) -> Reading | None:
    """Return what follows on a question of the phone's, or on its report; None: nothing does."""
    return _asks_on(message) or _takes_back(message) or _moves(message)


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
    said = claims.left("deny", "retract", "amend", DOUBT, ORDINARY)
    if any(word.said not in _PLAIN for word in said):
        return None
    return Reading(
        action=Action.UNCLEAR,
        denied=True,
        places=told.places,
        located=told.located,
        location=told.location,
        reasons=("takes its own report back",),
    )


def _moves(message: Message) -> Reading | None:
    """`Erreur, c'est à Sandaré, pas à Diéma`: what the phone reported was somewhere else.

    It is told there at once; what becomes of the first place a person decides. Nothing else may be
    in it: "on va plutôt à Sandaré" tells of no attack there.
    """
    claims, told = message.claims, message.standing.told
    if told is None or told.action is not Action.REPORT or told.location is None or told.beside:
        return None
    if claims.asks or not _says_only_where(claims):
        return None
    elsewhere = [one for one in claims.spots if one.found and one.found.label not in told.places]
    taken_back = len(elsewhere) < len(claims.spots) and claims.has(DOUBT)
    if not elsewhere or not (taken_back or claims.has("amend") or claims.has("retract")):
        return None
    if taken_back:  # "20 km de Diéma vers Sandaré" is told by both
        message = replace(message, claims=replace(claims, spots=tuple(elsewhere)))
    reading = Reading(
        action=Action.REPORT,
        kind=told.kind,
        cargoes=told.cargoes,
        reasons=("moves its own report",),
    )
    placed = in_place(message, reading, one=True)
    return replace(placed, when=placed.when or told.when, moved_from=told.location.label)


def _says_only_where(claims: Claims) -> bool:
    """Return whether a message says of known places that it was there, or not, and nothing else."""
    if set(claims.groups) - NO_EVENT or not all(one.found for one in claims.named):
        return False
    doubts = {word.said for word in claims.outside if DOUBT in word.marks}
    rest = {word.said for word in claims.left("amend", "retract", "deny", DOUBT)}
    off = any(word.said.startswith(_CALLS_OFF) for word in claims.outside)
    return doubts <= _NOT and rest <= _PLAIN and not off
