"""What the page before a decision prints: what would go out, and to how many."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.alerts.sms_text import segments
from app.alerts.titles import title_of
from app.config import Config
from app.flows.desk.foresee import Foreseen, Saying
from app.subscribers.countries import MICROS
from app.web.desk.told import later_words
from app.web.speaking import Words

_CENTS = 2


def foreseen_values(
    found: Foreseen, words: Words, config: Config, *, now: datetime
) -> dict[str, Any]:
    """Return what would go out, and to how many."""
    nobody_now = words("sure_nobody_now")
    people = words.many("people_now", found.people_now) if found.people_now else nobody_now
    return {
        "people_now": words("sure_at_least", people=people) if found.more else people,
        "people_later": later_words(found.later, words, now),
        "cost": cost_words(found.cost, words, config),
        "nobody": not found.people_now and found.later is None,
        "sayings": [_saying(one, words, config) for one in found.sayings if _is_heard(one)],
        "silent": [_saying(one, words, config) for one in found.sayings if not _is_heard(one)],
    }


def cost_words(micros: int, words: Words, config: Config) -> str:
    """Return what it costs; "" where it costs nothing."""
    if not micros:
        return ""
    money = f"{words.number(micros / MICROS, _CENTS)} {config.countries.currency}"
    return words("sure_cost", cost=money)


def _is_heard(one: Saying) -> bool:
    return one.held or one.now + one.later > 0


def _saying(one: Saying, words: Words, config: Config) -> dict[str, Any]:
    first = one.alerts[0]
    corridor = config.network.corridors.get(first.route)
    language = words.language if words.language in one.texts else next(iter(one.texts))
    others: Sequence[str] = [text for code, text in one.texts.items() if code != language]
    return {
        "type": words(f"alert_{first.type.value}"),
        "route": title_of(corridor.title) if corridor is not None else first.route,
        "cargoes": ", ".join(words.cargo(alert.cargo) for alert in one.alerts),
        "level": first.level,
        "text": one.texts[language],
        "others": others,
        "parts": words.many("sms_parts", segments(one.texts[language])),
        "number": words.many("people_hear", one.now + one.later),
        "held": one.held,
    }
