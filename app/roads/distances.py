"""Takes apart how far from a town something is said to be; knows no place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.roads.bare_name import bare_name
from app.roads.folding import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """`40 km from Bamako`, `12 km au nord de Kayes`, `West of Bamako` (km None).

    `towards`: `15 km de Sandaré vers Diéma`, `20 km de Kayes, route de Diboli`.
    """

    km: float | None
    bearing: float | None
    name: str
    towards: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A distance that is counted from a town, and what is said beside it.

    Attributes:
        before: What stands before the distance: `Chamane` in `Chamane, 38 km north of Menaka`.
        road: The number of the road on which it is counted.
        beyond: Whether it is past the town; None where nothing says so.
    """

    offset: Offset
    before: str
    road: str | None
    beyond: bool | None = None


_I = re.IGNORECASE
#: Between the towns that a road joins.
HYPHEN = re.compile(
    r"\s*[-\u2010-\u2015\u2192>]+\s*|\s*/\s*|\s+[àa]\s+|\s+to\s+|\s+(?:vers|towards?)\s+", _I
)
NUMBERED = r"(?:RN|RR|RC|N|R)\s?\d+[A-Z]?(?:\s*/\s*(?:RN|RR|RC|N|R)?\s?\d+)*"
_KM = r"(?P<km>\d+(?:[.,]\d+)?)\s*(?:km|kilom[èe]tres?|kilometers?)"
_FROM_A_TOWN = re.compile(
    rf"{_KM}\s+"
    r"(?P<way>(?:[a-zàâéèêëîïôûüç'\u2019 -]*?\s)??)"
    r"(?P<side>from|of|de|du|d['\u2019]|avant|apr[èe]s|before|after|past|beyond)\s*"
    r"(?P<name>[^\d].*)$",
    _I,
)
#: What stands between a name and a distance: `Sandaré, à (environ) 15 km de ...`.
_BEFORE_DISTANCE = re.compile(
    r"[\s,]+(?:[àa]|at)?(?:\s*(?:environ|env\.?|about|some|quelques?))?\s*$", _I
)
_GOING = (
    r"(?:en )?(?:allant|partant|montant|descendant|roulant)(?: (?:vers|[àa]|sur|pour))?|"
    r"(?:en )?(?:direction|sens)(?: d[eu])?|c[ôo]t[ée]|vers|towards?|"
    r"(?:going|heading|driving)(?: to| towards?)?|on the way to"
)
_A_ROAD_TO = (
    r"(?:sur |on )?(?:la |the |l['\u2019])?(?:route|axe|road|piste)"
    r"(?: (?:de|du|to|vers)| (?:menant|qui (?:m[èe]ne|va|conduit)) (?:[àa]|vers))?"
)
_TOWARDS = re.compile(
    r"[\s,]+(?:(?P<back>(?:en )?(?:venant|provenance) d[eu]|coming from)|"
    rf"{_GOING}|{_A_ROAD_TO})\s+(?P<town>[^,]+)$",
    _I,
)
#: `25 km from Douentza on the Boni road`, `25 km from Douentza, Boni road`
_ON_ROAD_OF = re.compile(
    r"(?:[\s,]+on|\s*,) (?:the )?(?P<town>[^,]+?) (?:road|axis|highway|track)$", _I
)
#: `35 km à l'ouest de Bourem sur la RN33`: the wind says which way; without one, the road may.
_ON_NUMBER = re.compile(rf"[\s,]+(?:on|sur|along)\s+(?:the\s+|la\s+)?{NUMBERED}$", _I)
#: Of one who drives towards a town: what is before it lies behind him.
_BEFORE_IT = re.compile(r"avant|before", _I)
_BEYOND_IT = re.compile(r"apr[èe]s|after|past|beyond", _I)
_WINDS = {
    "north": 0.0, "nord": 0.0, "northeast": 45.0, "nordest": 45.0, "east": 90.0, "est": 90.0,
    "southeast": 135.0, "sudest": 135.0, "south": 180.0, "sud": 180.0, "southwest": 225.0,
    "sudouest": 225.0, "west": 270.0, "ouest": 270.0, "northwest": 315.0, "nordouest": 315.0,
    "n": 0.0, "ne": 45.0, "e": 90.0, "se": 135.0, "s": 180.0, "sw": 225.0, "so": 225.0,
    "w": 270.0, "o": 270.0, "nw": 315.0, "no": 315.0,
}  # fmt: skip
_WIND = r"(?:north|south|nord|sud)[ -]?(?:east|west|est|ouest)?|east|west|est|ouest"
_DIRECTION = re.compile(
    rf"^(?:au |[àa] l['\u2019]|to the )?(?P<wind>{_WIND})"
    r"(?:ern\s+|(?:ern)?(?:\s+(?:of|de|du)\s+|\s+d['\u2019]\s*))(?P<name>.+)$",
    _I,
)
_WIND_WORD = re.compile(rf"\b({_WIND})\b", _I)
#: `15 km NW of Diéma`; small letters are words.
_WIND_LETTERS = re.compile(r"^(N|S|E|W|O|NE|NW|NO|SE|SW|SO)\s*$")
#: `Kolokani, 3 km au sud`, `Kolokani (3 km au sud)`
_TO_A_WIND = (
    rf"(?:[àa] )?{_KM}\s+(?:au |[àa] l['\u2019]|to the |vers (?:le |l['\u2019]))?(?P<wind>{_WIND})"
)
_TOWN_AND_WIND = re.compile(rf"^(?P<name>[^\W\d].*?)[\s,]+{_TO_A_WIND}$", _I)
#: `Kayes, 35 km vers Sadiola`, `à la sortie de Sikasso, à 42 km, direction Koutiala`
_TOWN_AND_WAY = re.compile(
    rf"^(?P<name>[^\W\d].*?)[\s,]+(?:(?:[àa]|at)\s+)?(?:environ\s+|about\s+)?{_KM}(?P<way>[\s,].+)$",
    _I,
)
_WIND_ALONE = re.compile(rf"^{_TO_A_WIND}$", _I)


