"""Places: found by what people write, never guessed."""

from typing import Annotated

from fastapi import Query

from app.api.bodies import PositionIn
from app.flows.wire import candidate_out
from app.http.deps import AnyoneDep, StateDep
from app.http.model import ApiModel
from app.http.routing import api_router

router = api_router("/places", tag="roads")

MAX_FOUND = 20


class PlaceOut(ApiModel):
    """A place that may have been meant; `score` 1 for a name that fits exactly."""

    place_id: str
    name: str
    country: str
    region: str | None
    cercle: str | None
    position: PositionIn
    routes: list[str]
    score: float


class PlacesOut(ApiModel):
    """Places, the likeliest first."""

    items: list[PlaceOut]
    next: None = None


@router.get("")
async def find_places(
    _caller: AnyoneDep,
    state: StateDep,
    q: Annotated[str, Query(min_length=1, max_length=120, description="What somebody wrote.")],
    region: Annotated[
        str | None, Query(max_length=120, description="Those there come first.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_FOUND)] = 8,
) -> PlacesOut:
    """Find places whatever their accents, case, hyphens, variants or one slip of a letter."""
    found = state.context.gazetteer.find(q, region=region, limit=limit)
    return PlacesOut(items=[PlaceOut.model_validate(candidate_out(one)) for one in found])
