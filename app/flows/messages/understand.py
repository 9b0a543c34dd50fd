"""What an inbound message means and what is answered, before anything is done."""

from dataclasses import dataclass
from datetime import datetime

from app.alerts.replies import Reply, write_reply
from app.config import Config
from app.flows.messages.inbound_reading import as_acted_on
from app.flows.wire import instant
from app.roads.gazetteer import Gazetteer
from app.subscribers.dating import Calendar
from app.subscribers.nowhere import understand as read
from app.subscribers.understood import Choice, Courtesy, Reading, Standing, When


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A message, how it was read, and the answer in `language`; empty: none is sent."""

    reading: Reading
    reply: Reply
    language: str


def understand(
    text: str,
    standing: Standing,
    *,
    config: Config,
    gazetteer: Gazetteer,
    now: datetime,
) -> Understood:
    """Return how `text` is understood and answered; nothing is changed.

    The answer is in the language that the sender has chosen, else in that of the message.
    """
    reading = read(
        text,
        standing,
        lexicon=config.commands,
        gazetteer=gazetteer,
        cargoes=config.cargoes,
        spoken=tuple(config.templates.languages),
        calendar=Calendar(config.alerts.zone, now, config.incidents.starting),
        kinds=config.kinds,
    )
    reading = as_acted_on(text, reading, config, gazetteer)
    language = language_of(standing, reading, config)
    reply = Reply(text="")
    if reading.courtesy is not Courtesy.THANKS:
        reply = write_reply(reading, language, config.templates, now=now)
    return Understood(reading=reading, reply=reply, language=language)


def language_of(standing: Standing, reading: Reading, config: Config) -> str:
    """Return the language of the answer: the sender's own, else that of the message."""
    spoken = standing.language or reading.tongue or config.subscribers.default_language
    return spoken if spoken in config.templates.languages else "fr"


def in_columns(understood: Understood, config: Config) -> dict[str, str]:
    """Return what was understood as plain texts, for people and for a table."""
    reading = understood.reading
    return {
        "action": reading.action.value,
        "kind": reading.kind or "",
        "places": "; ".join(
            dict.fromkeys(place for one in (reading, *reading.beside) for place in one.places)
        ),
        "route": "; ".join(reading.routes),
        "cargo": "; ".join(reading.cargoes),
        "choices": "; ".join(
            f"{number} {_choice(choice, understood.language, config)}"
            for number, choice in enumerate(understood.reply.choices, start=1)
        ),
        "reply": understood.reply.text,
        "dated": _dated(reading.when) if reading.when else "",
    }


def _dated(when: When) -> str:
    starts = f", from {when.starts_at.date()}" if when.starts_at else ""
    return f"{instant(when.at)} ({when.precision}){starts}"


def _choice(choice: Choice, language: str, config: Config) -> str:
    kind = config.kinds[choice.kind].label(language) if choice.kind else None
    place = f"{choice.place} ({choice.area})" if choice.area else choice.place
    action = choice.action.value if choice.action else None
    return " ".join(part for part in (action, choice.language, kind, place) if part)
