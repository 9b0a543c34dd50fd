"""Voice calls through Twilio: the words are asked for when somebody answers.

The call is made with a URL of ours and our delivery id in it, no word and no name: what is said
stays here until the phone is picked up, and depends on who or what picked it up.
"""

from typing import Unpack

from app.channels.base import Outgoing, SendResult
from app.channels.twilio_account import Account, ThroughTwilio
from app.channels.twilio_names import CALLS

#: Shorter than voice mail needs to answer in most networks, longer than a phone takes to be found.
_RING_S = 40


class TwilioCalls(ThroughTwilio):
    """Calls from one number; each call says one alert."""

    name = CALLS
    kind = "voice"

    def __init__(
        self, *, sender: str, public_url: str, concurrency: int = 8, **account: Unpack[Account]
    ) -> None:
        super().__init__("Calls", concurrency=concurrency, **account)
        self._sender = sender
        self._ours = f"{public_url.rstrip('/')}/v1/twilio/voice"

    async def send(self, message: Outgoing) -> SendResult:
        """Have Twilio call once; it tells what became of the call when it is over."""
        form: dict[str, object] = {
            "To": message.address,
            "From": self._sender,
            "Url": f"{self._ours}?delivery={message.delivery_id}",
            "StatusCallback": f"{self._ours}/status?delivery={message.delivery_id}",
            "Timeout": _RING_S,
            "MachineDetection": "DetectMessageEnd",
        }
        return await self._post(form, message.leave)
