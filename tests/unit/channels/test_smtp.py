"""SMTP against a real server on loopback."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.channels.base import Accepted, InDoubt, Outgoing, Rejected
from app.channels.smtp import Smtp
from app.channels.smtp_message import Sender, own_headers, shared_part, wire_address
from app.channels.smtp_replies import rejection
from tests.harness.smtp import PASSWORD, USER, FakeSmtp, certificate, fake_smtp

NOW = datetime(2025, 9, 6, 8, 0, tzinfo=UTC)
SENDER = Sender(address="alerts@sira.example", public_url="https://sira.example")


def channel(port: int, *, tls: ssl.SSLContext | None = None, **more: object) -> Smtp:
    values: dict[str, object] = {
        "host": "127.0.0.1", "port": port, "sender": SENDER, "clock": lambda: NOW, "tls": tls,
        "timeout_s": 20.0,
    }  # fmt: skip
    return Smtp(**(values | more))  # type: ignore[arg-type]


def message(address: str = "driver@example.org", **more: str) -> Outgoing:
    values: dict[str, Any] = {
        "delivery_id": "0198-1", "alert_id": "a1", "thread_id": "a0", "address": address,
        "language": "fr", "subject": "GRAVE : RN1 Sandaré-Diéma", "text": "Évitez la RN1.\n.\n",
        "html": "<p>Évitez la <b>RN1</b>.</p>", "stop_link": "0198-1.ab",
    }  # fmt: skip
    return Outgoing(**(values | more))


@pytest.fixture
async def server() -> AsyncIterator[FakeSmtp]:
    async with fake_smtp() as fake:
        yield fake


async def test_a_mail_reads_as_written_and_carries_our_ids(server: FakeSmtp) -> None:
    smtp = channel(server.port)

    result = await smtp.send(message())
    await smtp.close()

    mail = server.parsed()
    assert result == Accepted(provider_id="0198-1@sira.example", final=True)
    assert mail["Message-ID"] == "<0198-1@sira.example>"
    assert mail["References"] == "<a0@sira.example>"
    assert (mail["To"], mail["Subject"]) == ("driver@example.org", message().subject)
    assert "<https://sira.example/v1/unsubscribe/0198-1.ab>" in mail["List-Unsubscribe"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == message().text
    assert html is not None
    assert "<b>RN1</b>" in html.get_content()


async def test_what_cannot_be_delivered_comes_back_elsewhere_than_answers(
    server: FakeSmtp,
) -> None:
    sender = replace(SENDER, returns="returned@sira.example")
    smtp = channel(server.port, sender=sender)
    await smtp.send(message())
    await smtp.send(message())
    await smtp.close()

    assert server.senders == ["returned@sira.example"] * 2
    assert server.parsed()["From"] == "Sira <alerts@sira.example>"
    assert server.parsed()["Message-ID"].endswith("@sira.example>")


async def test_connections_are_kept(server: FakeSmtp) -> None:
    smtp = channel(server.port)
    for number in range(5):
        assert isinstance(await smtp.send(message(delivery_id=str(number))), Accepted)
    await smtp.close()

    assert server.connections == 1
    assert len(server.mails) == 5


async def test_a_session_that_the_server_ended_is_replaced(server: FakeSmtp) -> None:
    smtp = channel(server.port)
    server.at_data["first@example.org"] = "cut"
    await smtp.send(message("first@example.org"))

    assert isinstance(await smtp.send(message()), Accepted)
    await smtp.close()


@pytest.mark.parametrize("fault", ["silent", "cut"])
async def test_no_answer_to_the_content_is_a_doubt(server: FakeSmtp, fault: str) -> None:
    server.at_data["driver@example.org"] = fault

    patience_s = 1.0 if fault == "silent" else 20.0

    result = await channel(server.port, timeout_s=patience_s).send(message())

    assert isinstance(result, InDoubt)


@pytest.mark.parametrize("reply", ["OK queued as 4F2", "251 queued", "354 go on"])
async def test_a_reply_to_the_content_that_refuses_nothing_is_a_doubt(
    server: FakeSmtp, reply: str
) -> None:
    server.at_data["driver@example.org"] = reply
    smtp = channel(server.port)

    result = await smtp.send(message())
    after = await smtp.send(message("other@example.org"))
    await smtp.close()

    assert isinstance(result, InDoubt)
    assert isinstance(after, Accepted)
    assert server.connections == 2  # what else that session would say is anybody's guess


async def test_nobody_listening_means_not_sent() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        result = await channel(held.getsockname()[1]).send(message())

    assert isinstance(result, Rejected)
    assert (result.permanent, result.scope) == (False, "provider")


@pytest.mark.parametrize(
    ("reply", "meant"),
    [
        ("550 5.1.1 no such user driver@example.org", (True, "recipient")),
        ("550 5.1.2 mx1.Example.org takes no mail for example.org", (True, "recipient")),
        ("450 greylisted", (False, "recipient")),
        ("452 too many recipients", (False, "provider")),
        ("530 authentication required", (True, "account")),
    ],
)
async def test_a_refused_recipient_leaves_the_connection_for_the_next(
    server: FakeSmtp, reply: str, meant: tuple[bool, str]
) -> None:
    server.at_rcpt["driver@example.org"] = reply
    smtp = channel(server.port)

    result = await smtp.send(message())
    after = await smtp.send(message("other@example.org"))
    await smtp.close()

    assert isinstance(result, Rejected)
    assert (result.permanent, result.scope) == meant
    assert "driver" not in repr(result)
    assert "example.org" not in repr(result).lower()
    assert isinstance(after, Accepted)
    assert server.connections == 1


async def test_a_server_that_cannot_be_had_is_named_with_what_stands_between() -> None:
    """The log has it at 3 am: not just that there was an error of some kind."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    refused = await channel(port, host="localhost").send(message())

    assert isinstance(refused, Rejected)
    assert f"localhost on port {port}" in refused.detail
    assert "driver" not in refused.detail


