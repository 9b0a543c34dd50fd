"""SMS through Twilio."""

import json
import re
from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from typing import Any

from app.channels.base import (
    Accepted,
    Found,
    InDoubt,
    NoAnswer,
    NotThere,
    Outgoing,
    Rejected,
    SendResult,
    without_contacts,
)
from app.channels.http_pool import NoAnswerError, NotSentError
from app.channels.twilio_client import LeanTransport, RefusedError, asking, twilio_client
from app.channels.twilio_errors import Meaning, meaning_of

#: Answers of a gateway that may have passed the request on before it lost the answer. 503 is not
#: one of them: it is said instead of taking the request.
_UNCLEAR_STATUS = frozenset({500, 502, 504})
#: Messages of one number that are looked through for a doubtful one.
_LOG_PAGE = 50
#: How far Twilio's clock and ours may be apart.
_SKEW = timedelta(minutes=2)
_MESSAGING_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")


class TwilioSms:
    """A sender of SMS: a number, a name, or a messaging service (`MG...`)."""

    name = "twilio"
    kind = "sms"

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sender: str,
        base_url: str = "https://api.twilio.com",
        timeout_s: float = 10.0,
        public_url: str | None = None,
        concurrency: int = 128,
    ) -> None:
        self.concurrency = concurrency
        self._transport = LeanTransport(timeout_s=timeout_s, connections=concurrency)
        client = twilio_client(
            account_sid=account_sid,
            auth_token=auth_token,
            base_url=base_url,
            transport=self._transport,
        )
        # Twilio's typed resources cost as much CPU as the request itself; the client below them
        # (authentication, headers, transport) takes the form as the API documents it.
        self._client = client
        self._url = f"{base_url.rstrip('/')}/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._messages = client.api.v2010.accounts(account_sid).messages
        service = _MESSAGING_SERVICE.fullmatch(sender)
        self._sender = {"MessagingServiceSid" if service else "From": sender}
        self._callback = f"{public_url.rstrip('/')}/v1/twilio/status" if public_url else None

    async def send(self, message: Outgoing) -> SendResult:
        """Hand `message` to Twilio once; our delivery id travels in the status callback."""
        form: dict[str, object] = {"To": message.address, "Body": message.text, **self._sender}
        if self._callback:
            form["StatusCallback"] = f"{self._callback}?delivery={message.delivery_id}"
        try:
            with asking(message.leave):
                answer = await self._client.request_async("POST", self._url, data=form)
            return _created(json.loads(answer.text))
        except NotSentError as error:
            return Rejected(
                permanent=False, code="unreachable", detail=str(error), scope="provider"
            )
        except NoAnswerError as error:
            return InDoubt(code=str(error), detail="no answer")
        except RefusedError as error:
            return _refused(error)
        except (ValueError, TypeError, AttributeError) as error:
            # a body that is not what Twilio's API documents, after a 2xx
            return InDoubt(code="garbage", detail=type(error).__name__)

    async def find(
        self, message: Outgoing, *, since: datetime, known: Container[str]
    ) -> Found | NotThere | NoAnswer:
        """Look through the newest messages to this address for the same text.

        Twilio's log does not give the callback URL back, so the text, the time and the ids that
        are already ours have to tell. Filtering by date is ours too: Twilio filters by the day of
        sending, which a message in its queue does not have.
        """
        try:
            listed = await self._messages.list_async(
                to=message.address, limit=_LOG_PAGE, page_size=_LOG_PAGE
            )
        except (NotSentError, NoAnswerError, RefusedError) as error:
            return NoAnswer(detail=str(error))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            return NoAnswer(detail=type(error).__name__)
        since -= _SKEW
        dates = [entry.date_created for entry in listed if entry.date_created]
        for entry in listed:
            recent = entry.date_created is None or entry.date_created >= since
            same = message.text.strip() in (entry.body or "")
            if entry.sid and recent and same and entry.sid not in known:
                return Found(provider_id=entry.sid, status=entry.status or "accepted")
        if len(listed) == _LOG_PAGE and (not dates or min(dates) >= since):
            return NoAnswer(detail="log longer than a page")
        return NotThere()

    async def close(self) -> None:
        """Close connections."""
        await self._transport.close()


def _created(created: Mapping[str, Any]) -> SendResult:
    """Read Twilio's answer to a new message (raises what a body that is none makes it raise)."""
    sid, code = created.get("sid"), created.get("error_code")
    if not isinstance(sid, str):
        return InDoubt(code="garbage", detail="no sid in the answer")
    if code is not None:
        return _rejected(int(code), 400, str(created.get("error_message") or ""), None)
    return Accepted(provider_id=sid, segments=_counted(created.get("num_segments")))


def _counted(said: object) -> int | None:
    """Return Twilio's count; a messaging service says "0" until it has chosen the sender."""
    return (
        int(said)
        if isinstance(said, str) and said.isascii() and said.isdigit() and said != "0"
        else None
    )


def _refused(error: RefusedError) -> SendResult:
    if error.status in _UNCLEAR_STATUS:
        return InDoubt(code=str(error.code or error.status), detail=f"HTTP {error.status}")
    return _rejected(error.code, error.status, error.message, error.retry_after_s)


def _rejected(code: int | None, status: int, message: str, retry_after_s: float | None) -> Rejected:
    meaning = meaning_of(code, status)
    return Rejected(
        permanent=meaning in {Meaning.PERMANENT, Meaning.OPTED_OUT, Meaning.ACCOUNT},
        code=str(code or status),
        detail=without_contacts(message) or f"HTTP {status}",
        retry_after_s=retry_after_s,
        scope={Meaning.ACCOUNT: "account", Meaning.PROVIDER: "provider"}.get(meaning, "recipient"),
        opted_out=meaning is Meaning.OPTED_OUT,
    )
