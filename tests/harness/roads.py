"""What tests of places ask of `locate`."""

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import distance_km
from app.roads.locating import locate
from app.roads.places import Location, Place, PlaceQuery, Unplaced


def placed(gazetteer: Gazetteer, query: PlaceQuery) -> Location:
    """Return where the query was placed; fail when it was asked back."""
    answer = locate(query, gazetteer)
    assert isinstance(answer, Location), answer
    return answer


def asked(gazetteer: Gazetteer, query: PlaceQuery) -> Unplaced:
    """Return what was asked back; fail when the query was placed."""
    answer = locate(query, gazetteer)
    assert isinstance(answer, Unplaced), answer
    return answer


def far_off(gazetteer: Gazetteer, place: Place, query: PlaceQuery) -> bool:
    """Return whether the query was placed, but more than 25 km from `place`."""
    answer = locate(query, gazetteer)
    return isinstance(answer, Location) and distance_km(answer.position, place.position) > 25.0
