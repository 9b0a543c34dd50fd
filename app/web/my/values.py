"""What the pages of an organisation print: its people, masked, and what they hear of, in words."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.alerts.templates import ONE_SEGMENT
from app.alerts.titles import title_of
from app.config import Config
from app.core.levels import Level
from app.delivery.budget import Budget
from app.delivery.delivery import Status
from app.delivery.outbox.listing import DeliveryView
from app.delivery.outbox.words import BUDGET, NO_ADDRESS, OPTED_OUT
from app.flows.people.would_have import Brought
from app.subscribers.contact import Contact, ContactChannel
from app.subscribers.countries import MICROS
from app.subscribers.store.mutes import Mute
from app.subscribers.subscription import Subscription
from app.web.my.form import LEVELS, TELLS
from app.web.speaking import Words, sentence

_CENTS = 2
#: What is said of a message that was needed and not sent.
_UNSENT = {
    NO_ADDRESS: "delivery_no_address",
    OPTED_OUT: "delivery_no_address",
    BUDGET: "delivery_budget",
}
#: Kinds of areas that have a word of their own.
_AREAS = ("region", "cercle")
_USUAL = (ContactChannel.SMS, ContactChannel.EMAIL)


def contact_line(one: Contact, subscriptions: int, words: Words, now: datetime) -> dict[str, Any]:
    """Return a contact in a line."""
    return {
        "below": f"/my/contacts/{one.id}",
        "name": one.name,
        "addresses": [
            (
                words(f"channel_{address.channel}"),
                address.masked,
                words(f"address_{address.status}")
                if address.unreachable_since is None
                else words("address_lost", when=words.moment(address.unreachable_since, now)),
            )
            for address in one.addresses
        ],
        "language": sentence(words.locale.languages.get(one.language, one.language)),
        "subscriptions": words.many("subscriptions", subscriptions),
    }


def subscription_words(one: Subscription, words: Words, config: Config) -> list[str]:
    """Return what a subscription asks for, in sentences."""
    wanted = one.wanted
    roads = [title_of(config.network.corridors[code].title) for code in wanted["routes"]]
    roads += [_area_words(one, words) for one in wanted["regions"]]
    roads += [f"{pair['from']} - {pair['to']}" for pair in wanted["towns"]]
    cargoes = ", ".join(words.cargo(code) for code in wanted["cargoes"]) or words("all_cargoes")
    channels = ", ".join(words(f"channel_{one}") for one in wanted["channels"])
    return [
        ", ".join(roads) or words("my_every_route"),
        sentence(cargoes),
        words("my_from", level=words.level(Level(one.min_level))),
        words(f"tell_{wanted.get('tell', TELLS[0])}"),
        sentence(channels) or words("my_every_channel"),
    ]


def _area_words(key: str, words: Words) -> str:
    """Return an area as people say it: `cercle:ML/Kayes/Kayes` is what an SMS asked for."""
    kind, _, rest = key.partition(":")
    if kind == "country":
        return str(words.locale.territories.get(rest, rest))
    return words(f"area_{kind}", name=rest.rpartition("/")[2]) if kind in _AREAS else key


def form_values(
    words: Words, config: Config, taken: Collection[ContactChannel] = ()
) -> dict[str, Any]:
    """Return what forms of people and subscriptions offer; `taken`: a contact's channels."""
    offered = [one for one in ContactChannel if one in _USUAL or one in taken]
    return {
        "languages": [
            (code, words.locale.languages.get(code, code)) for code in config.subscribers.languages
        ],
        "routes": [
            (code, title_of(corridor.title)) for code, corridor in config.network.corridors.items()
        ],
        "cargoes": [(code, sentence(words.cargo(code))) for code in config.cargoes.codes],
        "levels": [(one.value, sentence(words.level(one))) for one in LEVELS],
        "tells": [(one, words(f"tell_{one}")) for one in TELLS],
        "channels": [(one, words(f"channel_{one}")) for one in offered],
    }


def brought_words(found: Brought, words: Words, config: Config) -> str:
    """Return what subscriptions would have brought, in a sentence."""
    number = sum(found.messages.values())
    if not number:
        return words("brought_nothing")
    money = f"{words.number(found.cost / MICROS, _CENTS)} {config.countries.currency}"
    days = words.many("on_days", found.days)
    return words("brought", messages=words.many("messages_leave", number), money=money, days=days)


def money_words(spent: int, budget: Budget | None, words: Words, config: Config) -> str:
    """Return what SMS cost this month, and what they may."""
    currency = config.countries.currency
    said = f"{words.number(spent / MICROS, _CENTS)} {currency}"
    if budget is None:
        return words("my_spent", spent=said)
    monthly = f"{words.number(budget.monthly / MICROS, _CENTS)} {currency}"
    return words("my_spent_of", spent=said, budget=monthly)


def mute_line(one: Mute, words: Words, config: Config, now: datetime) -> dict[str, Any]:
    """Return a mute in a line."""
    corridor = config.network.corridors.get(one.route or "")
    return {
        "id": one.id,
        "route": title_of(corridor.title) if corridor is not None else words("my_every_route"),
        "reason": one.reason,
        "until": one.until,
        "until_words": words("my_until", when=words.moment(one.until, now)),
        "live": one.until > now,
    }


def _became(one: DeliveryView, words: Words, now: datetime) -> str:
    """Return what became of a message; of one that was not sent, why."""
    if one.tell_at is not None:
        return words("delivery_waits", when=words.moment(one.tell_at, now))
    why = _UNSENT.get(one.error_code or "") if one.status == Status.SUPPRESSED else None
    return words(why or f"delivery_{one.status}")


def log_lines(
    found: Sequence[DeliveryView], names: Mapping[str, str], words: Words, now: datetime
) -> list[dict[str, Any]]:
    """Return what was sent, newest first."""
    return [
        {
            "at": one.created_at,
            "when": words.moment(one.created_at, now),
            "who": names.get(one.contact_id, ""),
            "channel": words(f"channel_{one.channel}"),
            "address": one.masked or words("call_gone"),
            "status": _became(one, words, now),
            "text": one.text or "",
            "language": one.language.removesuffix(ONE_SEGMENT),
        }
        for one in found
    ]
