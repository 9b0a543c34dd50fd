"""What Twilio's answers mean for us. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.channels.base import Accepted, InDoubt, Rejected, SendResult, without_contacts
from app.channels.http_pool import NoAnswerError, NotSentError
from app.channels.twilio_client import RefusedError, instant
from app.channels.twilio_errors import Meaning, meaning_of

#: What may be wrong with a body that is not what Twilio's API documents, after a 2xx.
GARBAGE = (ValueError, TypeError, AttributeError)
#: Everything that asking Twilio for something may raise.
FAILURES = (NotSentError, NoAnswerError, RefusedError, *GARBAGE)

#: Answers of a gateway that may have passed the request on before it lost the answer. 503 is not
#: one of them: it is said instead of taking the request.
_UNCLEAR_STATUS = frozenset({500, 502, 504})


def created(body: str, *, in_segments: bool) -> SendResult:
    """Read the answer to what was made (raises what a body that is none makes it raise).

    `in_segments`: it is paid for by the segment, of which Twilio gives its own count.
    """
    said: Mapping[str, Any] = json.loads(body)
    sid, code = said.get("sid"), said.get("error_code")
    if not isinstance(sid, str):
        return InDoubt(code="garbage", detail="no sid in the answer")
    if code is not None:
        return _rejected(int(code), 400, str(said.get("error_message") or ""), None)
    counted = _counted(said.get("num_segments")) if in_segments else None
    return Accepted(provider_id=sid, segments=counted)


def _counted(said: object) -> int | None:
    """Return Twilio's count; a messaging service says "0" until it has chosen the sender."""
    return (
        int(said)
        if isinstance(said, str) and said.isascii() and said.isdigit() and said != "0"
        else None
    )


@dataclass(frozen=True, slots=True)
class Logged:
    """A message in Twilio's log."""

    sid: str
    text: str
    status: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Log:
    """A page of Twilio's log, the newest first; whether another page follows."""

    entries: tuple[Logged, ...]
    goes_on: bool


def read_log(body: str) -> Log:
    """Read a page of the log (raises what a body that is none makes it raise).

    Twilio's typed resources, which could read it too, take 7 MiB of memory.
    """
    said: Mapping[str, Any] = json.loads(body)
    entries = [
        Logged(
            sid=one["sid"],
            text=one.get("body") or "",
            status=one.get("status") or "accepted",
            created_at=instant(one.get("date_created")),
        )
        for one in said["messages"]
        if one.get("sid")
    ]
    return Log(entries=tuple(entries), goes_on=bool(said.get("next_page_uri")))


def failed(error: Exception) -> SendResult:
    """Return what one of `FAILURES` means."""
    if isinstance(error, NotSentError):
        return Rejected(permanent=False, code="unreachable", detail=str(error), scope="provider")
    if isinstance(error, NoAnswerError):
        return InDoubt(code=str(error), detail="no answer")
    if isinstance(error, RefusedError):
        if error.status in _UNCLEAR_STATUS:
            return InDoubt(code=str(error.code or error.status), detail=f"HTTP {error.status}")
        return _rejected(error.code, error.status, error.message, error.retry_after_s)
    return InDoubt(code="garbage", detail=type(error).__name__)


def _rejected(code: int | None, status: int, message: str, retry_after_s: float | None) -> Rejected:
    meaning = meaning_of(code, status)
    return Rejected(
        permanent=meaning not in {Meaning.TEMPORARY, Meaning.PROVIDER},
        code=str(code or status),
        detail=without_contacts(message) or f"HTTP {status}",
        retry_after_s=retry_after_s,
        scope={Meaning.ACCOUNT: "account", Meaning.PROVIDER: "provider"}.get(meaning, "recipient"),
        opted_out=meaning is Meaning.OPTED_OUT,
        elsewhere=meaning is Meaning.ELSEWHERE,
    )
