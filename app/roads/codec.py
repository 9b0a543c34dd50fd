"""Locations as JSON and back, see `incidents.codec`."""

from collections.abc import Mapping
from typing import Any

from app.roads.geometry import Position
from app.roads.places import Location, Shape

Json = dict[str, Any]

_SHAPE = {shape.value: shape for shape in Shape}


def encode_location(location: Location) -> Json:
    """Return a location, without what is empty."""
    # that the road named has no section there is a fact, too
    named = {} if location.along is None else {"along": list(location.along)}
    return named | filled(
        {
            "shape": location.shape.value,
            "lat": location.position.lat,
            "lon": location.position.lon,
            "radius_km": location.radius_km,
            "label": location.label,
            "place_id": location.place_id,
            "area": location.area,
            "section_ids": list(location.section_ids),
            "country": location.country,
            "region": location.region,
            "cercle": location.cercle,
            "aside_km": location.aside_km,
            "counted": location.counted or None,
            "near": location.near,
            "near_km": location.near_km,
            "at": list(location.at),
            "whole": location.whole or None,
            "towns": list(location.towns),
            "number": location.number,
            "how": location.how,
        }
    )


def decode_location(facts: Mapping[str, Any]) -> Location:
    """Return the location of its facts."""
    get = facts.get
    return Location(
        shape=_SHAPE[facts["shape"]],
        position=Position(facts["lat"], facts["lon"]),
        radius_km=facts["radius_km"],
        label=get("label", ""),
        place_id=get("place_id"),
        area=get("area"),
        section_ids=tuple(get("section_ids", ())),
        country=get("country"),
        region=get("region"),
        cercle=get("cercle"),
        aside_km=get("aside_km"),
        counted=get("counted", False),
        near=get("near"),
        near_km=get("near_km"),
        along=None if get("along") is None else tuple(facts["along"]),
        at=tuple(get("at", ())),
        whole=get("whole", False),
        towns=tuple(get("towns", ())),
        number=get("number"),
        how=get("how", ""),
    )


def filled(facts: Json) -> Json:
    """Return the facts that say something."""
    return {
        name: value for name, value in facts.items() if value is not None and value not in ([], "")
    }
