"""What is said when the time of a statement is over. Pure; what changes is decided in `decide`."""

from datetime import datetime

from app.alerts.alert import ENDS, AlertState, Certainty, Reason
from app.alerts.audience import audience_of
from app.alerts.calm import Calm, is_due, looked_at_again
from app.alerts.decide import confirms, end_answered, out_of_time
from app.alerts.decision import Action, AlertDecision, Chain, Saying
from app.alerts.doubts import holds_until
from app.alerts.policy import AlertPolicy
from app.core.levels import Level

#: A doubt is answered with these when it has to be, and no sooner.
_OF_A_DOUBT = (Reason.NOT_CONFIRMED, Reason.PARTLY_OVER)


def decide_expired(
    told: AlertState,
    *,
    level: Level,
    certainty: Certainty,
    speaks: str | None,
    policy: AlertPolicy,
    now: datetime,
    calm: Calm | None = None,
    over: bool = False,
) -> AlertDecision:
    """Return what to say when `told` has expired and nothing has been said since.

    `level` is the route's now, `speaks` the incident that would be spoken of and `certainty` its
    own. What was told as unconfirmed is answered here at the latest; `over`: that is over, and the
    road has other dangers. Where nothing is said, `chain` tells whether the old alert holds on
    (`renewed`) or is over (`ended`).
    """
    if told.expires_at is None or now < told.expires_at:
        saying, chain = (Action.NONE, Reason.NOT_EXPIRED), Chain.KEPT
    elif told.type in ENDS:
        saying, chain = (Action.NONE, Reason.END_WAS_TOLD), Chain.ENDED
    elif policy.is_told(level):
        saying = _expired_in_danger(told, level, certainty, speaks, over=over)
        chain = Chain.RENEWED
        if saying[1] in _OF_A_DOUBT and not is_due(told, policy, now):
            saying = Action.NONE, Reason.STILL_DANGEROUS
    elif calm is not None and calm.awaited:
        saying = end_answered(calm, told, policy, now)
        chain = Chain.RENEWED if saying[1] is Reason.QUIET_PERIOD else Chain.ENDED
    else:
        saying, chain = out_of_time(told), Chain.ENDED
    waits = told if saying[0] is Action.NONE else None
    return AlertDecision(
        action=saying[0],
        reason=saying[1],
        level=level,
        certainty=certainty,
        audience=audience_of(saying[1], level, told),
        expires_at=looked_at_again(calm, told, policy)
        if saying[1] is Reason.QUIET_PERIOD
        else holds_until(level, certainty, policy=policy, now=now, told=waits),
        references=(*told.references, told.id),
        chain_id=told.chain_id,
        chain=chain if saying[0] is Action.NONE else Chain.KEPT,
    )


def _expired_in_danger(
    told: AlertState, level: Level, certainty: Certainty, speaks: str | None, *, over: bool
) -> Saying:
    if level.rank != told.level.rank:
        return Action.UPDATE, Reason.ROSE if level.rank > told.level.rank else Reason.FELL
    if over:
        return Action.UPDATE, Reason.PARTLY_OVER
    if told.unanswered or confirms(certainty, speaks, told):
        confirmed = certainty is Certainty.CONFIRMED
        return Action.UPDATE, Reason.CONFIRMED if confirmed else Reason.NOT_CONFIRMED
    return Action.NONE, Reason.STILL_DANGEROUS
