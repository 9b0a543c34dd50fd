"""Takes the words of a place text apart; knows no place."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from app.roads.area_words import AREA_AFTER, AREA_BEFORE, DIVISION, OF, area_in, said_of
from app.roads.bare_name import ARTICLE, bare_name, is_beside
from app.roads.distances import (
    HYPHEN,
    NUMBERED,
    Counted,
    Offset,
    counted_behind,
    counted_from,
    direction,
    from_other_end,
    is_way_alone,
    towards_other_end,
)
from app.roads.folding import fold
from app.roads.road_word import with_road_word
from app.roads.spelt import in_digits


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadPoint:
    """`RN1 PK 340 vers Kayes`."""

    road: str
    km: float
    towards: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A place text, understood as far as its words go.

    Attributes:
        name: The name without words such as "bridge" or "commune de"; None when none was given.
        whole: The name as written, with those words.
        parts: The names of a stretch (`Kayes`, `Diema`), as split at hyphens.
        stretch: Whether the words say that it is a stretch ("road", "entre ... et ...").
        area: The name of a region that was meant as an area, or a cercle ("cercle de Kayes").
        vague: Whether the words say "somewhere around" ("area", "près de").
        border: Whether they speak of a border.
        midway: Whether they say "halfway" of a stretch.
        road: The road that the place is said to lie on (`Kasséla, sur la RN6`).
        head: What is said to lie by the name: `Konna` in `Konna, près de Sévaré`.
        hints: What stood in parentheses, each taken apart the same way.
        behind: What stood behind a comma (`Moussala, cercle de Kéniéba`), taken apart, too.
    """

    name: str | None = None
    whole: str | None = None
    parts: tuple[str, ...] = ()
    stretch: bool = False
    area: str | None = None
    vague: bool = False
    border: bool = False
    midway: bool = False
    road: str | None = None
    head: str | None = None
    offset: Offset | None = None
    road_point: RoadPoint | None = None
    hints: tuple["Phrase", ...] = ()
    behind: tuple["Phrase", ...] = ()


