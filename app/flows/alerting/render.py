"""The texts of alerts, for every channel and language: once for all who read the same. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from app.alerts.alert import Message
from app.alerts.compose import compose
from app.alerts.digest import Said, compose_digest
from app.alerts.records import StoredAlert
from app.alerts.spoken import write_call, write_whatsapp
from app.alerts.templates import ONE_SEGMENT
from app.alerts.webhook_event import write_event
from app.config import Config

#: Texts are rendered for these, once per alert and language.
CHANNELS = ("sms", "email")


def render(
    alert: StoredAlert, *, config: Config, public_url: str | None, offered: Sequence[str] = ()
) -> list[Message]:
    """Return the texts of an alert, one for each channel and language."""
    return _beyond([alert], config=config, public_url=public_url, offered=offered) + _every(
        config,
        lambda channel, language: compose(
            alert.facts,
            alert.type,
            channel=channel,
            language=language,
            templates=config.templates,
            zone=config.alerts.zone,
            public_url=public_url,
        ),
    )


def render_digest(
    alerts: Sequence[StoredAlert],
    *,
    config: Config,
    public_url: str | None,
    offered: Sequence[str] = (),
) -> list[Message]:
    """Return the texts of one message that says several alerts, for each channel and language."""
    said = _said(alerts)
    return _beyond(alerts, config=config, public_url=public_url, offered=offered) + _every(
        config,
        lambda channel, language: compose_digest(
            said,
            channel=channel,
            language=language,
            templates=config.templates,
            zone=config.alerts.zone,
            public_url=public_url,
        ),
    )


def _said(alerts: Sequence[StoredAlert]) -> list[Said]:
    return [Said(facts=one.facts, type=one.type) for one in alerts]


def _beyond(
    alerts: Sequence[StoredAlert],
    *,
    config: Config,
    public_url: str | None,
    offered: Sequence[str],
) -> list[Message]:
    """Return what calls, WhatsApp and programs are told of `alerts`, as far as it is offered."""
    texts: list[Message] = []
    for language in config.subscribers.languages:
        how: dict[str, Any] = {
            "language": language,
            "templates": config.templates,
            "zone": config.alerts.zone,
        }
        if "webhook" in offered:
            texts.append(write_event(alerts, public_url=public_url, **how))
        for channel, write in (("voice", write_call), ("whatsapp", write_whatsapp)):
            if channel in offered and (spoken := config.scripts.spoken(channel, language)):
                text = write(_said(alerts), **how | {"language": spoken})
                texts.append(replace(text, language=language))
    return texts


def _every(config: Config, write: Callable[[str, str], Message]) -> list[Message]:
    """Return a text for each channel and language, and in one segment where some need that."""
    texts = [
        write(channel, language)
        for channel in CHANNELS
        for language in config.subscribers.languages
    ]
    if config.countries.in_one_segment:
        texts += [
            replace(text, language=short) if text.segments == 1 else write(text.channel, short)
            for text in texts
            if text.channel == "sms" and (short := f"{text.language}{ONE_SEGMENT}")
        ]
    return texts
