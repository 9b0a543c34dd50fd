"""Whether a change is told, as what, to whom, and why. Pure: the caller brings state and time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from app.alerts.alert import ENDS, AlertState, AlertType, Audience, Certainty, Reason, Stretch
from app.alerts.policy import AlertPolicy
from app.core.levels import Level

_DAY = timedelta(hours=24)


class Cause(StrEnum):
    """What made a route be rated again.

    `report`: news of danger. `resolved`: evidence that answers a danger (release, safe transit,
    reopening, a moderator's word), also where only the quiet period after it was left to pass and
    the clock noticed. `aged`: time alone; an all-clear never comes from it.
    """

    REPORT = "report"
    VERDICT_CONFIRMED = "verdict_confirmed"
    VERDICT_REFUTED = "verdict_refuted"
    RESOLVED = "resolved"
    AGED = "aged"
    RULES = "rules"
    BY_HAND = "by_hand"


#: Causes that bring news; time, rules and ends bring none.
_NEWS = (Cause.REPORT, Cause.VERDICT_CONFIRMED, Cause.BY_HAND)


class Action(StrEnum):
    """What is said; the words are those of `AlertType`, and `none`."""

    NONE = "none"
    ALERT = "alert"
    UPDATE = "update"
    ALL_CLEAR = "all_clear"
    WITHDRAWAL = "withdrawal"


class Chain(StrEnum):
    """What becomes of the alert that was told, where nothing new is said."""

    KEPT = "kept"
    RENEWED = "renewed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChange:
    """A route that was rated again for one cargo.

    Attributes:
        before, after: Levels after hysteresis; equal where only the evidence changed.
        certainty: Of what holds `after` up now.
        incident_ids: Incidents behind `after`.
        stretch: Where the worst danger lies now; None: the whole route.
        resolved: The danger was answered by evidence (release, safe transit, reopening, person).
        refuted: Incidents that this change refuted.
        serious: What holds `after` up is of a serious kind.
        only_unknown: All of it comes from new or unknown sources.
        backfill: History being filled in: rated, never told.
    """

    route: str
    cargo: str
    before: Level
    after: Level
    certainty: Certainty
    cause: Cause
    incident_ids: frozenset[str] = frozenset()
    stretch: Stretch | None = None
    resolved: bool = False
    refuted: frozenset[str] = frozenset()
    serious: bool = False
    only_unknown: bool = False
    backfill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDecision:
    """What to say, or why nothing.

    Attributes:
        chain_id: Of the chain it continues; None: it starts one.
        references: Alerts it answers, oldest first (CAP 1.2, 3.2.1 `references`).
        expires_at: Until when it holds; for a renewed chain, until when the old one now holds.
        hold: A moderator must release it first.
        chain: Of the alert that was told, where nothing is said.
    """

    action: Action
    reason: Reason
    level: Level
    certainty: Certainty
    audience: Audience
    expires_at: datetime
    references: tuple[str, ...] = ()
    chain_id: str | None = None
    hold: bool = False
    chain: Chain = Chain.KEPT

    @property
    def type(self) -> AlertType | None:
        """Return the type of the alert to make, None for nothing."""
        return None if self.action is Action.NONE else AlertType(self.action.value)


#: What is said, and why. The audience follows from the reason alone.
_Saying = tuple[Action, Reason]

_AUDIENCE: Mapping[Reason, Audience] = MappingProxyType(
    {
        Reason.FIRST: Audience.SUBSCRIBERS_AND_TOLD,
        Reason.ROSE: Audience.SUBSCRIBERS_AND_TOLD,
        Reason.OTHER_STRETCH: Audience.SUBSCRIBERS_AND_TOLD,
        Reason.GRAVER: Audience.SUBSCRIBERS_AND_TOLD,
        Reason.FURTHER_INCIDENT: Audience.SUBSCRIBERS_AND_TOLD,
        Reason.CONFIRMED: Audience.SUBSCRIBERS_AND_TOLD,
    }
)


def decide(
    change: RouteChange, told: AlertState | None, *, policy: AlertPolicy, now: datetime
) -> AlertDecision:
    """Return what to say of `change` to whoever was told `told`.

    1. History being filled in is not told.
    2. Nothing was told: a danger that is told from this level on starts a chain.
    3. It is still dangerous: a correction, a higher or lower level, a confirmation and fresh news
       are told; the rest is left unsaid.
    4. It is not dangerous any more: withdrawn if what was told was false, all clear if evidence
       says so; by time alone at most "no fresh news", which is no all-clear.
    """
    if told is not None and told.type in ENDS:
        told = None
    if change.backfill:
        saying = Action.NONE, Reason.BACKFILL
    elif told is None:
        saying = _first(change, policy)
    elif policy.is_told(change.after):
        saying = _still_dangerous(change, told, policy, now)
    else:
        saying = _no_longer_dangerous(change, told)
    return _decision(saying, change, told, policy, now)


def decide_expired(
    told: AlertState, *, level: Level, certainty: Certainty, policy: AlertPolicy, now: datetime
) -> AlertDecision:
    """Return what to say when `told` has expired and nothing answered it.

    `level` is the route's now, `certainty` that of what holds it up. An unconfirmed alert is
    answered here at the latest. Where nothing is said, `chain` tells whether the old alert holds
    on (`renewed`) or is over (`ended`).
    """
    if told.expires_at is None or now < told.expires_at:
        saying, chain = (Action.NONE, Reason.NOT_EXPIRED), Chain.KEPT
    elif told.type in ENDS:
        saying, chain = (Action.NONE, Reason.END_WAS_TOLD), Chain.ENDED
    elif policy.is_told(level):
        saying, chain = _expired_in_danger(told, level, certainty, policy), Chain.RENEWED
    else:
        saying, chain = _out_of_time(told), Chain.ENDED
    return AlertDecision(
        action=saying[0],
        reason=saying[1],
        level=level,
        certainty=certainty,
        audience=_audience(saying, level, told),
        expires_at=policy.expires_at(level, certainty, now),
        references=(*told.references, told.id),
        chain_id=told.chain_id,
        chain=chain if saying[0] is Action.NONE else Chain.KEPT,
    )


def decide_by_hand(
    wanted: AlertType,
    told: AlertState | None,
    *,
    level: Level,
    certainty: Certainty,
    policy: AlertPolicy,
    now: datetime,
) -> AlertDecision:
    """Return the decision for an alert that a moderator writes.

    An alert on a route already spoken of continues that chain as an update, so that its end
    reaches everybody; an update, all-clear or withdrawal of nothing is refused by the caller, who
    sees `told is None`.
    """
    if told is not None and told.type in ENDS:
        told = None
    action = Action(wanted.value)
    if told is not None and wanted is AlertType.ALERT:
        action = Action.UPDATE
    ends = wanted in ENDS
    return AlertDecision(
        action=action,
        reason=Reason.BY_HAND,
        level=level,
        certainty=certainty,
        audience=Audience.TOLD_ONLY if ends else Audience.SUBSCRIBERS_AND_TOLD,
        expires_at=policy.expires_at(level, certainty, now),
        references=(*told.references, told.id) if told else (),
        chain_id=told.chain_id if told else None,
    )


def _first(change: RouteChange, policy: AlertPolicy) -> _Saying:
    rose = change.after.rank > change.before.rank
    # A level reached in silence (backfill, a chain long over) is told with the next fresh report.
    news = change.after is change.before and change.cause in _NEWS
    if policy.is_told(change.after) and (rose or news):
        return Action.ALERT, Reason.FIRST
    return Action.NONE, Reason.NOTHING_TOLD


def _still_dangerous(
    change: RouteChange, told: AlertState, policy: AlertPolicy, now: datetime
) -> _Saying:
    if change.refuted & told.incident_ids:
        return Action.UPDATE, Reason.CORRECTED
    if change.after.rank > told.level.rank:
        return Action.UPDATE, Reason.ROSE
    if change.after.rank < told.level.rank:
        return Action.UPDATE, Reason.FELL
    if _confirms(change.certainty, told):
        return Action.UPDATE, Reason.CONFIRMED
    return _same_level(change, told, policy, now)


def _same_level(
    change: RouteChange, told: AlertState, policy: AlertPolicy, now: datetime
) -> _Saying:
    if change.cause not in _NEWS or not change.incident_ids - told.incident_ids:
        return Action.NONE, Reason.NOTHING_NEW
    if sum(now - at < _DAY for at in told.said_at) >= policy.news_per_day:
        return Action.NONE, Reason.ENOUGH_SAID_TODAY
    if change.serious and not told.serious:
        return Action.UPDATE, Reason.GRAVER
    if change.stretch is not None and change.stretch not in told.stretches:
        return Action.UPDATE, Reason.OTHER_STRETCH
    if now - told.created_at >= policy.min_gap[change.after]:
        return Action.UPDATE, Reason.FURTHER_INCIDENT
    return Action.NONE, Reason.WITHIN_MIN_GAP


def _no_longer_dangerous(change: RouteChange, told: AlertState) -> _Saying:
    if change.refuted & told.incident_ids:
        return Action.WITHDRAWAL, Reason.REFUTED
    if change.resolved and change.cause is not Cause.AGED:
        return Action.ALL_CLEAR, Reason.RESOLVED
    saying = _out_of_time(told)
    if saying[0] is Action.UPDATE and change.cause is Cause.RULES:
        return Action.UPDATE, Reason.REASSESSED
    return saying


def _out_of_time(told: AlertState) -> _Saying:
    """Return what those are told who heard of a danger that nobody has seen or ended since."""
    if told.level.rank < Level.MODERATE.rank:
        return Action.NONE, Reason.END_WAS_TOLD
    if told.level.rank >= Level.HIGH.rank or told.certainty is Certainty.UNCONFIRMED:
        return Action.UPDATE, Reason.NO_FRESH_NEWS
    return Action.NONE, Reason.AGED_QUIETLY


def _expired_in_danger(
    told: AlertState, level: Level, certainty: Certainty, policy: AlertPolicy
) -> _Saying:
    if level.rank != told.level.rank:
        return Action.UPDATE, Reason.ROSE if level.rank > told.level.rank else Reason.FELL
    if _confirms(certainty, told):
        return Action.UPDATE, Reason.CONFIRMED
    unanswered = told.certainty is Certainty.UNCONFIRMED and told.reason is not Reason.NOT_CONFIRMED
    if unanswered and policy.is_told(told.level):
        return Action.UPDATE, Reason.NOT_CONFIRMED
    return Action.NONE, Reason.STILL_DANGEROUS


def _confirms(certainty: Certainty, told: AlertState) -> bool:
    return certainty is Certainty.CONFIRMED and told.certainty is Certainty.UNCONFIRMED


def _decision(
    saying: _Saying,
    change: RouteChange,
    told: AlertState | None,
    policy: AlertPolicy,
    now: datetime,
) -> AlertDecision:
    action, reason = saying
    hold_from = policy.hold_unknown_from
    spreads = action in (Action.ALERT, Action.UPDATE) and (
        told is None or change.after.rank > told.level.rank
    )
    return AlertDecision(
        action=action,
        reason=reason,
        level=change.after,
        certainty=change.certainty,
        audience=_audience(saying, change.after, told),
        expires_at=policy.expires_at(change.after, change.certainty, now),
        references=(*told.references, told.id) if told else (),
        chain_id=told.chain_id if told else None,
        hold=bool(
            spreads
            and change.only_unknown
            and hold_from is not None
            and change.after.rank >= hold_from.rank
        ),
    )


def _audience(saying: _Saying, level: Level, told: AlertState | None) -> Audience:
    """Return who hears it: what is new or worse goes to all, what ends or eases to the told."""
    reason = saying[1]
    if reason is Reason.CORRECTED and told is not None and level.rank > told.level.rank:
        return Audience.SUBSCRIBERS_AND_TOLD
    return _AUDIENCE.get(reason, Audience.TOLD_ONLY)