_I = re.IGNORECASE
#: Nobody needs more to name a place; a bound on what the patterns have to read.
_LONGEST = 300
_PARENTHESES = re.compile(r"[(\[]([^()\[\]]*)[)\]]?")
_NOT_GIVEN = re.compile(
    r"^(?:(?:place|lieu|location|endroit|position)\s*)?"
    r"(?:not (?:given|known|stated|specified)|unknown|unspecified|"
    r"non pr[ée]cis[ée]e?|inconnue?|\?+)",
    _I,
)
#: `Béma, in the Nioro region`, `Tessalit dans la région de Kidal`
_IN_DIVISION = re.compile(
    r"^(?P<name>[^\W\d][^,]*?),?\s+(?:in|dans|en)\s+(?:the |la |le )?"
    rf"(?P<division>{DIVISION}{OF}.+|[^,]+?\s{DIVISION}\b.*)$",
    _I,
)
#: `Kolondialan, dans la commune rurale de Didiéni`, `Kolondialan in Didiéni commune`
_IN_COMMUNE = re.compile(
    r"^(?P<name>[^\W\d][^,]*?),?\s+(?:in|dans)\s+(?:the |la |le |l['\u2019])?"
    r"(?:(?P<commune>(?:commune|arrondissement|secteur)\s.+)|(?P<seat>[^,]+?)\scommune)$",
    _I,
)
_BETWEEN = re.compile(
    r"^(?:(?P<spot>.+?)[\s,]+)??(?:entre|between)\s+(?P<a>.+?)\s+(?:et|and|&|y)\s+"
    r"(?:(?:de|of)\s+|d['\u2019]\s*)?(?P<b>.+)$",
    _I,
)
#: `dans la région de Kayes`, `in the cercle of Diéma`; "In" alone is of a name: `In Delimane`.
_WITHIN = re.compile(r"^(?:dans\s+(?:les? |la |l['\u2019])?|in\s+the\s+|en\s+la\s+)", _I)
_A_ROAD = (
    r"(?:(?:sur|on|along|le long de)\s+)?(?:toute? |all (?:of )?)?(?:la |le |the |l['\u2019])?"
    r"(?:routes?|roads?|axes?|tron[çc]ons?|pistes?|trajets?|highway|corridor)"
)
_FROM_TO = re.compile(
    rf"^(?:{_A_ROAD}\s+)?(?:from|de)\s+(?P<a>.+?)\s+"
    r"(?:to|[àa]|vers|jusqu['\u2019][àa])\s+(?P<b>.+)$",
    _I,
)
#: `route reliant Kita à Kéniéba`, `the road linking Kita and Kéniéba`
_LINKING = re.compile(
    rf"^{_A_ROAD}\s+(?:reliant|joignant|linking|connecting|joining|"
    r"(?:qui|that|which) (?:relie|joint|links|connects|joins))\s+(?P<a>.+?)\s+"
    r"(?:to|[àa]|et|and|with)\s+(?P<b>.+)$",
    _I,
)
#: `entre Kayes-Diéma`
_BETWEEN_ENDS = re.compile(r"^(?:entre|between)\s+(?P<ends>\S.*)$", _I)
_ROAD_POINT = re.compile(
    r"^(?P<road>.*?)[\s,]*\b(?:pk|km|point kilom[ée]trique|kilom[èe]tre)\s*"
    r"(?P<km>\d+(?:[.,]\d+)?)\b"
    r"[\s,]*(?P<road2>(?:(?:route|axe|road|rn?\s?\d+)\b.*?|[^\W\d]+(?: [^\W\d]+)?-[^\W\d]+)?)"
    r"(?:[\s,]*(?:vers|towards?|direction|to|en direction de)\s+(?P<towards>.+))?$",
    _I,
)
#: `RN1 45`, `RN 6, 120 km vers Fana`: the number of a road, and a bare kilometre.
_ROAD_AND_KM = re.compile(
    r"^(?P<road>RN\s?\d+)[\s,:]+(?P<km>\d+(?:[.,]\d+)?)(?:\s*km)?(?P<road2>)"
    r"(?:[\s,]*(?:vers|towards?|direction|to|en direction de)\s+(?P<towards>.+))?$",
    _I,
)
_ROAD_BEFORE = re.compile(
    rf"^{_A_ROAD}(?:\s+(?:nationale|routi[èe]re?))?"
    r"(?:\s+(?:de la|de|du|des|of|to|d['\u2019]|vers|in|out of))?\s+",
    _I,
)
_ROAD_AFTER = re.compile(
    r"\s+(?:(?:market|secondary|main|trade|dirt|paved)\s+)?"
    r"(?:roads?(?:\s*works?)?|routes?|axis|axes?|highway|corridor|stretch|track)$",
    _I,
)
_THE = re.compile(r"^(?:(?:sur|on|along|le long de)\s+)?(?:the|la|le)\s+", _I)
#: Which border a place lies at tells nothing that its name does not.
_AT_BORDER = re.compile(
    r"(?<=\w{3})(?<!poste)(?<!zone)(?<!ville)(?<!village)"
    r"(?:[\s,]+(?:(?:[àa]|(?:pr[èe]s|non loin|proche) de) la )?(?:poste )?fronti[èe]re\b.*|"
    r",\s*(?:\w+ ){0,3}border\b.*)$",
    _I,
)
#: `vers la frontière du Burkina, Kouri`, `frontière du Sénégal à Diboli`
_BORDER_FIRST = re.compile(
    r"^(?:(?:vers|[àa]|near|at)\s+)?(?:la\s+|the\s+)?(?:fronti[èe]re|border)\s[^,]*?"
    r"(?:\s*,\s*(?:[àa]\s+)?|\s+[àa]\s+)(?=\S)",
    _I,
)
_A_BORDER = re.compile(r"\bfronti[èe]re\b|\bborder\b", _I)
_NATIONAL = re.compile(r"\b(?:route\s+)?nationale\s+(?:n[°o]?\s*)?(?=\d)", _I)
#: A distance that says nothing of whence it is counted.
_DISTANCE = re.compile(r"\s*(?:[àa]\s+)?\d+(?:[.,]\d+)?\s*(?:km|kilom\w+)\s*", _I)
_NUMBER = re.compile(rf"^(?:{NUMBERED})\b[\s,:]*", _I)
_ROAD_WORD = r"(?:route|axe|road|highway|corridor)"
#: `Kasséla, sur la RN6`, `Kasséla, route de Ségou`, `Lakamané, Diéma-Sandaré road`
_ON_A_ROAD = re.compile(
    rf"^(?P<name>[^\W\d][^,]*?)(?:\s*,\s*|\s+(?=(?:sur|on|along|le long de)\b))"
    rf"(?:(?:sur|on|along|le long de)\s+)?(?:la\s+|le\s+|the\s+|l['\u2019])?"
    rf"(?P<road>(?:{_ROAD_WORD}\s+)?{NUMBERED}|{_ROAD_WORD}\s[^,]+|[^,]+\s{_ROAD_WORD})$",
    _I,
)
#: `axe Kayes-Diéma, Lakamané`, `RN1 Kayes-Diéma à Lakamané`, `entre Kayes et Diéma, à Lakamané`
_PLACE_ON_ROAD = re.compile(
    rf"^(?P<road>(?:{_A_ROAD}|{NUMBERED}|entre|between)\s[^,]*?)(?:\s*,\s*|\s+(?=[àa]\s))"
    r"(?P<spot>(?:[àa]\s+)?[^,]+)$",
    _I,
)
#: `axe Diéma-Sandaré, au niveau de Lakamané`: a road, and where on it.
_SPOT_ON_ROAD = re.compile(
    r"^(?P<road>.+?)[\s,]+(?P<spot>(?:[àa] (?:la )?(?:hauteur|proximit[ée])|au niveau|"
    r"[àa] l['\u2019]entr[ée]e|[àa] la sortie|(?:tout )?pr[èe]s|non loin)\s+d\W?.+|"
    r"(?:near|close to|around|at)\s+.+)$",
    _I,
)
#: `route de Ségou après Fana`
_BEYOND_ON_ROAD = re.compile(
    rf"^(?P<road>{_A_ROAD}\s[^,]+?)[\s,]+"
    r"(?P<spot>(?:(?:juste|just|un peu|peu)\s+)?(?:avant|apr[èe]s|before|after)\s+[^,]+)$",
    _I,
)
_MIDWAY = re.compile(r"^(?:[àa] )?(?:mi[ -]chemin|halfway|midway|half way)\s+", _I)
#: `entrée de Bamako côté Ségou`
_SIDE = re.compile(r"[\s,]+c[ôo]t[ée]\s+(?!de\b)[^,]+$", _I)
#: `Sandaré en venant de Kayes`: which way somebody went, not where.
_TRAVELLING = re.compile(
    r"[\s,]+(?:en (?:venant|provenance|allant|partant|route|direction)|coming|going|heading|"
    r"on the way)\s+(?:d['\u2019]|(?:de|du|vers|[àa]|pour|from|to|towards?)\s)\s*(?P<town>[^,]+)$",
    _I,
)
#: `sortie de Konna vers Boré` is in Konna, and not half-way.
_AT_EDGE = re.compile(
    r"^(?P<edge>(?:[àa] )?(?:la |l['\u2019]|the )?(?:sortie|entr[ée]e|exit|entrance)\s.+?)[\s,]+"
    r"(?:vers|towards?|(?:en )?direction(?: d[eu])?)\s(?P<town>.+)$",
    _I,
)


