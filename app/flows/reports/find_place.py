"""A place that would be asked back: where others said of late that it is."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from app.incidents import store as incident_store
from app.incidents.filed import FiledReport
from app.incidents.named_before import name_asked, named_before
from app.roads.by_name import NEAR_KM
from app.roads.geometry import rough_km
from app.roads.places import Location, Unplaced

#: A name is remembered so long, and of so many reports before: an event is told within days.
_LATELY, _MOST = timedelta(days=30), 500
#: What came in first may have been told later.
_AHEAD = timedelta(days=1)


def as_others_said(
    conn: Connection, filed: FiledReport, found: Location | Unplaced
) -> Location | Unplaced:
    """Return where others said the place is, if `found` is a question; `found` where none did.

    Of a list of places that holds for each name of it that is left open.
    """
    if isinstance(found, Unplaced):
        there = _as_said(conn, filed, filed.place, found)
        return found if there is None or _is_denied(filed, there) else there
    said = {
        name: there
        for name, asked in found.left_open
        if (there := _as_said(conn, filed, name, asked)) is not None
    }
    left = tuple((name, asked) for name, asked in found.left_open if name not in said)
    return replace(found, also=(*found.also, *said.values()), left_open=left) if said else found


def _is_denied(filed: FiledReport, there: Location) -> bool:
    """Return whether it gives a position far from there: others cannot know which one is right."""
    return filed.position is not None and rough_km(filed.position, there.position) > NEAR_KM


def _as_said(
    conn: Connection, filed: FiledReport, name: str | None, asked: Unplaced
) -> Location | None:
    if (key := name_asked(name, asked)) is None:
        return None
    lately = incident_store.list_locations_told(
        conn, since=filed.reported_at - _LATELY, until=filed.reported_at + _AHEAD, limit=_MOST
    )
    return named_before(key, asked, lately)
