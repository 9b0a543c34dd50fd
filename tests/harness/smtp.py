"""A mail server on loopback: takes mail, refuses it, or falls silent as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "sira", "correct horse"


@dataclass
class FakeSmtp:
    """What it took, and how it answers. Faults map a recipient to a reply, or `silent`, `cut`."""

    port: int = 0
    mails: list[tuple[str, bytes]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    connections: int = 0
    sessions_with_tls: int = 0
    logins: int = 0
    at_rcpt: dict[str, str] = field(default_factory=dict)
    at_data: dict[str, str] = field(default_factory=dict)

    def parsed(self, index: int = 0) -> EmailMessage:
        """Return a mail as a mail program reads it."""
        mail = message_from_bytes(self.mails[index][1], policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return mail

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if reply := self.at_rcpt.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        self.sessions_with_tls += session.ssl is not None
        (to,) = envelope.rcpt_tos
        reply = self.at_data.get(to, "")
        if reply[:1] not in {"4", "5"}:
            self.mails.append((to, envelope.content))
            self.senders.append(envelope.mail_from)
        if reply == "silent":
            await asyncio.sleep(600)
        if reply == "cut" and server.transport:
            server.transport.close()
        return reply or "250 OK"

    def authenticate(self, *asked: Any) -> Any:
        data = asked[-1]
        fits = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        self.logins += fits
        return AuthResult(success=fits, handled=False)


@asynccontextmanager
async def fake_smtp(
    *, tls: ssl.SSLContext | None = None, auth: bool = False
) -> AsyncIterator[FakeSmtp]:
    """Serve mail on loopback for as long as the context is open."""
    fake = FakeSmtp()

    def factory() -> SMTP:
        fake.connections += 1
        return SMTP(
            fake,
            tls_context=tls,
            authenticator=fake.authenticate if auth else None,
            auth_required=auth,
            auth_require_tls=tls is not None,
            hostname="localhost",
        )

    server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return (server's, client's) TLS for 127.0.0.1, under an authority made for the occasion."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)  # noqa: TID251 - a certificate of today
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "cert.pem"
    pem.write_bytes(
        cert.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))
