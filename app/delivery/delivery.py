"""The life of one delivery: which status follows which, and why. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from app.alerts.alert import AlertType
from app.channels.base import Accepted, InDoubt, Rejected, SendResult
from app.core.levels import Level
from app.delivery.policy import DeliveryPolicy
from app.delivery.retry import next_attempt


class Status(StrEnum):
    """Where a delivery stands."""

    #: Waits for its turn, or for its next try.
    QUEUED = "queued"
    #: Claimed by a worker under a lease; the request may be on its way.
    SENDING = "sending"
    #: The request may or may not have been accepted. Never sent again before that is settled.
    IN_DOUBT = "in_doubt"
    #: The provider has it; a receipt is expected.
    SENT = "sent"
    #: The provider says that it arrived, or has it for good and will say nothing more.
    DELIVERED = "delivered"
    #: The provider says that it did not arrive.
    UNDELIVERED = "undelivered"
    #: Refused for good, or tried too often.
    FAILED = "failed"
    #: Too old to be worth sending.
    EXPIRED = "expired"
    #: Overtaken, withdrawn before it left, or the recipient does not want it any more.
    SUPPRESSED = "suppressed"


TERMINAL = frozenset(
    {
        Status.DELIVERED,
        Status.UNDELIVERED,
        Status.FAILED,
        Status.EXPIRED,
        Status.SUPPRESSED,
    }
)

#: Statuses in which the message has left, or may have: this contact has to hear the end of it.
TOLD = (Status.SENDING, Status.IN_DOUBT, Status.SENT, Status.DELIVERED, Status.UNDELIVERED)

#: Terminal statuses of which a person has to know; with `sent` that nobody has confirmed in time.
UNREACHED = (Status.IN_DOUBT, Status.UNDELIVERED, Status.FAILED, Status.EXPIRED)

#: How far along a status is. A receipt only ever moves a delivery up.
_PROGRESS = {
    Status.QUEUED: 0,
    Status.SENDING: 1,
    Status.IN_DOUBT: 1,
    Status.SENT: 2,
    **dict.fromkeys(TERMINAL, 3),
}

#: Terminal statuses of what nobody got.
NOT_ARRIVED = (Status.UNDELIVERED, Status.FAILED, Status.EXPIRED)

#: What the words of Twilio's `MessageStatus` prove.
#: Source: https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
#: The words of calls, as `flows.calls` writes them, stand beside them: a call that is over has
#: arrived only if a person picked it up, which was said before.
#: Source: https://www.twilio.com/docs/voice/api/call-resource#call-status-values
_PROVEN = {
    "initiated": Status.SENT,
    "ringing": Status.SENT,
    "in_progress": Status.SENT,
    "picked_up": Status.DELIVERED,
    "completed": Status.UNDELIVERED,
    "busy": Status.UNDELIVERED,
    "no_answer": Status.UNDELIVERED,
    "accepted": Status.SENT,
    "scheduled": Status.SENT,
    "queued": Status.SENT,
    "sending": Status.SENT,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.DELIVERED,
    "undelivered": Status.UNDELIVERED,
    "partially_delivered": Status.UNDELIVERED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}


#: The word for an e-mail that came back. `delivered` says of an e-mail that a server took it, and
#: that is no more than a belief: this ends it.
RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """What becomes of a delivery after one attempt.

    Attributes:
        due_at: When to look at it again: next try, or when to ask the provider's log.
        outcome: One word for the attempt's record: accepted, rejected, in_doubt.
    """

    status: Status
    outcome: str
    due_at: datetime
    provider_id: str | None = None
    code: str | None = None
    detail: str | None = None


def apply_receipt(status: Status, provider_status: str) -> Status | None:
    """Return the status that a receipt moves a delivery to, or None when it changes nothing.

    A receipt proves that the provider has the message, so it settles a doubt, and takes a delivery
    out of the queue. It never moves one backwards: `sent` after `delivered` is ignored, as is any
    word this table does not know. Terminal stays terminal, `delivered` after `undelivered`
    included: the fail-over may have begun on the first word, and counts must add up. The receipt
    itself is kept either way. Only an e-mail that came back was not delivered after all.
    """
    if provider_status == RETURNED:
        ended = status in TERMINAL and status is not Status.DELIVERED
        return None if ended else Status.UNDELIVERED
    proven = _PROVEN.get(provider_status)
    if proven is None or _PROGRESS[proven] <= _PROGRESS[status]:
        return None
    return proven


def after_attempt(
    result: SendResult,
    *,
    attempts: int,
    now: datetime,
    expires_at: datetime,
    rand: float,
    policy: DeliveryPolicy,
    elsewhere: bool = False,
) -> Transition:
    """Return what `result` makes of the delivery.

    Args:
        result: What the channel said.
        attempts: Calls made so far, this one included.
        now: When the answer came.
        expires_at: After which the message is not worth sending.
        rand: From 0 to below 1; spreads the retries.
        policy: Delays and limits.
        elsewhere: Another provider has it and may have delivered it: never "certainly not told".
    """
    match result:
        case Accepted():
            status = Status.DELIVERED if result.final else Status.SENT
            return Transition(
                status=status, outcome="accepted", due_at=now, provider_id=result.provider_id
            )
        case InDoubt():
            return Transition(
                status=Status.IN_DOUBT,
                outcome="in_doubt",
                due_at=now + policy.settle_after,
                code=result.code,
                detail=result.detail,
            )
        case Rejected():
            change = _after_rejection(
                result, attempts=attempts, now=now, expires_at=expires_at, rand=rand, policy=policy
            )
            if elsewhere and change.status in {Status.FAILED, Status.EXPIRED}:
                return replace(change, status=Status.UNDELIVERED)
            return change
        case _:
            assert_never(result)


def _after_rejection(
    result: Rejected,
    *,
    attempts: int,
    now: datetime,
    expires_at: datetime,
    rand: float,
    policy: DeliveryPolicy,
) -> Transition:
    status, due_at = Status.FAILED, now
    ours = result.scope == "recipient"  # an ill provider or account is not this message's fault
    if not result.is_final(attempts):
        due = next_attempt(
            attempts,
            retry_after_s=result.retry_after_s,
            now=now,
            expires_at=expires_at,
            rand=rand,
            policy=policy,
        )
        if due is None:
            status = Status.EXPIRED
        elif not (ours and attempts >= policy.max_attempts):
            status, due_at = Status.QUEUED, due
    return Transition(
        status=status, outcome="rejected", due_at=due_at, code=result.code, detail=result.detail
    )


#: The last place in the queue; see `priority_of`.
LAST = 4


def priority_of(level: Level, kind: AlertType) -> int:
    """Return the place in the queue, 0 first.

    A warning of severe danger passes everything; then the end of what was said, because a driver
    who waits for nothing is a cost and a wrong alarm believed costs trust; then the rest by level.
    """
    if kind in {AlertType.ALL_CLEAR, AlertType.WITHDRAWAL}:
        return 1
    return {Level.SEVERE: 0, Level.HIGH: 2, Level.MODERATE: 3}.get(level, LAST)
