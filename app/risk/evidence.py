"""All that is known about one section, as arrays: built once, extended by each incident."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.risk.hazard import Floats, counts_within, hazards, relief
from app.risk.rulebook import Recent, RuleBook
from app.risk.weighing import NEVER, Exposed, HeldFloor, Weighed, days_of, weigh
from app.roads.network import Section

Flags: TypeAlias = NDArray[np.bool_]
#: Columns of the array of figures, before those per kernel and per cargo.
AT, FRESH, TRUSTED, OPEN, ANSWERED, HOSTILE, SERIOUS, LOOKS, COUNTS = range(9)
FIRST = COUNTS + len(Recent._fields)
#: Instants for which hazards are kept: now, and when good news came.
INSTANTS_KEPT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazards:
    """Expected events at one instant: per incident and cargo, and their sums per cargo.

    Attributes:
        trusted: The sums without what only unknown sources tell.
    """

    each: Floats
    total: Floats
    trusted: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What the evidence says of one cargo's danger, whatever the time now.

    Attributes:
        danger_at: When a danger last spoke. `open_at`: when the last unresolved one happened.
        positive_at: The newest word that the road can be driven.
    """

    danger_at: datetime | None
    open_at: datetime | None
    positive_at: datetime | None


class SectionEvidence:
    """What is known about a section under one rule set. `with_incident` makes another.

    Never changes. The same incidents give the same arrays, in whatever order they arrived.
    """

    __slots__ = (
        "_eased",
        "_floors",
        "_hazards",
        "_kernels",
        "_news",
        "_rows",
        "book",
        "items",
        "section",
    )

    def __init__(
        self,
        section: Section,
        book: RuleBook,
        items: tuple[Weighed, ...],
        rows: Floats,
        floors: "_Floors",
    ) -> None:
        self.section = section
        self.book = book
        self.items = items
        self._rows = rows
        self._floors = floors
        self._kernels = len(book.policy.kernels)
        self._eased = self._ease()
        self._hazards: dict[float, Hazards] = {}
        self._news: dict[int, News] = {}

    def with_incident(self, exposed: Exposed) -> "SectionEvidence":
        """Return this evidence with one incident added, or its newer version in its place."""
        items, rows, floors = list(self.items), self._rows, self._floors
        known = exposed.incident.id
        old = next((n for n, item in enumerate(items) if item.exposed.incident.id == known), None)
        if old is not None:
            del items[old]
            rows = np.delete(rows, old, axis=0)
            floors = floors.without(known)
        new = weigh(exposed, self.section, Recent(), self.book)
        place = bisect_left(items, new.key, key=lambda item: item.key)
        items.insert(place, new)
        rows = np.insert(rows, place, _row(new), axis=0)
        return _counted(self.section, self.book, items, rows, floors.plus(new.floors))

    def hazards_at(self, now: datetime) -> Hazards:
        """Return the expected events at an instant; asked again for each cargo, worked out once."""
        at = days_of(now)
        known = self._hazards.get(at)
        if known is None:
            age = np.maximum(at - self._rows[:, AT], 0.0)
            near = self._rows[:, FIRST : FIRST + self._kernels]
            each = hazards(age, near, self._eased, self._per_cargo(1), self.book.policy)
            trusted = (each * self._rows[:, TRUSTED, None]).sum(axis=0)
            known = Hazards(each=each, total=each.sum(axis=0), trusted=trusted)
            if len(self._hazards) >= INSTANTS_KEPT:
                self._hazards.clear()
            self._hazards[at] = known
        return known

    def floor_rank_at(self, now: datetime, place: int) -> int:
        """Return the rank of the highest floor that holds for the cargo at `place`, 0 for none."""
        holding = self._floors.rows[:, 0] > days_of(now)
        return int(self._floors.rows[holding, 1 + place].max(initial=0))

    def floors_at(self, now: datetime, place: int) -> list[HeldFloor]:
        """Return the floors that hold for a cargo, highest and longest first."""
        holding = [f for f in self._floors.held if f.until > now and f.ranks[place]]
        return sorted(holding, key=HeldFloor.order)

    def news(self, place: int) -> News:
        """Return the newest evidence about the cargo at `place`."""
        known = self._news.get(place)
        if known is None:
            danger = self._per_cargo(2)[:, place] > 0
            fresh = self._newest(danger, FRESH)
            unresolved = self._newest(danger & (self._rows[:, OPEN] > 0), AT)
            good = self._newest(self._per_cargo(4)[:, place] > 0, AT)
            known = News(
                danger_at=fresh.fresh_at if fresh is not None else None,
                open_at=_occurred(unresolved),
                positive_at=_occurred(good),
            )
            self._news[place] = known
        return known

    def answered_since(self, instant: datetime) -> bool:
        """Return whether a danger was learnt to be over, or never to have been, at or after it."""
        answered = self._rows[:, ANSWERED]
        return bool(answered.max(initial=NEVER) >= days_of(instant))

    def _per_cargo(self, group: int) -> Floats:
        """Return a group of columns: 0 mass, 1 half-life, 2 danger, 3 ease, 4 passable."""
        width = len(self.book.cargoes)
        start = FIRST + self._kernels + group * width
        return self._rows[:, start : start + width]

    def _newest(self, chosen: Flags, column: int) -> Weighed | None:
        if not chosen.any():
            return None
        return self.items[int(np.where(chosen, self._rows[:, column], NEVER).argmax())]

    def _ease(self) -> Floats:
        """Return the masses after what later good news takes off."""
        mass, ease = self._per_cargo(0), self._per_cargo(3)
        good = ease.any(axis=1)
        if not good.any():
            return mass
        at = self._rows[:, AT]
        left = relief(at, at[good], ease[good], self.book.policy.relief_floor)  # type: ignore[arg-type]
        return mass * left