async def test_a_relay_that_refuses_all_we_send_loses_nobody(server: FakeSmtp) -> None:
    server.at_data["driver@example.org"] = "550 5.7.60 not permitted to send as this sender"

    result = await channel(server.port).send(message())

    assert isinstance(result, Rejected)
    assert (result.permanent, result.scope) == (False, "recipient")


async def test_refused_content_fails_this_recipient(server: FakeSmtp) -> None:
    server.at_data["driver@example.org"] = "554 5.6.1 no HTML here"

    result = await channel(server.port).send(message())

    assert isinstance(result, Rejected)
    assert (result.permanent, result.scope, result.code) == (True, "recipient", "554")


async def test_a_password_goes_over_tls(tmp_path: Path) -> None:
    server_tls, client_tls = certificate(tmp_path)
    async with fake_smtp(tls=server_tls, auth=True) as server:
        smtp = channel(server.port, tls=client_tls, username=USER, password=PASSWORD)

        result = await smtp.send(message())
        await smtp.close()

    assert isinstance(result, Accepted)
    assert (server.logins, server.sessions_with_tls) == (1, 1)


async def test_a_password_never_goes_in_clear_to_another_machine() -> None:
    async with fake_smtp() as server:
        # resolves to this machine, but does not look like it
        smtp = channel(server.port, host="127.1", starttls=False, username=USER, password=PASSWORD)

        result = await smtp.send(message())

    assert isinstance(result, Rejected)
    assert (result.scope, result.code, server.logins) == ("account", "tls", 0)


async def test_a_wrong_password_stops_the_account(tmp_path: Path) -> None:
    server_tls, client_tls = certificate(tmp_path)
    async with fake_smtp(tls=server_tls, auth=True) as server:
        smtp = channel(server.port, tls=client_tls, username=USER, password="wrong")

        result = await smtp.send(message())

    assert isinstance(result, Rejected)
    assert (result.scope, result.code) == ("account", "535")


async def test_many_at_once_use_as_many_connections_as_are_needed(server: FakeSmtp) -> None:
    smtp = channel(server.port)

    results = await asyncio.gather(
        *(smtp.send(message(delivery_id=str(number))) for number in range(8))
    )
    await smtp.close()

    assert all(isinstance(result, Accepted) for result in results)
    assert 1 < server.connections <= 8


