"""Mail that came back, as the servers on the way write it (RFC 3464). Pure.

A mail server that took a message says nothing more to whoever handed it over. That there was no
such mailbox is written to the sender of the envelope, minutes or days later.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from app.channels.base import without_contacts, without_domain

_FAILED = "failed"
_STATUS = re.compile(r"\s*([45]\.\d{1,3}\.\d{1,3})\b")
#: What the server that refused had said; Exim writes 5.0.0 as the status, whatever that was.
_SAID = re.compile(r"\s*smtp\s*;\s*[45]\d\d[ -]([45]\.\d{1,3}\.\d{1,3})\b", re.IGNORECASE)
_UNSAID = "5.0.0"
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
#: Parts that hold headers of the message which came back, and nothing else.
_HEADERS_ALONE = "text/rfc822-headers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A message of ours that did not arrive.

    Attributes:
        delivery_id: Ours, out of its Message-ID.
        code: Why, as RFC 3463 has it: "5.1.1" is a mailbox that does not exist.
        detail: In the words of the server that gave up; they name neither address nor domain.
    """

    delivery_id: str
    code: str
    detail: str


def read_return(raw: bytes, *, domain: str) -> Returned | None:
    """Return which message of ours came back; None: it is not said that one has.

    A report of a delay is none, nor of a delivery; and what only talks of a failure in words of
    its own is understood by nobody.

    Args:
        raw: The mail as it came.
        domain: In which our Message-IDs end.
    """
    try:
        return _read(message_from_bytes(raw), domain)
    except RecursionError:  # thousands of mails in one another: no server writes that
        return None


def _read(mail: Message, domain: str) -> Returned | None:
    failure = next(_failures(mail), None)
    if failure is None:
        return None
    delivery_id = next(_ours(mail, domain), None)
    if delivery_id is None:
        return None
    return Returned(
        delivery_id=delivery_id,
        code=_code(failure),
        detail=_detail(failure),
    )


def _detail(failure: Message) -> str:
    said = _field(failure, "Diagnostic-Code")
    for name in ("Final-Recipient", "Original-Recipient"):
        said = without_domain(said, _field(failure, name))
    return without_contacts(said)


def _code(failure: Message) -> str:
    status = _STATUS.match(_field(failure, "Status"))
    if status and not status[1].endswith(".0.0"):
        return status[1]
    said = _SAID.match(_field(failure, "Diagnostic-Code"))
    found = said or status
    return found[1] if found else _UNSAID


def _failures(mail: Message) -> Iterator[Message]:
    for part in mail.walk():
        blocks = part.get_payload()
        if part.get_content_type() == "message/delivery-status" and isinstance(blocks, list):
            yield from (
                block
                for block in blocks
                if isinstance(block, Message) and _field(block, "Action").strip().lower() == _FAILED
            )


def _ours(mail: Message, domain: str) -> Iterator[str]:
    """Return ids of ours: of the message that came back, or else of what the report answers."""
    pattern = re.compile(rf"<({_ID})@{re.escape(domain)}>", re.IGNORECASE)
    named = [_field(part, "Message-ID") for part in _returned(mail)]
    for words in (*named, _field(mail, "In-Reply-To")):
        if found := pattern.fullmatch(words.strip()):
            yield found[1].lower()


def _returned(mail: Message) -> Iterator[Message]:
    for part in mail.walk():
        if part is not mail:
            yield part
        if part.get_content_type() == _HEADERS_ALONE:
            headers = part.get_payload(decode=True)
            if isinstance(headers, bytes):
                yield message_from_bytes(headers)


def _field(part: Message, name: str) -> str:
    """Return a field as text that a database takes, whatever bytes are in it."""
    text = str(part.get(name) or "").replace("\0", "")
    return text.encode("utf-8", "replace").decode()
