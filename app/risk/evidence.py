"""All that is known about one section, as arrays: built once, extended by each incident."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from app.risk.hazard import Floats, counts_within, hazards, relief
from app.risk.keeping import kept
from app.risk.problems import Problem
from app.risk.rulebook import Recent, RuleBook
from app.risk.weighing import NEVER, Exposed, HeldFloor, Seen, Weighed, days_of, weigh
from app.roads.network import Section

#: Rows of the array of figures, before those per kernel and per cargo; a column is an incident.
AT, ALL, TRUSTED, ANSWERED, HOSTILE, SERIOUS, LOOKS, COUNTS = range(8)
FIRST = COUNTS + len(Recent._fields)
#: Instants for which hazards are kept: now, and when good news came.
INSTANTS_KEPT = 5


class Moment(NamedTuple):
    """A section at one instant; the lists are per cargo.

    Attributes:
        each: Expected events per incident and cargo; `total`: their sums.
        trusted: The sums without what only unknown sources tell.
        floors: Ranks of the highest floors that hold, 0 for none.
    """

    each: Floats
    total: list[float]
    trusted: list[float]
    floors: list[int]


class News(NamedTuple):
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
        "_figures",
        "_floors",
        "_ids",
        "_moments",
        "_news",
        "book",
        "items",
        "section",
    )

    def __init__(
        self,
        section: Section,
        book: RuleBook,
        items: tuple[Weighed, ...],
        figures: Floats,
        *,
        floors: "_Floors",
        ids: frozenset[str],
    ) -> None:
        self.section = section
        self.book = book
        self.items = items
        self._figures = figures
        self._floors = floors
        self._ids = ids
        self._eased: Floats | None = None
        self._moments: dict[datetime, Moment] = {}
        self._news: list[News] | None = None

    def with_incident(self, exposed: Exposed) -> "SectionEvidence":
        """Return this evidence with one incident added, or its newer version in its place."""
        return self.with_incidents((exposed,))

    def with_incidents(self, more: Iterable[Exposed]) -> "SectionEvidence":
        """Return this evidence with incidents added, in order, or newer versions in their place."""
        items, figures, floors, ids = list(self.items), self._figures, self._floors, set(self._ids)
        counts_change = False
        for exposed in more:
            incident = exposed.incident
            place = bisect_left(items, (incident.occurred_at, incident.id), key=_KEY)
            # what is near it in time has most likely the same counts: seldom weighed twice
            alike = items[max(0, place - 1) : place + 1]
            recent = alike[-1].recent if alike else Recent()
            new = weigh(exposed, self.section, recent, self.book)
            counts_change |= new.hostile or new.looks_at_recent
            if new.id in ids:
                old = next(n for n, item in enumerate(items) if item.id == new.id)
                counts_change |= items.pop(old).hostile
                figures = np.concatenate((figures[:, :old], figures[:, old + 1 :]), axis=1)
                floors = floors.without(new.id)
                place -= old < place
            ids.add(new.id)
            items.insert(place, new)
            column = np.array([_column(new)]).T
            figures = np.concatenate((figures[:, :place], column, figures[:, place:]), axis=1)
            floors = floors.plus(new.floors)
        figures, floors = _forget(items, figures, floors, self.book)
        ids = {item.id for item in items}
        if counts_change:
            floors = _count(self.section, self.book, items, figures, floors)
        return SectionEvidence(
            self.section, self.book, tuple(items), figures, floors=floors, ids=frozenset(ids)
        )

    def moment(self, now: datetime) -> Moment:
        """Return the section at an instant; asked again for each cargo, worked out once."""
        known = self._moments.get(now)
        if known is None:
            at = days_of(now)
            age = self.ages(now)
            near = self._figures[FIRST : FIRST + len(self.book.policy.kernels)]
            each = hazards(age, near, self._mass(), self._per_cargo(1), self.book.policy)
            total, trusted = (self._figures[ALL : TRUSTED + 1] @ each.T).tolist()
            known = Moment(
                each=each,
                total=total,
                trusted=trusted,
                floors=self._floors.ranks_at(at),
            )
            if len(self._moments) >= INSTANTS_KEPT:
                self._moments.clear()
            self._moments[now] = known
        return known

    def ages(self, now: datetime) -> Floats:
        """Return the days since each incident, not negative."""
        age: Floats = np.maximum(days_of(now) - self._figures[AT], 0.0)
        return age

    def floors_at(self, now: datetime, place: int) -> list[HeldFloor]:
        """Return the floors that hold for a cargo, highest and longest first."""
        return [f for f in self._floors.in_order() if f.until > now and f.ranks[place]]

    def news(self, place: int) -> News:
        """Return the newest evidence about the cargo at `place`."""
        if self._news is None:
            self._news = self._newest() if self.items else [_SILENCE] * len(self.book.cargoes)
        return self._news[place]

    def good_news(self, place: int) -> list[int]:
        """Return the places of the items that say something good to a cargo, oldest first."""
        found: list[int] = np.flatnonzero(self._per_cargo(2)[place] > 0).tolist()
        return found

    @property
    def seen(self) -> Mapping[str, Seen]:
        """Return the incidents behind it by id, each as it was seen."""
        return {item.id: item.exposed.seen for item in self.items}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return the rules that threw on some incident, once each; they count as not applying."""
        found = {one.rule: one for item in self.items for one in item.judgement.problems}
        return tuple(found.values())

    def answered_since(self, instant: datetime) -> bool:
        """Return whether a danger was learnt to be over, or never to have been, at or after it."""
        answered = self._figures[ANSWERED]
        return bool(answered.max(initial=NEVER) >= days_of(instant))

    def _per_cargo(self, group: int) -> Floats:
        """Return a group of rows: 0 mass, 1 half-life, 2 ease; 3, 4, 5 are those of `News`."""
        width = len(self.book.cargoes)
        start = FIRST + len(self.book.policy.kernels) + group * width
        return self._figures[start : start + width]

    def _newest(self) -> list[News]:
        """Return the news of each cargo: the latest instant of each of the last three groups."""
        cargoes = len(self.book.cargoes)
        instants = self._figures[-3 * cargoes :]
        places = instants.argmax(axis=1).tolist()
        latest = instants.max(axis=1).tolist()
        found = [
            None if instant == NEVER else self.items[place]
            for place, instant in zip(places, latest, strict=True)
        ]
        return [
            News(
                danger_at=None if danger is None else danger.fresh_at,
                open_at=None if unresolved is None else unresolved.key[0],
                positive_at=None if good is None else good.key[0],
            )
            for danger, unresolved, good in zip(
                found[:cargoes], found[cargoes : 2 * cargoes], found[2 * cargoes :], strict=True
            )
        ]

    def _mass(self) -> Floats:
        """Return the masses after what later good news takes off."""
        if self._eased is None:
            self._eased, ease = self._per_cargo(0), self._per_cargo(2)
            good = ease.any(axis=0)
            if good.any():
                at = self._figures[AT]
                left = relief(at, at[good], ease[:, good], self.book.policy.relief_floor)
                self._eased = self._eased * left
        return self._eased


