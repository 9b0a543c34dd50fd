"""The network as GeoJSON (RFC 7946), for maps and other programs."""

from typing import Any

from app.roads.network import Network, Section

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
