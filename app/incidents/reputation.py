"""How far a source is believed, learnt from what moderators held of its reports. Pure.

A source is a token (the keyed hash of its origin), never a name. Its reliability is the mean of a
Beta distribution: the prior is what config says of its type and of how it knows, worth `strength`
verdicts; each confirmed incident counts for it, each refuted one against it, the older the less.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

_DAY = timedelta(days=1)
#: A record is looked at again after so long: it grows by people's verdicts, slowly.
_GOOD_FOR = timedelta(minutes=5)
#: Tokens remembered; more than ever report in some minutes.
_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReputationPolicy:
    """How verdicts move what a source is believed; see `[reputation]` for each value.

    Attributes:
        strength: Verdicts that the prior is worth.
        half_life_days: After so long a verdict counts half.
        least, most: Bounds of what is learnt.
        known_from: Confirmed incidents from which on a source without a voucher counts as known.
        known_reliability: It must be believed so far for that, too.
    """

    strength: float
    half_life_days: float
    least: float
    most: float
    known_from: float
    known_reliability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceVerdict:
    """What a moderator held of one incident that a source reported."""

    confirmed: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A source's verdicts at an instant: how many stood for and against it, by their age."""

    confirmed: float = 0.0
    refuted: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Return whether nobody ever judged what the source said."""
        return not (self.confirmed or self.refuted)


def record_of(
    verdicts: Iterable[SourceVerdict], *, policy: ReputationPolicy, now: datetime
) -> Record:
    """Return the record that verdicts make at `now`."""
    confirmed = refuted = 0.0
    for one in verdicts:
        weight = 2.0 ** (-max(0.0, (now - one.at) / _DAY) / policy.half_life_days)
        if one.confirmed:
            confirmed += weight
        else:
            refuted += weight
    return Record(confirmed=confirmed, refuted=refuted)


def reliability(prior: float, record: Record, policy: ReputationPolicy) -> float:
    """Return the posterior mean of a source's reliability, within the policy's bounds.

    A source without a record is exactly its prior, whatever the bounds.
    """
    if record.is_empty:
        return prior
    right = prior * policy.strength + record.confirmed
    mean = right / (policy.strength + record.confirmed + record.refuted)
    # What was learnt never lifts a source above `most`, nor lowers one whose type stands above it.
    most = max(policy.most, min(prior, mean))
    return min(round(max(mean, policy.least), 4), most)  # nor does rounding


def is_known(prior: float, record: Record, policy: ReputationPolicy) -> bool:
    """Return whether a source counts as known by its record alone: right often and lately enough.

    Verdicts fade, so that `known_from` of them, less half of one, are asked for: who was right
    three times this year is known, who was so three times long ago is not.
    """
    often = record.confirmed >= policy.known_from - _FADED
    return often and reliability(prior, record, policy) >= policy.known_reliability


#: What so many verdicts of the last weeks may have faded by.
_FADED = 0.5


class Records:
    """Remembers for some minutes what was held of a source; safe between threads."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[datetime, tuple[SourceVerdict, ...]]] = {}
        self._lock = Lock()

    def of(
        self, token: str, read: Callable[[], tuple[SourceVerdict, ...]], *, now: datetime
    ) -> tuple[SourceVerdict, ...]:
        """Return the verdicts on a source; `read` gets them from where they are kept."""
        with self._lock:
            seen = self._seen.get(token)
        if seen is not None and abs(now - seen[0]) < _GOOD_FOR:
            return seen[1]
        found = read()
        with self._lock:
            if len(self._seen) >= _KEPT:
                self._seen.clear()
            self._seen[token] = (now, found)
        return found

    def forget(self, tokens: Iterable[str]) -> None:
        """Look these up again when they are asked for next: something new was held of them."""
        with self._lock:
            for token in tokens:
                self._seen.pop(token, None)
