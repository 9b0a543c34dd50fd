"""The reasons of a rating in words, French and English."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.core.levels import Level
from app.core.text import de
from app.risk.rate import others
from app.risk.rating import Contribution, Rating
from app.roads.placing import ends_of

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
        "near": "près {de}",
        "between": "entre {start} et {end}",
        "in": "dans toute la zone : {place}",
        "on": "sur le tronçon",
        "source": "{count} source",
        "sources": "{count} sources",
        "floor": "impose le niveau {level} jusqu'au {until}",
        "floor_lifted": "impose le niveau {level} jusqu'à la levée",
        "floor_until_begun": "impose le niveau {level} jusqu'à son début, le {until}",
        "floor_untimed": "impose le niveau {level}",
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
        "between": "between {start} and {end}",
        "in": "for the whole of {place}",
        "on": "on the stretch",
        "source": "{count} source",
        "sources": "{count} sources",
        "floor": "holds {level} until {until}",
        "floor_lifted": "holds {level} until lifted",
        "floor_until_begun": "holds {level} until it begins, {until}",
        "floor_untimed": "holds {level}",
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
        timed: Whether it may be told when it was: the hour of a convoy tells where it is.
        begins_at: Of what is announced and has not begun: when it begins.
    """

    kind: str
    place: str | None
    area: bool = False
    sources: int = 0
    timed: bool = True
    begins_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One part of a score: what it adds, in words and numbers.

    Attributes:
        incident_id: None for what is not one incident: further incidents together, and the prior.
        points: Its share of the score; those of all factors add up to the score exactly.
        hazard: Expected serious incidents that it adds.
    """

    incident_id: str | None
    points: float
    hazard: float
    words: str


def factors(
    rating: Rating,
    *,
    language: str,
    labels: Mapping[str, Label],
    until: Callable[[datetime], str],
) -> tuple[Factor, ...]:
    """Return what makes the score of `rating`, each told as in `explain`.

    Hazards add up, chances do not: each factor has its share of the score. Shares are rounded to a
    tenth so that their sum is the score as told; nothing is left over.
    """
    lines = explain(rating, language=language, labels=labels, until=until)[1:]
    ids: list[str | None] = [one.incident_id for one in rating.contributions]
    hazards = [one.hazard for one in rating.contributions]
    if rest := others(rating):
        ids.append(None)
        hazards.append(rest)
    ids.append(None)
    hazards.append(rating.prior)
    points = shares(rating.score, hazards)
    return tuple(
        Factor(incident_id=one, points=share, hazard=hazard, words=line)
        for one, share, hazard, line in zip(ids, points, hazards, lines, strict=True)
    )


def shares(score: float, hazards: Sequence[float]) -> list[float]:
    """Return the parts of `score` that each hazard has, in tenths that add up to it.

    Those that lost most by rounding down get what is left (largest remainder).
    """
    total, tenths = sum(hazards), round(score * 10)
    if total <= 0:
        return [0.0] * len(hazards)
    exact = [tenths * one / total for one in hazards]
    whole = [int(one) for one in exact]
    by_loss = sorted(range(len(exact)), key=lambda n: (whole[n] - exact[n], n))
    for place in by_loss[: tenths - sum(whole)]:
        whole[place] += 1
    return [one / 10 for one in whole]


def explain(
    rating: Rating,
    *,
    language: str,
    labels: Mapping[str, Label],
    until: Callable[[datetime], str],
) -> tuple[str, ...]:
    """Return what set the level, then one line a reason, then what the rest adds.

    Points are parts of the score: those told, the rest and the prior add up to it. Good news
    is told without its place: it may be a convoy on its way.

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
    rest = others(rating)
    hazards = [*(one.hazard for one in rating.contributions), *([rest] if rest else ())]
    points = [_decimal(one, language) for one in shares(rating.score, [*hazards, rating.prior])]
    for one, share in zip(rating.contributions, points, strict=False):
        label = labels.get(one.incident_id)
        line = _line(one, label, share, words=words, levels=levels, until=until, language=language)
        lines.append(line)
    if rest:
        lines.append(words["more"].format(points=points[-2]))
    lines.append(words["prior"].format(points=points[-1]))
    return tuple(lines)


def _line(
    one: Contribution,
    label: Label | None,
    points: str,
    *,
    words: Mapping[str, str],
    levels: Mapping[Level, str],
    until: Callable[[datetime], str],
    language: str,
) -> str:
    timed = label is None or label.timed
    parts = [_what(one, label, words, language)]
    if timed:
        parts.append(_age(one.age_days, words))
    if label is not None and label.sources:
        word = words["source" if label.sources == 1 else "sources"]
        parts.append(word.format(count=label.sources))
    if one.floor is not None:
        level = levels[one.floor]
        parts.append(_held(one.floor_until, label, level=level, words=words, until=until))
    if one.cleared:
        parts.append(words["eases"])
    elif one.hazard > 0:
        parts.append(words["adds"].format(points=points))
    return ", ".join(parts)


def _held(
    ends: datetime | None,
    label: Label | None,
    *,
    level: str,
    words: Mapping[str, str],
    until: Callable[[datetime], str],
) -> str:
    if ends is None and label is not None and label.begins_at is not None:
        key, ends = "floor_until_begun", label.begins_at
    elif ends is None:
        key = "floor_lifted"
    else:
        # the end of what has no hour is that hour and a constant
        key = "floor" if label is None or label.timed else "floor_untimed"
    return words[key].format(level=level, until=until(ends) if ends is not None else "")


def _what(one: Contribution, label: Label | None, words: Mapping[str, str], language: str) -> str:
    titles = {"fr": one.rule_title_fr, "en": one.rule_title}
    if label is None:
        return titles.get(language, one.rule_title) or one.kind
    if one.cleared or label.place is None:
        return f"{label.kind} {words['on']}"
    if label.area:
        return f"{label.kind} {words['in'].format(place=label.place)}"
    if ends := ends_of(label.place):
        return f"{label.kind} {words['between'].format(start=ends[0], end=ends[1])}"
    return f"{label.kind} {words['near'].format(place=label.place, de=de(label.place))}"


def _age(days: float, words: Mapping[str, str]) -> str:
    hours = int(days * _HOURS_A_DAY)
    if hours < 1:
        return words["now"]
    if hours < _HOURS_A_DAY:
        return words["hours"].format(count=hours)
    whole = round(days)
    return words["day"] if whole <= 1 else words["days"].format(count=whole)


def _decimal(value: float, language: str) -> str:
    text = f"{value:.1f}"
    return text.replace(".", ",") if language == "fr" else text
