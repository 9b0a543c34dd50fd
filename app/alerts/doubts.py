"""What was told as unconfirmed, and what of that still waits for a word. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.alerts.alert import ENDS, AlertState, AlertType, Certainty, Reason
from app.alerts.policy import AlertPolicy
from app.core.levels import Level

#: After these everybody knows how things stand: not confirmed, nothing heard since, or false.
_ANSWERS = frozenset(
    {Reason.NOT_CONFIRMED, Reason.NO_FRESH_NEWS, Reason.REASSESSED, Reason.CORRECTED}
)
#: However soon what was told runs out: what is said meanwhile may take so long to arrive.
TIME_TO_TELL = timedelta(hours=2)


@dataclass(slots=True)
class Doubts:
    """The doubts of a chain, from its alerts in their order.

    Attributes:
        open: What was told as unconfirmed and not confirmed since.
        unanswered: Those of them of which nothing was said since; when each was told.
    """

    open: set[str] = field(default_factory=set)
    unanswered: dict[str, datetime] = field(default_factory=dict)

    def hear(
        self,
        subject: str,
        *,
        kind: AlertType,
        reason: Reason,
        level: Level,
        certainty: Certainty,
        at: datetime,
        over: str | None = None,
    ) -> None:
        """Take in the next alert; `subject`: the incident it speaks of, or itself.

        `over`: another one that it says has ended.
        """
        if over is not None:
            self._settle(over, everything=False)
        if reason is Reason.STILL_SEVERE:
            return  # a reminder says nothing new of what is doubted
        if kind in ENDS:
            self.open.clear()
            self.unanswered.clear()
        elif reason in _ANSWERS:
            self.unanswered.clear()
        elif certainty is Certainty.CONFIRMED:
            # A person settles all there was; so does what was merged with something certain.
            merged = reason is Reason.CONFIRMED and subject not in self.open
            self._settle(subject, everything=merged or reason is Reason.BY_HAND)
        elif level.rank >= Level.MODERATE.rank:
            # who just read again that it is not confirmed waits anew for a word of it
            if subject in self.unanswered or subject not in self.open:
                self.unanswered[subject] = at
            self.open.add(subject)

    @property
    def since(self) -> datetime | None:
        """Return when the oldest doubt was told of which nothing was said since."""
        return min(self.unanswered.values(), default=None)

    def _settle(self, subject: str, *, everything: bool) -> None:
        settled = set(self.open) if everything else {subject}
        self.open -= settled
        for one in settled:
            self.unanswered.pop(one, None)


def holds_until(
    level: Level,
    certainty: Certainty,
    *,
    policy: AlertPolicy,
    now: datetime,
    told: AlertState | None,
    answers: str | None = None,
) -> datetime:
    """Return until when a statement holds: not beyond the time in which a doubt is answered.

    But long enough to be sent, and sent again while a provider is down.
    """
    until = policy.expires_at(level, certainty, now)
    if told is None or told.doubt_at is None or not told.unanswered - {answers}:
        return until
    return min(until, max(now + TIME_TO_TELL, policy.answer_by(told.doubt_at)))
