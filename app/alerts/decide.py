"""Whether a change is told, as what, to whom, and why. Pure: the caller brings state and time."""

from collections.abc import Collection
from datetime import datetime

from app.alerts.alert import ENDS, AlertState, Certainty, Reason
from app.alerts.audience import audience_of
from app.alerts.calm import Calm, End, end_of, looked_at_again
from app.alerts.change import Cause, RouteChange
from app.alerts.decision import Action, AlertDecision, Chain, Saying
from app.alerts.doubts import holds_until
from app.alerts.pacing import has_room
from app.alerts.policy import AlertPolicy
from app.core.levels import Level

#: Causes that bring news; time, rules and ends bring none.
_NEWS = (Cause.REPORT, Cause.VERDICT_CONFIRMED, Cause.BY_HAND)
#: These answer every doubt.
_LAST_WORDS = (Action.ALL_CLEAR, Action.WITHDRAWAL)


def decide(
    change: RouteChange,
    told: AlertState | None,
    *,
    policy: AlertPolicy,
    now: datetime,
    beside: Collection[datetime] = (),
) -> AlertDecision:
    """Return what to say of `change` to whoever was told `told`.

    `beside`: when news was told of the same route for other cargoes: who carries several reads
    that, too.

    1. History being filled in is not told.
    2. Nothing was told: a danger that is told from this level on starts a chain.
    3. It is still dangerous: a correction, a higher or lower level, a closure that ended in part, a
       confirmation and fresh news are told; the rest is left unsaid. Of what is told in a day, room
       is kept for what may still get worse; what is left out is said next, or by the clock.
    4. It is not dangerous any more: withdrawn if what was told was false, all clear if evidence
       says so, nothing closes the road and it has been quiet long enough; by time alone at most
       "no fresh news", which is no all-clear.
    5. What was told to be false or over, and is neither, is told to all and to whoever heard so.
    """
    not_over = change.over_told_at is not None and policy.is_told(change.after)
    if told is not None and told.type in ENDS and not not_over:
        told = None
    if change.backfill:
        saying = Action.NONE, Reason.BACKFILL
    elif not_over and told is not None:
        saying = Action.UPDATE, Reason.NOT_OVER
    elif told is None:
        saying = _first(change, policy)
    elif policy.is_told(change.after):
        saying = _still_dangerous(change, told, policy, now, beside)
    else:
        saying = _no_longer_dangerous(change, told, policy, now)
    return _decision(saying, change, told, policy, now)


def _first(change: RouteChange, policy: AlertPolicy) -> Saying:
    rose = change.after.rank > change.before.rank and change.cause is not Cause.RESOLVED
    # A level reached in silence (backfill, a chain long over) is told with the next fresh report
    # of something that matters; good news never starts an alarm.
    news = change.after is change.before and change.cause in _NEWS and change.weighs
    if policy.is_told(change.after) and (rose or news):
        return Action.ALERT, Reason.FIRST
    return Action.NONE, Reason.NOTHING_TOLD


def _still_dangerous(
    change: RouteChange,
    told: AlertState,
    policy: AlertPolicy,
    now: datetime,
    beside: Collection[datetime],
) -> Saying:
    if change.refuted & told.heard_of:
        return Action.UPDATE, Reason.CORRECTED
    if change.after.rank > told.level.rank:
        return Action.UPDATE, Reason.ROSE
    if change.dated_anew and change.after is told.level and change.speaks in told.incident_ids:
        return Action.UPDATE, Reason.FURTHER_INCIDENT
    saying = _as_bad_or_less(change, told, policy, now)
    if saying[0] is Action.NONE or _is_owed(saying[1], change, told):
        return saying
    room = has_room(
        told,
        level=_graver(change.after, change.coming),
        speaks=change.speaks,
        beside=beside,
        per_day=policy.news_per_day,
        now=now,
    )
    return saying if room else (Action.NONE, Reason.ENOUGH_SAID_TODAY)


def _is_owed(reason: Reason, change: RouteChange, told: AlertState) -> bool:
    """Return whether it is told however much was said.

    A grave doubt's end, a person's word, the end of one of several dangers, and an attack where
    nothing was told of yet: whoever waits in the next town for one danger to pass must not learn of
    the other by driving into it. Nor must who was told that it is over there.
    """
    again = reason is Reason.FURTHER_INCIDENT and told.said_over_at(change.stretch) is not None
    if reason is Reason.OTHER_STRETCH or again:
        return change.after.rank >= Level.HIGH.rank
    if reason in (Reason.FELL, Reason.PARTLY_OVER):
        return _ended(change, told)
    grave = told.level is Level.SEVERE or change.cause is Cause.VERDICT_CONFIRMED
    return reason is Reason.CONFIRMED and grave


