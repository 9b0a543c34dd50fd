"""The network as GeoJSON (RFC 7946), for maps and other programs."""

from collections.abc import Mapping
from typing import Any

from app.roads.geometry import Position, distance_km
from app.roads.network import Corridor, Network, Section

#: About a tenth of a metre. Source: RFC 7946, 11.2.
_DECIMALS = 6
#: Where lines and names come from; config/network/ATTRIBUTION.md says more.
_ATTRIBUTION = "Places: GeoNames (geonames.org), CC BY 4.0"


def feature_collection(network: Network) -> dict[str, Any]:
    """Return every section as a feature with its id, ends, kilometres and line, by id."""
    sections = sorted(network.sections.values(), key=lambda section: section.id)
    return {
        "type": "FeatureCollection",
        "attribution": _ATTRIBUTION,  # a foreign member. Source: RFC 7946, 6.1
        "features": [_feature(section, network) for section in sections],
    }


def _feature(section: Section, network: Network) -> dict[str, Any]:
    part, parts = section.part
    return {
        "type": "Feature",
        "id": section.id,
        "geometry": {
            "type": "LineString",
            # longitude first. Source: RFC 7946, 3.1.1
            "coordinates": [
                [round(point.lon, _DECIMALS), round(point.lat, _DECIMALS)] for point in section.line
            ],
        },
        "properties": {
            "id": section.id,
            "start": {"id": section.start, "name": section.start_name},
            "end": {"id": section.end, "name": section.end_name},
            "part": part,
            "parts": parts,
            "km": round(section.km, 1),
            "road": section.road,
            "routes": [_stretch(section, code, network) for code in section.corridors],
            "areas": sorted(section.areas),
            "schematic": section.schematic,
        },
    }


def _stretch(section: Section, code: str, network: Network) -> dict[str, Any]:
    start, end = network.km_on_route(section.id, code)
    return {"code": code, "from_km": round(start, 1), "to_km": round(end, 1)}


def network_of(collection: Any, *, beside: Network) -> Network:
    """Return a network of the lines of a feature collection: its sections are its features.

    What `feature_collection` wrote comes back; of a collection from elsewhere an id and a line are
    enough. Places and countries are those of `beside`.

    Raises:
        ValueError: It is no collection of lines with ids.
    """
    features = collection.get("features") if isinstance(collection, Mapping) else None
    if not isinstance(features, list) or not features:
        raise ValueError("it is no GeoJSON FeatureCollection with features")
    sections = [_section(feature, number) for number, feature in enumerate(features)]
    if len({section.id for section in sections}) < len(sections):
        raise ValueError("two features have the same id")
    on_route: dict[str, list[str]] = {}
    for section in sections:
        for code in section.corridors:
            on_route.setdefault(code, []).append(section.id)
    return Network(
        sections=sections,
        corridors=[
            Corridor(
                code=code, title=code, road_refs="", length_km=0.0, stops=(), section_ids=tuple(ids)
            )
            for code, ids in on_route.items()
        ],
        places=beside.places.values(),
        countries=beside.countries.values(),
        nearby_places=beside.nearby_places,
    )


def _section(feature: Any, number: int) -> Section:
    try:
        said = feature.get("properties") or {}
        found = feature.get("id", said.get("id"))
        name = str(number if found is None else found)
        if feature["geometry"]["type"] != "LineString":
            raise ValueError(f"feature {name}: its geometry is no LineString")
        line = tuple(
            Position(float(point[1]), float(point[0]))
            for point in feature["geometry"]["coordinates"]
        )
        if len(line) < 2 or not all(point.on_earth for point in line):  # noqa: PLR2004
            raise ValueError(f"feature {name}: its line is not one of longitudes and latitudes")
        start, end = said.get("start") or {}, said.get("end") or {}
        return Section(
            id=name,
            start=str(start.get("id", name)),
            end=str(end.get("id", name)),
            start_name=str(start.get("name", name)),
            end_name=str(end.get("name", name)),
            km=float(said.get("km") or sum(map(distance_km, line, line[1:]))),
            line=line,
            corridors=tuple(str(route["code"]) for route in said.get("routes", ())),
            areas=frozenset(str(area) for area in said.get("areas", ())),
            road=said.get("road"),
            schematic=bool(said.get("schematic", False)),
        )
    except (AttributeError, KeyError, TypeError, IndexError) as error:
        raise ValueError(f"feature {number} is no line with coordinates") from error
