"""Which provider serves which channel, from the environment.

A provider's libraries are read where it is set up: 15 MiB for all of them.
"""

import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from app.channels.apprise_sms import AppriseSms
from app.channels.base import Channel
from app.channels.console import Console
from app.channels.scripts import Scripts
from app.channels.webhook import Webhooks
from app.settings import GatewaySettings, Settings, SmtpSettings, TwilioSettings, WebhookSettings

if TYPE_CHECKING:
    from app.channels.twilio_account import Account


def build_providers(
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    scripts: Scripts | None = None,
) -> dict[str, list[Channel]]:
    """Return the providers of each channel; one without a provider goes to the console.

    Args:
        settings: Providers and the public URL.
        clock: Dates e-mails.
        scripts: What calls say, and the templates of WhatsApp; None: neither is there.
    """
    public_url = settings.public_url
    sms: list[Channel] = []
    if settings.twilio:
        sms.append(_twilio(settings.twilio, public_url))
    if settings.gateway:
        sms.append(_gateway(settings.gateway, public_url))
    if settings.apprise:
        sms.append(AppriseSms(url=settings.apprise.sms_url.get_secret_value()))
    email = [_smtp(settings.smtp, public_url, clock)] if settings.smtp else []
    return {
        "sms": sms or [Console("sms", write=sys.stdout.write)],
        "email": email or [Console("email", write=sys.stdout.write)],
        "webhook": [_webhooks(settings.webhooks, clock)],
        **_through_twilio(settings, scripts or Scripts()),
    }


def offered_channels(settings: Settings, scripts: Scripts) -> tuple[str, ...]:
    """Return the channels that a contact may take here.

    SMS and e-mail always, on the console where there is no provider; a call or WhatsApp only where
    it can be made: with a sender, and with words or approved templates.
    """
    twilio = settings.twilio
    voice = twilio and twilio.voice_from and settings.public_url and scripts.voice
    whatsapp = twilio and twilio.whatsapp_from and scripts.whatsapp
    able = (("voice", voice), ("whatsapp", whatsapp))
    return ("sms", "email", "webhook", *(channel for channel, has in able if has))


def _through_twilio(settings: Settings, scripts: Scripts) -> dict[str, list[Channel]]:
    twilio, public_url = settings.twilio, settings.public_url
    if twilio is None:
        return {}
    from app.channels.twilio_calls import TwilioCalls  # noqa: PLC0415
    from app.channels.twilio_whatsapp import TwilioWhatsApp  # noqa: PLC0415

    offered = offered_channels(settings, scripts)
    account = _account(twilio)
    found: dict[str, list[Channel]] = {}
    if "voice" in offered and twilio.voice_from and public_url:
        found["voice"] = [TwilioCalls(sender=twilio.voice_from, public_url=public_url, **account)]
    if "whatsapp" in offered and twilio.whatsapp_from:
        found["whatsapp"] = [
            TwilioWhatsApp(
                sender=twilio.whatsapp_from, scripts=scripts, public_url=public_url, **account
            )
        ]
    return found


def _gateway(settings: GatewaySettings, public_url: str | None) -> Channel:
    from app.channels.http_gateway import HttpGateway  # noqa: PLC0415

    return HttpGateway(
        url=settings.url,
        username=settings.username,
        password=settings.password.get_secret_value(),
        sender=settings.from_,
        timeout_s=settings.timeout_s,
        public_url=public_url,
    )


def _twilio(settings: TwilioSettings, public_url: str | None) -> Channel:
    from app.channels.twilio_sms import TwilioSms  # noqa: PLC0415

    return TwilioSms(
        sender=settings.from_,
        public_url=public_url,
        concurrency=settings.in_the_air,
        **_account(settings),
    )


def _account(settings: TwilioSettings) -> "Account":
    return {
        "account_sid": settings.account_sid,
        "auth_token": settings.auth_token.get_secret_value(),
        "base_url": settings.base_url,
        "timeout_s": settings.timeout_s,
    }


def _webhooks(settings: WebhookSettings, clock: Callable[[], datetime]) -> Channel:
    return Webhooks(clock=clock, timeout_s=settings.timeout_s, development=settings.development)


def _smtp(settings: SmtpSettings, public_url: str | None, clock: Callable[[], datetime]) -> Channel:
    from app.channels.smtp import Smtp  # noqa: PLC0415
    from app.channels.smtp_message import Sender  # noqa: PLC0415

    return Smtp(
        host=settings.host,
        port=settings.port,
        sender=Sender(
            address=settings.sender_address,
            returns=settings.return_to,
            title=settings.sender_title,
            public_url=public_url,
        ),
        clock=clock,
        username=settings.username,
        password=settings.password.get_secret_value() if settings.password else None,
        starttls=settings.starttls,
        timeout_s=settings.timeout_s,
    )
