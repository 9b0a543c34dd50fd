"""How good the alerts of a run were, by what then turned out: misses and false alarms. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.levels import Level
from app.flows.preview.compare_runs import level_before, timelines
from app.flows.preview.rerun import Raised, Run
from app.incidents.incident import Incident, Status
from app.incidents.kinds import Kinds
from app.incidents.report import Family
from app.roads.network import Network
from app.roads.places import Shape

_OVER = frozenset({Status.REFUTED, Status.MERGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A serious incident on a road that was rated below `high` when it happened."""

    at: datetime
    incident: str
    route: str
    cargo: str
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What turned out of a run.

    Attributes:
        incidents: Serious incidents on rated roads.
        missed: Of these, how many were on some road below `high` for their cargo.
        misses: Each of them by route and cargo.
        alarms: Alerts of `high` and above that can be judged by now.
        false_alarms: Of these, those that nothing certain bore out.
        undecided: Alerts too young to be judged.
    """

    incidents: int
    missed: int
    misses: tuple[Miss, ...]
    alarms: int
    false_alarms: tuple[Raised, ...]
    undecided: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """By what runs are judged.

    Attributes:
        last: Every incident as it was held in the end.
        on_road_km: So near to a section counts as on it.
        horizon: So long before or after an alert.
    """

    last: Mapping[str, Incident]
    kinds: Kinds
    network: Network
    cargoes: Sequence[str]
    on_road_km: float
    horizon: timedelta
    since: datetime
    until: datetime

    def judge(self, run: Run) -> Quality:
        """Return how good a run was.

        A miss: an incident of a serious kind, not refuted, on a section whose route stood below
        `high` right before it, for the cargo it concerned (for every cargo where it named none:
        then only if all were below). A false alarm: an alert, or an update to a higher level, of
        `high` and above, where no incident that in the end was certain (confirmed by a person or
        corroborated) happened on its route within the horizon before or after it, nor is among
        those it spoke of.
        """
        struck = [one for one in self.last.values() if self._is_serious(one)]
        lines = timelines(run.levels)
        misses = [miss for one in struck for miss in self._misses(one, lines)]
        alarms = [one for one in run.alerts if _is_alarm(one)]
        borne_out = self._borne_out(alarms)
        young = {one.id for one in alarms if one.at + self.horizon > self.until} - borne_out
        judged = [one for one in alarms if one.id not in young]
        return Quality(
            incidents=sum(bool(self._routes(one)) for one in struck),
            missed=len({one.incident for one in misses}),
            misses=tuple(sorted(misses, key=lambda one: (one.at, one.route, one.cargo))),
            alarms=len(judged),
            false_alarms=tuple(one for one in judged if one.id not in borne_out),
            undecided=len(young),
        )

    def _borne_out(self, alarms: Iterable[Raised]) -> set[str]:
        """Return the alarms that something certain bears out: they spoke of it, or it is near."""
        certain = {one.id: one for one in self.last.values() if _is_certain(one)}
        routes = {id_: self._routes(one) for id_, one in certain.items()}
        return {
            alarm.id
            for alarm in alarms
            if not certain.keys().isdisjoint(alarm.incidents)
            or any(
                abs(one.occurred_at - alarm.at) <= self.horizon and alarm.route in routes[id_]
                for id_, one in certain.items()
            )
        }

    def _is_serious(self, incident: Incident) -> bool:
        kind = self.kinds.find(incident.kind)
        return (
            kind is not None
            and kind.serious
            and incident.status not in _OVER
            and incident.location.shape is not Shape.AREA
            and self.since <= incident.occurred_at <= self.until
        )

    def _misses(
        self, incident: Incident, lines: Mapping[tuple[str, str], Sequence[tuple[datetime, Level]]]
    ) -> Iterable[Miss]:
        cargoes = incident.cargo or self.cargoes
        found = [
            Miss(
                at=incident.occurred_at,
                incident=incident.id,
                route=route,
                cargo=cargo,
                level=level,
            )
            for route in sorted(self._routes(incident))
            for cargo in cargoes
            if (level := level_before(lines.get((route, cargo), ()), incident.occurred_at)).rank
            < Level.HIGH.rank
        ]
        if incident.cargo:
            return found
        by_route: dict[str, list[Miss]] = {}
        for miss in found:
            by_route.setdefault(miss.route, []).append(miss)
        return [miss for many in by_route.values() if len(many) == len(cargoes) for miss in many]

    def _routes(self, incident: Incident) -> frozenset[str]:
        reach = self.network.reach(incident.location, self.on_road_km)
        return frozenset(code for one in reach for code in self.network.routes_of(one))


def _is_alarm(one: Raised) -> bool:
    return one.rises and one.level.rank >= Level.HIGH.rank and not one.held


def _is_certain(incident: Incident) -> bool:
    return (
        incident.certain and incident.status not in _OVER and incident.family is not Family.POSITIVE
    )
