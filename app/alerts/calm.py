"""How long it must have been quiet before an all-clear is said. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.alerts.alert import AlertState
from app.alerts.policy import AlertPolicy
from app.incidents.incident import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """How a road stands of which a danger was told and which is dangerous no more.

    Attributes:
        heard_at: When the last danger that was told happened, or was last said to go on, of those
            after which it must be quiet; None: there is none, or it is not known.
        closed: Something that closes the road was not answered.
        awaited: The danger was answered by evidence, and its end has not been told yet.
        evidence: The incident that answered it, if it was one.
        over: The dangers that were told and have ended, for all or for the cargo, of whose end
            nobody was told yet.
    """

    heard_at: datetime | None
    closed: bool = False
    awaited: bool = False
    evidence: str | None = None
    over: tuple[Incident, ...] = ()


class End(StrEnum):
    """What becomes of an all-clear: it is said, it waits, or there is none."""

    SAID = "said"
    WAITS = "waits"
    NONE = "none"


def end_of(calm: Calm | None, told: AlertState, *, policy: AlertPolicy, now: datetime) -> End:
    """Return what becomes of the all-clear of a danger that evidence answered.

    While something closes the road there is none. It waits until it has been quiet long enough;
    but what was told as unconfirmed and has not ended waits no longer than for any other word.
    """
    if calm is None:
        return End.SAID
    if calm.closed:
        return End.NONE
    until = quiet_until(calm, told, policy)
    if until is None or now >= until:
        return End.SAID
    return End.NONE if _is_doubted(calm, told) and is_due(told, policy, now) else End.WAITS


def quiet_until(calm: Calm, told: AlertState, policy: AlertPolicy) -> datetime | None:
    """Return until when an all-clear waits, by the worst that was told; None: not at all."""
    quiet = policy.quiet.get(told.worst)
    if calm.heard_at is None or quiet is None:
        return None
    return calm.heard_at + quiet


def looked_at_again(calm: Calm | None, told: AlertState | None, policy: AlertPolicy) -> datetime:
    """Return when the clock looks again at an all-clear that waits.

    Raises:
        ValueError: None waits.
    """
    until = quiet_until(calm, told, policy) if calm is not None and told is not None else None
    if calm is None or until is None or told is None:
        raise ValueError("nothing waits for the quiet")
    if _is_doubted(calm, told) and told.doubt_at is not None:
        return min(until, policy.answer_by(told.doubt_at))
    return until


def _is_doubted(calm: Calm, told: AlertState) -> bool:
    """Return whether people wait for a word of something that has not ended.

    Of what has, the all-clear is the word: that nothing was heard since would not be true, and
    would end the chain before it.
    """
    return not told.unanswered <= {one.id for one in calm.over}


def is_due(told: AlertState, policy: AlertPolicy, now: datetime) -> bool:
    """Return whether the time in which a doubt has to be answered is over."""
    return told.doubt_at is None or now >= policy.answer_by(told.doubt_at)
