"""All that is known about one section, as arrays: built once, extended by each incident."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from app.risk.beyond import NOTHING, Beyond, Counted
from app.risk.columns import (
    ALL,
    ANSWERED,
    AT,
    COUNTS,
    EASE,
    FIRST,
    GROUPS,
    HALF,
    HOSTILE,
    LOOKS,
    MASS,
    SERIOUS,
    TRUSTED,
    Floors,
    column_of,
    counts_of,
    no_floors,
)
from app.risk.hazard import Floats, hazards, relief
from app.risk.keeping import holds_until, parted
from app.risk.problems import Problem
from app.risk.rulebook import Recent, RuleBook
from app.risk.weighing import (
    NEVER,
    Exposed,
    HeldFloor,
    Seen,
    Weighed,
    counts_as_hostile,
    days_of,
    hit_someone,
    is_operation,
    left_of,
    weigh,
    weigh_left,
)
from app.roads.network import Section

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
        positive_at: The newest word that the road can be driven. `good_at`: of any good news.
        operation: The danger that spoke last is soldiers, of whom the hour tells where they are.
    """

    danger_at: datetime | None
    open_at: datetime | None
    positive_at: datetime | None
    operation: bool = False
    good_at: datetime | None = None

    @property
    def newest_at(self) -> datetime | None:
        """Return when anything was last heard."""
        return max(filter(None, (self.danger_at, self.positive_at, self.good_at)), default=None)

    @property
    def by_day(self) -> bool:
        """Tell whether the newest is told by its day: the hour of a convoy tells where it is."""
        hidden = (self.positive_at, self.good_at, self.danger_at if self.operation else None)
        return self.newest_at is not None and self.newest_at in hidden


class SectionEvidence:
    """What is known about a section under one rule set. `with_incidents` makes another.

    Never changes. The same incidents give the same arrays, in whatever order they arrived.

    Attributes:
        items: The incidents that are looked at, in the order of when they happened.
        beyond: What those add that are not.
    """

    __slots__ = (
        "_eased",
        "_figures",
        "_floors",
        "_ids",
        "_moments",
        "_news",
        "beyond",
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
        floors: Floors,
        ids: frozenset[str],
        beyond: Beyond,
    ) -> None:
        self.section = section
        self.book = book
        self.items = items
        self.beyond = beyond
        self._figures = figures
        self._floors = floors
        self._ids = ids
        self._eased: Floats | None = None
        self._moments: dict[datetime, Moment] = {}
        self._news: list[News] | None = None

    def can_take(self, more: Iterable[Exposed]) -> bool:
        """Tell whether incidents can be added: not what may be a newer version of one left out."""
        return not self.beyond.count or all(
            one.incident.version == 1 or one.incident.id in self._ids for one in more
        )

    def with_incidents(self, more: Iterable[Exposed]) -> "SectionEvidence":
        """Return this evidence with incidents added, in order, or newer versions in their place.

        See `can_take`.
        """
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
            column = np.array([column_of(new)]).T
            figures = np.concatenate((figures[:, :place], column, figures[:, place:]), axis=1)
            floors = floors.plus(new.floors)
        if counts_change:
            floors = _count(self, items, figures, floors)
        figures, floors, left = _forget(items, figures, floors, self.book)
        counted, policy = max(self.book.recent_limits), self.book.policy
        gone = [left_of(item, policy) for item in left]
        return SectionEvidence(
            self.section,
            self.book,
            tuple(items),
            figures,
            floors=floors,
            ids=frozenset(ids.difference(item.id for item in left)),
            beyond=self.beyond.plus(gone, policy, counted=counted, by=self.book.weighs_as),
        )

    def moment(self, now: datetime) -> Moment:
        """Return the section at an instant; asked again for each cargo, worked out once."""
        known = self._moments.get(now)
        if known is None:
            at = days_of(now)
            age = self.ages(now)
            each = hazards(age, self._near(), self._mass(), self._per_cargo(HALF), self.book.policy)
            sums = self._figures[ALL : TRUSTED + 1] @ each.T
            if self.beyond.groups:
                sums = sums + self._from_beyond(at)
            total, trusted = sums.tolist()
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
        return [f for f in self._floors.in_order() if f.holds_at(now) and f.ranks[place]]

    def floors_to_come(self, now: datetime, place: int) -> list[HeldFloor]:
        """Return the floors announced for a later instant, in the same order."""
        return [f for f in self._floors.in_order() if f.begins_after(now) and f.ranks[place]]

    def news(self, place: int) -> News:
        """Return the newest evidence about the cargo at `place`."""
        if self._news is None:
            self._news = self._newest() if self.items else [_SILENCE] * len(self.book.cargoes)
        return self._news[place]

    def good_news(self, place: int) -> list[int]:
        """Return the places of the items that say something good to a cargo, oldest first."""
        found: list[int] = np.flatnonzero(self._per_cargo(EASE)[place] > 0).tolist()
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

    def answered_since(self, instant: datetime, place: int) -> bool:
        """Return whether a danger was learnt to be over for a cargo, or never to have been."""
        answered = self._per_cargo(ANSWERED)[place]
        return bool(answered.max(initial=NEVER) >= days_of(instant))

    def _per_cargo(self, group: int) -> Floats:
        """Return a group of rows, one a cargo."""
        width = len(self.book.cargoes)
        start = FIRST + len(self.book.policy.kernels) + group * width
        return self._figures[start : start + width]

    def _near(self) -> Floats:
        return self._figures[FIRST : FIRST + len(self.book.policy.kernels)]

    def _from_beyond(self, at: float) -> Floats:
        """Return what the rest adds, (2, cargoes): all, and without what only unknown ones tell."""
        good = (1.0 - self._per_cargo(EASE)).prod(axis=1)
        return self.beyond.hazard(at, good, self.book.policy)

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
                operation=danger is not None and is_operation(danger.exposed.incident),
                good_at=self.items[eased[-1]].key[0] if (eased := self.good_news(place)) else None,
            )
            for place, (danger, unresolved, good) in enumerate(
                zip(
                    found[:cargoes], found[cargoes : 2 * cargoes], found[2 * cargoes :], strict=True
                )
            )
        ]

    def _mass(self) -> Floats:
        """Return the masses after what later good news takes off."""
        if self._eased is None:
            self._eased, ease = self._per_cargo(MASS), self._per_cargo(EASE)
            good = ease.any(axis=0)
            if good.any():
                at = self._figures[AT]
                left = relief(at, at[good], ease[:, good], self.book.policy.relief_floor)
                self._eased = self._eased * left
        return self._eased


