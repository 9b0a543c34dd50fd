"""Who has passed: "OK DIEMA", "RAS entre Bougouni et Sikasso on est passé à 14h". Pure."""

from datetime import timedelta

from app.subscribers.claims import is_little
from app.subscribers.lexicon import MONTHS, WEEKDAYS
from app.subscribers.message import Message
from app.subscribers.spotting import POINT, is_numbered
from app.subscribers.understood import Action, Reading
from app.subscribers.whereabouts import in_place

#: Longer "OK" messages are stories, not a safe transit.
_LONGEST_TRANSIT = 9
#: Of a day that is not over they say what may be still to come.
_LATER = frozenset({"soir", "midi", "aprem", "tonight", "afternoon", "evening"})
_HALF_A_DAY = timedelta(hours=12)
#: Who is somewhere has not passed it: "We are ok in Diema".
_THERE = frozenset({"am", "are"})
#: Who passed may be those whom everybody fears: "Ils sont passés à Sandaré".
_THEY = frozenset({"ils", "elles", "they"})
#: What may have passed, or may be asked about.
CARRIED = ("group:vehicle", "group:tanker", "group:convoy")


def read_transit(message: Message) -> Reading | None:
    """`OK DIEMA`, `OK GAO RN17`: short, a place, and nothing else but the road there."""
    claims = message.claims
    short = sum(not is_little(word) for word in claims.wording.words) <= _LONGEST_TRANSIT
    if not claims.has("passed") or not short or claims.doubted_beside("calm"):
        return None
    if not any(spot.meant for spot in claims.spots):
        return None
    more = claims.left("passed", "calm", *CARRIED)
    if not POINT & {word.said for word in claims.wording.words}:  # "ok km 120 RN1": where we meet
        more = tuple(word for word in more if not is_numbered(word))
    if more or claims.asks or _may_be_planned(message):
        return None
    said = {word.said for word in claims.outside}
    if _THERE & said or (_THEY & said and not claims.has("calm")):
        return None
    return in_place(message, Reading(action=Action.SAFE_TRANSIT, reasons=("OK and a place",)))


def _may_be_planned(message: Message) -> bool:
    """Return whether `OK KAYES LUNDI` may agree to what is still to come: no word says it passed.

    So may a time of day that is not past yet, and was last half a day ago.
    """
    claims, calendar = message.claims, message.calendar
    if any(word.marks & {"passed", "ok"} == {"passed"} for word in claims.outside):
        return False
    keys = message.days
    later = bool(_LATER & {word.said for word in claims.wording.words}) and "today" in keys
    if later or keys & {*WEEKDAYS, *MONTHS}:
        return True
    when = message.when
    return bool(calendar and when and not keys and calendar.now - when.at > _HALF_A_DAY)