@lru_cache(maxsize=16_384)
def parse(text: str) -> Phrase:
    """Return what the words of a place text say."""
    text = text[:_LONGEST]
    hints = tuple(
        parse(inner.strip())
        for found in _PARENTHESES.findall(text)
        for inner in found.split(";")
        if inner.strip() and not _A_BORDER.search(inner)
    )
    behind = [inner for inner in _PARENTHESES.findall(text) if is_way_alone(inner.strip())]
    text = ", ".join([_PARENTHESES.sub(" ", text), *behind])
    text = _NATIONAL.sub("RN", " ".join(text.split()).strip(" ,.;:"))
    text = with_road_word(in_digits(text))
    border, midway = bool(_A_BORDER.search(text)), bool(_MIDWAY.match(text))
    text = _BORDER_FIRST.sub("", _AT_BORDER.sub("", text))
    text = _IN_DIVISION.sub(r"\g<name>, \g<division>", _MIDWAY.sub("", text))
    if found := _IN_COMMUNE.match(text):
        text = f"{found['name']}, {found['commune'] or 'commune ' + found['seat']}"
    text = _WITHIN.sub("", text)
    if not text or _NOT_GIVEN.match(text):
        return Phrase(hints=hints)
    special = _on_road_in_division(text, hints) or _special(text, hints)
    special = special or _road_and_more(text, hints)
    special = special or _at_edge(_SIDE.sub("", text), hints)
    divisions = tuple(parse(part.strip()) for part in (special.name or "").split(",")[1:])
    divisions = (*special.behind, *divisions)
    return replace(special, border=border, midway=midway, behind=divisions)


