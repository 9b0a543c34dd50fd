"""WhatsApp through Twilio, by templates that Meta has approved.

Source: https://www.twilio.com/docs/content/send-templates-created-with-the-content-template-builder
"""

import json
from typing import Unpack

from app.channels.base import Outgoing, Rejected, SendResult
from app.channels.scripts import Scripts
from app.channels.twilio_account import Account, ThroughTwilio
from app.channels.twilio_names import WHATSAPP, WHATSAPP_PREFIX

#: What is in a text's lines becomes the variables of the template.
VARIABLES = 3


class TwilioWhatsApp(ThroughTwilio):
    """A sender of WhatsApp: a message's subject is its kind, its text the variables by line."""

    name = WHATSAPP
    kind = "whatsapp"

    def __init__(
        self,
        *,
        sender: str,
        scripts: Scripts,
        public_url: str | None = None,
        concurrency: int = 32,
        **account: Unpack[Account],
    ) -> None:
        super().__init__("Messages", concurrency=concurrency, **account)
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
            "To": f"{WHATSAPP_PREFIX}{message.address}",
            "From": f"{WHATSAPP_PREFIX}{self._sender}",
            "ContentSid": template,
            "ContentVariables": json.dumps(variables(message.text), ensure_ascii=False),
        }
        if self._callback:
            form["StatusCallback"] = (
                f"{self._callback}?delivery={message.delivery_id}&by={self.name}"
            )
        return await self._post(form, message.leave)


def variables(text: str) -> dict[str, str]:
    """Return the variables of a template: the lines of a text, each one present and not empty.

    WhatsApp takes no empty one, no line end, tab or run of spaces in one.
    Source: https://www.twilio.com/docs/content/using-variables-with-content-api
    """
    lines = [" ".join(line.split()) for line in text.splitlines()]
    lines += [""] * (VARIABLES - len(lines))
    return {str(place): line or "-" for place, line in enumerate(lines[:VARIABLES], start=1)}
