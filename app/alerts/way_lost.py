"""The other road that an alert named has become dangerous: whoever was sent there is told. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.alerts.alert import ENDS, AlertState, Audience, Certainty, NamedWay, Reason
from app.alerts.decision import Action, AlertDecision, Chain
from app.alerts.doubts import TIME_TO_TELL
from app.alerts.policy import AlertPolicy
from app.core.levels import Level

#: How long another road that shares a town with a lost one is taken for it: a journey and the
#: waiting before it.
_CONFUSED = timedelta(days=3)
#: Other roads kept for one danger: more are hardly ever named while it lasts.
_MOST = 4


def is_lost(way: NamedWay, level: Level, *, closed: bool) -> bool:
    """Return whether a section of the road that is at `level` now makes it one to keep off.

    Not what it was named in spite of: of a `severe` danger one goes round by a `high` one.
    """
    return closed or (level.rank >= Level.HIGH.rank and level.rank > way.level.rank)


def may_be_named(
    way: NamedWay, told: AlertState | None, lost: NamedWay | None, now: datetime
) -> bool:
    """Return whether another road is not taken for one that was, or is now, taken back.

    "No longer by Kita" and then "else by Kita", for the road by Kita and Kéniéba in place of that
    by Kita and Bafoulabé, sends somebody to where the attack was: better to name none. The very
    road is named again where the danger on it is over, not as the lesser one a few hours after.
    """
    if lost is not None and shares_a_town(way.title, lost.title):
        return False
    before = told.lost if told is not None else {}
    over = way.level.rank < Level.HIGH.rank
    return not any(
        (title != way.title or not over)
        and now - at < _CONFUSED
        and shares_a_town(way.title, title)
        for title, at in before.items()
    )


def standing_ways(
    before: Sequence[NamedWay], named: NamedWay | None, gone: Sequence[NamedWay]
) -> tuple[NamedWay, ...]:
    """Return the other roads that stand as named from now on, the last first.

    Who was sent by Kita at 8 is on that road still when others are sent by Bafoulabé at 9.

    Args:
        before: Those that stood until now.
        named: The one that is named now.
        gone: Those that are taken back now.
    """
    off = {one.title for one in (*gone, *((named,) if named is not None else ()))}
    left = (one for one in before if one.title not in off)
    return (*((named,) if named is not None else ()), *left)[:_MOST]


def kept_ways(ways: Sequence[NamedWay]) -> Mapping[str, Any]:
    """Return the facts by which an alert keeps other roads, the last named first."""
    if not ways:
        return {}
    last, *others = ways
    kept = {"way": last.section_ids, "way_title": last.title, "way_level": last.level}
    return {**kept, "ways": tuple(others)}


def shares_a_town(one: str, other: str) -> bool:
    """Return whether two other roads go through a town that both are named by."""
    return not set(one.split(" - ")[1:-1]).isdisjoint(other.split(" - ")[1:-1])


def take_back(
    decision: AlertDecision,
    told: AlertState,
    *,
    level: Level,
    certainty: Certainty,
    only_unknown: bool,
    policy: AlertPolicy,
    now: datetime,
) -> AlertDecision:
    """Return what is said to those who were told of the other road, which is dangerous now.

    What else there is to say of the route says it, too. Where there is nothing, and the route is
    still one to go round, it is said alone, however much was said that day: once, for a road that
    was taken back does not stand as named any more.

    Args:
        decision: What would be said without it.
        told: What was said last of the route.
        level: How dangerous the other road is.
        certainty: Of what made it so.
        only_unknown: All of that comes from new or unknown sources.
        policy: From which level on something is told, and what waits for a moderator.
        now: When.
    """
    said = decision.action is not Action.NONE
    if said or told.type in ENDS or not policy.is_told(decision.level):
        return decision
    soonest, hold_from = now + TIME_TO_TELL, policy.hold_unknown_from
    return replace(
        decision,
        action=Action.UPDATE,
        reason=Reason.WAY_LOST,
        certainty=certainty,
        audience=Audience.TOLD_ONLY,
        expires_at=max(told.expires_at or soonest, soonest),
        chain=Chain.KEPT,
        hold=only_unknown and hold_from is not None and level.rank >= hold_from.rank,
    )
