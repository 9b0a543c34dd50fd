"""The rating of one section for one cargo: statistics, floors, good news, and what was before."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from app.core.levels import Level
from app.risk.evidence import News, SectionEvidence
from app.risk.hazard import DECIMALS, chance_of
from app.risk.policy import RiskPolicy
from app.risk.rating import Rating, SectionCargoState
from app.risk.reasons import reasons

_BY_RANK = {level.rank: level for level in Level}


class _Signs(NamedTuple):
    """What decides a level, at one instant.

    Attributes:
        hazard, trusted: With the prior; `trusted` without what only unknown sources tell.
        floor: The highest that holds, if any.
        fresh_danger: Some danger spoke lately enough for the statistics to be about now.
        passable: Good news is fresh and came to a road that was calm, with no danger after it.
    """

    hazard: float
    trusted: float
    floor: Level | None
    fresh_danger: bool
    passable: bool


def rate(
    evidence: SectionEvidence,
    cargo: str,
    *,
    now: datetime,
    before: SectionCargoState | None = None,
    explain: bool = False,
    afresh: bool = False,
) -> Rating:
    """Return the rating of the section for `cargo` at `now`.

    Adding a danger never lowers it, adding good news never raises it, and time alone never makes
    it `low`.

    Args:
        evidence: Everything known about the section.
        cargo: One of the book's.
        now: When.
        before: The rating it follows, for hysteresis; None: none.
        explain: Give the contributions, too; without them it is several times as fast.
        afresh: Without hysteresis: a person changed the rules, or what had been told; that is not
            the passing of time.

    Raises:
        ValueError: `cargo` is not one of the book's.
    """
    place = evidence.book.cargoes.index(cargo)
    policy = evidence.book.policy
    news = evidence.news(place)
    signs = _signs(evidence, place, news, now)
    raw, spoke = _level(signs, policy)
    held = None if afresh else before
    level, calm_since = _after_hysteresis(raw, signs, evidence, place, now=now, before=held)
    return Rating(
        section_id=evidence.section.id,
        cargo=cargo,
        at=now,
        hazard=signs.hazard,
        prior=round(_prior(evidence), DECIMALS),
        score=score_of(signs.hazard),
        level=level,
        raw_level=raw,
        spoke=spoke if level is raw else "hysteresis",
        since=before.since if before is not None and before.level is level else now,
        calm_since=calm_since,
        evidence_at=news.newest_at,
        positive_at=news.positive_at,
        by_day=news.by_day,
        rule_set=evidence.book.number,
        contributions=reasons(evidence, place, now=now) if explain else (),
    )


def score_of(hazard: float) -> float:
    """Return 100 x the chance of at least one serious incident in the horizon, one decimal."""
    return round(100.0 * chance_of(hazard), 1)


def others(rating: Rating) -> float:
    """Return the hazard of the incidents that are not among the contributions told."""
    told = sum(one.hazard for one in rating.contributions)
    return max(0.0, round(rating.hazard - rating.prior - told, DECIMALS))


def state_of(rating: Rating) -> SectionCargoState:
    """Return what the next rating needs to know of this one."""
    return SectionCargoState(
        level=rating.level,
        score=rating.score,
        since=rating.since,
        calm_since=rating.calm_since,
        evidence_at=rating.evidence_at,
        positive_at=rating.positive_at,
        rated_at=rating.at,
        by_day=rating.by_day,
    )


def is_restless(ratings: Iterable[Rating]) -> bool:
    """Return whether time alone may change a level of a section with these ratings.

    Hazards fall, floors and good news run out: what is `unknown` by its evidence stays so.
    """
    return any(
        one.level is not Level.UNKNOWN
        or one.raw_level is not Level.UNKNOWN
        or one.calm_since is not None
        for one in ratings
    )


def _prior(evidence: SectionEvidence) -> float:
    return evidence.book.policy.prior_per_50_km * evidence.section.km / 50.0


def _signs(evidence: SectionEvidence, place: int, news: News, now: datetime) -> _Signs:
    policy = evidence.book.policy
    moment, prior = evidence.moment(now), _prior(evidence)
    rank = moment.floors[place]
    return _Signs(
        hazard=round(moment.total[place] + prior, DECIMALS),
        trusted=round(moment.trusted[place] + prior, DECIMALS),
        floor=_BY_RANK[rank] if rank else None,
        fresh_danger=news.danger_at is not None and now - news.danger_at <= policy.stale_after,
        passable=_passable(evidence, place, news, now),
    )


def _passable(evidence: SectionEvidence, place: int, news: News, now: datetime) -> bool:
    """Return whether good news makes `low` possible.

    It must be fresh, nothing unresolved may have happened since, and the road must have been calm
    when it came: a truck that got through while a floor held does not turn into safety when the
    floor runs out. So `low` begins with evidence, never with the passing of time.
    """
    good = news.positive_at
    if good is None or now - good > evidence.book.policy.positive_for:
        return False
    if news.open_at is not None and news.open_at >= good:
        return False
    then = evidence.moment(good)
    if then.floors[place]:
        return False
    hazard = round(then.total[place] + _prior(evidence), DECIMALS)
    moderate_from = dict(evidence.book.policy.thresholds)[Level.MODERATE]
    return chance_of(hazard) < moderate_from


def _level(signs: _Signs, policy: RiskPolicy, *, margin: float = 0.0) -> tuple[Level, str]:
    """Return the level that the signs speak for, and which of them spoke.

    With a `margin`, thresholds count as that share lower.
    """
    level, spoke = _by_statistics(signs, policy, margin), "statistics"
    if level is None:
        level = Level.LOW if signs.passable else Level.UNKNOWN
        spoke = "positive" if signs.passable else "no evidence"
    if signs.floor is not None and signs.floor.rank > level.rank:
        return signs.floor, "floor"
    return level, spoke


def _by_statistics(signs: _Signs, policy: RiskPolicy, margin: float) -> Level | None:
    chance, trusted = chance_of(signs.hazard), chance_of(signs.trusted)
    for level, threshold in policy.thresholds:
        believed = trusted if level is Level.SEVERE else chance
        if believed >= threshold * (1.0 - margin):
            # what was last heard long ago is no word about today, unless there was much of it
            stale = level is Level.MODERATE and not signs.fresh_danger
            return None if stale else level
    return None


def _after_hysteresis(
    raw: Level,
    signs: _Signs,
    evidence: SectionEvidence,
    place: int,
    *,
    now: datetime,
    before: SectionCargoState | None,
) -> tuple[Level, datetime | None]:
    """Return the level and since when it has been calmer than that.

    Up at once. Down at once when evidence that came since the last rating answers a danger. Down by
    time alone only after a sustained calm, and with a margin.
    """
    if before is None or raw.rank >= before.level.rank:
        return raw, None
    if evidence.answered_since(before.rated_at, place):
        return raw, None
    policy = evidence.book.policy
    calm_since = before.calm_since or now
    wide, _ = _level(signs, policy, margin=policy.margin)
    if wide.rank >= before.level.rank:
        return before.level, None
    if now - calm_since < policy.down_after:
        return before.level, calm_since
    return raw, None
