"""Parts of bodies and queries that several routers share."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Header
from pydantic import Field

from app.core.errors import InvalidError
from app.flows.reports.filing import PlaceUnresolvedError
from app.http.model import ApiModel, NotTruth
from app.http.state import AppState
from app.roads.geometry import Position
from app.roads.locating import locate
from app.roads.places import MIDPOINT, Location, PlaceQuery, Unplaced

SOMEWHERE = (
    "Nobody can say where on the road that is named (`Kayes-Diéma`, at most 400 km): all of it is"
    " warned. Without it one of more than 220 km is asked back."
)


def once_header(counts: str) -> Any:
    """Return the header with whose key something counts once, whatever is lost on the way."""
    return Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description=f"Send the same key again after a lost answer: {counts}.",
    )


class PositionIn(ApiModel):
    """WGS 84, degrees."""

    lat: Annotated[float, Field(ge=-90, le=90), NotTruth]
    lon: Annotated[float, Field(ge=-180, le=180), NotTruth]


class PlaceIn(ApiModel):
    """Where: by name, position, road and kilometre, or region."""

    place: Annotated[str | None, Field(max_length=300)] = None
    position: PositionIn | None = None
    road: Annotated[str | None, Field(max_length=300)] = None
    km: Annotated[float | None, Field(ge=0, le=3_000), NotTruth] = None
    towards: Annotated[str | None, Field(max_length=200)] = None
    region: Annotated[str | None, Field(max_length=200)] = None
    somewhere: Annotated[bool, Field(description=SOMEWHERE)] = False


def located(body: PlaceIn, state: AppState, *, kind: str | None) -> Location:
    """Return the one location that `body` means of what is of that kind.

    Raises:
        PlaceUnresolvedError: None or several; with candidates.
    """
    query = PlaceQuery(
        place=body.place,
        position=Position(body.position.lat, body.position.lon) if body.position else None,
        road=body.road,
        km=body.km,
        towards=body.towards,
        region=body.region,
        precision=MIDPOINT if body.somewhere else None,
        whole_road=state.config.kinds.is_of_whole_roads(kind),
    )
    if body == PlaceIn():
        detail = "Say where: by place, position, road and km, or region."
        raise InvalidError(detail, errors=[{"pointer": "/place", "detail": detail}])
    found = locate(query, state.context.gazetteer)
    if isinstance(found, Unplaced):
        raise PlaceUnresolvedError(found, query)
    return found


def check_span(first: datetime | None, last: datetime | None, names: tuple[str, str]) -> None:
    """Refuse a time that ends before it begins: empty, it would read as if nothing had happened.

    Raises:
        InvalidError: At the second of `names`.
    """
    if first is not None and last is not None and last < first:
        detail = f"`{names[1]}` lies before `{names[0]}`"
        raise InvalidError(
            detail, errors=[{"parameter": names[1], "in": "query", "detail": detail}]
        )