def _ended(change: RouteChange, told: AlertState) -> bool:
    """Return whether something that was told has ended, here or on a part of the road.

    A closure, for which whoever waits there waits; else what was told as so great a danger as there
    is now.
    """
    spoken = {one for one, news in told.mentions.items() if news.level.rank >= told.level.rank}
    great = not change.over.isdisjoint({*spoken, told.speaks})
    return great or not change.opened.isdisjoint(told.incident_ids)


def _as_bad_or_less(
    change: RouteChange, told: AlertState, policy: AlertPolicy, now: datetime
) -> Saying:
    if change.after.rank < told.level.rank:
        return Action.UPDATE, Reason.FELL
    if _ended(change, told):
        return Action.UPDATE, Reason.PARTLY_OVER
    if confirms(change.certainty, change.speaks, told):
        return Action.UPDATE, Reason.CONFIRMED
    if change.cause not in _NEWS or not _is_new(change, told):
        return Action.NONE, Reason.NOTHING_NEW
    return _further(change, told, policy, now)


def _further(change: RouteChange, told: AlertState, policy: AlertPolicy, now: datetime) -> Saying:
    if change.serious and not told.serious:
        return Action.UPDATE, Reason.GRAVER
    if _graver(told.level, change.coming) is not told.level:
        return Action.UPDATE, Reason.FURTHER_INCIDENT  # a rise, with its day: who plans must hear
    if change.stretch not in told.stretches:  # a region under blockade is more than a stretch of it
        return Action.UPDATE, Reason.OTHER_STRETCH
    if told.said_over_at(change.stretch) is not None:
        return Action.UPDATE, Reason.FURTHER_INCIDENT
    last: datetime | None = told.news_at or told.created_at
    if change.stretch is not None and not change.lesser:
        # what was said of another stretch a moment ago, or of less, keeps back no attack here
        last = told.news_on.get(change.stretch)
    if last is None or now - last >= policy.min_gap[change.after]:
        return Action.UPDATE, Reason.FURTHER_INCIDENT
    return Action.NONE, Reason.WITHIN_MIN_GAP


def _graver(level: Level, coming: Level | None) -> Level:
    return coming if coming is not None and coming.rank > level.rank else level


def _is_new(change: RouteChange, told: AlertState) -> bool:
    """Return whether nobody heard of the incident, or that it was there, and it matters here."""
    if change.weighs and change.placed_anew:
        return change.stretch not in told.stretches
    if not change.weighs or change.speaks in told.incident_ids:
        return False
    return bool(change.incident_ids - told.incident_ids)


def _no_longer_dangerous(
    change: RouteChange, told: AlertState, policy: AlertPolicy, now: datetime
) -> Saying:
    if change.refuted & told.incident_ids:
        return Action.WITHDRAWAL, Reason.REFUTED
    calm = change.calm
    answered = change.resolved and change.cause is not Cause.AGED
    if answered or (calm is not None and calm.awaited):
        return end_answered(calm, told, policy, now)
    saying = out_of_time(told)
    if saying[0] is Action.UPDATE and change.cause is Cause.RULES:
        return Action.UPDATE, Reason.REASSESSED
    return saying


def end_answered(calm: Calm | None, told: AlertState, policy: AlertPolicy, now: datetime) -> Saying:
    """Return what is said where evidence answered the danger."""
    end = end_of(calm, told, policy=policy, now=now)
    if end is End.WAITS:
        return Action.NONE, Reason.QUIET_PERIOD
    if end is End.SAID:
        return Action.ALL_CLEAR, Reason.RESOLVED
    return out_of_time(told)


def out_of_time(told: AlertState) -> Saying:
    """Return what those are told who heard of a danger that nobody has seen or ended since."""
    if told.level.rank < Level.MODERATE.rank:
        return Action.NONE, Reason.END_WAS_TOLD
    if told.level.rank >= Level.HIGH.rank or told.unanswered:
        return Action.UPDATE, Reason.NO_FRESH_NEWS
    return Action.NONE, Reason.AGED_QUIETLY


def confirms(certainty: Certainty, speaks: str | None, told: AlertState) -> bool:
    """Return whether exactly what was told as unconfirmed is certain now."""
    return certainty is Certainty.CONFIRMED and speaks in told.doubtful


def _decision(
    saying: Saying,
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
        audience=audience_of(reason, change.after, told),
        expires_at=looked_at_again(change.calm, told, policy)
        if reason is Reason.QUIET_PERIOD
        else holds_until(
            change.after,
            change.certainty,
            policy=policy,
            now=now,
            told=None if action in _LAST_WORDS else told,
            answers=change.speaks if reason is Reason.CONFIRMED else None,
        ),
        references=(*told.references, told.id) if told else (),
        chain_id=told.chain_id if told else None,
        chain=Chain.RENEWED if reason is Reason.QUIET_PERIOD else Chain.KEPT,
        hold=bool(
            spreads
            and change.only_unknown
            and hold_from is not None
            and change.after.rank >= hold_from.rank
        ),
    )
