"""What happened, as it was known at each instant: arrays over pairs of incident and section."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from app.incidents.incident import Incident, Status
from app.incidents.kinds import Kinds
from app.risk.hazard import DECIMALS, Floats, hazards, nearness
from app.risk.lifted import is_resolved
from app.risk.policy import RiskPolicy
from app.risk.weighing import days_of
from app.roads.network import Network
from app.roads.places import Shape

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
FOREVER = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An incident as it stood from `known_at` on, until a later version of the same id."""

    incident: Incident
    known_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Pairs of a version and a section in reach, in the order they became known.

    Attributes:
        section_ids: Of the network, in order; `section` counts in it.
        km: Length of each section.
        known_from, known_until: Days since 1970: since when, and until when it was overtaken.
        mass: What it weighs as evidence that violence goes on here, whatever the cargo.
        first_known: The earliest `known_from` of all, also off the roads.
    """

    section_ids: tuple[str, ...]
    km: Floats
    section: Ints
    distance_km: Floats
    occurred: Floats
    known_from: Floats
    known_until: Floats
    mass: Floats
    first_known: float

    def known_before(self, instant: float) -> "Past":
        """Return what was known before `instant`, and nothing of what came later."""
        keep = self.known_from < instant
        until = np.where(self.known_until < instant, self.known_until, FOREVER)
        return replace(
            self,
            section=self.section[keep],
            distance_km=self.distance_km[keep],
            occurred=self.occurred[keep],
            known_from=self.known_from[keep],
            known_until=until[keep],
            mass=self.mass[keep],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What came true: incidents on a section, as held in the end.

    Attributes:
        section, at: Pairs of section and day, rising by day; `incident` numbers the incidents.
        incidents: How many different ones.
    """

    section: Ints
    at: Floats
    incident: Ints
    incidents: int


def mass_of(incident: Incident, kinds: Kinds, policy: RiskPolicy) -> float:
    """Return what an incident weighs as evidence of serious incidents to come, for no cargo.

    As in a rating, but with weight 1 for each serious kind: what was fitted, and what can be held
    against what came. The rules' weights say how much of it concerns a cargo.
    """
    if not kinds[incident.kind].serious or incident.status in (Status.REFUTED, Status.MERGED):
        return 0.0
    mass = incident.credibility
    if is_resolved(incident):
        mass *= policy.resolved_factor
    if incident.location.shape is Shape.AREA:
        mass *= policy.area_share
    return mass


def past_of(
    versions: Sequence[Version], *, network: Network, kinds: Kinds, policy: RiskPolicy
) -> Past:
    """Return the pairs of versions (in the order known) and the sections that they reach."""
    number = {section_id: place for place, section_id in enumerate(network.sections)}
    until = _overtaken(versions)
    rows: list[tuple[float, ...]] = []
    for version, end in zip(versions, until, strict=True):
        incident = version.incident
        mass = mass_of(incident, kinds, policy)
        if mass <= 0.0:
            continue
        at, known = days_of(incident.occurred_at), days_of(version.known_at)
        reach = network.reach_any(incident.spots, policy.default_reach_km)
        rows += [(number[one], km, at, known, end, mass) for one, km in sorted(reach.items())]
    table = np.array(rows, dtype=np.float64).reshape(-1, 6)
    return Past(
        section_ids=tuple(network.sections),
        km=np.array([section.km for section in network.sections.values()]),
        section=table[:, 0].astype(np.int64),
        distance_km=table[:, 1].copy(),
        occurred=table[:, 2].copy(),
        known_from=table[:, 3].copy(),
        known_until=table[:, 4].copy(),
        mass=table[:, 5].copy(),
        first_known=days_of(versions[0].known_at) if versions else FOREVER,
    )


