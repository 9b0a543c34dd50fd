"""What becomes of an alert that a moderator writes. Pure."""

from datetime import datetime

from app.alerts.alert import ENDS, AlertState, AlertType, Audience, Certainty, Reason
from app.alerts.decision import Action, AlertDecision
from app.alerts.policy import AlertPolicy
from app.core.levels import Level


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