def _special(text: str, hints: tuple[Phrase, ...]) -> Phrase | None:
    """Return a text that is more than a name: a distance, a stretch, a spot on a road."""
    return (
        _road_point(text, hints)
        or _offset(text, hints)
        or _spot_on_road(text, hints)
        or _on_a_road(text, hints)
        or _between(text, hints)
        or _on_the_way(text, hints)
    )


def _on_road_in_division(text: str, hints: tuple[Phrase, ...]) -> Phrase | None:
    """`entre Niono et Diabaly, cercle de Niono`: as were the cercle in parentheses."""
    told, _, division = text.rpartition(",")
    area = area_in(division.strip()) if told else None
    if area is None:
        return None
    hints = (*hints, Phrase(area=area, whole=division.strip()))
    plain = _plain(told, hints)
    return _special(told, hints) or (plain if plain.parts else None)


def _road_and_more(text: str, hints: tuple[Phrase, ...]) -> Phrase | None:
    """`Sikasso-Niéna road, Sikasso`, `Kolondiéba-Kadiana, sud du Mali`: what follows is around."""
    road, _, more = text.partition(",")
    plain = _plain(road, hints)
    if not (more and plain.parts):
        return None
    return replace(plain, behind=tuple(parse(part.strip()) for part in more.split(",")))


def _road_point(text: str, hints: tuple[Phrase, ...]) -> Phrase | None:
    found = _ROAD_POINT.match(text) or _ROAD_AND_KM.match(text)
    if not found:
        return None
    road, behind = ((found[name] or "").strip(" ,") for name in ("road", "road2"))
    road = f"{road} {behind}".strip() if len(HYPHEN.split(behind)) > 1 else road or behind
    point = RoadPoint(road=road, km=float(found["km"].replace(",", ".")), towards=found["towards"])
    return Phrase(road_point=point, whole=text, hints=hints)


def _spot_on_road(text: str, hints: tuple[Phrase, ...]) -> Phrase | None:
    found = (
        _SPOT_ON_ROAD.match(text)
        or _BEYOND_ON_ROAD.match(text)
        or (not _LINKING.match(text) and _PLACE_ON_ROAD.match(text))
    )
    if not found:
        return None
    spot = _plain(found["spot"], hints)
    road = _between(found["road"], ()) or _plain(found["road"], ())
    if road.parts:
        return replace(road, hints=(spot, *hints))
    if found.re is _PLACE_ON_ROAD:
        return None
    return spot if road.stretch else replace(spot, head=road.name)


def _on_the_way(text: str, hints: tuple[Phrase, ...]) -> Phrase | None:
    found = _TRAVELLING.search(text)
    if not found:
        return None
    return replace(_plain(text[: found.start()], hints), road=found["town"].strip())


def _at_edge(text: str, hints: tuple[Phrase, ...]) -> Phrase:
    """Return what lies at the edge of a town, and which way; any other text as it is."""
    found = _AT_EDGE.match(text)
    if not found:
        return _plain(text, hints)
    return replace(_plain(found["edge"], hints), road=found["town"].strip())


def _on_a_road(text: str, hints: tuple[Phrase, ...]) -> Phrase | None:
    found = _ON_A_ROAD.match(text)
    if not found:
        return None
    place = _between(found["name"], hints) or _plain(found["name"], hints)
    return replace(place, road=found["road"].strip())


