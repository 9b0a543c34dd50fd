"""What was said before on a phone decides what the next message may do. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.roads.folding import fold
from app.roads.gazetteer import Gazetteer
from app.roads.places import Location
from app.roads.placing import at_place, somewhere_on
from app.subscribers.inbound_codec import Said
from app.subscribers.inbound_policy import InboundPolicy
from app.subscribers.lexicon import OTHER, Lexicon
from app.subscribers.understood import Action, Choice, Missing, Reading

_HOUR = timedelta(hours=1)
_MOST_CHOICES = 4
_WORD = re.compile(r"[^\W_]+")
#: They change nothing, so a question that was asked before them is still open.
_BETWEEN = frozenset({Action.ACKNOWLEDGE, Action.HELP})
#: What is chosen to be done although nothing more is said about it.
_BARE = frozenset({Action.STOP, Action.START, Action.HELP, Action.ACKNOWLEDGE})


class Sender(StrEnum):
    """Whose phone a message came from."""

    REPORTER = "reporter"
    CONTACT = "contact"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What became of a message."""

    DONE = "done"
    ANSWERED = "answered"
    ASKED = "asked"
    #: Not understood, and nothing to choose from was offered.
    UNCLEAR = "unclear"
    #: Understood, and there was nothing to do: no alert to acknowledge, no question to a number.
    NOTHING = "nothing"
    #: It cannot be done for this phone.
    REFUSED = "refused"
    #: Nobody's number: kept, and neither done nor answered.
    UNKNOWN = "unknown"
    #: From a machine, or a loop.
    AUTOMATIC = "automatic"
    LOOP = "loop"
    #: Too many within an hour.
    FLOOD = "flood"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An earlier message of the phone; `said_index` and `reply_index` stand for its texts."""

    at: datetime
    action: Action
    outcome: Outcome
    said_index: str | None
    reply_index: str | None
    replied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What to do with a message: `act` on it, `reply` to it; `why` not."""

    act: bool
    reply: bool
    why: Outcome | None = None


_IN_FULL = Course(act=True, reply=True)


def is_too_much(past: Sequence[Past], policy: InboundPolicy, *, now: datetime) -> bool:
    """Tell whether a phone has written so much within the hour that nothing more is kept."""
    return _within(past, _HOUR, now) >= policy.kept


def course_of(
    text: str,
    said_index: str,
    past: Sequence[Past],
    policy: InboundPolicy,
    *,
    sender: Sender,
    stops: bool,
    awaited: bool,
    now: datetime,
    lasting: bool = False,
) -> Course:
    """Return what to do with a message.

    Args:
        text: As it came in.
        said_index: Stands for its text.
        past: What the phone sent before, as far back as the policy looks.
        policy: The limits.
        sender: Whose phone it is.
        stops: It is a STOP and nothing else: obeyed whatever was said before.
        awaited: It answers the question that is open: the third "1" is no loop.
        now: When it came.
        lasting: It says whether the phone may be written to, STOP or START: that holds for whoever
            adds it one day, so a stranger's is heard, too.
    """
    if sender is Sender.UNKNOWN:
        return Course(act=lasting, reply=False, why=Outcome.UNKNOWN)
    why = _silenced(text, None if awaited else said_index, past, policy, now)
    if stops:
        return Course(act=True, reply=why is None and _may_reply(past, policy, now))
    if why is not None:
        return Course(act=False, reply=False, why=why)
    return _IN_FULL if _may_reply(past, policy, now) else Course(act=True, reply=False)


def _silenced(
    text: str, said_index: str | None, past: Sequence[Past], policy: InboundPolicy, now: datetime
) -> Outcome | None:
    words = f" {fold(text)} "
    if any(f" {phrase} " in words for phrase in policy.automatic):
        return Outcome.AUTOMATIC
    echo = any(one.reply_index == said_index and now - one.at < policy.echo_within for one in past)
    same = sum(one.said_index == said_index and now - one.at < policy.same_within for one in past)
    if said_index and (echo or same + 1 >= policy.same_text):
        return Outcome.LOOP
    return Outcome.FLOOD if _within(past, _HOUR, now) >= policy.messages else None


def _may_reply(past: Sequence[Past], policy: InboundPolicy, now: datetime) -> bool:
    return sum(one.replied and now - one.at < _HOUR for one in past) < policy.replies


def _within(past: Sequence[Past], span: timedelta, now: datetime) -> int:
    return sum(now - one.at < span for one in past)


def open_question(past: Sequence[Past], policy: InboundPolicy, *, now: datetime) -> int | None:
    """Return which of `past`, the oldest first, asked the question that is still open.

    It is the last one that was asked back, unless something was done or answered since, or it is
    too long ago. A report that was filed may have asked of what sort it was: see `asks`.
    """
    for at in range(len(past) - 1, -1, -1):
        one = past[at]
        if now - one.at >= policy.open_for:
            return None
        filed = one.outcome is Outcome.DONE and one.action is Action.REPORT
        if one.outcome is Outcome.ASKED or filed:
            return at if one.replied else None
        heard = one.outcome in {Outcome.DONE, Outcome.ANSWERED, Outcome.REFUSED}
        if heard and one.action not in _BETWEEN:
            return None
    return None


