"""Imported places, in table `place`."""

from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import Connection, delete, insert, select

from app.db.tables import PlaceRow
from app.roads.geometry import Position
from app.roads.places import Place

#: Rows a statement: SQLite binds at most 32,766 values, and a place has ten.
BATCH = 1_000


def save_places(conn: Connection, places: Iterable[Place]) -> int:
    """Add places, each replacing the one with its id; return how many were saved."""
    saved = 0
    for batch in _batches(places):
        rows = {place.id: _row(place) for place in batch}
        conn.execute(delete(PlaceRow).where(PlaceRow.id.in_(list(rows))))
        conn.execute(insert(PlaceRow), list(rows.values()))
        saved += len(rows)
    return saved


def list_places(conn: Connection) -> list[Place]:
    """Return every imported place, by id."""
    table = PlaceRow.__table__
    rows = conn.execute(select(*table.columns).order_by(PlaceRow.id)).mappings()
    return [
        Place(
            id=row["id"],
            name=row["name"],
            alt_names=tuple(row["alt_names"]),
            country=row["country"],
            region=row["region"],
            cercle=row["cercle"],
            position=Position(lat=row["lat"], lon=row["lon"]),
            population=row["population"],
            feature=row["feature"],
        )
        for row in rows
    ]


def _batches(places: Iterable[Place]) -> Iterator[list[Place]]:
    left = iter(places)
    while batch := list(islice(left, BATCH)):
        yield batch


def _row(place: Place) -> dict[str, object]:
    return {
        "id": place.id,
        "name": place.name,
        "alt_names": list(place.alt_names),
        "country": place.country,
        "region": place.region,
        "cercle": place.cercle,
        "lat": place.position.lat,
        "lon": place.position.lon,
        "population": place.population,
        "feature": place.feature,
    }
