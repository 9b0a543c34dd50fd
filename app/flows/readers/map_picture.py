"""What the map shows: the level of every section, and the incidents whose place may be told."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.core.levels import Level, worst
from app.flows.context import Context
from app.flows.rating.ratings import states_of
from app.flows.readers.picture import Sighting, dangers_since, sighting, town_of
from app.flows.wire import is_secret
from app.incidents.incident import Incident
from app.risk import store as risk_store
from app.roads.geometry import Position
from app.roads.places import Shape

#: Incidents shown: the latest ones of this time.
SHOWN_FOR = timedelta(days=30)
_MOST_INCIDENTS = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """An incident and the town that it is shown at."""

    what: Sighting
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPicture:
    """The network at an instant; sections that were never rated are absent from `levels`."""

    levels: Mapping[str, Level]
    spots: tuple[Spot, ...]


def the_map(conn: Connection, context: Context, *, cargo: str | None, now: datetime) -> MapPicture:
    """Return the map for a cargo; None: the worst level of all cargoes."""
    states = states_of(conn, context.config.network.sections.keys(), context)
    levels = {}
    for section_id, state in states.items():
        cargoes = state.cargoes
        chosen = cargoes.values() if cargo is None else [cargoes[cargo]] if cargo in cargoes else []
        levels[section_id] = worst([one.level for one in chosen])
    found = dangers_since(conn, now - SHOWN_FOR, most=_MOST_INCIDENTS)
    return MapPicture(levels=levels, spots=tuple(_spots(found, context)))


def the_map_then(
    conn: Connection, context: Context, *, cargo: str | None, at: datetime
) -> MapPicture:
    """Return the map as levels were at an instant before, and what had happened until then.

    Of incidents what is known of them today: one that was refuted since is not shown.
    """
    levels: dict[str, list[Level]] = {}
    for one in context.config.cargoes.codes if cargo is None else (cargo,):
        for section_id, change in risk_store.section_levels_at(conn, one, at=at).items():
            levels.setdefault(section_id, []).append(change.after)
    dangers = dangers_since(conn, at - SHOWN_FOR, most=_MOST_INCIDENTS)
    until = (one for one in dangers if one.occurred_at <= at)
    return MapPicture(
        levels={section_id: worst(found) for section_id, found in levels.items()},
        spots=tuple(_spots(until, context)),
    )


def _spots(incidents: Iterable[Incident], context: Context) -> Iterator[Spot]:
    """Yield where incidents are shown: at a town, never where who reported it stood."""
    for incident in incidents:
        for where in incident.spots:
            if is_secret(incident) or where.shape is Shape.AREA:
                continue
            town = None if where.shape is Shape.ROAD else town_of(where, context)
            if town is not None or where.shape is Shape.ROAD:
                what = sighting(incident, where, context)
                yield Spot(what=what, position=town.position if town else where.position)