def asks(said: Said) -> bool:
    """Return whether a message was answered with a question."""
    return said.reading.missing is not None or said.reading.for_now


def ask_again(reading: Reading) -> Reading:
    """Return what was asked about, to be asked again; what was filed for now is not filed twice."""
    if not reading.for_now:
        return reading
    return replace(reading, kind=None, for_now=False, missing=Missing.KIND)


def settle(asked: Said, choice: Choice, *, lexicon: Lexicon, gazetteer: Gazetteer) -> Reading:
    """Return the message that was asked about, with the choice filled in.

    It may lack something else now: a report whose place was chosen still needs what happened,
    and one that was made of a message with several places still needs which of them.
    """
    pending = asked.reading
    if choice.action in _BARE:
        return Reading(action=choice.action, tongue=pending.tongue, reasons=("a choice",))
    filled = replace(
        pending,
        action=choice.action or pending.action,
        kind=choice.kind or (None if choice.action else pending.kind),
        language=choice.language or pending.language,
        when=choice.when or pending.when,
        missing=None,
        choices=(),
        each=False,
        for_now=False,
        said=None,
        asked_of=pending.asked_of or asked.text,
        reasons=(*pending.reasons, "a choice"),
    )
    if choice.action is Action.REPORT and len(pending.located) > 1 and not pending.location:
        return replace(filled, missing=Missing.PLACE, choices=_places(pending))
    if choice.place:
        filled = _at(filled, choice, gazetteer)
    return _complete(filled, pending, lexicon)


def _places(reading: Reading) -> tuple[Choice, ...]:
    return tuple(
        Choice(place=one.label, place_id=one.place_id) for one in reading.located[:_MOST_CHOICES]
    )


def _at(reading: Reading, choice: Choice, gazetteer: Gazetteer) -> Reading:
    """Return `reading` at the place chosen; a question about a road keeps its other end."""
    found = _chosen(reading, choice, gazetteer)
    if found is None:
        return reading
    of_road = reading.action is Action.SAFE_TRANSIT and len(reading.located) > 1
    if of_road and choice.action is not None:
        return reading  # of both places named: the road between them
    if reading.action in {Action.REPORT, Action.SAFE_TRANSIT, Action.ASK_STATE}:
        return replace(reading, located=(found,), places=(found.label,), location=found)
    located = _with(reading.located, found)
    names = tuple(one.label for one in located)
    return replace(
        reading,
        located=located,
        places=names,
        location=found if len(located) == 1 else None,
    )


def _chosen(reading: Reading, choice: Choice, gazetteer: Gazetteer) -> Location | None:
    if choice.ends is not None:
        return somewhere_on(choice.ends, gazetteer)
    known = next((one for one in reading.located if one.label == choice.place), None)
    place = gazetteer.places.get(choice.place_id or "")
    return known or (at_place(place, "chosen") if place else None)


def _with(located: tuple[Location, ...], found: Location) -> tuple[Location, ...]:
    return tuple({one.label: one for one in (*located, found)}.values())


def _complete(reading: Reading, pending: Reading, lexicon: Lexicon) -> Reading:
    if reading.action is Action.ASK_ROUTE and len(reading.located) == 1:
        (only,) = reading.located
        return replace(reading, action=Action.ASK_STATE, location=only)
    placed = {Action.REPORT, Action.ASK_STATE}
    if reading.action in placed and reading.location is None:
        return replace(reading, missing=Missing.PLACE)
    if reading.action is Action.REPORT and reading.kind is None and reading.sorts:
        kind, *sorts = reading.sorts
        choices = tuple(Choice(kind=one) for one in sorts)
        return replace(reading, kind=kind, sorts=(), for_now=True, choices=choices)
    if reading.action is Action.REPORT and reading.kind is None:
        kinds = lexicon.offers[OTHER][:_MOST_CHOICES]
        return replace(
            reading, missing=Missing.KIND, choices=tuple(Choice(kind=kind) for kind in kinds)
        )
    if reading.action is Action.UNCLEAR:
        return replace(reading, missing=pending.missing)
    return reading


def without_duress(text: str, is_word: Callable[[str], bool]) -> tuple[str, bool]:
    """Return `text` without the words that `is_word` knows, and whether there were any."""
    found = False

    def kept(word: re.Match[str]) -> str:
        nonlocal found
        if not is_word(word[0]):
            return word[0]
        found = True
        return ""

    left = _WORD.sub(kept, text)
    return (" ".join(left.split()) if found else text), found
