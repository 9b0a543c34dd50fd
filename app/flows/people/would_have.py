"""What subscriptions would have brought a contact in the last days, and at what price."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import ENDS, AlertType, Audience
from app.alerts.audience import OF_ANOTHER
from app.alerts.digest import Said, compose_digest
from app.alerts.records import StoredAlert
from app.alerts.templates import ONE_SEGMENT
from app.config import Config
from app.core.levels import Level
from app.delivery.moment import (
    ANSWERS,
    COUNTED,
    END_WITHIN,
    Haste,
    Hours,
    MomentPolicy,
    Tell,
    decide,
    haste_of,
    moment_of,
)
from app.subscribers.countries import Tariff

#: An alert, and the index words that it concerns.
Told = tuple[StoredAlert, frozenset[str]]
#: One that would have reached a contact, and on which channels.
Heard = tuple[StoredAlert, frozenset[str]]
#: Looked back so far.
WINDOW = timedelta(days=30)
#: More alerts than a month ever had.
_ALL = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One subscription: which index words, cargoes and channels, from which level on."""

    targets: frozenset[str]
    cargoes: frozenset[str]
    channels: frozenset[str]
    min_level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One message, on one channel or several, and the alerts that it says."""

    at: datetime
    says: tuple[Heard, ...]

    @property
    def channels(self) -> frozenset[str]:
        """Return what carries it."""
        return frozenset().union(*(channels for _, channels in self.says))

    @property
    def counts(self) -> bool:
        """Tell whether a person reads or hears it."""
        return not self.channels.isdisjoint(COUNTED)


@dataclass(slots=True, kw_only=True)
class Brought:
    """What it would have been.

    Attributes:
        messages: By channel.
        segments: Parts of SMS; each is paid for.
        cost: In millionths of the currency of config/countries.toml.
        days: On which there was one at least.
    """

    messages: Counter[str] = field(default_factory=Counter)
    segments: int = 0
    cost: int = 0
    days: int = 0


def would_have_brought(
    conn: Connection,
    asked: Sequence[Asked],
    *,
    language: str,
    tariff: Tariff,
    config: Config,
    now: datetime,
) -> Brought:
    """Return what these subscriptions of one contact would have brought him since `WINDOW` ago.

    Counted from what was said in truth, and put into one message where his day was full. At most:
    quiet hours and digests that he asked for put more of them into one.
    """
    targets = {one for each in asked for one in each.targets}
    if not targets:
        return Brought()
    said = alert_store.list_told_since(conn, now - WINDOW, targets=targets, limit=_ALL)
    left = paced(heard_of(said, asked), config.moment, now=now)
    return _bill(left, language=language, tariff=tariff, config=config)


def heard_of(said: Sequence[Told], asked: Sequence[Asked]) -> list[Heard]:
    """Return the alerts that would have reached the contact, with the channels of each. Pure.

    Of one change he hears once, the worst first; who heard a danger begin hears it end, and of
    another, lesser one beside it only if he asked for as little.
    """
    chains: dict[str, frozenset[str]] = {}
    bundles: dict[str, Heard] = {}
    for alert, targets in said:
        channels = frozenset(
            channel for one in asked if _concerns(one, alert, targets) for channel in one.channels
        )
        if alert.reason not in OF_ANOTHER or not any(_covers(one, alert, targets) for one in asked):
            channels |= chains.get(alert.chain_id, frozenset())
        if not channels:
            continue
        chains[alert.chain_id] = channels
        known = bundles.get(alert.bundle_id)
        if known is None:
            bundles[alert.bundle_id] = alert, channels
        else:
            bundles[alert.bundle_id] = known[0], known[1] | channels
    return list(bundles.values())


def paced(heard: Sequence[Heard], policy: MomentPolicy, *, now: datetime) -> list[Left]:
    """Return the messages that alerts would have been until `now`, by the limit of a day. Pure.

    What was too much for a day is one message on the next morning; what was over by then, none, and
    its end is told to nobody who had not heard of it.

    Args:
        heard: As `heard_of` has it, the oldest first.
        policy: How much people are told in a day.
        now: What is to be told later has not left.
    """
    day = _Day(policy)
    for alert, channels in heard:
        day.morning(alert.created_at)
        day.hears(alert, channels)
    day.morning(now)
    return day.left


class _Day:
    """One person's days, one after the other."""

    def __init__(self, policy: MomentPolicy) -> None:
        self.left: list[Left] = []
        self._policy = policy
        self._waiting: list[Heard] = []
        self._until: datetime | None = None
        self._told: set[str] = set()
        self._ended: dict[str, datetime] = {}  # by route, when an end reached him last

    def hears(self, alert: StoredAlert, channels: frozenset[str]) -> None:
        waited = any(one.chain_id == alert.chain_id for one, _ in self._waiting)
        self._waiting = [one for one in self._waiting if one[0].chain_id != alert.chain_id]
        if waited and alert.type in ENDS and alert.chain_id not in self._told:
            return
        wait = self._wait([alert], at=alert.created_at)
        at_once = channels if wait is None else channels.difference(COUNTED)
        if at_once:
            self._leave([(alert, at_once)], at=alert.created_at)
        if wait is not None and (later := channels.intersection(COUNTED)):
            self._waiting.append((alert, later))
            self._until = wait

    def morning(self, now: datetime) -> None:
        """Tell what waited until then, if the day that has come has room for it."""
        while self._waiting and self._until is not None and self._until <= now:
            at = self._until
            self._until = self._wait([one for one, _ in self._waiting], at=at)
            if self._until is None:
                self._leave(self._waiting, at=at)
                self._waiting = []

    def _wait(self, alerts: Sequence[StoredAlert], *, at: datetime) -> datetime | None:
        policy = self._policy
        moment = moment_of(Hours(zone=policy.zone), policy=policy, now=at)
        wait = decide(
            min(self._haste(one) for one in alerts),
            moment,
            tell=Tell.IMMEDIATELY,
            muted_until=None,
            said_today=sum(moment.day_began_at <= one.at for one in self.left if one.counts),
            allowance=max(
                policy.allowance(one.level, answers=one.reason in ANSWERS) for one in alerts
            ),
        )
        return wait.until if wait is not None else None

    def _haste(self, alert: StoredAlert) -> Haste:
        """Return how far it may be held up: for an end before it only where he heard that."""
        ended = self._ended.get(alert.route)
        reached = ended is not None and alert.created_at - ended <= END_WITHIN
        after_end = alert.facts.after_end and reached
        return haste_of(alert.level, alert.before, alert.type, alert.reason, after_end=after_end)

    def _leave(self, says: Sequence[Heard], *, at: datetime) -> None:
        self._told |= {one.chain_id for one, _ in says}
        self._ended |= {one.route: at for one, _ in says if one.type in ENDS}
        self.left.append(Left(at=at, says=tuple(says)))


