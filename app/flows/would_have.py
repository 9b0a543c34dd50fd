"""What subscriptions would have brought a contact in the last days, and at what price."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import AlertType, Audience
from app.alerts.compose import compose
from app.alerts.records import StoredAlert
from app.alerts.templates import ONE_SEGMENT
from app.config import Config
from app.core.levels import Level
from app.subscribers.countries import Tariff

#: An alert, and the index words that it concerns.
Told = tuple[StoredAlert, frozenset[str]]
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

    Counted from what was said in truth. At most: quiet hours, a daily limit and digests put
    several into one.
    """
    targets = {one for each in asked for one in each.targets}
    if not targets:
        return Brought()
    said = alert_store.list_told_since(conn, now - WINDOW, targets=targets, limit=_ALL)
    return _bill(heard_of(said, asked), language=language, tariff=tariff, config=config)


def heard_of(
    said: Sequence[Told], asked: Sequence[Asked]
) -> list[tuple[StoredAlert, frozenset[str]]]:
    """Return the alerts that would have reached the contact, with the channels of each. Pure.

    Of one change he hears once, the worst first; who heard a danger begin hears it end.
    """
    chains: dict[str, frozenset[str]] = {}
    bundles: dict[str, tuple[StoredAlert, frozenset[str]]] = {}
    for alert, targets in said:
        channels = frozenset(
            channel for one in asked if _concerns(one, alert, targets) for channel in one.channels
        )
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


def _concerns(one: Asked, alert: StoredAlert, targets: frozenset[str]) -> bool:
    """Tell whether a subscription is told an alert, as fan-out has it."""
    least = alert.level.rank
    if alert.type is not AlertType.ALERT:
        least = max(least, alert.before.rank)
    return (
        alert.audience is Audience.SUBSCRIBERS_AND_TOLD
        and alert.cargo in one.cargoes
        and one.min_level.rank <= least
        and not one.targets.isdisjoint(targets)
    )


def _bill(
    heard: Sequence[tuple[StoredAlert, frozenset[str]]],
    *,
    language: str,
    tariff: Tariff,
    config: Config,
) -> Brought:
    found = Brought()
    zone = config.alerts.zone
    language += "" if tariff.concatenation else ONE_SEGMENT
    for alert, channels in heard:
        found.messages.update(channels)
        if "sms" in channels:
            found.segments += compose(
                alert.facts,
                alert.type,
                channel="sms",
                language=language,
                templates=config.templates,
                zone=zone,
            ).segments
    found.cost = found.segments * tariff.price
    found.days = len({alert.created_at.astimezone(zone).date() for alert, _ in heard})
    return found
