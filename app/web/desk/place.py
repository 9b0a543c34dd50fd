"""Where a moderator says it was: a place that was offered, or words of his own."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from app.flows.context import Context
from app.flows.wire import candidate_out
from app.roads.locating import locate
from app.roads.places import MIDPOINT, Location, PlaceQuery, Unplaced
from app.web.report_form import SOMEWHERE, km_of
from app.web.report_values import Choice, candidate_of, somewhere
from app.web.signed import Sitting

_LIMIT, _ROAD_LIMIT = 300, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What a form says of where.

    Attributes:
        choice: The id of a place that was offered.
        asked: What stood in `place` when it was offered; with other words it means nothing.
    """

    choice: str = ""
    asked: str = ""
    place: str = ""
    road: str = ""
    km: str = ""

    @property
    def is_said(self) -> bool:
        """Tell whether it says anything."""
        return bool(self.chosen or self.place or self.road or self.km)

    @property
    def chosen(self) -> str:
        """The id of the place that was chosen for these words; "" for none."""
        return self.choice if self.asked == self.place else ""


def where_of(form: Mapping[str, str]) -> Where:
    """Return what a form says of where."""
    return Where(**{name: form.get(name, "").strip()[:_LIMIT] for name in asdict(Where())})


def located(where: Where, context: Context, *, kind: str) -> Location | Unplaced:
    """Return the one place that is meant of what is of that kind, or those that may be."""
    gazetteer = context.gazetteer
    known = gazetteer.places.get(where.chosen)
    if known is not None:
        return locate(PlaceQuery(place=known.name, position=known.position), gazetteer)
    km = km_of(where.km)
    if where.km and km is None:  # without it a road alone may be all of it
        return Unplaced(reason="unknown", detail="The kilometre is a number.", candidates=())
    query = PlaceQuery(
        place=where.place or None,
        road=where.road[:_ROAD_LIMIT] or None,
        km=km,
        precision=MIDPOINT if where.chosen == SOMEWHERE else None,
        whole_road=context.config.kinds.is_of_whole_roads(kind),
    )
    return locate(query, gazetteer)


def not_found(sitting: Sitting, found: Unplaced, *, kept: Mapping[str, str]) -> Sitting:
    """Return the sitting with the form as it was filled in, and what may have been meant."""
    said = "desk_several" if found.candidates else "desk_where"
    said = "desk_long" if found.road else said
    if kept.get("km") and km_of(kept["km"]) is None:
        said = "fault_km"
    again = sitting.again(said, status=422)
    road = found.road.somewhere if found.road else None
    return replace(again, kept=kept, meant=found.candidates, road=road)


def offered(
    sitting: Sitting, before: Sequence[Mapping[str, Any]] = (), road: str | None = None
) -> list[Choice]:
    """Return the places to choose from: for the words that came back, else `before` and `road`."""
    said = any(sitting.kept.get(name) for name in ("place", "road", "km"))
    meant = [candidate_out(one) for one in sitting.meant] if said else before
    road = sitting.road if said else road
    towns = [candidate_of(one, sitting.words) for one in meant]
    return [*towns, *somewhere(road, sitting.words)]
