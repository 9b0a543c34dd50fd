"""A route: how it stands for the reader's cargo, why, where on it, and which way else to go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from app.alerts.titles import title_of
from app.core.levels import Level
from app.flows.readers.picture import Road
from app.flows.readers.route_picture import Change, Reason, RoutePicture, SectionShown
from app.web.roads.history import draw
from app.web.roads.strip import strip_of
from app.web.speaking import Words, sentence

#: Between which the chance of a serious incident is told, in per cent.
_BOUNDS = (2, 5, 10, 25, 50)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionWords:
    """Every reason of a section, in words."""

    name: str
    level: Level
    score: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WayWords:
    """One way between the ends of the route."""

    level: Level
    via: str
    length: str
    more: str


def route_values(
    picture: RoutePicture, road: Road, words: Words, *, now: datetime
) -> dict[str, Any]:
    """Return what the template of the page prints."""
    standing = next(one for one in road.standings if one.cargo == picture.cargo)
    told = [_section(one, words, now) for one in picture.sections]
    cargo = words.cargo(picture.cargo)
    return {
        "title": title_of(picture.corridor.title),
        "code": picture.corridor.code,
        "cargo": picture.cargo,
        "cargoes": [(one.cargo, sentence(words.cargo(one.cargo))) for one in road.standings],
        "standing": standing,
        "now_for": words("route_now", cargo=cargo),
        "why": words.why(standing, now) if standing.since is not None else words("no_news"),
        "since": words("since", when=words.moment(standing.since, now))
        if standing.since is not None
        else words("since_never"),
        "news": words.heard(standing, now),
        "rows": strip_of(picture),
        "listed": picture.incidents,
        # not their ids: those tell when each was first heard of
        "numbers": {one.what.id: n for n, one in enumerate(picture.incidents, start=1)},
        "sections": sorted((one for one in told if one.reasons), key=lambda one: -one.level.rank),
        "drawing": draw(picture.past, now=now),
        "changes": _changes(picture.past, words, now),
        "history_alt": words("history_alt", cargo=cargo, day=words.date(picture.past[0].at)),
        **_ways(picture.ways, words),
    }


def _section(one: SectionShown, words: Words, now: datetime) -> SectionWords:
    name = words("reasons_section", start=one.start, end=one.end)
    if one.part is not None:
        name = f"{name}, {words('strip_part', n=one.part)}"
    clashes = [
        words("contradiction", open=words.kind(left), closed=words.kind(right))
        for left, right in one.contradicted
    ]
    return SectionWords(
        name=name,
        level=one.level,
        score=_chance(one.score, words),
        # alike are several whose place is not told: see `flows.readers.route_picture`
        reasons=(*dict.fromkeys(reason_words(each, words, now) for each in one.reasons), *clashes),
    )


def _chance(score: float, words: Words) -> str:
    """Return between which bounds the chance is.

    By tenths anybody could work out from neighbouring sections where an operation is, and see by a
    report of his own what it added. The statistics are not that exact either.
    """
    above = next((bound for bound in _BOUNDS if score < bound), None)
    below = max((bound for bound in _BOUNDS if score >= bound), default=None)
    if below is None:
        return words("reason_score_least", high=above)
    if above is None:
        return words("reason_score_most", low=below)
    return words("reason_score", low=below, high=above)


def reason_words(one: Reason, words: Words, now: datetime) -> str:
    """Return a reason in words: what, when, how sure, and what it does to the level."""
    what = one.what
    parts = [words.incident(what), words.day_of(what, now)]
    if what.sources:
        parts.append(words.many("sources", what.sources))
    parts.append(words.certainty(what))
    if one.holds is not None and one.until is not None:
        # to the minute it would tell when what has no hour happened
        until = words.moment(one.until, now) if what.exact else words.day(one.until, now)
        key = "reason_holds_today" if words.is_today(one.until, now) else "reason_holds"
        parts.append(words(key, level=words.level(one.holds), until=until))
    elif one.holds is not None and what.starts_at is not None and what.starts_at > now:
        parts.append(words("reason_holds_before", level=words.level(one.holds)))
    elif one.holds is not None:
        parts.append(words("reason_holds_lifted", level=words.level(one.holds)))
    else:
        parts.append(words("reason_eases" if one.eases else "reason_adds"))
    title = one.rule_fr if words.language == "fr" else one.rule
    if title:
        parts.append(words("reason_rule", rule=title))
    return ", ".join(parts)


def _changes(past: tuple[Change, ...], words: Words, now: datetime) -> list[str]:
    """Return every change of level in words, the latest first."""
    told = [
        words(
            "history_change",
            when=words.moment(after.at, now),
            before=words.level(before.level),
            after=words.level(after.level),
        )
        for before, after in pairwise(past)
    ]
    return told[::-1]


def _ways(ways: Mapping[str, Any] | None, words: Words) -> dict[str, Any]:
    if ways is None:
        return {"ways": [], "advice": None}
    shown = [_way(one, words) for one in (*ways["journeys"], *ways["closed"])]
    return {"ways": shown, "advice": sentence(ways["advice"])}


def _way(one: Mapping[str, Any], words: Words) -> WayWords:
    via = ", ".join(one["via"])
    more = []
    if not one["open"]:
        more.append(words("others_closed"))
    if one["unknown_km"] >= 1:
        more.append(words("others_unknown", km=words.km(one["unknown_km"])))
    hours = words("hours", n=words.number(round(one["hours"])))
    return WayWords(
        level=Level(one["level"]),
        via=words("others_way", via=via) if via else words("others_direct"),
        length=words("others_time", km=words.km(one["km"]), hours=hours),
        more=", ".join(more),
    )