def _concerns(one: Asked, alert: StoredAlert, targets: frozenset[str]) -> bool:
    """Tell whether a subscription is told an alert, as fan-out has it."""
    least = alert.facts.heard_from.rank
    if alert.type is not AlertType.ALERT:
        least = max(least, alert.before.rank)
    return (
        alert.audience is Audience.SUBSCRIBERS_AND_TOLD
        and one.min_level.rank <= least
        and _covers(one, alert, targets)
    )


def _covers(one: Asked, alert: StoredAlert, targets: frozenset[str]) -> bool:
    """Tell whether a subscription is for the road and the cargo, from whatever level on."""
    return alert.cargo in one.cargoes and not one.targets.isdisjoint(targets)


def _bill(left: Sequence[Left], *, language: str, tariff: Tariff, config: Config) -> Brought:
    found = Brought()
    zone = config.alerts.zone
    language += "" if tariff.concatenation else ONE_SEGMENT
    for message in left:
        found.messages.update(message.channels)
        said = [alert for alert, channels in message.says if "sms" in channels]
        if said:
            found.segments += compose_digest(
                [Said(facts=one.facts, type=one.type) for one in said],
                channel="sms",
                language=language,
                templates=config.templates,
                zone=zone,
            ).segments
    found.cost = found.segments * tariff.price
    found.days = len({message.at.astimezone(zone).date() for message in left})
    return found
