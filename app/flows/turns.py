"""Who waits for whom when evidence and ratings change.

Two reports of one event must see one another, and a level follows from all evidence of a section:
changes that may concern the same incident or the same route take turns, others run side by side.
"""

from collections.abc import Collection

from sqlalchemy import Connection

from app.db import turns
from app.db.turns import Sort
from app.incidents.incident import Incident
from app.incidents.kinds import Kinds
from app.incidents.matching import area_cells, cell_for, cells_around, is_somewhere_in
from app.incidents.report import Family
from app.roads.network import Network
from app.roads.places import Location, Shape


def alone(conn: Connection) -> None:
    """Change evidence or ratings anywhere, while nobody else does."""
    turns.alone(conn)


def for_phone(conn: Connection, *phone_indexes: str) -> None:
    """Take the turn of a message that came in, before any other turn: one of a phone at a time.

    Of several phones at once: one after the other would be a circle to wait in.
    """
    turns.take(conn, Sort.PHONE, phone_indexes)


def for_report(
    conn: Connection, key: str | None, location: Location | None, kind: str, *, kinds: Kinds
) -> None:
    """Take a report's turn: after others of its key, and others that may speak of its incident.

    Good news may answer dangers anywhere, an attack in an area may have been at any place in it,
    and a closure of all of a road is told of at any place of that: they go alone. So does what is
    told of several places: two such lists might each wait for the other.

    Args:
        conn: Any.
        key: What tells a report from its repetition, if anything does.
        location: Where it happened; None: nobody knows yet.
        kind: Of the report.
        kinds: All of them.
    """
    if location is not None and _may_join_far_off(location, kind, kinds):
        turns.alone(conn)
        return
    turns.beside(conn)
    if key is not None:
        turns.take(conn, Sort.KEY, [key])
    if location is not None:
        turns.take(conn, Sort.CELL, map(str, cells_around(location)))
        # what concerns a whole region is joined seldom, and looked at by every report in it
        spot = location.shape is not Shape.AREA
        turns.take(conn, Sort.AREA, map(str, area_cells(location)), shared=spot)


def _may_join_far_off(location: Location, kind: str, kinds: Kinds) -> bool:
    if location.also or location.whole or (location.at and kinds.is_of_whole_roads(kind)):
        return True
    families = kinds.families_near(kind)
    return Family.POSITIVE in families or any(is_somewhere_in(location, one) for one in families)


def for_joining(conn: Connection, incident: Incident) -> None:
    """Have an incident that the report joins for oneself; of spots one has the cells already."""
    if incident.location.shape is Shape.AREA:
        turns.take(conn, Sort.AREA, [str(cell_for(incident.location))])


def for_rating(conn: Connection, section_ids: Collection[str], network: Network) -> None:
    """Have the routes of these sections for oneself, and sections that are on none."""
    names = {route for one in section_ids for route in network.routes_of(one) or (one,)}
    turns.take(conn, Sort.ROUTE, names)