class _Floors:
    """The floors of a section, and their figures: until, then a rank per cargo."""

    __slots__ = ("held", "rows")

    def __init__(self, held: tuple[HeldFloor, ...], rows: Floats) -> None:
        self.held = held
        self.rows = rows

    def plus(self, more: Sequence[HeldFloor]) -> "_Floors":
        if not more:
            return self
        figures = [[days_of(floor.until), *floor.ranks] for floor in more]
        return _Floors((*self.held, *more), np.vstack([self.rows, figures]))

    def without(self, incident_id: str) -> "_Floors":
        keep = [floor.exposed.incident.id != incident_id for floor in self.held]
        if all(keep):
            return self
        held = tuple(floor for floor, kept in zip(self.held, keep, strict=True) if kept)
        return _Floors(held, self.rows[keep])


def _occurred(item: Weighed | None) -> datetime | None:
    return None if item is None else item.exposed.incident.occurred_at


def gather(section: Section, exposed: Iterable[Exposed], book: RuleBook) -> SectionEvidence:
    """Return the evidence of a section from all incidents that reach it."""
    items = [weigh(one, section, Recent(), book) for one in exposed]
    items.sort(key=lambda item: item.key)
    cargoes = len(book.cargoes)
    width = FIRST + len(book.policy.kernels) + 5 * cargoes
    rows = np.array([_row(item) for item in items]).reshape(len(items), width)
    floors = _Floors((), np.empty((0, 1 + cargoes)))
    floors = floors.plus([floor for item in items for floor in item.floors])
    return _counted(section, book, items, rows, floors)


def _counted(
    section: Section, book: RuleBook, items: list[Weighed], rows: Floats, floors: _Floors
) -> SectionEvidence:
    """Return the evidence once rules that look at `recent` were judged on the counts as they are.

    One attack more changes the counts of those after it, too, so a late report counts as if it had
    come in time.
    """
    if book.needs_recent and items:
        counts = _recent_counts(rows)
        changed = (counts != rows[:, COUNTS:FIRST]).any(axis=1) & (rows[:, LOOKS] > 0)
        for place in np.flatnonzero(changed).tolist():
            recent = Recent(*counts[place].tolist())
            item = weigh(items[place].exposed, section, recent, book)
            items[place] = item
            rows[place] = _row(item)
            floors = floors.without(item.exposed.incident.id).plus(item.floors)
    return SectionEvidence(section, book, tuple(items), rows, floors)


def _recent_counts(rows: Floats) -> NDArray[np.int64]:
    at, hostile, serious = rows[:, AT], rows[:, HOSTILE] > 0, rows[:, SERIOUS] > 0
    return np.stack(
        [counts_within(at, which, days) for which in (hostile, serious) for days in (7, 30)],
        axis=1,
    )


def _row(item: Weighed) -> list[float]:
    return [
        days_of(item.exposed.incident.occurred_at),
        days_of(item.fresh_at),
        float(item.trusted),
        float(item.is_open),
        NEVER if item.answered_at is None else days_of(item.answered_at),
        float(item.hostile),
        float(item.serious),
        float(item.looks_at_recent),
        *item.recent,
        *item.near,
        *item.mass,
        *item.half_days,
        *(float(flag) for flag in item.danger),
        *item.ease,
        *(float(flag) for flag in item.passable),
    ]