class _Floors:
    """The floors of a section, and their figures: until, then a rank per cargo."""

    __slots__ = ("_ordered", "figures", "held")

    def __init__(self, held: tuple[HeldFloor, ...], figures: Floats) -> None:
        self.held = held
        self.figures = figures
        self._ordered: list[HeldFloor] | None = None

    def in_order(self) -> list[HeldFloor]:
        """Return them, those that matter most first; asked for each cargo, sorted once."""
        if self._ordered is None:
            self._ordered = sorted(self.held, key=HeldFloor.order)
        return self._ordered

    def ranks_at(self, at: float) -> list[int]:
        if not self.held:
            return [0] * (len(self.figures) - 1)
        holding = self.figures[1:] * (self.figures[0] > at)
        return [int(rank) for rank in holding.max(axis=1).tolist()]

    def plus(self, more: Sequence[HeldFloor]) -> "_Floors":
        if not more:
            return self
        added = np.array([[days_of(floor.until), *floor.ranks] for floor in more]).T
        return _Floors((*self.held, *more), np.concatenate((self.figures, added), axis=1))

    def without(self, incident_id: str) -> "_Floors":
        keep = [floor.exposed.incident.id != incident_id for floor in self.held]
        if all(keep):
            return self
        held = tuple(floor for floor, kept in zip(self.held, keep, strict=True) if kept)
        return _Floors(held, self.figures[:, keep])


