"""What a change of evidence means for sections and routes, and what of it is told.

Called by every flow that changes an incident, a rule set, or only lets time pass.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from app.alerts.change import Cause
from app.flows import turns
from app.flows.alerting import telling
from app.flows.alerting.statements import Background
from app.flows.alerting.telling import Assessment
from app.flows.context import Context
from app.flows.rating import ratings, rule_books
from app.incidents import store as incident_store
from app.incidents.incident import Incident, Status
from app.risk import store as risk_store
from app.risk.weighing import Exposed
from app.roads.network import Network
from app.roads.places import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What happened that sections must be rated again for.

    Attributes:
        incidents: New versions of incidents, by id.
        before: The versions they replace, where there were any.
        trigger: The incident that brought the news, if one did.
        sections: Further sections to rate again although no incident changed (time, rules).
        corrected: Incidents of which something false was told: the place, the kind.
        redated: A person said that what `trigger` announced begins on another day.
        backfill: History being filled in: rated, never told.
    """

    cause: Cause
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    before: Mapping[str, Incident] = field(default_factory=dict)
    trigger: str | None = None
    sections: frozenset[str] = frozenset()
    corrected: frozenset[str] = frozenset()
    redated: bool = False
    backfill: bool = False

    def background(self) -> Background:
        """Return what every statement that follows has in common."""
        return Background(
            cause=self.cause,
            trigger=self.incidents[self.trigger] if self.trigger is not None else None,
            where=self._where(),
            changed=frozenset(self.incidents),
            resolved=self.resolved,
            refuted=self.refuted | self.corrected,
            taken_up=self.taken_up,
            redated=self.redated,
            backfill=self.backfill,
            resolved_for=self.resolved_for,
            over=tuple(
                (self.before[one], self.incidents[one])
                for one in sorted(self.resolved.union(*self.resolved_for.values()))
                if one in self.before
            ),
        )

    def _where(self) -> Location | None:
        """Return the place that the news is of: one newly given for the incident, else its own."""
        if self.trigger is None:
            return None
        incident, old = self.incidents[self.trigger], self.before.get(self.trigger)
        new = [spot for spot in incident.elsewhere if old is not None and spot not in old.spots]
        return new[0] if new else incident.location

    @property
    def refuted(self) -> frozenset[str]:
        """Return the incidents that this change took back."""
        return self._turned(Status.REFUTED)

    @property
    def resolved(self) -> frozenset[str]:
        """Return the dangers that this change ended, everywhere or in a part of their area."""
        in_part = {
            one.id
            for one in self.incidents.values()
            if one.id in self.before and len(one.lifted) > len(self.before[one.id].lifted)
        }
        return self._turned(Status.RESOLVED) | in_part

    @property
    def resolved_for(self) -> Mapping[str, frozenset[str]]:
        """Return by cargo the dangers that this change ended for it and not for every one."""
        found: dict[str, set[str]] = {}
        for one in self.incidents.values():
            known = self.before[one.id].lifted_for if one.id in self.before else ()
            for lift in one.lifted_for:
                if lift not in known:
                    for cargo in lift.cargo:
                        found.setdefault(cargo, set()).add(one.id)
        return {cargo: frozenset(ids) for cargo, ids in found.items()}

    @property
    def taken_up(self) -> frozenset[str]:
        """Return the incidents that were held to be false or over, and are not any more."""
        ended = (Status.REFUTED, Status.RESOLVED)
        return frozenset(
            one.id
            for one in self.incidents.values()
            if one.id in self.before
            and self.before[one.id].status in ended
            and one.status in (Status.OPEN, Status.CONFIRMED)
        )

    def _turned(self, status: Status) -> frozenset[str]:
        return frozenset(
            one.id
            for one in self.incidents.values()
            if one.status is status
            and (one.id not in self.before or self.before[one.id].status is not status)
        )


def assess(
    conn: Connection, changes: Changes, *, actor: str, context: Context, now: datetime
) -> Assessment:
    """Rate again what `changes` touch, and raise the alerts that the policy wants.

    1. Which sections the changed incidents reach, or reached. Where other rules have come into
       force since, news takes along what else is on their routes.
    2. Each is rated for every cargo, from its evidence and its state before.
    3. A route's level is that of its worst section, once all of it is rated by the rules in force.
    4. What is told is decided per route and cargo; alerts commit with the ratings that cause them.
    """
    book = rule_books.active_book(conn, context)
    touched = _expose(conn, changes, reach_km=book.reach_km, context=context, now=now)
    if not touched:
        return Assessment(effects=(), alerts=())
    network = context.config.network
    stale = risk_store.stale_sections(conn) & network.sections.keys()
    if changes.incidents:
        for one in _beside(touched, network) & stale:
            touched.setdefault(one, [])
    turns.for_rating(conn, touched, network)
    if stale:  # another process may have rated some while we waited
        stale &= risk_store.stale_sections(conn)
    # a person took back what held a level: that is not the passing of time either
    afresh = stale | (touched.keys() if changes.corrected or changes.redated else set())
    rated = ratings.rate_sections(conn, touched, book=book, context=context, now=now, afresh=afresh)
    background = changes.background()
    routes = ratings.rate_routes(
        conn,
        rated,
        book=book,
        context=context,
        now=now,
        waiting=stale - touched.keys(),
        answered=background.answers,
    )
    return telling.tell(
        conn,
        routes,
        rated,
        background,
        actor=actor,
        book=book,
        context=context,
        now=now,
    )


def _beside(section_ids: Iterable[str], network: Network) -> set[str]:
    """Return everything on the routes of these sections."""
    routes = {code for one in section_ids for code in network.routes_of(one)}
    return {one for code in routes for one in network.corridors[code].section_ids}


def _expose(
    conn: Connection, changes: Changes, *, reach_km: float, context: Context, now: datetime
) -> dict[str, list[Exposed]]:
    """Return the changed incidents by section that each reaches, or reached until now.

    What is stored is replaced only where an incident is new or was moved.
    """
    network = context.config.network
    touched: dict[str, list[Exposed]] = {section_id: [] for section_id in changes.sections}
    for incident in changes.incidents.values():
        old = changes.before.get(incident.id)
        reach = network.reach_any(incident.spots, reach_km)
        left: Mapping[str, float] = {}
        if incident.version == 1:
            incident_store.add_exposures(conn, incident, reach)
        elif old is None:
            incident_store.set_exposures(conn, incident, reach)
        elif old.spots != incident.spots:
            incident_store.set_exposures(conn, incident, reach)
            left = network.reach_any(old.spots, reach_km)
        if incident.version > 1 and (old is None or old.occurred_at != incident.occurred_at):
            incident_store.date_exposures(conn, incident)
        for section_id, km in {**left, **reach}.items():
            touched.setdefault(section_id, []).append(
                Exposed(incident=incident, distance_km=km, known_at=now, live=section_id in reach)
            )
    return touched