def counted_from(text: str) -> Counted | None:
    """`Chamane, 38 km north of Menaka`, `15 km de Sandaré vers Diéma`, `40 km from Bamako`."""
    found = _FROM_A_TOWN.search(text)
    if found is None:
        return None
    wind = _WIND_WORD.search(found["way"]) or _WIND_LETTERS.match(found["way"])
    town, towards = _from_and_towards(found["name"], found["side"])
    numbered = None if wind or towards else _ON_NUMBER.search(found["name"])
    bearing = _bearing(wind[1]) if wind else None
    return Counted(
        offset=Offset(km=_number(found["km"]), bearing=bearing, name=town, towards=towards),
        before=_BEFORE_DISTANCE.sub("", text[: found.start()]).strip(" ,"),
        road=numbered[0].strip(" ,") if numbered else None,
        beyond=_is_beyond(found["side"]),
    )


def _is_beyond(side: str) -> bool | None:
    if _BEYOND_IT.match(side):
        return True
    return False if _BEFORE_IT.match(side) else None


def counted_behind(text: str) -> Offset | None:
    """`Kolokani, 3 km au sud`, `Kayes, 35 km vers Sadiola`: the town comes first."""
    if found := _TOWN_AND_WIND.match(text):
        bearing = _bearing(found["wind"])
        return Offset(km=_number(found["km"]), bearing=bearing, name=_town(found["name"]))
    found = _TOWN_AND_WAY.match(text)
    way = (_ON_ROAD_OF.match(found["way"]) or _TOWARDS.match(found["way"])) if found else None
    if found is None or way is None:
        return None
    town = _town(found["name"])
    towards = _far_end(way["town"].strip(), town)
    return Offset(km=_number(found["km"]), bearing=None, name=town, towards=towards)


def is_way_alone(text: str) -> bool:
    """Return whether `text` is a distance and a wind, `3 km au sud`, and nothing else."""
    return _WIND_ALONE.match(text) is not None


def direction(text: str) -> Offset | None:
    """`West of Bamako`, `au nord de Diéma`: which way from it, and not how far."""
    found = _DIRECTION.match(text)
    if found is None:
        return None
    return Offset(km=None, bearing=_bearing(found["wind"]), name=found["name"].strip())


def towards_other_end(counted: Counted, ends: Sequence[str]) -> Offset:
    """Return an offset on the road that has these ends: from one of them it counts to the other.

    `axe Ségou-Markala-Niono, 25 km après Markala` is on the way to Niono, as the road is told.
    """
    offset = counted.offset
    if offset.towards or offset.bearing is not None:
        return offset
    towards = _other_end(ends, offset.name)
    if towards is None and fold(offset.name) in map(fold, ends) and counted.beyond is not None:
        towards = ends[-1] if counted.beyond else ends[0]
    return replace(offset, towards=towards)


def from_other_end(offset: Offset, ends: Sequence[str]) -> Offset | None:
    """`Bamako-Ségou, 40 km vers Ségou` counts from Bamako; None where neither end is meant."""
    town = _other_end(ends, offset.towards or "")
    return replace(offset, name=town) if town else None


def _town(text: str) -> str:
    return bare_name(text)[0] or text.strip()


def _from_and_towards(text: str, side: str) -> tuple[str, str | None]:
    """Return the town that a distance counts from, and the one that it counts towards.

    Who drives from Bamako to Kayes is "20 km avant Kayes" while Kayes is ahead: on the way back to
    Bamako, not on the way to what he names as ahead.
    """
    text = _ON_NUMBER.sub("", text)
    found = _ON_ROAD_OF.search(text) or _TOWARDS.search(text)
    town = _town(text[: found.start()] if found else text)
    if found is None:
        return town, None
    other_side = _BEYOND_IT if found.groupdict().get("back") else _BEFORE_IT
    return town, None if other_side.match(side) else _far_end(found["town"].strip(), town)


def _far_end(road: str, town: str) -> str | None:
    """Return where `axe Bla-Koutiala` leads from Bla; a name that is no road stands as it is."""
    ends = HYPHEN.split(road)
    if not any(fold(end) == fold(town) for end in ends):
        beside = fold(road).removeprefix(f"{fold(town)} ").removesuffix(f" {fold(town)}")
        return road if beside == fold(road) else beside  # "axe Yanfolila Bougouni"
    return _other_end(ends, town)


def _other_end(ends: Sequence[str], town: str) -> str | None:
    """Return what a road leads to from the town at one of its ends; its name may have hyphens."""
    here = [fold(end) == fold(town) for end in ends]
    if not any(here) or here[0] == here[-1]:
        return None
    return "-".join(ends[1:] if here[0] else ends[:-1])


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _bearing(wind: str) -> float:
    return _WINDS[re.sub(r"[ -]", "", wind.lower())]