def _offset(text: str, hints: tuple[Phrase, ...]) -> Phrase | None:
    beside = _SPOT_ON_ROAD.match(text)
    if beside and _DISTANCE.fullmatch(beside["road"]):
        beside = None  # "42 km à la sortie de Sikasso vers Koutiala"
    if counted := counted_from(beside["road"] if beside else text):
        return _counted(counted, beside["spot"] if beside else None, text, hints)
    if behind := counted_behind(text):
        if behind.towards and (said := _road_from(behind.name, behind.towards)):
            behind = from_other_end(behind, said.parts)
        return Phrase(offset=behind, whole=text, hints=hints) if behind else None
    if way := direction(text):
        if area := AREA_BEFORE.match(way.name) or AREA_AFTER.match(way.name):
            return Phrase(area=said_of(area), whole=text, hints=hints)
        return Phrase(offset=way, whole=text, hints=hints)
    return None


def _counted(counted: Counted, spot: str | None, text: str, hints: tuple[Phrase, ...]) -> Phrase:
    """Return a distance from a town; `spot` is what the report says to be there."""
    offset, road = counted.offset, counted.road
    own = bare_name(spot or counted.before)[0]
    if own == offset.name and (offset.towards or offset.bearing is not None):
        own = None  # "Sandaré, à 15 km de Sandaré vers Diéma" is not in Sandaré
    if spot is None and (said := _road_from(counted.before, offset.name)):
        own, road, offset = None, counted.before, towards_other_end(counted, said.parts)
    return Phrase(
        offset=offset, name=own, vague=spot is not None, road=road, whole=text, hints=hints
    )


def _road_from(text: str, town: str) -> Phrase | None:
    """Return the road to or from `town` that is named: `axe Bamako-Ségou`, à 40 km de Bamako.

    `Koro-Koro, à 12 km de Fana` is a village; a road is called one, has a number, or leads there.
    """
    if not text:
        return None
    said = _between(text, ()) or _plain(text, ())
    leads_there = any(fold(part) == fold(town) for part in said.parts)
    named = said.stretch or leads_there or _NUMBER.fullmatch(text) is not None
    return said if named and not said.hints else None


def _between(text: str, hints: tuple[Phrase, ...]) -> Phrase | None:
    bare = _NUMBER.sub("", text)
    if found := (_BETWEEN.match(bare) or _FROM_TO.match(bare) or _LINKING.match(bare)):
        parts = tuple(bare_name(part)[0] or part for part in (found["a"], found["b"]))
        if spot := found.groupdict().get("spot"):
            hints = (_plain(spot, ()), *hints)  # "Kéléya, entre Bougouni et Bamako"
        return Phrase(parts=parts, stretch=True, whole=text, hints=hints)
    ends = _BETWEEN_ENDS.match(bare)
    if ends and len(HYPHEN.split(ends["ends"])) > 1:
        return replace(_plain(ends["ends"], hints), stretch=True, whole=text)
    return None


def _plain(text: str, hints: tuple[Phrase, ...]) -> Phrase:
    if area := area_in(text):
        return Phrase(area=area, whole=text, hints=hints)
    bare = _NUMBER.sub("", text)
    without = _ROAD_AFTER.sub("", _ROAD_BEFORE.sub("", bare))
    # "RN7 à Zantiébougou", "RN1 après Diboli", "RN7, Niéna" is a place on it, and
    # "RN7 Bougouni-Sikasso" a part of it.
    number = text[: len(text) - len(bare)]
    spot = ARTICLE.match(bare) or is_beside(bare)
    stretch = without != text and not (number and ("," in number or spot))
    without = _THE.sub("", without) if stretch else without
    parts = tuple(p for part in HYPHEN.split(without.strip()) if (p := bare_name(part)[0]))
    name, vague = bare_name(without)
    return Phrase(
        name=name,
        whole=without or None,
        parts=parts if len(parts) > 1 else (),
        stretch=stretch,
        vague=vague,
        road=number.strip(" ,:") or None,
        hints=hints,
    )
