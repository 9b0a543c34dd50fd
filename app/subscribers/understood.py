"""What an inbound message was understood as: one value, nothing done yet."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.roads.places import Location


class Action(StrEnum):
    """What the sender wants."""

    REPORT = "report"
    ASK_STATE = "ask_state"
    ASK_ROUTE = "ask_route"
    SAFE_TRANSIT = "safe_transit"
    ACKNOWLEDGE = "acknowledge"
    SUBSCRIBE = "subscribe"
    LANGUAGE = "language"
    STOP = "stop"
    START = "start"
    HELP = "help"
    CHOICE = "choice"
    UNCLEAR = "unclear"


class Courtesy(StrEnum):
    """What says that a message arrived, and nothing else."""

    NOTED = "noted"
    THANKS = "thanks"


class Missing(StrEnum):
    """What has to be asked back before anything is done."""

    PLACE = "place"
    KIND = "kind"
    LANGUAGE = "language"
    MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class When:
    """When something was: `precision` is "instant", "day", "week" or "month", as of a report.

    Attributes:
        starts_at: From when it is to hold, where it is announced; midnight there.
    """

    at: datetime
    precision: str
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One numbered answer to what is asked back.

    Attributes:
        action: What choosing it means; None: it only fills in what was missing.
        place: The name to print, `place_id` the place.
        area: Region or cercle that tells namesakes apart.
        ends: It is somewhere on the road between these places, by their ids, and `place` is what
            that is called: for who cannot say where.
        language: A language, when that is asked.
        when: When what happened there is said to have been.
    """

    action: Action | None = None
    kind: str | None = None
    place: str | None = None
    place_id: str | None = None
    area: str | None = None
    ends: tuple[str, str] | None = None
    language: str | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who writes, as far as it matters for understanding.

    Attributes:
        language: The one that the contact has chosen; None for whoever has none.
        question: The choices last offered, until they are answered or grow old.
        missing: What was asked, whether or not there was anything to choose from.
        each: The choices are incidents of one message: several may have happened.
        asked: The last message of the phone asked for a road, and was answered just now.
        told: What the phone reported just now.
    """

    language: str | None = None
    question: tuple[Choice, ...] = ()
    missing: Missing | None = None
    each: bool = False
    asked: bool = False
    told: "Reading | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A message as it was understood.

    Attributes:
        places: Names of the places meant, in the order of the message.
        located: Where those places are, in the same order.
        location: Where a report or transit is; None when it is not said or has to be asked.
        leads: Of a town that is asked for: by the road there, "la route de", or "aller à Kayes".
        routes: Codes of the routes that the places lie on together.
        cargoes: Codes of the cargoes named.
        missing: What has to be asked before anything is done; None: it is clear.
        choices: Numbered answers to choose from.
        each: Each choice is an incident of the message, and all may have happened.
        said: The words that stand for a place and are not known.
        number: The number given in answer to a question, `chosen` what it stands for; `also` what
            else was chosen: "1 et 2".
        beside: The other incidents that are reported at once.
        language: The language asked for; `tongue` that of the message, if it can be told.
        when: When it puts what it tells; None: it does not say, so it is of now.
        courtesy: It is this and nothing else; None: there is more in it.
        denied: It says that what was told of the place is false: nothing to do but for a person.
        in_need: Somebody broke down or is ill, and asks for help: for a person, too.
        for_now: Its kind is the one that fits best: it is told at once, and `choices` are of what
            sort it may have been.
        sorts: Of an attack whose place is asked: its kind and its `choices`, `for_now`, once that
            is known.
        moved_from: Where the phone said before that it was, and says now that it was not.
        asked_of: The words that were asked about, where this is what an answer made of them: a "2"
            does not say to whom a road is open.
        reasons: Why it was understood so, for the moderator.
    """

    action: Action
    kind: str | None = None
    places: tuple[str, ...] = ()
    located: tuple[Location, ...] = ()
    location: Location | None = None
    leads: bool = False
    routes: tuple[str, ...] = ()
    cargoes: tuple[str, ...] = ()
    missing: Missing | None = None
    choices: tuple[Choice, ...] = ()
    each: bool = False
    said: str | None = None
    number: int | None = None
    chosen: Choice | None = None
    also: tuple[Choice, ...] = ()
    beside: tuple["Reading", ...] = ()
    language: str | None = None
    tongue: str | None = None
    when: When | None = None
    courtesy: Courtesy | None = None
    denied: bool = False
    in_need: bool = False
    for_now: bool = False
    sorts: tuple[str, ...] = ()
    moved_from: str | None = None
    asked_of: str | None = None
    reasons: tuple[str, ...] = ()
