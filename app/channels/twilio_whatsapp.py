"""WhatsApp through Twilio, by templates that Meta has approved.

Source: https://www.twilio.com/docs/content/send-templates-created-with-the-content-template-builder
"""

import json

from app.channels.base import Outgoing, Rejected, SendResult
from app.channels.scripts import Scripts
from app.channels.twilio_answers import FAILURES, created, failed
from app.channels.twilio_client import LeanTransport, asking, twilio_client

#: How Twilio writes an address of WhatsApp.
PREFIX = "whatsapp:"
#: What is in a text's lines becomes the variables of the template.
VARIABLES = 3


class TwilioWhatsApp:
    """A sender of WhatsApp: a message's subject is its kind, its text the variables by line."""

    name = "twilio_whatsapp"
    kind = "whatsapp"

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sender: str,
        scripts: Scripts,
        base_url: str = "https://api.twilio.com",
        timeout_s: float = 10.0,
        public_url: str | None = None,
        concurrency: int = 32,
    ) -> None:
        self.concurrency = concurrency
        self._transport = LeanTransport(timeout_s=timeout_s, connections=concurrency)
        self._client = twilio_client(
            account_sid=account_sid,
            auth_token=auth_token,
            base_url=base_url,
            transport=self._transport,
        )
        self._url = f"{base_url.rstrip('/')}/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._sender, self._scripts = sender, scripts
        self._callback = f"{public_url.rstrip('/')}/v1/twilio/status" if public_url else None

    async def send(self, message: Outgoing) -> SendResult:
        """Hand `message` to Twilio once; our delivery id travels in the status callback."""
        template = self._scripts.template(message.language, message.subject or "")
        if template is None:
            return Rejected(
                permanent=True, code="no_template", detail="no approved template in this language"
            )
        form: dict[str, object] = {
            "To": f"{PREFIX}{message.address}",
            "From": f"{PREFIX}{self._sender}",
            "ContentSid": template,
            "ContentVariables": json.dumps(variables(message.text), ensure_ascii=False),
        }
        if self._callback:
            form["StatusCallback"] = (
                f"{self._callback}?delivery={message.delivery_id}&by={self.name}"
            )
        try:
            with asking(message.leave):
                answer = await self._client.request_async("POST", self._url, data=form)
            return created(answer.text)
        except FAILURES as error:
            return failed(error)

    async def close(self) -> None:
        """Close connections."""
        await self._transport.close()


def variables(text: str) -> dict[str, str]:
    """Return the variables of a template: the lines of a text, each one present and not empty.

    WhatsApp takes no empty one, no line end, tab or run of spaces in one.
    Source: https://www.twilio.com/docs/content/using-variables-with-content-api
    """
    lines = [" ".join(line.split()) for line in text.splitlines()]
    lines += [""] * (VARIABLES - len(lines))
    return {str(place): line or "-" for place, line in enumerate(lines[:VARIABLES], start=1)}
