"""What incidents say of a section, as figures: a column each, and those of the floors they set."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.risk.beyond import Counted
from app.risk.hazard import Floats, counts_within
from app.risk.rulebook import Recent, RuleBook
from app.risk.weighing import NEVER, HeldFloor, Weighed, days_of

#: Rows of the array of figures, before those per kernel and per cargo; a column is an incident.
AT, ALL, TRUSTED, HOSTILE, SERIOUS, LOOKS, COUNTS = range(7)
#: Groups of rows per cargo, in the order of `column_of`; the last three are those of `News`.
MASS, HALF, EASE, ANSWERED = range(4)
GROUPS = 7
FIRST = COUNTS + len(Recent._fields)
#: Rows of the figures of floors, before the ranks.
_SPAN = 2


def no_floors(cargoes: int) -> "Floors":
    """Return the floors of a section where none holds."""
    return Floors((), np.empty((_SPAN + cargoes, 0)))


class Floors:
    """The floors of a section, and their figures: until and since when, then a rank per cargo."""

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
        """Return the rank of the highest that holds at days since 1970, per cargo; 0: none."""
        if not self.held:
            return [0] * (len(self.figures) - _SPAN)
        until, since = self.figures[:_SPAN]
        holding = self.figures[_SPAN:] * ((until > at) & (since <= at))
        return [int(rank) for rank in holding.max(axis=1).tolist()]

    def plus(self, more: Sequence[HeldFloor]) -> "Floors":
        """Return these and more."""
        if not more:
            return self
        added = np.array(
            [
                [
                    days_of(floor.until),
                    NEVER if floor.since is None else days_of(floor.since),
                    *floor.ranks,
                ]
                for floor in more
            ]
        ).T
        return Floors((*self.held, *more), np.concatenate((self.figures, added), axis=1))

    def without(self, *incident_ids: str) -> "Floors":
        """Return these without those that incidents set."""
        gone = set(incident_ids)
        keep = [floor.exposed.incident.id not in gone for floor in self.held]
        if all(keep):
            return self
        held = tuple(floor for floor, kept in zip(self.held, keep, strict=True) if kept)
        return Floors(held, self.figures[:, keep])


def counts_of(at: Floats, flags: Floats, book: RuleBook, before: Sequence[Counted]) -> Floats:
    """Return what `Recent` counts, (counts, n), up to where more makes no difference.

    Args:
        at: (n,) days since 1970, rising.
        flags: (2, n) what counts as hostile, and as serious.
        book: With the limits.
        before: Attacks that are not looked at any more.
    """
    limits = np.array(book.recent_limits)[:, np.newaxis]
    places: Any = slice(None)
    if before:
        earlier = np.array(before).T
        at, flags = np.concatenate((earlier[0], at)), np.concatenate((earlier[1:], flags), axis=1)
        order = at.argsort(kind="stable")
        at, flags = at[order], flags[:, order]
        places = order.argsort()[len(before) :]
    counts = counts_within(at, flags, (7.0, 30.0))[:, places]
    found: Floats = np.minimum(counts, limits)
    return found


def column_of(item: Weighed) -> list[float]:
    """Return the figures of one incident, those per kernel and per cargo last."""
    at, fresh = days_of(item.exposed.incident.occurred_at), days_of(item.fresh_at)
    return [
        at,
        1.0,
        float(item.trusted),
        float(item.hostile),
        float(item.serious),
        float(item.looks_at_recent),
        *item.recent,
        *item.near,
        *item.mass,
        *item.half_days,
        *item.ease,
        *(NEVER if one is None else days_of(one) for one in item.answered_at),
        *(fresh if danger and item.is_news else NEVER for danger in item.danger),
        *(
            at if danger and is_open else NEVER
            for danger, is_open in zip(item.danger, item.is_open, strict=True)
        ),
        *(at if passable else NEVER for passable in item.passable),
    ]
