"""Which provider serves which channel, from the environment."""

import sys
from collections.abc import Callable
from datetime import datetime

from app.channels.base import Channel
from app.channels.console import Console
from app.channels.smtp import Smtp
from app.channels.smtp_message import Sender
from app.channels.twilio_sms import TwilioSms
from app.settings import Settings, SmtpSettings, TwilioSettings


def build_channels(
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    write: Callable[[str], object] = sys.stdout.write,
) -> dict[str, Channel]:
    """Return a provider for each channel; one without a provider goes to the console.

    Args:
        settings: Providers and the public URL.
        clock: Dates e-mails.
        write: Where the console channel writes.
    """
    sms, email = settings.twilio, settings.smtp
    return {
        "sms": _twilio(sms, settings.public_url) if sms else Console("sms", write=write),
        "email": _smtp(email, settings.public_url, clock)
        if email
        else Console("email", write=write),
    }


def _twilio(settings: TwilioSettings, public_url: str | None) -> Channel:
    return TwilioSms(
        account_sid=settings.account_sid,
        auth_token=settings.auth_token.get_secret_value(),
        sender=settings.from_,
        base_url=settings.base_url,
        timeout_s=settings.timeout_s,
        public_url=public_url,
    )


def _smtp(settings: SmtpSettings, public_url: str | None, clock: Callable[[], datetime]) -> Channel:
    return Smtp(
        host=settings.host,
        port=settings.port,
        sender=Sender(
            address=settings.sender_address, title=settings.sender_title, public_url=public_url
        ),
        clock=clock,
        username=settings.username,
        password=settings.password.get_secret_value() if settings.password else None,
        starttls=settings.starttls,
        timeout_s=settings.timeout_s,
    )
