"""Roads that were changed since: what happened comes to reach them as they are now.

How far an incident is from each stretch is kept when it is filed. `config/network` may get a road
afterwards, and a version may measure otherwise: the danger of a blockade would never come to hold
on the new road, and that of an ambush would stay on one that it is not near.

Only what may still hold a level is looked at, some at a time; it is read, and written to where it
differs. Who marked sections has them rated, and told, by `new_rules.rate_roads`.
"""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from app.core.clock import Clock
from app.db.engine import Database
from app.flows import turns
from app.flows.context import Context
from app.flows.rating import rule_books
from app.incidents import store as incident_store
from app.incidents.incident import CargoLift, Incident, Status
from app.incidents.store import IncidentFilters
from app.risk import store as risk_store
from app.roads.gazetteer import Gazetteer
from app.roads.network import Network
from app.roads.places import Location
from app.roads.whole_road import measured

_log = logging.getLogger(__name__)

#: Incidents looked at together, and at all: the newest.
_STRIDE, _MOST = 200, 5_000
#: What happened longer ago is told again where somebody speaks of it.
_LOOKS_BACK = timedelta(days=365)
_OPEN = frozenset({Status.OPEN, Status.CONFIRMED})
#: Of a version that is of the roads, and of no report.
_CAUSE = "roads"
#: Distances that differ by less are the same.
_SAME_KM = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """Incidents that were looked at; `moved`: those that reach other roads than is kept."""

    last: str
    moved: tuple[str, ...]


async def follow_roads(db: Database, context: Context, clock: Clock) -> int:
    """Let open incidents reach the roads as they are now; return how many reached others."""
    found, after = 0, None
    for _ in range(_MOST // _STRIDE):
        page = await db.read(partial(_look, after=after, context=context, now=clock.now()))
        if page is None:
            break
        if page.moved:
            await db.write(partial(_move, ids=page.moved, context=context, now=clock.now()))
        found, after = found + len(page.moved), page.last
    if found:
        _log.info("roads.followed", extra={"incidents": found})
    return found


def _look(conn: Connection, *, after: str | None, context: Context, now: datetime) -> _Page | None:
    filters = IncidentFilters(statuses=_OPEN, since=now - _LOOKS_BACK)
    page = incident_store.list_incidents(conn, filters=filters, after=after, limit=_STRIDE)
    if not page:
        return None
    reach_km, network = rule_books.active_book(conn, context).reach_km, context.config.network
    kept = incident_store.reaches_of(conn, [one.id for one in page])
    moved = tuple(
        one.id
        for one, now_at in ((one, measured_anew(one, context.gazetteer)) for one in page)
        if now_at != one
        or changed_between(
            kept.get(one.id, {}), network.reach_any(one.spots, reach_km), reach_km, network
        )
    )
    return _Page(last=page[-1].id, moved=moved)


def _move(conn: Connection, *, ids: tuple[str, ...], context: Context, now: datetime) -> None:
    """Keep what incidents reach now, and have the stretches rated again that this concerns."""
    turns.alone(conn)
    book, network = rule_books.active_book(conn, context), context.config.network
    kept = incident_store.reaches_of(conn, ids)
    touched: set[str] = set()
    for incident in incident_store.list_incidents_of(conn, ids):
        if incident.status not in _OPEN:
            continue
        now_at = measured_anew(incident, context.gazetteer)
        before, reach = kept.get(incident.id, {}), network.reach_any(now_at.spots, book.reach_km)
        changed = changed_between(before, reach, book.reach_km, network)
        if now_at != incident:
            now_at = replace(now_at, version=incident.version + 1)
            incident_store.update_incident(conn, now_at, cause=_CAUSE, now=now)
            touched |= reach.keys()
        if changed:
            others = {one: km for one, km in before.items() if one not in changed}
            incident_store.set_exposures(conn, now_at, {**others, **reach})
            touched |= changed
    risk_store.count_older_anew(conn, book.scale)
    risk_store.make_these_stale(conn, touched, now=now)


def measured_anew(incident: Incident, gazetteer: Gazetteer) -> Incident:
    """Return `incident` with its stretches of road as the roads are now; itself if they are so.

    A stop that comes to lie on a road cuts it otherwise: of a closed one the parts that were not
    there before would be open, and of one opened in part they would be closed.
    """

    def now_at(where: Location) -> Location:
        return measured(where, gazetteer) if where.towns else where

    def lift(one: CargoLift) -> CargoLift:
        return one if one.where is None else replace(one, where=now_at(one.where))

    return replace(
        incident,
        location=now_at(incident.location),
        elsewhere=tuple(map(now_at, incident.elsewhere)),
        lifted=tuple(map(now_at, incident.lifted)),
        lifted_for=tuple(map(lift, incident.lifted_for)),
    )


def changed_between(
    kept: Mapping[str, float], reach: Mapping[str, float], reach_km: float, network: Network
) -> set[str]:
    """Return the sections that `reach`, up to `reach_km`, has otherwise than what is kept.

    What is kept of a road that is gone, or farther away than the rules look, stays as it is.
    """
    gained = {one for one, km in reach.items() if abs(kept.get(one, math.inf) - km) > _SAME_KM}
    lost = {
        one
        for one, km in kept.items()
        if one not in reach and one in network.sections and km <= reach_km
    }
    return gained | lost
