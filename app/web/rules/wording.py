"""A rule read aloud: when it speaks, how much it counts, which level it insists on. Pure."""

import re
from collections.abc import Callable, Mapping

from babel.units import format_unit

from app.core.levels import Level
from app.risk.rules import Floor, Rule
from app.web.speaking import Words, sentence

#: Below this a weight is read as what it takes away.
_NOTHING = 0.0

_KIND = re.compile(r'incident\.kind == "(\w+)"')
_KINDS = re.compile(r'incident\.kind in \[((?:\s*"\w+"\s*,?)+)\]')
_FAMILY = re.compile(r'incident\.family == "(\w+)"')
_FIGURE = re.compile(r"incident\.(vehicles|fatalities|abducted) >= (\d+)")
_RECENT = re.compile(r"recent\.(hostile|serious)_(7|30)d >= (\d+)")
_CARRIED = re.compile(r'"(\w+)" in incident\.cargo')
_NOT_CARRIED = re.compile(r'!\("(\w+)" in incident\.cargo\)')
_PLAIN = {
    "incident.area": "if_area",
    "!incident.area": "if_spot",
    "size(incident.cargo) == 0": "if_no_cargo",
}


def reading(rule: Rule, words: Words) -> list[str]:
    """Return what a rule says, in sentences."""
    found = [condition(rule.when, words), _weight(rule, words)]
    found += [_floor(floor, words) for floor in rule.floors]
    if rule.reach_km is not None:
        found.append(words("rule_reach", km=words.km(rule.reach_km)))
    if rule.half_life_days is not None:
        found.append(words("rule_fades", days=_days(rule.half_life_days, words)))
    return [sentence(one) for one in found if one]


def condition(when: str, words: Words) -> str:
    """Return a condition in words; "" where it says more than these can."""
    said = []
    for part in (one.strip() for one in when.split("&&")):
        found = _clause(part, words)
        if found is None:
            return ""
        said.append(found)
    return words("if", what=", ".join(said))


def _clause(part: str, words: Words) -> str | None:
    if part in _PLAIN:
        return words(_PLAIN[part])
    for shape, say in _SAYINGS:
        if found := shape.fullmatch(part):
            return say(found, words)
    return None


def _kinds(found: re.Match[str], words: Words) -> str:
    codes = re.findall(r'"(\w+)"', found[1])
    return words("or").join(words.kind(code) for code in codes)


_SAYINGS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Words], str]], ...] = (
    (_KIND, lambda found, words: words.kind(found[1])),
    (_KINDS, _kinds),
    (
        _FAMILY,
        lambda found, words: (
            words(f"family_{found[1]}") if f"family_{found[1]}" in words.text else found[1]
        ),
    ),
    (_FIGURE, lambda found, words: words(f"if_{found[1]}", n=found[2])),
    (_RECENT, lambda found, words: words(f"if_{found[1]}", n=found[3], days=found[2])),
    (_CARRIED, lambda found, words: words("if_carried", cargo=words.cargo(found[1]))),
    (_NOT_CARRIED, lambda found, words: words("if_not_carried", cargo=words.cargo(found[1]))),
)


def _weight(rule: Rule, words: Words) -> str:
    if not isinstance(rule.weight, Mapping):
        if rule.weight == _NOTHING:
            return ""
        return _counts(rule.weight, words("all_cargoes"), words)
    alike: dict[float, list[str]] = {}
    for cargo, weight in rule.weight.items():
        if weight != _NOTHING:
            alike.setdefault(weight, []).append(words.cargo(cargo))
    ordered = sorted(alike.items(), reverse=True)
    return words("semicolon").join(
        _counts(weight, ", ".join(cargoes), words) for weight, cargoes in ordered
    )


def _counts(weight: float, cargoes: str, words: Words) -> str:
    if weight < _NOTHING:
        share = f"{words.number(-weight * 100)} %"
        return words("rule_eases", share=share, cargoes=cargoes)
    digits = len(f"{weight:.2f}".rstrip("0").partition(".")[2])
    return words("rule_counts", weight=words.number(weight, digits), cargoes=cargoes)


def _floor(floor: Floor, words: Words) -> str:
    until = (
        words("rule_until_lifted")
        if floor.until_lifted
        else words("rule_for", days=_days(floor.days or 0, words))
    )
    cargoes = (
        words("all_cargoes")
        if floor.cargoes is None
        else ", ".join(words.cargo(one) for one in floor.cargoes)
    )
    level: Level = floor.level
    said = words(
        "rule_floor",
        level=words.level(level),
        cargoes=cargoes,
        until=until,
        km=words.km(floor.within_km),
    )
    if floor.min_credibility > 0:
        share = f"{words.number(floor.min_credibility * 100)} %"
        said += words("rule_believed", share=share)
    return said


def _days(days: float, words: Words) -> str:
    return str(format_unit(days, "duration-day", length="long", locale=words.locale))
