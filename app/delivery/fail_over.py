"""What follows when a message does not arrive: another provider or channel, a person. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.delivery.delivery import Status, apply_receipt


class Step(StrEnum):
    """What to do about a message that has not arrived."""

    WAIT = "wait"
    #: Through another provider. The first may still deliver it: the recipient may get it twice.
    RESEND = "resend"
    #: To the call list, and through the contact's other channel if there is one.
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How long to wait for a message of one priority, and what then.

    Attributes:
        after: Without `delivered` for so long, the next step; None: never.
        resend: Whether another provider may get it while the first may still deliver it.
        other_channel: Whether the contact's other channel is tried.
        notify: Whether the person on duty is told who was not reached.
    """

    after: timedelta | None
    resend: bool = False
    other_channel: bool = False
    notify: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FailOverPolicy:
    """Rules by the priority of a delivery; see `delivery.priority_of`.

    `remind` is the least time before the person on duty is told a number again that has doubled.
    """

    rules: Mapping[int, Rule]
    remind: timedelta = timedelta(minutes=10)


#: The words of the file for the places in the queue.
PRIORITIES = {"severe": 0, "end": 1, "high": 2, "moderate": 3, "low": 4}


def next_step(rule: Rule, *, silent_for: timedelta, resent: bool, others: bool) -> Step:
    """Return what to do about a message that a provider took and never said had arrived.

    Args:
        rule: Of its priority.
        silent_for: Since the provider took it.
        resent: Another provider had it before this one.
        others: Another provider takes this address, and is well.
    """
    if rule.after is None or silent_for < rule.after:
        return Step.WAIT
    if rule.resend and others and not resent:
        return Step.RESEND
    return Step.GIVE_UP


def proven(
    status: Status, word: str, *, provider: str, holder: str | None, silent_provider: str | None
) -> Status | None:
    """Return the status that a receipt moves a delivery to, or None when it changes nothing.

    Once another provider has the message, only its arrival counts of what the silent one says:
    its failure is no news, and must not end what the other may still deliver. Nor does the failure
    of one that was in doubt send anew what another has taken since. And when that one fails, too,
    nobody knows that nothing arrived: whoever may have been told has to hear the end.

    Args:
        status: Of the delivery.
        word: The receipt's.
        provider: Whose it is.
        holder: Who had the message last, as far as is known.
        silent_provider: Who had it before.
    """
    moved = apply_receipt(status, word)
    elsewhere = status is Status.SENT and holder not in {None, provider}
    if (elsewhere or provider == silent_provider) and moved is not Status.DELIVERED:
        return None
    return Status.UNDELIVERED if moved is Status.FAILED and silent_provider else moved


def goes_elsewhere(
    moved: Status | None, *, permanent: bool, silent_provider: str | None, elsewhere: bool
) -> bool:
    """Tell whether another provider should get what this one says it could not deliver.

    There is no duplicate to fear: the provider itself has given up.

    Args:
        moved: What the receipt proves.
        permanent: It is the recipient's fault: another provider would fail too.
        silent_provider: Had it before this one.
        elsewhere: There is another provider.
    """
    gave_up = moved in {Status.UNDELIVERED, Status.FAILED}
    return gave_up and elsewhere and not permanent and silent_provider is None


def to_tell(
    number: int, *, told: int | None, sent_at: datetime | None, remind: timedelta, now: datetime
) -> bool:
    """Tell whether the person on duty should hear this number of unreached recipients."""
    if told is None or sent_at is None:
        return number > 0
    return number >= 2 * max(told, 1) and now - sent_at >= remind
