"""SMS through an HTTP gateway that speaks Kannel's `sendsms`: an operator's, or one's own modem."""

from urllib.parse import quote, urlencode

from pyreqwest.exceptions import RequestError

from app.channels.base import (
    Accepted,
    InDoubt,
    Outgoing,
    Rejected,
    SendResult,
    seconds_asked,
    without_contacts,
)
from app.channels.gateway_links import NAME, report_url
from app.channels.gateway_replies import ACCEPTED, DLR_MASK, UNCLEAR_STATUS, rejection
from app.channels.http_pool import NoAnswerError, NotSentError, failure, open_pool
from app.core.gsm7 import is_gsm7

_NOT_DONE = 300
#: What Kannel sends as it is, and what it turns to UCS-2.
_GSM_CODING, _UCS2_CODING = 0, 2


class HttpGateway:
    """A gateway's sender. It answers with no id and has no log to ask: doubts go by policy.

    Args:
        url: Of sendsms, `http://host:13013/cgi-bin/sendsms`.
        public_url: Where reports reach us; without it none are asked for.
    """

    name = NAME
    kind = "sms"

    def __init__(
        self,
        *,
        url: str,
        username: str,
        password: str,
        sender: str,
        timeout_s: float = 10.0,
        public_url: str | None = None,
        concurrency: int = 32,
    ) -> None:
        self.concurrency = concurrency
        self._url, self._password, self._public_url = url, password, public_url
        self._shared = {"username": username, "password": password, "from": sender}
        self._pool = open_pool(timeout_s=timeout_s, connections=concurrency)

    async def send(self, message: Outgoing) -> SendResult:
        """Hand `message` to the gateway once; our delivery id travels in the report's URL."""
        try:
            request = self._pool.get(f"{self._url}?{self._query(message)}").build()
            message.leave()
            answer = await request.send()
            body = await answer.text()
        except RequestError as error:
            found = failure(error)
            if isinstance(found, NotSentError):
                return Rejected(
                    permanent=False, code="unreachable", detail=str(found), scope="provider"
                )
            return _no_answer(found)
        if answer.status < _NOT_DONE:
            if body.startswith(ACCEPTED):
                return Accepted(provider_id=message.delivery_id)
            return InDoubt(code="garbage", detail=f"HTTP {answer.status}")
        if answer.status in UNCLEAR_STATUS:
            return InDoubt(code=str(answer.status), detail=f"HTTP {answer.status}")
        return rejection(
            answer.status,
            body,
            detail=without_contacts(body) or f"HTTP {answer.status}",
            retry_after_s=seconds_asked(answer.get_header("retry-after")),
        )

    async def close(self) -> None:
        """Close connections."""
        await self._pool.close()

    def _query(self, message: Outgoing) -> str:
        form = self._shared | {
            "to": message.address,
            "text": message.text,
            "charset": "UTF-8",
            "coding": str(_GSM_CODING if is_gsm7(message.text) else _UCS2_CODING),
        }
        if self._public_url:
            form["dlr-mask"] = str(DLR_MASK)
            form["dlr-url"] = report_url(self._public_url, self._password, message.delivery_id)
        return urlencode(form, quote_via=quote)


def _no_answer(error: NoAnswerError) -> InDoubt:
    return InDoubt(code=str(error), detail="no answer")
