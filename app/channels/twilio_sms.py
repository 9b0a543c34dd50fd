"""SMS through Twilio."""

import re
from collections.abc import Container
from datetime import timedelta
from typing import Unpack

from app.channels.base import Found, NoAnswer, NotThere, Outgoing, SendResult
from app.channels.http_pool import NoAnswerError, NotSentError
from app.channels.twilio_account import Account, ThroughTwilio
from app.channels.twilio_answers import GARBAGE, read_log
from app.channels.twilio_client import RefusedError

#: Messages of one number that are looked through for a doubtful one.
_LOG_PAGE = 50
#: Of an age: clocks that run fast, and are put right, while a message waits.
_SLACK = timedelta(minutes=2)
_MESSAGING_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")


class TwilioSms(ThroughTwilio):
    """A sender of SMS: a number, a name, or a messaging service (`MG...`)."""

    name = "twilio"
    kind = "sms"

    def __init__(
        self,
        *,
        sender: str,
        public_url: str | None = None,
        concurrency: int = 128,
        **account: Unpack[Account],
    ) -> None:
        super().__init__("Messages", concurrency=concurrency, **account)
        service = _MESSAGING_SERVICE.fullmatch(sender)
        self._sender = {"MessagingServiceSid" if service else "From": sender}
        self._callback = f"{public_url.rstrip('/')}/v1/twilio/status" if public_url else None

    async def send(self, message: Outgoing) -> SendResult:
        """Hand `message` to Twilio once; our delivery id travels in the status callback."""
        form: dict[str, object] = {"To": message.address, "Body": message.text, **self._sender}
        if self._callback:
            form["StatusCallback"] = f"{self._callback}?delivery={message.delivery_id}"
        return await self._post(form, message.leave, in_segments=True)

    async def find(
        self, message: Outgoing, *, within: timedelta, known: Container[str]
    ) -> Found | NotThere | NoAnswer:
        """Look through the newest messages to this address for the same text.

        Twilio's log does not give the callback URL back, so the text, the time and the ids that
        are already ours have to tell. Filtering by date is ours too: Twilio filters by the day of
        sending, which a message in its queue does not have. It counts back from Twilio's own time.
        """
        asked = {"To": message.address, "PageSize": _LOG_PAGE}
        try:
            answer = await self._client.request_async("GET", self._url, params=asked)
            log = read_log(answer.text)
        except (NotSentError, NoAnswerError, RefusedError) as error:
            return NoAnswer(detail=str(error), silent=True)
        except (*GARBAGE, KeyError) as error:
            return NoAnswer(detail=type(error).__name__)
        now = self._transport.answered_at
        since = now - within - _SLACK if now is not None else None
        dates = [entry.created_at for entry in log.entries if entry.created_at]
        for entry in log.entries:
            recent = since is None or entry.created_at is None or entry.created_at >= since
            same = message.text.strip() in entry.text
            if recent and same and entry.sid not in known:
                return Found(provider_id=entry.sid, status=entry.status)
        more = log.goes_on or len(log.entries) >= _LOG_PAGE
        if more and (since is None or not dates or min(dates) >= since):
            return NoAnswer(detail="log longer than a page")
        return NotThere()
