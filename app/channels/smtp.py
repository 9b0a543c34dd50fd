"""E-mail through an SMTP server, over connections that are kept."""

import ssl
from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from app.channels.base import (
    Accepted,
    InDoubt,
    Outgoing,
    Rejected,
    SendResult,
    TooLateError,
    without_contacts,
    without_domain,
)
from app.channels.smtp_message import (
    Sender,
    own_headers,
    shared_part,
    wire_address,
    with_own_link,
)
from app.channels.smtp_replies import rejection

#: Port on which TLS comes before the first word. Source: RFC 8314, 3.3.
_SUBMISSIONS = 465
#: Texts kept as bytes: alerts being sent at the same time, times languages.
_TEXTS_KEPT = 64


class Smtp:
    """A mail server.

    With user name and password, the connection must be under TLS before they are sent, unless the
    server is this machine. With `starttls` the server must offer it; on this machine it may.

    Args:
        clock: Tells the time of the Date header.
        tls: For servers with a certificate of their own authority.
    """

    name = "smtp"
    kind = "email"

    def __init__(
        self,
        *,
        host: str,
        port: int,
        sender: Sender,
        clock: Callable[[], datetime],
        username: str | None = None,
        password: str | None = None,
        starttls: bool = True,
        timeout_s: float = 20.0,
        concurrency: int = 8,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.concurrency = concurrency
        self._host, self._port, self._timeout_s = host, port, timeout_s
        self._username, self._password = username, password
        self._starttls, self._tls = starttls, tls
        self._sender, self._clock = sender, clock
        self._idle: list[SMTP] = []
        self._texts: dict[tuple[str, str], bytes] = {}

    async def send(self, message: Outgoing) -> SendResult:
        """Hand `message` to the server once. Nothing more is ever heard of it: that is final."""
        to = wire_address(message.address)
        if to is None:
            return Rejected(permanent=True, code="bad-address", detail="not an address for SMTP")
        content = own_headers(message, self._sender, to=to, at=self._clock()) + self._text(message)
        try:
            server = await self._ready()
        except _InsecureError as error:
            return Rejected(permanent=True, code="tls", detail=str(error), scope="account")
        except SMTPResponseException as error:
            return _refused(error)
        except (SMTPException, OSError) as error:  # nobody has been named yet, but the server
            return _unreachable(error, why=str(error))
        return await self._hand_over(server, content, to=to, message=message)

    async def close(self) -> None:
        """Say good-bye and close connections."""
        while self._idle:
            server = self._idle.pop()
            try:
                await server.quit()
            except (SMTPException, OSError):
                server.close()

    async def _hand_over(
        self, server: SMTP, content: bytes, *, to: str, message: Outgoing
    ) -> SendResult:
        """Name the recipient and send the content: only after that can there be a doubt."""
        in_doubt = False
        try:
            await server.rcpt(to)
            message.leave()
            in_doubt = True
            await server.data(content)
        except TooLateError:
            await self._keep(server)
            raise
        except SMTPResponseException as error:
            if error.code >= _REFUSAL:
                await self._keep(server)
                return _refused(error, to=to)
            server.close()  # no reply of SMTP, or one to something else: what comes next is a guess
            if not in_doubt:
                return _refused(error, to=to)
            return InDoubt(code="reply", detail=without_contacts(without_domain(error.message, to)))
        except (SMTPException, OSError) as error:
            server.close()
            if in_doubt:
                return InDoubt(code="timeout", detail=type(error).__name__)
            return _unreachable(error)
        self._idle.append(server)
        return Accepted(provider_id=f"{message.delivery_id}@{self._sender.domain}", final=True)

    async def _ready(self) -> SMTP:
        """Return a connection on which the sender has been named; nothing has been sent yet."""
        while self._idle:
            server = self._idle.pop()
            try:
                await server.mail(self._sender.envelope)
            except (SMTPServerDisconnected, SMTPTimeoutError, OSError):
                server.close()  # the server ended an idle session; the next one may be alive
            except SMTPResponseException as error:
                server.close()
                if error.code != _CLOSING:
                    raise
            else:
                return server
        server = await self._connect()
        await server.mail(self._sender.envelope)
        return server

    async def _connect(self) -> SMTP:
        here = _is_loopback(self._host)
        server = SMTP(
            hostname=self._host,
            port=self._port,
            timeout=self._timeout_s,
            local_hostname=self._sender.domain,
            use_tls=self._port == _SUBMISSIONS,
            start_tls=_start_tls(self._port, here=here, wanted=self._starttls),
            tls_context=self._tls,
        )
        try:
            await server.connect()
            await self._log_in(server, here=here)
        except Exception:
            server.close()
            raise
        return server

    async def _log_in(self, server: SMTP, *, here: bool) -> None:
        if not self._username or not self._password:
            return
        if not here and server.get_transport_info("sslcontext") is None:
            raise _InsecureError("the server takes a password only without TLS")
        await server.login(self._username, self._password)

    async def _keep(self, server: SMTP) -> None:
        """Take the connection back after a refusal, or close it if the server has had enough."""
        try:
            await server.rset()
        except (SMTPException, OSError):
            server.close()
        else:
            self._idle.append(server)

    def _text(self, message: Outgoing) -> bytes:
        key = (message.digest_id or message.alert_id, message.language)
        if key not in self._texts:
            if len(self._texts) >= _TEXTS_KEPT:
                self._texts.pop(next(iter(self._texts)))
            self._texts[key] = shared_part(message, self._sender)
        return with_own_link(self._texts[key], message, self._sender)


_CLOSING = 421
#: The first reply that refuses. Source: RFC 5321, 4.2.1.
_REFUSAL = 400


class _InsecureError(Exception):
    """The password would have gone over the wire in clear."""


def _start_tls(port: int, *, here: bool, wanted: bool) -> bool | None:
    if port == _SUBMISSIONS:
        return False
    if here:
        return None if wanted else False  # None: if it is offered
    return wanted


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


_PHASES: tuple[tuple[type[SMTPResponseException], str], ...] = (
    (SMTPAuthenticationError, "auth"),
    (SMTPSenderRefused, "mail"),
    (SMTPRecipientRefused, "rcpt"),
    (SMTPDataError, "data"),
)


def _refused(error: SMTPResponseException, *, to: str = "") -> Rejected:
    """Return what a refusal means, in words that do not name the organisation written to."""
    phase = next((name for kind, name in _PHASES if isinstance(error, kind)), "connect")
    return rejection(phase, error.code, without_domain(error.message, to))


def _unreachable(error: Exception, *, why: str = "") -> Rejected:
    """Return that no server took it; `why` tells an operator which one, and what stands between."""
    kind = type(error).__name__
    detail = without_contacts(f"{kind}: {why}") if why else kind
    return Rejected(permanent=False, code="unreachable", detail=detail, scope="provider")
