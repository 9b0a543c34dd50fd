"""The one sentence that stands above the ways: what to do. French and English."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.core.levels import Level
from app.risk.journeys import Journey

_WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "no_road": "aucune : aucune route connue n'y mène",
        "none": "aucune : attendez ; {news}",
        "severe": "danger grave sur toutes les routes ouvertes : attendez ; {news}",
        "high": "danger élevé même sur la meilleure route ; {news}",
        "unknown": "aucune nouvelle fraîche sur {km} km de la meilleure route : demandez avant de"
        " partir ; {news}",
        "moderate": "danger modéré sur la meilleure route ; {news}",
        "low": "passages récents sans incident sur toute la meilleure route ; {news}",
        "news": "dernière nouvelle il y a {age}",
        "no_news": "aucune nouvelle",
        "minutes": "{n} min",
        "hours": "{n} h",
        "days": "{n} j",
    },
    "en": {
        "no_road": "none: no known road leads there",
        "none": "none: wait; {news}",
        "severe": "severe danger on every open road: wait; {news}",
        "high": "high danger even on the best road; {news}",
        "unknown": "no fresh news of {km} km of the best road: ask before you leave; {news}",
        "moderate": "moderate danger on the best road; {news}",
        "low": "vehicles passed lately without incident all along the best road; {news}",
        "news": "last news {age} ago",
        "no_news": "no news",
        "minutes": "{n} min",
        "hours": "{n} h",
        "days": "{n} days",
    },
}


def advise(
    journeys: Sequence[Journey], *, last_news_at: datetime | None, now: datetime, language: str
) -> str:
    """Return what to do, in a sentence that never calls a road safe for want of news.

    Args:
        journeys: As `find_journeys` gives them.
        last_news_at: The newest that may be told of any of them.
        now: When it is read.
        language: "fr" or "en"; French for any other.
    """
    words = _WORDS.get(language, _WORDS["fr"])
    if not journeys:
        return words["no_road"]
    best = journeys[0]
    news = words["no_news"]
    if last_news_at is not None:
        news = words["news"].format(age=_age(now - last_news_at, words))
    key = best.level.value if best.open else "none"
    if key == Level.MODERATE and best.unknown_metres:
        key = Level.UNKNOWN.value
    return words[key].format(news=news, km=round(best.unknown_metres / 1_000))


def _age(age: timedelta, words: Mapping[str, str]) -> str:
    minutes = max(1, int(age.total_seconds() // 60))  # "0 min ago" is said by nobody
    if minutes < 60:  # noqa: PLR2004 - minutes of an hour
        return words["minutes"].format(n=minutes)
    hours = minutes // 60
    if hours < 48:  # noqa: PLR2004 - two days are told in days
        return words["hours"].format(n=hours)
    return words["days"].format(n=hours // 24)
