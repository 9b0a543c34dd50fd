"""Every provider asks right before a message leaves whether it still may."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from app.channels.base import Accepted, Channel, Outgoing, TooLateError
from app.channels.console import Console
from app.channels.http_gateway import HttpGateway
from app.channels.smtp import Smtp
from app.channels.smtp_message import Sender
from app.channels.twilio_sms import TwilioSms
from tests.harness import gateway
from tests.harness.gateway import fake_gateway
from tests.harness.smtp import fake_smtp
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN, fake_twilio

NOW = datetime(2025, 9, 6, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Way:
    """A channel, and how many messages have come out at its end."""

    channel: Channel
    taken: Callable[[], int]


@asynccontextmanager
async def a_way(name: str) -> AsyncIterator[Way]:
    async with AsyncExitStack() as stack:
        if name == "twilio":
            twilio = await stack.enter_async_context(fake_twilio())
            sms = TwilioSms(
                account_sid=ACCOUNT, auth_token=TOKEN, sender=SENDER, base_url=twilio.url
            )
            yield Way(sms, lambda: len(twilio.messages))
        elif name == "gateway":
            box = await stack.enter_async_context(fake_gateway())
            kannel = HttpGateway(
                url=box.url, username=gateway.USER, password=gateway.PASSWORD, sender="Sira"
            )
            yield Way(kannel, lambda: len(box.messages))
        elif name == "smtp":
            server = await stack.enter_async_context(fake_smtp())
            sender = Sender(address="alerts@sira.example", public_url=None)
            smtp = Smtp(host="127.0.0.1", port=server.port, sender=sender, clock=lambda: NOW)
            yield Way(smtp, lambda: len(server.mails))
        else:
            written: list[str] = []
            yield Way(Console("sms", write=written.append), lambda: len(written))


def message(*, may_leave: bool, email: bool) -> Outgoing:
    return Outgoing(
        delivery_id="0198-1",
        alert_id="a",
        address="driver@example.org" if email else "+22370000001",
        language="fr",
        subject="GRAVE",
        text="GRAVE",
        html="<p>GRAVE</p>",
        may_leave=lambda: may_leave,
    )


@pytest.mark.parametrize("name", ["twilio", "gateway", "smtp", "console"])
async def test_what_is_too_late_does_not_leave_and_what_follows_does(name: str) -> None:
    async with a_way(name) as way:
        with pytest.raises(TooLateError):
            await way.channel.send(message(may_leave=False, email=name == "smtp"))
        assert way.taken() == 0

        result = await way.channel.send(message(may_leave=True, email=name == "smtp"))

        assert way.taken() == 1
        assert isinstance(result, Accepted)
        await way.channel.close()
