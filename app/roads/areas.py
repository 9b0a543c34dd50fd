"""Countries, regions and cercles: their keys, and finding them by name."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.roads.folding import name_key, without_accents
from app.roads.geometry import Position, rough_km
from app.roads.places import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country that the service covers or borders on.

    Attributes:
        code: ISO 3166-1 alpha-2.
        names: The name to print first, then others (French, English).
        south, west, north, east: Its box; positions outside every box are refused.
        capital: Place id.
        divisions: Newer regions, each with the cercles of the older division it is made of.
    """

    code: str
    names: tuple[str, ...]
    south: float
    west: float
    north: float
    east: float
    capital: str | None = None
    divisions: Mapping[str, tuple[str, ...]]

    def holds(self, position: Position) -> bool:
        """Return whether `position` lies in the country's box."""
        return self.south <= position.lat <= self.north and self.west <= position.lon <= self.east


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A country, region or cercle.

    Attributes:
        key: As in `Section.areas`.
        kind: "country", "region" or "cercle".
        anchor: Its main town.
        keys: What it covers: its own key, and those of the other cercles when a newer region has
            the name of this cercle ("Nioro" is also the region of Nioro and Diéma).
    """

    key: str
    kind: str
    name: str
    country: str
    region: str | None
    cercle: str | None
    anchor: Place
    keys: frozenset[str]


def country_key(country: str) -> str:
    """Return the area key of a country: `country:ML`."""
    return f"country:{country}"


def region_key(country: str, region: str) -> str:
    """Return the area key of a region: `region:ML/Segou`, never with accents."""
    return f"region:{country}/{without_accents(region)}"


def cercle_key(country: str, region: str, cercle: str) -> str:
    """Return the area key of a cercle: `cercle:ML/Kayes/Nioro`."""
    return f"cercle:{country}/{without_accents(region)}/{without_accents(cercle)}"


def area_keys(country: str, region: str | None, cercle: str | None) -> tuple[str, ...]:
    """Return the keys of what holds a place, widest first. The only maker of key lists."""
    keys = [country_key(country)]
    if region:
        keys.append(region_key(country, region))
        if cercle:
            keys.append(cercle_key(country, region, cercle))
    return tuple(keys)


def keys_of(place: Place) -> tuple[str, ...]:
    """Return the keys of what holds `place`, widest first."""
    return area_keys(place.country, place.region, place.cercle)


_PREFIX = re.compile(
    r"^(r[ée]gion|cercle|province|pr[ée]fecture|wilaya|district|d[ée]partement)\s+"
    r"(de la |de l'|de |du |des |d')",
    re.IGNORECASE,
)
_SUFFIX = re.compile(
    r"\s+(region|cercle|province|prefecture|préfecture|department|departement|district)$",
    re.IGNORECASE,
)


def division_name(text: str) -> str:
    """Return the bare name of a division: `Cercle de Bourem` and `Bourem Cercle` are `Bourem`."""
    return _SUFFIX.sub("", _PREFIX.sub("", text.replace("\u2019", "'").strip())).strip()


#: Borders of cercles run between villages: this near to one of its places is as good as inside.
BORDER_KM = 25.0
#: Degrees; a cell is wider than `BORDER_KM` up to 25 degrees from the equator.
_CELL = 0.25
_RANKS = {"PPLC": 6, "PPLA": 5, "PPLA2": 4, "PPLA3": 2}


def standing(place: Place) -> tuple[int, int]:
    """Return what orders places by how likely they are meant: rank of its seat, population."""
    return _RANKS.get(place.feature or "", 1), place.population or 0


def is_division(place: Place) -> bool:
    """Return whether the row is of a region or cercle, not of a settlement."""
    return (place.feature or "").startswith("ADM")


class Areas:
    """The areas of all known places, by name and by key."""

    def __init__(self, places: Iterable[Place], countries: Mapping[str, Country]) -> None:
        rows = list(places)
        self._countries = countries
        self._by_name: dict[str, list[Area]] = {}
        self.by_key: dict[str, Area] = {}
        self.members: dict[str, list[Place]] = {}
        self._near: dict[tuple[str, int, int], list[Position]] = {}
        towns: dict[tuple[str, str], list[Place]] = {}
        for place in rows:
            if not is_division(place):
                self._count(place, towns)
        for key, inside in self.members.items():
            first, kind = inside[0], key.partition(":")[0]
            anchor = self._anchor(first, kind, inside, towns)
            self._add(key, kind, first, anchor)
        for row in rows:
            if row.feature in {"ADM1", "ADM2"}:
                self._add_row(row, towns)

    def _count(self, place: Place, towns: dict[tuple[str, str], list[Place]]) -> None:
        for name in {place.name, *place.alt_names}:
            towns.setdefault((place.country, name_key(name)), []).append(place)
        for key in keys_of(place):
            self.members.setdefault(key, []).append(place)
            self._near.setdefault((key, *_cell(place.position)), []).append(place.position)

    def named(self, text: str) -> list[Area]:
        """Return the areas called `text`, regions before cercles before countries.

        Areas that have it as a variant name count only when none has it as its own.
        """
        key = name_key(division_name(text))
        called = self._by_name.get(key, [])
        return [area for area in called if name_key(area.name) == key] or called

    def borders(self, key: str, position: Position) -> bool:
        """Return whether a known place of the area lies within `BORDER_KM` of `position`."""
        row, column = _cell(position)
        return any(
            rough_km(position, other) <= BORDER_KM
            for i in (row - 1, row, row + 1)
            for j in (column - 1, column, column + 1)
            for other in self._near.get((key, i, j), ())
        )

    @property
    def names(self) -> list[str]:
        """Return the keys of all names, for finding misspelt ones."""
        return list(self._by_name)

    def of(self, place: Place) -> list[Area]:
        """Return the areas that hold `place`, widest first."""
        return [self.by_key[key] for key in keys_of(place) if key in self.by_key]

    def _add(self, key: str, kind: str, first: Place, anchor: Place) -> None:
        country = self._countries.get(first.country)
        region = first.region if kind != "country" else None
        cercle = first.cercle if kind == "cercle" else None
        names = country.names if country else (first.country,)
        area = Area(
            key=key,
            kind=kind,
            name=cercle or region or names[0],
            country=first.country,
            region=region,
            cercle=cercle,
            anchor=anchor,
            keys=frozenset([key]) | self._division_keys(first.country, cercle),
        )
        self.by_key[key] = area
        for name in names if kind == "country" else (area.name,):
            self._call(area, name)
        if name_key(area.name) in {name_key(name) for name in anchor.alt_names}:
            for name in (anchor.name, *anchor.alt_names):
                self._call(area, name)
        elif kind != "country" and name_key(area.name) == name_key(anchor.name):
            for name in anchor.alt_names:
                self._call(area, name)

    def _division_keys(self, country: str, cercle: str | None) -> frozenset[str]:
        known = self._countries.get(country)
        if known is None or cercle is None or cercle not in known.divisions:
            return frozenset()
        parts = set(known.divisions[cercle])
        return frozenset(
            key
            for key, inside in self.members.items()
            if key.startswith(f"cercle:{country}/") and inside[0].cercle in parts
        )

    def _call(self, area: Area, name: str) -> None:
        known = self._by_name.setdefault(name_key(division_name(name)), [])
        if all(other.key != area.key for other in known):
            known.append(area)
            known.sort(key=lambda a: (_ORDER[a.kind], a.country != "ML"))

    def _add_row(self, row: Place, towns: Mapping[tuple[str, str], list[Place]]) -> None:
        """Name an area by its own row's variants; make the area when no place is in it."""
        own = division_name(row.name)
        kind = "region" if row.feature == "ADM1" else "cercle"
        region = own if kind == "region" else row.region
        if not region:
            return
        key = region_key(row.country, own)
        if kind == "cercle":
            key = cercle_key(row.country, region, own)
        if key not in self.by_key:
            first = Place(
                id=row.id,
                name=own,
                country=row.country,
                region=region,
                cercle=own if kind == "cercle" else None,
                position=row.position,
            )
            anchor = max(towns.get((row.country, name_key(own)), [first]), key=standing)
            self._add(key, kind, first, anchor)
        for name in row.alt_names:
            self._call(self.by_key[key], name)

    def _anchor(
        self,
        first: Place,
        kind: str,
        inside: list[Place],
        towns: Mapping[tuple[str, str], list[Place]],
    ) -> Place:
        """Return the main town: the capital, the town that gave the name, or the largest."""
        country = self._countries.get(first.country)
        if kind == "country":
            capital = country.capital if country else None
            return next((p for p in inside if p.id == capital), max(inside, key=standing))
        name = (first.cercle if kind == "cercle" else first.region) or ""
        named = towns.get((first.country, name_key(name)), [])
        return max([town for town in named if town in inside] or inside, key=standing)


def _cell(position: Position) -> tuple[int, int]:
    return math.floor(position.lat / _CELL), math.floor(position.lon / _CELL)


_ORDER = {"region": 0, "cercle": 1, "country": 2}
