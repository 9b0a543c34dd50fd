"""Whether those who were told that a road is severe are reminded that it still is. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.alerts.alert import ENDS, AlertState, Audience, Certainty, Reason
from app.alerts.decision import Action, AlertDecision
from app.alerts.policy import AlertPolicy
from app.core.levels import Level

#: Of the time after which one is reminded: whoever was told so lately is not, he was told late.
_LATELY = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderPolicy:
    """`after` so long without a word, at `most` so often between two pieces of news."""

    after: timedelta
    most: int

    @property
    def told_lately(self) -> timedelta:
        """Return within what time somebody counts as told: he is not reminded."""
        return self.after * _LATELY


class Reminding(StrEnum):
    """Why somebody is reminded, or not."""

    DUE = "due"
    OFF = "off"
    NOT_SEVERE = "not_severe"
    #: What was told as unconfirmed is answered first.
    DOUBT_WAITS = "doubt_waits"
    TOO_SOON = "too_soon"
    ENOUGH = "enough"


def is_due(
    told: AlertState,
    *,
    level: Level,
    reminded: int,
    policy: ReminderPolicy | None,
    now: datetime,
) -> Reminding:
    """Return whether a reminder is due, and why not.

    Args:
        told: What was said last.
        level: Of the road now.
        reminded: Reminders since the last news.
        policy: None: nobody is reminded.
        now: When.
    """
    if policy is None:
        return Reminding.OFF
    severe = told.level is Level.SEVERE and level is Level.SEVERE and told.type not in ENDS
    if not severe:
        return Reminding.NOT_SEVERE
    if told.unanswered:
        return Reminding.DOUBT_WAITS
    if now - told.created_at < policy.after:
        return Reminding.TOO_SOON
    return Reminding.ENOUGH if reminded >= policy.most else Reminding.DUE


def reminder(
    told: AlertState, *, certainty: Certainty, policy: AlertPolicy, now: datetime
) -> AlertDecision:
    """Return what is said: the same as before, to those who were told, and to nobody new.

    `certainty`: of what is spoken of.
    """
    return AlertDecision(
        action=Action.UPDATE,
        reason=Reason.STILL_SEVERE,
        level=told.level,
        certainty=certainty,
        audience=Audience.TOLD_ONLY,
        expires_at=policy.expires_at(told.level, certainty, now),
        references=(*told.references, told.id),
        chain_id=told.chain_id,
    )