def happened(
    versions: Iterable[Version], *, network: Network, kinds: Kinds, policy: RiskPolicy
) -> Happened:
    """Return the serious incidents on each section, as held at the end of `versions`.

    News about a whole area happened nowhere in particular, and what was refuted or is hardly
    believed did not happen.
    """
    number = {section_id: place for place, section_id in enumerate(network.sections)}
    last: Mapping[str, Incident] = {one.incident.id: one.incident for one in versions}
    rows: list[tuple[float, int, int]] = []
    count = 0
    for incident in last.values():
        if incident.location.shape is Shape.AREA or incident.credibility < policy.min_credibility:
            continue
        if mass_of(incident, kinds, policy) <= 0.0:
            continue
        reach = network.reach(incident.location, policy.counted_within_km)
        rows += [(days_of(incident.occurred_at), number[one], count) for one in reach]
        count += bool(reach)
    table = np.array(sorted(rows), dtype=np.float64).reshape(-1, 3)
    return Happened(
        section=table[:, 1].astype(np.int64),
        at=table[:, 0].copy(),
        incident=table[:, 2].astype(np.int64),
        incidents=count,
    )


def at_horizon(policy: RiskPolicy, days: float) -> RiskPolicy:
    """Return the policy that looks `days` ahead; the prior counts for a week as it is written."""
    prior = policy.prior_per_50_km * days / policy.horizon_days
    return replace(policy, horizon_days=days, prior_per_50_km=prior)


class Outlook:
    """The hazard of every section, by what was known at an instant, under one policy."""

    def __init__(self, past: Past, policy: RiskPolicy) -> None:
        self._past, self._policy = past, policy
        self._near = np.ascontiguousarray(nearness(past.distance_km, policy).T)

    def at(self, at: float) -> Floats:
        """Return the hazard of each section at `at` (days since 1970), prior included.

        Later data cannot change it: pairs known later are not looked at, and the sum runs in the
        order in which the others became known.
        """
        past, policy = self._past, self._policy
        seen = known_at(past, at, policy)
        age = np.maximum(at - past.occurred[seen], 0.0)
        half = np.full((1, len(seen)), policy.kernels[0].half_days)
        mass = past.mass[np.newaxis, seen]
        each = hazards(age, self._near[:, seen], mass, half, policy)[0]
        total = np.bincount(past.section[seen], weights=each, minlength=len(past.km))
        result: Floats = np.round(total + policy.prior_per_50_km * past.km / 50.0, DECIMALS)
        return result


def known_at(past: Past, at: float, policy: RiskPolicy) -> Ints:
    """Return the places of the pairs that stood at `at`, but those beyond the policy's memory."""
    known = (past.known_from <= at) & (past.known_until > at)
    found: Ints = np.flatnonzero(known & (at - past.occurred <= policy.memory_days))
    return found


def came(truth: Happened, steps: Floats, *, horizon: float, sections: int) -> Flags:
    """Return (steps, sections): whether something happened in (at, at + horizon]."""
    found = np.zeros((len(steps), sections), dtype=np.bool_)
    for row, at in enumerate(steps):
        low, high = truth.at.searchsorted([at, at + horizon], side="right")
        found[row, truth.section[low:high]] = True
    return found


def steps_between(start: datetime, end: datetime, *, every: timedelta, horizon: float) -> Floats:
    """Return the instants of forecasts whose horizon ends by `end`, days since 1970."""
    first, last = days_of(start), days_of(end) - horizon
    count = int(np.floor((last - first) / (every / timedelta(days=1)) + 1e-9)) + 1
    return np.array([first + row * (every / timedelta(days=1)) for row in range(count)])


def _overtaken(versions: Sequence[Version]) -> list[float]:
    """Return until when each version held."""
    until = [FOREVER] * len(versions)
    known: dict[str, int] = {}
    for place, version in enumerate(versions):
        earlier = known.get(version.incident.id)
        if earlier is not None:
            until[earlier] = days_of(version.known_at)
        known[version.incident.id] = place
    return until
