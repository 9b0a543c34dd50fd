"""E-mails as bytes: what all share built once, the rest put in per message. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from app.channels.base import Outgoing
from app.core.own_link import OWN_TOKEN

#: 7 bits, so that any server on the way takes it as it is.
_WIRE = policy.SMTP.clone(cte_type="7bit")
_LINE_END = "\r\n"

#: What may stand in an envelope and a header as it is. Source: RFC 5321, 4.1.2 (Dot-string).
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes.

    Attributes:
        address: Plain address, checked.
        returns: Where what cannot be delivered comes back to; None: to `address`.
        title: Name shown beside it.
        public_url: Where people can unsubscribe; None: by e-mail only.
    """

    address: str
    returns: str | None = None
    title: str = "Sira"
    public_url: str | None = None

    @property
    def envelope(self) -> str:
        """The sender that servers on the way are told, and write back to."""
        return self.returns or self.address

    @property
    def domain(self) -> str:
        """The part after the @; message ids end in it."""
        return domain_of(self.address)


def domain_of(address: str) -> str:
    """Return what stands after the @ of a plain address."""
    return address.rpartition("@")[2]


def wire_address(address: str) -> str | None:
    """Return `address` as SMTP takes it (its domain in ASCII), or None when it cannot be sent to.

    Whatever could end a header or a command is refused here, so no address can inject one.
    """
    local, _, domain = address.rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return None
    return address if _ADDRESS.fullmatch(address) else None


def shared_part(message: Outgoing, sender: Sender) -> bytes:
    """Return headers and body that are the same for every recipient of this text."""
    mail = EmailMessage(policy=_WIRE)
    mail["From"] = Address(sender.title, addr_spec=sender.address)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834, 5: no out-of-office replies
    mail["Content-Language"] = message.language
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    return _subject(message.subject or "") + mail.as_bytes()


def _subject(words: str) -> bytes:
    """Return the header: words without a line end that could start another one.

    `EmailMessage` loses a space now and then where it breaks a long line of letters with accents
    (Python's issue 92081); `Header` does not.
    """
    words = " ".join(words.split())
    charset = "us-ascii" if words.isascii() else "utf-8"
    folded = Header(words, charset, header_name="Subject", errors="replace")
    return f"Subject: {folded.encode(linesep=_LINE_END)}{_LINE_END}".encode("ascii")


def with_own_link(shared: bytes, message: Outgoing, sender: Sender) -> bytes:
    """Return `shared` with the recipient's own link in it, where the text has one.

    A link that was too long for one line of quoted-printable is not found in the bytes: then they
    are built for this recipient alone.
    """
    html = message.html or ""
    links = message.text.count(OWN_TOKEN) + html.count(OWN_TOKEN)
    token = message.own_token
    if not links or not token:
        return shared
    if shared.count(OWN_TOKEN.encode()) == links:
        return shared.replace(OWN_TOKEN.encode(), token.encode())
    own = replace(
        message,
        text=message.text.replace(OWN_TOKEN, token),
        html=html.replace(OWN_TOKEN, token) or None,
    )
    return shared_part(own, sender)


def own_headers(message: Outgoing, sender: Sender, *, to: str, at: datetime) -> bytes:
    """Return the headers of this recipient; `to` has passed `wire_address`.

    The Message-ID is that of the delivery, so a second copy after a crash is the same message to
    every mail program. Every alert of a road's episode answers one id, which no message has: so
    they are one conversation, whichever of them a recipient got first. Source: RFC 5322, 3.6.4.
    """
    domain = sender.domain
    thread = ""
    if message.thread_id and message.thread_id != message.delivery_id:  # none answers itself
        root = f"<{message.thread_id}@{domain}>"
        thread = f"In-Reply-To: {root}\r\nReferences: {root}\r\n"
    return (
        f"To: {to}\r\n"
        f"Message-ID: <{message.delivery_id}@{domain}>\r\n"
        f"{thread}"
        f"Date: {format_datetime(at)}\r\n"
        f"{_unsubscribing(message, sender)}"
    ).encode("ascii")


def _unsubscribing(message: Outgoing, sender: Sender) -> str:
    """Return the headers by which a mail program offers to stop; none where nothing would.

    A sign-in code and a word to the person on duty are no list.
    """
    if not message.stop_link:
        return ""
    by_mail = f"<mailto:{sender.address}?subject=unsubscribe%20{message.delivery_id}>"
    if not sender.public_url:
        return f"List-Unsubscribe: {by_mail}\r\n"
    # RFC 8058, 3.1: with the https URI and the Post header a mail program offers one click
    url = f"{sender.public_url.rstrip('/')}/v1/unsubscribe/{message.stop_link}"
    return (
        f"List-Unsubscribe: <{url}>, {by_mail}\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    )