@pytest.mark.parametrize(
    "address",
    ["a@b\r\nBcc: c@d", "a b@c.d", "<a@b.c>", "a@b,c@d", "a", "@b.c", "a@", "a@b.c\n", "é@b.c"],
)
async def test_an_address_cannot_inject_anything(server: FakeSmtp, address: str) -> None:
    result = await channel(server.port).send(message(address))

    assert isinstance(result, Rejected)
    assert (result.permanent, result.code) == (True, "bad-address")
    assert server.connections == 0


@given(st.text())
def test_no_subject_can_start_a_header(subject: str) -> None:
    subject = subject.encode("utf-8", "ignore").decode()

    head, _, _ = shared_part(message(subject=subject), SENDER).partition(b"\r\n\r\n")

    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert set(names) <= {
        b"From", b"Subject", b"Auto-Submitted", b"Content-Language", b"MIME-Version",
        b"Content-Type", b"Content-Transfer-Encoding",
    }  # fmt: skip


@given(st.text("aé ,:'()=?_«ÉБ例bcd", max_size=160))
@example(
    "[Sira] PLUS GRAVE: DANGER GRAVE carburant Bamako-Kayes-Dakar: Sandaré-Diéma, attaque armée"
)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    raw = shared_part(message(subject=subject), SENDER)

    read = message_from_bytes(raw, policy=policy.default)["Subject"]

    assert read == " ".join(subject.split())
    assert max(map(len, raw.partition(b"\r\nAuto-Submitted")[0].split(b"\r\n"))) <= 78


def test_a_domain_in_any_script_goes_in_ascii() -> None:
    assert wire_address("a@bücher.example") == "a@xn--bcher-kva.example"


def test_without_a_public_url_people_unsubscribe_by_mail() -> None:
    headers = own_headers(message(), Sender(address="a@b.c"), to="d@e.f", at=NOW).decode()

    assert "List-Unsubscribe: <mailto:a@b.c?subject=unsubscribe%200198-1>\r\n" in headers
    assert "Post" not in headers


def test_a_mail_without_a_link_of_its_own_offers_none_that_stops_nothing() -> None:
    sender = Sender(address="a@b.c", public_url="https://sira.example")

    headers = own_headers(message(stop_link=""), sender, to="d@e.f", at=NOW).decode()

    assert "List-Unsubscribe" not in headers


@pytest.mark.parametrize("phase", ["rcpt", "data"])
@pytest.mark.parametrize(
    ("words", "for_good"),
    [
        ("5.7.1 <a@b.example>: Relay access denied", False),
        ("5.7.60 SMTP; Client does not have permissions to send as this sender", False),
        ("5.4.5 Daily user sending limit exceeded", False),
        ("5.1.1 <a@b.example>: User unknown", True),
        ("5.2.1 mailbox disabled", True),
        ("5.2.2 mailbox full", False),
        ("5.3.1 mail system full", False),
        ("sorry, no mailbox here by that name. (#5.1.1)", True),
        ("sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", False),
    ],
)
def test_what_is_refused_for_now_is_tried_again_once_it_is_mended(
    phase: str, words: str, *, for_good: bool
) -> None:
    refused = rejection(phase, 550, words)

    assert (refused.permanent, refused.scope, refused.tries) == (for_good, "recipient", None)


@pytest.mark.parametrize("phase", ["rcpt", "data"])
@pytest.mark.parametrize(
    ("code", "words"),
    [
        (550, "no such user"),
        (550, "message 5.7.1 of the day is too large"),
        (554, "greylisted, come back in 5 minutes"),
        (550, "4.2.1 try later"),
    ],
)
def test_a_refusal_that_does_not_say_why_is_believed_when_it_is_repeated(
    phase: str, code: int, words: str
) -> None:
    refused = rejection(phase, code, words)

    assert [refused.is_final(attempts) for attempts in range(1, 6)] == [False] * 3 + [True] * 2
    assert refused.retry_after_s is not None
    assert 3 * refused.retry_after_s >= 15 * 60  # longer than servers greylist mostly


def test_a_box_without_room_may_have_some_later() -> None:
    assert not rejection("rcpt", 552, "quota exceeded").is_final(100)


def test_a_door_that_is_closed_for_now_is_tried_again() -> None:
    result = rejection("connect", 554, "go away")

    assert (result.permanent, result.scope) == (False, "provider")
