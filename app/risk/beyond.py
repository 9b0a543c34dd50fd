"""What a section's past adds that is no longer looked at one by one: sums that decay.

Where a hundred incidents have happened since, an old one holds no level and explains nothing, but
hundreds of them together are the war that the section lies in. Exponentials of one half-life add up
to one: each incident left out goes into sums with the weight that the rules gave it, near for near,
and what those sums say is what looking at all of them would, less what good news since has taken
off.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.risk.hazard import Floats, nearness
from app.risk.policy import RiskPolicy

#: Floats by (all, what is trusted), cargo and kernel.
Sums = tuple[tuple[tuple[float, ...], ...], ...]
#: Groups kept apart by how much good news has come since; the oldest two become one.
_MOST_GROUPS = 8


class Counted(NamedTuple):
    """An attack left out that those after it may still count: days since 1970, and its flags."""

    at: float
    hostile: float
    serious: float


class Left(NamedTuple):
    """An incident left out.

    Attributes:
        at: Days since 1970.
        km: To the section.
        mass: Per cargo, before good news.
        ease: Per cargo, the share that it takes off what was before it, if it is good news.
        trusted: Not only unknown sources tell of it.
    """

    at: float
    km: float
    mass: tuple[float, ...]
    ease: tuple[float, ...]
    trusted: bool
    hostile: bool
    serious: bool


class Group(NamedTuple):
    """Incidents after which the same good news came.

    Attributes:
        sums: Mass by nearness.
        eased: Per cargo, what is left of them by good news that is left out itself.
    """

    sums: Sums
    eased: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Beyond:
    """Everything left out of one section.

    Attributes:
        count: Incidents.
        at: Days since 1970 of the newest: up to then the sums are decayed.
        groups: Oldest first.
        before: The newest attacks among them, as many as make a difference to a count.
        weighed_by: `RuleBook.weighs_as` of the rules that weighed the oldest of it.
    """

    count: int = 0
    at: float = 0.0
    groups: tuple[Group, ...] = ()
    before: tuple[Counted, ...] = ()
    weighed_by: str = ""

    def plus(
        self, left: Iterable[Left], policy: RiskPolicy, *, counted: float, by: str
    ) -> "Beyond":
        """Return this with more left out.

        Args:
            left: In any order.
            policy: With the kernels, and the least that good news leaves.
            counted: Attacks from which on more count the same.
            by: The rules that weighed `left`, see `weighed_by`.
        """
        more = sorted(left, key=lambda one: one.at)
        if not more:
            return self
        newest = max(more[-1].at, self.at) if self.count else more[-1].at
        halves = _halves(policy)
        aged = np.exp2((self.at - newest) / halves)
        groups = [_Growing(np.array(one.sums) * aged, np.array(one.eased)) for one in self.groups]
        at = np.array([[one.at] for one in more])
        near = nearness(np.array([one.km for one in more]), policy)
        near = near * np.exp2((at - newest) / halves)
        for run, ease in _runs(more):
            groups = _with(groups, more[run], near[run])
            if ease is not None:
                groups = _eased(groups, ease, policy.relief_floor)
        return Beyond(
            self.count + len(more),
            newest,
            tuple(one.done() for one in groups),
            _newest((*self.before, *map(_counted, more)), int(counted)),
            self.weighed_by if self.count else by,
        )

    def hazard(self, at: float, good: Floats, policy: RiskPolicy) -> Floats:
        """Return what it adds at an instant; only where there is a group.

        Args:
            at: Days since 1970.
            good: (cargoes,) what good news that is looked at leaves of what was before it.
            policy: With the kernels, and the least that good news leaves.

        Returns:
            (2, cargoes) expected events in the horizon: all, and without what only unknown ones
            tell.
        """
        halves = _halves(policy)
        short = np.array([halves[0], *np.ones(len(halves) - 1)])  # see `nearness`
        now = np.exp2(-max(at - self.at, 0.0) / halves) / short
        sums = np.array([one.sums for one in self.groups]) @ now
        left = np.maximum(np.array([one.eased for one in self.groups]) * good, policy.relief_floor)
        found: Floats = (sums * left[:, np.newaxis]).sum(axis=0)
        return found


NOTHING = Beyond()


@dataclass(slots=True)
class _Growing:
    sums: Floats
    eased: Floats

    def done(self) -> Group:
        sums = tuple(tuple(map(tuple, each)) for each in self.sums.tolist())
        return Group(sums, tuple(self.eased.tolist()))


def _runs(more: Sequence[Left]) -> Iterator[tuple[slice, Floats | None]]:
    """Yield what lies between good news, in order, and how much that takes off all before it."""
    start = 0
    for place, one in enumerate(more):
        if any(one.ease):
            yield slice(start, place), np.array(one.ease)
            start = place + 1
    yield slice(start, len(more)), None


def _with(groups: list[_Growing], more: Sequence[Left], near: Floats) -> list[_Growing]:
    """Return the groups with incidents after which no good news has been left out yet."""
    if not more:
        return groups
    mass = np.array([one.mass for one in more])
    trusted = mass * np.array([[one.trusted] for one in more])
    sums = np.stack((mass.T @ near, trusted.T @ near))
    if groups and (groups[-1].eased == 1.0).all():
        return [*groups[:-1], _Growing(groups[-1].sums + sums, groups[-1].eased)]
    if len(groups) >= _MOST_GROUPS:
        groups = [_one_of(groups[0], groups[1]), *groups[2:]]
    return [*groups, _Growing(sums, np.ones(mass.shape[1]))]


def _eased(groups: list[_Growing], ease: Floats, least: float) -> list[_Growing]:
    """Return the groups after good news; those that it can ease no further become one."""
    eased = [_Growing(one.sums, np.maximum(one.eased * (1.0 - ease), least)) for one in groups]
    while len(eased) > 1 and (eased[1].eased <= least).all():
        eased = [_one_of(eased[0], eased[1]), *eased[2:]]
    return eased


def _one_of(one: _Growing, other: _Growing) -> _Growing:
    """Return two groups as one, which all together leaves as much as the two did."""
    mine, others = one.sums[0].sum(axis=1), other.sums[0].sum(axis=1)
    whole = mine + others
    left = one.eased * mine + other.eased * others
    eased = np.where(whole > 0, left / np.where(whole > 0, whole, 1.0), one.eased)
    return _Growing(one.sums + other.sums, eased)


def _counted(one: Left) -> Counted:
    return Counted(one.at, float(one.hostile), float(one.serious))


def _newest(attacks: Sequence[Counted], most: int) -> tuple[Counted, ...]:
    """Return the newest `most` attacks, and the newest `most` of those that hit somebody."""
    ordered = sorted(one for one in attacks if one.hostile)
    serious = [place for place, one in enumerate(ordered) if one.serious]
    kept = {
        *range(max(0, len(ordered) - most), len(ordered)),
        *serious[max(0, len(serious) - most) :],
    }
    return tuple(ordered[place] for place in sorted(kept))


def _halves(policy: RiskPolicy) -> Floats:
    return np.array([kernel.half_days for kernel in policy.kernels])