_SILENCE = News(None, None, None)


def gather(
    section: Section, exposed: Iterable[Exposed], book: RuleBook, *, beyond: Beyond = NOTHING
) -> SectionEvidence:
    """Return the evidence of a section from all incidents that reach it.

    `beyond`: what was left out already, where `exposed` are not all.
    """
    ordered, policy = sorted(exposed, key=_HAPPENED), book.policy
    recents = _recents(ordered, book, beyond.before)
    recent = {one.incident.id: known for one, known in zip(ordered, recents, strict=True)}
    looked_at, rest = parted(
        ordered,
        key=_HAPPENED,
        holds_until=lambda one: holds_until(one.incident, book),
        most=policy.most_incidents,
    )
    left = [weigh_left(one, section, recent[one.incident.id], book) for one in rest]
    items = [weigh(one, section, recent[one.incident.id], book) for one in looked_at]
    cargoes = len(book.cargoes)
    height = FIRST + len(policy.kernels) + GROUPS * cargoes
    columns = np.array([column_of(item) for item in items]).reshape(len(items), height)
    return SectionEvidence(
        section,
        book,
        tuple(items),
        np.ascontiguousarray(columns.T),
        floors=no_floors(cargoes).plus([floor for item in items for floor in item.floors]),
        ids=frozenset(item.id for item in items),
        beyond=beyond.plus(left, policy, counted=max(book.recent_limits), by=book.weighs_as),
    )


def _recents(exposed: Sequence[Exposed], book: RuleBook, before: Sequence[Counted]) -> list[Recent]:
    """Return what else had happened up to each of the incidents, which are in order."""
    if not book.needs_recent or not exposed:
        return [Recent()] * len(exposed)
    at = np.array([days_of(one.incident.occurred_at) for one in exposed])
    flags = np.array([counts_as_hostile(one, book.policy) for one in exposed], dtype=float)
    serious = flags * [hit_someone(one.incident) for one in exposed]
    counts = counts_of(at, np.stack((flags, serious)), book, before)
    return [
        Recent(*map(int, column))
        if book.looks_at_recent(one.incident.kind, one.incident.family)
        else Recent()
        for one, column in zip(exposed, counts.T.tolist(), strict=True)
    ]


def _forget(
    items: list[Weighed], figures: Floats, floors: Floors, book: RuleBook
) -> tuple[Floats, Floors, list[Weighed]]:
    """Leave out what `gather` would not look at, too. Changes `items`."""
    if len(items) <= book.policy.most_incidents:
        return figures, floors, []
    stay, left = parted(
        items,
        key=_KEY,
        holds_until=lambda item: holds_until(item.exposed.incident, book),
        most=book.policy.most_incidents,
    )
    if left:
        gone = {item.id for item in left}
        figures = np.ascontiguousarray(figures[:, [item.id not in gone for item in items]])
        floors = floors.without(*gone)
        items[:] = stay
    return figures, floors, left


def _count(
    before: SectionEvidence, items: list[Weighed], figures: Floats, floors: Floors
) -> Floors:
    """Judge anew the incidents of which `recent` counts have changed; return the floors then.

    One attack more changes the counts of those after it, too, so a late report counts as if it had
    come in time. Changes `items` and `figures`.
    """
    section, book = before.section, before.book
    if not book.needs_recent or not items:
        return floors
    earlier = before.beyond.before
    counts = counts_of(figures[AT], figures[HOSTILE : SERIOUS + 1], book, earlier)
    changed = (counts != figures[COUNTS:FIRST]).any(axis=0) & (figures[LOOKS] > 0)
    places = np.flatnonzero(changed).tolist()
    floors = floors.without(*(items[place].id for place in places if items[place].floors))
    for place in places:
        recent = Recent(*(int(count) for count in counts[:, place]))
        items[place] = weigh(items[place].exposed, section, recent, book)
        figures[:, place] = column_of(items[place])
    return floors.plus([floor for place in places for floor in items[place].floors])


_KEY = attrgetter("key")
_HAPPENED: Callable[[Exposed], tuple[datetime, str]] = attrgetter(
    "incident.occurred_at", "incident.id"
)
