"""What every channel through Twilio begins with: an account, a client, a form that is posted."""

from collections.abc import Callable, Mapping
from typing import Required, TypedDict

from twilio.rest import Client

from app.channels.base import SendResult
from app.channels.twilio_answers import FAILURES, created, failed
from app.channels.twilio_client import LeanTransport, asking


class Account(TypedDict, total=False):
    """Whose account it is, and how it is reached."""

    account_sid: Required[str]
    auth_token: Required[str]
    base_url: str
    timeout_s: float


class ThroughTwilio:
    """A channel of an account: each message is one thing that Twilio is told to make."""

    def __init__(
        self,
        makes: str,
        *,
        account_sid: str,
        auth_token: str,
        base_url: str = "https://api.twilio.com",
        timeout_s: float = 10.0,
        concurrency: int,
    ) -> None:
        """Open a pool of connections.

        Args:
            makes: "Messages" or "Calls", as Twilio's API names them.
            account_sid: Of the account.
            auth_token: Likewise.
            base_url: Of the API.
            timeout_s: For the whole of one request.
            concurrency: Messages in the air at once at most.
        """
        self.concurrency = concurrency
        self._transport = LeanTransport(timeout_s=timeout_s, connections=concurrency)
        # Twilio's typed resources cost as much CPU as the request itself; the client below them
        # (authentication, headers, transport) takes the form as the API documents it.
        self._client = Client(account_sid, auth_token, http_client=self._transport)
        self._url = f"{base_url.rstrip('/')}/2010-04-01/Accounts/{account_sid}/{makes}.json"

    async def _post(
        self, form: Mapping[str, object], leave: Callable[[], None], *, in_segments: bool = False
    ) -> SendResult:
        """Have it made, once; `in_segments`: it is paid for by the segment."""
        try:
            with asking(leave):
                answer = await self._client.request_async("POST", self._url, data=form)
            return created(answer.text, in_segments=in_segments)
        except FAILURES as error:
            return failed(error)

    async def close(self) -> None:
        """Close connections."""
        await self._transport.close()
