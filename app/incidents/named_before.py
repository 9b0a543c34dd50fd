"""A name that nobody recorded, or that several places have: where it was said to be of late."""

from collections.abc import Iterable
from dataclasses import replace

from app.roads.folding import name_key
from app.roads.geometry import rough_km
from app.roads.phrases import parse
from app.roads.places import Location, Shape, Unplaced

#: The score of a candidate that has the name as it was written.
_AS_WRITTEN = 1.0
#: Positions of one village differ by some 12 km; further apart two may be meant.
_APART_KM = 25.0


def name_asked(said: str | None, asked: Unplaced) -> str | None:
    """Return the key of a place as filed that others may have told of; None: it is no mere name."""
    phrase = parse(said or "")
    if phrase.stretch or phrase.parts or phrase.offset or phrase.road_point or phrase.area:
        return None
    known = asked.reason in {"unknown", "ambiguous"}
    return (name_key(phrase.whole or "") or None) if known else None


def named_before(key: str, asked: Unplaced, lately: Iterable[Location]) -> Location | None:
    """Return where a name lies that others gave with its position, or as one of its namesakes.

    Six people tell of one attack on a hamlet, and one of them sends the position: the others mean
    that hamlet, and need not be asked. None where nobody did, or where they are not of one mind.

    Args:
        key: Of the name, as `name_asked` returns it.
        asked: What would be asked back.
        lately: Where known sources placed what they told, the newest first.
    """
    meant = {one.place_id for one in asked.candidates if one.score >= _AS_WRITTEN}
    spots = [spot for spot in lately if _is_named(spot, key, meant)]
    if not spots or any(rough_km(spots[0].position, one.position) > _APART_KM for one in spots):
        return None
    return replace(spots[0], how="as others of late who gave its position", along=None)


def _is_named(spot: Location, key: str, meant: set[str]) -> bool:
    if spot.shape is not Shape.POINT or spot.counted:
        return False
    if spot.place_id is None:
        return name_key(spot.label) == key
    return spot.place_id in meant
