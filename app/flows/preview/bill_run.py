"""How many messages the alerts of a run are, and what they cost, by organisation."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.alerts.compose import compose
from app.alerts.templates import ONE_SEGMENT
from app.config import Config
from app.flows.preview.rerun import Run
from app.subscribers.store.listeners import Listener

_SMS = "sms"


@dataclass(slots=True, kw_only=True)
class Bill:
    """What an organisation would have been sent.

    Attributes:
        messages: By channel.
        segments: Parts of SMS; each is paid for.
        cost: In millionths of the currency of config/countries.toml.
    """

    messages: Counter[str] = field(default_factory=Counter)
    segments: int = 0
    cost: int = 0


def bills_of(run: Run, listeners: Mapping[Listener, int], config: Config) -> dict[str, Bill]:
    """Return the bill of each organisation with a subscriber, those that hear nothing too.

    Counted from who subscribes now, by the fan-out that makes deliveries, taking every message for
    delivered: reminders, calls and second attempts come on top.
    """
    bills: dict[str, Bill] = {one.organisation_id: Bill() for one in listeners}
    parts: dict[tuple[str, str], int] = {}
    for message in run.messages:
        listener = run.listeners[message.contact_id]
        people, bill = listeners[listener], bills[listener.organisation_id]
        bill.messages[message.channel] += people
        if message.channel == _SMS:
            tariff = config.countries.tariff(listener.tariff)
            language = message.language.removesuffix(ONE_SEGMENT)
            if not tariff.concatenation:
                language += ONE_SEGMENT
            key = message.alert_id, language
            if key not in parts:
                parts[key] = _segments(run, *key, config)
            bill.segments += parts[key] * people
            bill.cost += parts[key] * people * tariff.price
    return bills


def _segments(run: Run, alert_id: str, language: str, config: Config) -> int:
    alert = run.stored[alert_id]
    return compose(
        alert.facts,
        alert.type,
        channel=_SMS,
        language=language,
        templates=config.templates,
        zone=config.alerts.zone,
    ).segments
