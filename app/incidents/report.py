"""A report: one claim by one source, never edited."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.roads.places import Location


class Family(StrEnum):
    """What kinds of events are alike; reports join only within one family."""

    HOSTILE = "hostile"
    CLOSURE = "closure"
    MILITARY = "military"
    HAZARD = "hazard"
    CONTEXT = "context"
    POSITIVE = "positive"


#: Those that a driver must not run into.
DANGERS = frozenset(Family) - {Family.POSITIVE, Family.CONTEXT}


class Basis(StrEnum):
    """How the source knows."""

    FIRSTHAND = "firsthand"
    RELAYED = "relayed"
    MEDIA = "media"
    OFFICIAL = "official"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A figure as the sources give it, lowest to highest."""

    low: int
    high: int


#: How reliable a report is for what it denies; what is learnt of a source is never so low.
DENIED = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One claim by one source.

    Attributes:
        kind: A key of config/kinds.toml.
        occurred_at: Noon UTC of the day when only the day is known.
        date_precision: "instant", "day", "week" or "month": how exact `occurred_at` is.
        place_text: The place as filed, folded by nobody.
        figures: Numbers found in figures/summary ("20, 40 tankers"), for matching.
        cargo: Config cargo codes (`fuel`, `goods`, ...), from free text.
        source_type: "reporter", "driver", "local news", "wire", "agency", "NGO", "official", ...
        origin: Keyed hash of who it comes from (outlet, agency quoted, reporter's key): equal
            origins are one voice. Never a name.
        known_source: False for a reporter without a record; such reports cannot make `severe`.
        reliability: As learnt from verdicts when it came; None: what config says of its type;
            `DENIED`: it says that there is no such thing.
        judged: Whose record a verdict on it goes to, where that is not `origin`: that of the key,
            where a reporter names an outlet.
        source_name, source_url: Of outlets only, never of a person.
        figures_text: The figures as filed.
        starts_at: From when what it announces is to hold; None: it held when it was told.
        for_now: Its kind is only the one that fits best what was said; any other that is said of
            the event is held in its place.
        marks: Tokens of its page and its text (keyed hashes): a copy of either is no new voice.
    """

    id: str
    reported_at: datetime
    received_at: datetime
    occurred_at: datetime
    date_precision: str
    kind: str
    family: Family
    location: Location
    place_text: str | None
    road_text: str | None
    summary: str
    figures: tuple[int, ...] = ()
    cargo: tuple[str, ...] = ()
    actor: str | None = None
    target: str | None = None
    fatalities: Range | None = None
    abducted: Range | None = None
    vehicles: Range | None = None
    source_type: str
    basis: Basis
    origin: str
    known_source: bool = True
    reliability: float | None = None
    judged: str | None = None
    marks: tuple[str, ...] = ()
    source_name: str | None = None
    source_url: str | None = None
    figures_text: str | None = None
    language: str | None = None
    starts_at: datetime | None = None
    for_now: bool = False
