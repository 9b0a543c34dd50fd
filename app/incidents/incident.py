"""An incident: what is held to have happened, from one or more reports."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.incidents.report import Family, Range
from app.roads.places import Location


class Status(StrEnum):
    """Where an incident stands. `open` is unconfirmed."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    RESOLVED = "resolved"
    MERGED = "merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One independent origin behind an incident, with the best it said.

    Attributes:
        origin: Keyed hash; equal origins are one voice however many reports they sent.
        reliability: 0..1, by source type and basis (config), later learnt.
        known: False for a source without a record.
        reports: How many of its reports joined.
        first_at: When it was first heard.
        marks: Tokens of its pages and texts, so that a copy under another name is heard as it.
    """

    origin: str
    reliability: float
    known: bool
    reports: int
    first_at: datetime
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoLift:
    """Some cargoes for which a danger is over while it goes on for others.

    Attributes:
        where: The part or the road where it is over for them; None: wherever it holds.
        by: The id of the good news that says so.
    """

    cargo: tuple[str, ...]
    where: Location | None
    by: str


#: How often each value was said, in the order first heard.
Tally = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What is held to have happened, at one version.

    Attributes:
        occurred_at: Best single instant; `date_precision` says how exact.
        credibility: 0..1 from independent voices; 1.0 once a moderator confirms, 0.0 when refuted.
        certain: True when confirmed by a person or by voices enough (policy): the alert then says
            "confirmed".
        only_unknown: True while every voice is new or unknown: cannot raise `severe` alone.
        resolved_at: Set when a release, safe transit, reopening or moderator answered it.
        texts: Words of the summaries of its reports, bounded, for matching further reports.
        roads: Words of the roads and places named, bounded, likewise.
        kinds, days, places: What its reports said, counted: the most said is held.
        lifted: The parts of its area, or the roads at its place, where it was said to be over.
        lifted_for: For which cargoes it was said to be over, and for no other.
        lifted_since: When the first of all these ended.
        elsewhere: Of a danger: further places, apart from `location`, that sources with a record
            gave for it. Until a person says which is true, it holds on the roads of each.
        in_part: Of a road open again: one way, under escort, or to some whom nobody named, as it
            was last said. Where they were named, they are its `cargo`.
        promised: Of a road open again: it is not, but asked for, hoped, promised or talked of.
        shut: Of a road open again: the cargoes to which it was said to stay closed.
        called_off: Of a road open again: what was to close it is said to have been called off.
        escorted: Of what passed safely: it had an escort, as one at least says.
        starts_at: Of what was announced for a day to come: from when it holds. None: since it
            happened.
        pinned: What a moderator set ("kind", "location", "starts_at"): reports do not change it
            again.
    """

    id: str
    version: int
    kind: str
    family: Family
    status: Status
    occurred_at: datetime
    date_precision: str
    first_reported_at: datetime
    last_reported_at: datetime
    location: Location
    actor: str | None
    target: str | None
    cargo: tuple[str, ...]
    fatalities: Range | None
    abducted: Range | None
    vehicles: Range | None
    figures: tuple[int, ...]
    voices: tuple[Voice, ...]
    reports: int
    credibility: float
    certain: bool
    only_unknown: bool
    verdict_by: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    merged_into: str | None = None
    texts: tuple[str, ...] = ()
    roads: tuple[str, ...] = ()
    kinds: Tally = ()
    days: Tally = ()
    places: Tally = ()
    pinned: tuple[str, ...] = ()
    lifted: tuple[Location, ...] = ()
    lifted_since: datetime | None = None
    elsewhere: tuple[Location, ...] = ()
    lifted_for: tuple[CargoLift, ...] = ()
    in_part: bool = False
    promised: bool = False
    shut: tuple[str, ...] = ()
    called_off: bool = False
    escorted: bool = False
    starts_at: datetime | None = None

    @property
    def begins_at(self) -> datetime:
        """Return when it happened, or from when what was announced holds."""
        return self.occurred_at if self.starts_at is None else self.starts_at

    @property
    def spots(self) -> tuple[Location, ...]:
        """Return where it may have happened: what is said most comes first."""
        return (self.location, *self.elsewhere)

    @property
    def over_for(self) -> tuple[str, ...]:
        """Return the cargoes for which it is over, here or there, while it goes on for others."""
        return tuple(sorted({code for lift in self.lifted_for for code in lift.cargo}))
