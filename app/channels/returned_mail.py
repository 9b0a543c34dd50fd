"""Mail that came back, as the servers on the way write it (RFC 3464), and complaints. Pure.

A mail server that took a message says nothing more to whoever handed it over. That there was no
such mailbox is written to the sender of the envelope, minutes or days later. Whoever runs mailboxes
tells senders that ask for it which of their mails was called spam (RFC 5965, "feedback loop").
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
_STOP_LINK = re.compile(rf"/v1/unsubscribe/({_ID}\.[0-9a-f]{{32}})>", re.IGNORECASE)
#: Parts that hold headers of the message which came back, and nothing else.
_HEADERS_ALONE = "text/rfc822-headers"
#: What is said of a mail by whoever does not want it. Source: RFC 5965, 7.3; RFC 6430.
_UNWANTED = frozenset({"abuse", "fraud", "opt-out"})


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A reader called a message of ours spam.

    Attributes:
        message_id: Ours, out of its Message-ID; None: it is not in it.
        stop_link: What stands in the link of the message by which its reader wants no more of them;
            None: it has been taken out. Ids get about, in answers and in what is passed on; this
            is in the message itself, and whoever has that could have pressed it.
    """

    message_id: str | None
    stop_link: str | None


def read_complaint(raw: bytes, *, domain: str) -> Complaint | None:
    """Return which message of ours a reader called spam; None: that is not what the mail says."""
    try:
        mail = message_from_bytes(raw)
        kinds = {
            _field(block, "Feedback-Type").strip().lower()
            for block in _blocks(mail, "message/feedback-report")
        }
        if not kinds & _UNWANTED:
            return None
        headers = [_field(part, "List-Unsubscribe") for part in _returned(mail)]
        links = (found[1] for words in headers for found in _STOP_LINK.finditer(words))
        return Complaint(message_id=next(_ours(mail, domain), None), stop_link=next(links, None))
    except RecursionError:
        return None


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
    for block in _blocks(mail, "message/delivery-status"):
        if _field(block, "Action").strip().lower() == _FAILED:
            yield block


def _blocks(mail: Message, kind: str) -> Iterator[Message]:
    """Return the blocks of fields in the parts of a report that are of one kind."""
    for part in mail.walk():
        blocks = part.get_payload()
        if part.get_content_type() == kind and isinstance(blocks, list):
            yield from (block for block in blocks if isinstance(block, Message))


def _ours(mail: Message, domain: str) -> Iterator[str]:
    """Return ids of ours: of the message that came back, or else of what the report answers.

    What is told anew to the person on duty has the time behind its id.
    """
    pattern = re.compile(rf"<({_ID})(?:-\d+)?@{re.escape(domain)}>", re.IGNORECASE)
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
