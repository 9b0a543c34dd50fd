"""The reasons of a rating in words, French and English."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.core.levels import Level
from app.risk.rate import others
from app.risk.rating import Contribution, Rating

_LEVELS: Final = {
    "fr": {
        Level.LOW: "faible",
        Level.UNKNOWN: "inconnu",
        Level.MODERATE: "modéré",
        Level.HIGH: "élevé",
        Level.SEVERE: "grave",
    },
    "en": {level: level.value for level in Level},
}
_WORDS: Final = {
    "fr": {
        "near": "près de {place}",
        "in": "dans toute la zone : {place}",
        "on": "sur le tronçon",
        "source": "{count} source",
        "sources": "{count} sources",
        "floor": "impose le niveau {level} jusqu'au {until}",
        "floor_lifted": "impose le niveau {level} jusqu'à la levée",
        "adds": "ajoute {points} point(s)",
        "eases": "atténue le danger antérieur",
        "more": "autres incidents, plus anciens ou plus éloignés : {points} point(s)",
        "prior": "route sans histoire particulière : {points} point(s)",
        "hours": "il y a {count} h",
        "day": "il y a 1 jour",
        "days": "il y a {count} jours",
        "now": "il y a moins d'une heure",
        "statistics": "Niveau {level} : {score} % de risque d'incident grave dans les 7 jours.",
        "said_floor": "Niveau {level}, imposé par les règles ({score} % selon la statistique).",
        "positive": "Niveau {level} : des passages récents sans incident ({score} %).",
        "hysteresis": "Niveau {level} maintenu jusqu'à ce que le calme dure ({score} %).",
        "no evidence": "Niveau {level} : aucune nouvelle récente, ce qui ne veut pas dire sûr.",
    },
    "en": {
        "near": "near {place}",
        "in": "for the whole of {place}",
        "on": "on the stretch",
        "source": "{count} source",
        "sources": "{count} sources",
        "floor": "holds {level} until {until}",
        "floor_lifted": "holds {level} until lifted",
        "adds": "adds {points} point(s)",
        "eases": "eases the danger before it",
        "more": "further incidents, older or farther away: {points} point(s)",
        "prior": "a road without history: {points} point(s)",
        "hours": "{count} h ago",
        "day": "1 day ago",
        "days": "{count} days ago",
        "now": "less than an hour ago",
        "statistics": "{level}: {score} % chance of a serious incident within 7 days.",
        "said_floor": "{level}, held by the rules ({score} % by statistics).",
        "positive": "{level}: vehicles passed lately without incident ({score} %).",
        "hysteresis": "{level} kept until the calm has lasted ({score} %).",
        "no evidence": "{level}: no news recent enough; this is no sign of safety.",
    },
}
_HOURS_A_DAY = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What the caller knows of an incident, for printing.

    Attributes:
        kind: Its kind in the reader's language.
        place: Where, as printed; `area` when that is a region. None: that is not told.
        sources: Independent origins.
    """

    kind: str
    place: str | None
    area: bool = False
    sources: int = 0


def explain(
    rating: Rating,
    *,
    language: str,
    labels: Mapping[str, Label],
    until: Callable[[datetime], str],
) -> tuple[str, ...]:
    """Return what set the level, then one line a reason, then what the rest adds.

    Points are expected serious incidents x 100; those told, the rest and the prior add up to the
    rating's hazard. Good news is told without its place: it may be a convoy on its way.

    Args:
        rating: With contributions, see `rate(explain=True)`.
        language: "fr" or "en"; any other reads English.
        labels: By incident id; a reason without one is told by its rule's title.
        until: Prints an instant in the reader's time zone.
    """
    words = _WORDS.get(language, _WORDS["en"])
    levels = _LEVELS.get(language, _LEVELS["en"])
    said = "said_floor" if rating.spoke == "floor" else rating.spoke
    head = words[said].format(level=levels[rating.level], score=_decimal(rating.score, language))
    lines = [head[0].upper() + head[1:]]
    for one in rating.contributions:
        label = labels.get(one.incident_id)
        lines.append(_line(one, label, words=words, levels=levels, until=until, language=language))
    if rest := others(rating):
        lines.append(words["more"].format(points=_points(rest, language)))
    lines.append(words["prior"].format(points=_points(rating.prior, language)))
    return tuple(lines)


def _line(
    one: Contribution,
    label: Label | None,
    *,
    words: Mapping[str, str],
    levels: Mapping[Level, str],
    until: Callable[[datetime], str],
    language: str,
) -> str:
    parts = [_what(one, label, words, language), _age(one.age_days, words)]
    if label is not None and label.sources:
        word = words["source" if label.sources == 1 else "sources"]
        parts.append(word.format(count=label.sources))
    if one.floor is not None:
        key = "floor" if one.floor_until is not None else "floor_lifted"
        ends = until(one.floor_until) if one.floor_until is not None else ""
        parts.append(words[key].format(level=levels[one.floor], until=ends))
    if one.cleared:
        parts.append(words["eases"])
    elif one.hazard > 0:
        parts.append(words["adds"].format(points=_points(one.hazard, language)))
    return ", ".join(parts)


def _what(one: Contribution, label: Label | None, words: Mapping[str, str], language: str) -> str:
    titles = {"fr": one.rule_title_fr, "en": one.rule_title}
    if label is None:
        return titles.get(language, one.rule_title) or one.kind
    if one.cleared or label.place is None:
        return f"{label.kind} {words['on']}"
    return f"{label.kind} {words['in' if label.area else 'near'].format(place=label.place)}"


def _age(days: float, words: Mapping[str, str]) -> str:
    hours = int(days * _HOURS_A_DAY)
    if hours < 1:
        return words["now"]
    if hours < _HOURS_A_DAY:
        return words["hours"].format(count=hours)
    whole = round(days)
    return words["day"] if whole <= 1 else words["days"].format(count=whole)


def _points(hazard: float, language: str) -> str:
    return _decimal(100.0 * hazard, language)


def _decimal(value: float, language: str) -> str:
    text = f"{value:.1f}"
    return text.replace(".", ",") if language == "fr" else text
