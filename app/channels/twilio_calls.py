"""Voice calls through Twilio: the words are asked for when somebody answers.

The call is made with a URL of ours and our delivery id in it, no word and no name: what is said
stays here until the phone is picked up, and depends on who or what picked it up.
"""

from app.channels.base import Outgoing, SendResult
from app.channels.twilio_answers import FAILURES, created, failed
from app.channels.twilio_client import LeanTransport, asking, twilio_client

#: Shorter than voice mail needs to answer in most networks, longer than a phone takes to be found.
_RING_S = 40


class TwilioCalls:
    """Calls from one number; each call says one alert."""

    name = "twilio_voice"
    kind = "voice"

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sender: str,
        public_url: str,
        base_url: str = "https://api.twilio.com",
        timeout_s: float = 10.0,
        concurrency: int = 8,
    ) -> None:
        self.concurrency = concurrency
        self._transport = LeanTransport(timeout_s=timeout_s, connections=concurrency)
        self._client = twilio_client(
            account_sid=account_sid,
            auth_token=auth_token,
            base_url=base_url,
            transport=self._transport,
        )
        self._url = f"{base_url.rstrip('/')}/2010-04-01/Accounts/{account_sid}/Calls.json"
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
        try:
            with asking(message.leave):
                answer = await self._client.request_async("POST", self._url, data=form)
            return created(answer.text)
        except FAILURES as error:
            return failed(error)

    async def close(self) -> None:
        """Close connections."""
        await self._transport.close()
