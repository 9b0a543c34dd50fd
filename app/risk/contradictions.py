"""Where one says that the road is open and another that it is closed: shown, not averaged away."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.incidents.incident import Incident
from app.incidents.report import Family
from app.risk.evidence import SectionEvidence
from app.risk.weighing import Weighed

#: Pairs told of one section at most, the newest first.
MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two incidents that cannot both be how things stand: open by one, closed by the other.

    Attributes:
        open: The good news. `closed`: the danger that holds a floor although that came after it, or
            the closure that was told of again at about the same time.
    """

    open: Incident
    closed: Incident

    @property
    def newest_at(self) -> datetime:
        """Return when the newer of the two spoke."""
        return max(self.open.occurred_at, _spoke_at(self.closed))


def contradictions(
    evidence: SectionEvidence, place: int, *, now: datetime
) -> tuple[Contradiction, ...]:
    """Return what contradicts what about the cargo at `place`, the newest first.

    Good news that is fresh (`positive_for`) stands against a danger whose floor still holds, where
    the good news did not come first: a truck that passed before the ambush, or before the road was
    closed, denies nothing. A closure goes on while it is told of, so both must speak of the same
    days.
    """
    fresh = evidence.book.policy.positive_for
    good = [item for item in evidence.items if _says_open(item, place, fresh, now)]
    if not good:
        return ()
    holding = {
        floor.exposed.incident.id: floor.exposed.incident
        for floor in evidence.floors_at(now, place)
    }
    found = [
        Contradiction(open=one.exposed.incident, closed=closed)
        for one in good
        for closed in holding.values()
        if _contradicts(one.exposed.incident, closed, fresh)
    ]
    found.sort(key=lambda pair: (pair.newest_at, pair.open.id, pair.closed.id), reverse=True)
    return tuple(found[:MOST])


def _says_open(item: Weighed, place: int, fresh: timedelta, now: datetime) -> bool:
    return item.passable[place] and timedelta(0) <= now - item.exposed.incident.occurred_at <= fresh


def _contradicts(good: Incident, closed: Incident, fresh: timedelta) -> bool:
    if good.occurred_at < closed.occurred_at:
        return False
    together = abs(good.occurred_at - _spoke_at(closed)) <= fresh
    return together or closed.family is not Family.CLOSURE


def _spoke_at(closed: Incident) -> datetime:
    """Return when it was last said: a closure goes on, an attack is over when it is over."""
    return closed.last_reported_at if closed.family is Family.CLOSURE else closed.occurred_at
