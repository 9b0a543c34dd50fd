"""What two runs of one past differ in: alerts and levels added, removed, moved. Pure."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from app.core.levels import Level
from app.flows.preview.rerun import Raised
from app.risk.kept import LevelChange

#: The same thing said within this of one another was said earlier or later, not another thing.
MOVED_WITHIN = timedelta(hours=72)
_ROUTE, _SECTION = "route:", "section:"


class Dated(Protocol):
    """Something that happened at an instant."""

    @property
    def at(self) -> datetime:
        """Return when."""
        ...


T = TypeVar("T", bound=Dated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A change of a route's level for a cargo; `incidents` are those behind the level after it."""

    at: datetime
    route: str
    cargo: str
    before: Level
    level: Level
    incidents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference(Generic[T]):
    """What only one of two runs has; `moved` holds (before, after) of what came at another time."""

    added: tuple[T, ...]
    removed: tuple[T, ...]
    moved: tuple[tuple[T, T], ...]
    same: int


def alert_differences(before: Sequence[Raised], after: Sequence[Raised]) -> Difference[Raised]:
    """Return what differs between the alerts of two runs.

    Alerts of one route, cargo, level and type are the same where they were raised at the same
    instant; of the others those nearest in time, up to `MOVED_WITHIN`, were moved.
    """
    return _differences(before, after, lambda one: (one.route, one.cargo, one.level, one.type))


def turn_differences(before: Sequence[Turn], after: Sequence[Turn]) -> Difference[Turn]:
    """Return what differs between the changes of level of two runs; see `alert_differences`."""
    return _differences(before, after, lambda one: (one.route, one.cargo, one.level))


def turns_of(changes: Iterable[LevelChange], *, since: datetime, until: datetime) -> list[Turn]:
    """Return the changes of level of routes in a window, with the incidents behind them."""
    latest: defaultdict[tuple[str, str], list[tuple[datetime, tuple[str, ...]]]] = defaultdict(list)
    routes: list[LevelChange] = []
    for change in changes:
        if change.subject.startswith(_SECTION):
            key = change.subject.removeprefix(_SECTION), change.cargo
            latest[key].append((change.at, _dangers(change)))
        elif since <= change.at <= until:
            routes.append(change)
    return [
        Turn(
            at=change.at,
            route=change.subject.removeprefix(_ROUTE),
            cargo=change.cargo,
            before=change.before,
            level=change.after,
            incidents=_at(
                latest.get((str(change.reasons["section"]), change.cargo), []), change.at
            ),
        )
        for change in routes
    ]


def hours_at(
    changes: Iterable[LevelChange], *, since: datetime, until: datetime
) -> dict[tuple[str, str], dict[Level, float]]:
    """Return the hours of the window that each (route, cargo) spent at each level."""
    spent: defaultdict[tuple[str, str], defaultdict[Level, float]] = defaultdict(
        lambda: defaultdict(float)
    )
    for subject, line in timelines(changes).items():
        ends = [*(at for at, _ in line[1:]), until]
        for (begins, level), end in zip(line, ends, strict=True):
            hours = (min(end, until) - max(begins, since)).total_seconds() / 3_600
            if hours > 0:
                spent[subject][level] += hours
    return {subject: dict(levels) for subject, levels in spent.items()}


def timelines(
    changes: Iterable[LevelChange],
) -> dict[tuple[str, str], list[tuple[datetime, Level]]]:
    """Return, by (route, cargo), from when on which level held; before the first: `unknown`."""
    lines: defaultdict[tuple[str, str], list[tuple[datetime, Level]]] = defaultdict(list)
    for change in changes:
        if change.subject.startswith(_ROUTE):
            key = change.subject.removeprefix(_ROUTE), change.cargo
            lines[key].append((change.at, change.after))
    return dict(lines)


def level_before(line: Sequence[tuple[datetime, Level]], at: datetime) -> Level:
    """Return the level that held right before an instant."""
    held = Level.UNKNOWN
    for begins, level in line:
        if begins >= at:
            break
        held = level
    return held


def _dangers(change: LevelChange) -> tuple[str, ...]:
    contributions: Sequence[Mapping[str, object]] = change.reasons.get("contributions", ())
    return tuple(dict.fromkeys(str(one["incident"]) for one in contributions if not one["cleared"]))


def _at(known: Sequence[tuple[datetime, tuple[str, ...]]], at: datetime) -> tuple[str, ...]:
    held: tuple[str, ...] = ()
    for begins, incidents in known:
        if begins > at:
            break
        held = incidents
    return held


def _differences(
    before: Sequence[T], after: Sequence[T], key: Callable[[T], Hashable]
) -> Difference[T]:
    ours: defaultdict[Hashable, list[T]] = defaultdict(list)
    theirs: defaultdict[Hashable, list[T]] = defaultdict(list)
    for one in before:
        ours[key(one)].append(one)
    for one in after:
        theirs[key(one)].append(one)
    added: list[T] = []
    removed: list[T] = []
    moved: list[tuple[T, T]] = []
    same = 0
    for name in dict.fromkeys([*ours, *theirs]):
        left, right, alike = _unequal(ours[name], theirs[name])
        pairs = _pairs(left, right)
        same += alike
        moved += [(left[a], right[b]) for a, b in pairs]
        gone, came = {a for a, _ in pairs}, {b for _, b in pairs}
        removed += [one for n, one in enumerate(left) if n not in gone]
        added += [one for n, one in enumerate(right) if n not in came]
    return Difference(
        added=tuple(sorted(added, key=lambda one: one.at)),
        removed=tuple(sorted(removed, key=lambda one: one.at)),
        moved=tuple(sorted(moved, key=lambda pair: pair[1].at)),
        same=same,
    )


def _unequal(left: Sequence[T], right: Sequence[T]) -> tuple[list[T], list[T], int]:
    """Return what has no counterpart at the same instant, and how many have one."""
    rest = list(right)
    unmatched: list[T] = []
    for one in left:
        twin = next((n for n, other in enumerate(rest) if other.at == one.at), None)
        if twin is None:
            unmatched.append(one)
        else:
            rest.pop(twin)
    return unmatched, rest, len(left) - len(unmatched)


def _pairs(left: Sequence[T], right: Sequence[T]) -> list[tuple[int, int]]:
    """Return which of the unmatched are the same thing at another time, the nearest first."""
    near = sorted(
        (abs(one.at - other.at), a, b)
        for a, one in enumerate(left)
        for b, other in enumerate(right)
        if abs(one.at - other.at) <= MOVED_WITHIN
    )
    gone: set[int] = set()
    came: set[int] = set()
    pairs = []
    for _, a, b in near:
        if a not in gone and b not in came:
            gone.add(a)
            came.add(b)
            pairs.append((a, b))
    return pairs