_SILENCE = News(None, None, None)


def gather(section: Section, exposed: Iterable[Exposed], book: RuleBook) -> SectionEvidence:
    """Return the evidence of a section from all incidents that reach it."""
    looked_at = kept(
        list(exposed),
        key=_HAPPENED,
        spoke_at=_SPOKE,
        most=book.policy.most_incidents,
        span=book.longest_floor,
    )
    items = [weigh(one, section, Recent(), book) for one in looked_at]
    cargoes = len(book.cargoes)
    height = FIRST + len(book.policy.kernels) + 6 * cargoes
    columns = np.array([_column(item) for item in items]).reshape(len(items), height)
    figures = np.ascontiguousarray(columns.T)
    floors = _Floors((), np.empty((1 + cargoes, 0)))
    floors = floors.plus([floor for item in items for floor in item.floors])
    floors = _count(section, book, items, figures, floors)
    ids = frozenset(item.id for item in items)
    return SectionEvidence(section, book, tuple(items), figures, floors=floors, ids=ids)


def _forget(
    items: list[Weighed], figures: Floats, floors: _Floors, book: RuleBook
) -> tuple[Floats, _Floors]:
    """Leave out what `gather` would not look at, too. Changes `items`."""
    if len(items) <= book.policy.most_incidents:
        return figures, floors
    stay = kept(
        items,
        key=_KEY,
        spoke_at=lambda item: item.exposed.incident.last_reported_at,
        most=book.policy.most_incidents,
        span=book.longest_floor,
    )
    ids = {item.id for item in stay}
    for item in items:
        if item.id not in ids and item.floors:
            floors = floors.without(item.id)
    figures = np.ascontiguousarray(figures[:, [item.id in ids for item in items]])
    items[:] = stay
    return figures, floors


def _count(
    section: Section, book: RuleBook, items: list[Weighed], figures: Floats, floors: _Floors
) -> _Floors:
    """Judge anew the incidents of which `recent` counts have changed; return the floors then.

    One attack more changes the counts of those after it, too, so a late report counts as if it had
    come in time. Changes `items` and `figures`.
    """
    if not book.needs_recent or not items:
        return floors
    limits = np.array(book.recent_limits)[:, np.newaxis]
    counts = np.minimum(_recent_counts(figures), limits)
    changed = (counts != figures[COUNTS:FIRST]).any(axis=0) & (figures[LOOKS] > 0)
    for place in np.flatnonzero(changed).tolist():
        recent = Recent(*(int(count) for count in counts[:, place]))
        item = weigh(items[place].exposed, section, recent, book)
        if items[place].floors:
            floors = floors.without(item.exposed.incident.id)
        floors = floors.plus(item.floors)
        items[place] = item
        figures[:, place] = _column(item)
    return floors


_KEY = attrgetter("key")
_HAPPENED: Callable[[Exposed], tuple[datetime, str]] = attrgetter(
    "incident.occurred_at", "incident.id"
)
_SPOKE: Callable[[Exposed], datetime] = attrgetter("incident.last_reported_at")


def _recent_counts(figures: Floats) -> Floats:
    return counts_within(figures[AT], figures[HOSTILE : SERIOUS + 1], (7.0, 30.0))


def _column(item: Weighed) -> list[float]:
    at, fresh = days_of(item.exposed.incident.occurred_at), days_of(item.fresh_at)
    return [
        at,
        1.0,
        float(item.trusted),
        NEVER if item.answered_at is None else days_of(item.answered_at),
        float(item.hostile),
        float(item.serious),
        float(item.looks_at_recent),
        *item.recent,
        *item.near,
        *item.mass,
        *item.half_days,
        *item.ease,
        *(fresh if danger else NEVER for danger in item.danger),
        *(at if danger and item.is_open else NEVER for danger in item.danger),
        *(at if passable else NEVER for passable in item.passable),
    ]
