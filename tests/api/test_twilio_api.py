"""Twilio's callbacks and the unsubscribe link, over HTTP, on both databases."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import insert, select, update
from twilio.request_validator import RequestValidator

from app.db.engine import Database
from app.db.tables import (
    AuditRow,
    ContactChannelRow,
    DeliveryAttemptRow,
    DeliveryRow,
    NoticeRow,
    ReceiptRow,
)
from app.delivery.outbox import standings
from app.settings import DutySettings, Settings, TwilioSettings
from app.subscribers.stop_link import stop_link
from tests.harness.api import Api, serving
from tests.harness.outbox import Outbox
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN

PUBLIC = "https://sira.example/alerts"


@pytest.fixture
async def api(db: Database) -> AsyncIterator[Api]:
    twilio = TwilioSettings(account_sid=ACCOUNT, auth_token=SecretStr(TOKEN), from_=SENDER)
    duty = DutySettings(email="duty@example.org")
    settings = Settings(_env_file=None, twilio=twilio, public_url=PUBLIC, duty=duty)
    async with serving(db, settings=settings) as served:
        yield served


def sent(outbox: Outbox, status: str = "sent") -> str:
    """Return the id of a delivery that Twilio has."""
    outbox.contact(email="a@example.org", phone="+22371000001")
    alert = outbox.alert()
    outbox.fan_out(alert)
    outbox.set_delivery(alert, status=status)
    query = select(DeliveryRow.id)
    return str(outbox.one(query, DeliveryRow.channel == "sms").id)


async def post(
    api: Api, delivery: str, *, url: str | None = None, signature: str | None = None, **form: str
) -> httpx.Response:
    values = {"MessageSid": "SM" + "1" * 32, "AccountSid": ACCOUNT, "Novelty": "é x+y"} | form
    url = url or f"{PUBLIC}/v1/twilio/status?delivery={delivery}"
    signed = RequestValidator(TOKEN).compute_signature(url, values)
    return await api.client().post(
        f"/v1/twilio/status?{urlsplit(url).query}",
        data=values,
        headers={"X-Twilio-Signature": signature if signature is not None else signed},
    )


def status_of(outbox: Outbox, delivery: str) -> str:
    return str(outbox.one(select(DeliveryRow.status), DeliveryRow.id == delivery).status)


def receipts(outbox: Outbox) -> list[str]:
    rows = outbox.db.read_now(lambda conn: conn.scalars(select(ReceiptRow.status)).all())
    return sorted(rows)


async def test_a_signed_callback_moves_the_delivery_on(api: Api, outbox: Outbox) -> None:
    delivery = sent(outbox, "in_doubt")

    response = await post(api, delivery, MessageStatus="delivered")

    assert response.status_code == 204
    row = outbox.one(
        select(DeliveryRow.status, DeliveryRow.provider_id), DeliveryRow.id == delivery
    )
    assert (row.status, row.provider_id) == ("delivered", "SM" + "1" * 32)


async def test_callbacks_late_twice_and_out_of_order_are_kept_and_do_no_harm(
    api: Api, outbox: Outbox
) -> None:
    delivery = sent(outbox)

    for status in ("delivered", "sent", "delivered", "queued", "undelivered", "brand-new"):
        assert (await post(api, delivery, MessageStatus=status)).status_code == 204

    assert status_of(outbox, delivery) == "delivered"
    assert receipts(outbox) == sorted(
        ["delivered", "sent", "delivered", "queued", "undelivered", "unknown"]
    )


@pytest.mark.alike
@pytest.mark.parametrize(
    ("url", "signature"),
    [
        (None, "AAAA"),
        (None, ""),
        ("http://sira.example/alerts/v1/twilio/status?delivery={}", None),
        ("https://sira.test/v1/twilio/status?delivery={}", None),
        ("https://sira.example/alerts/v1/twilio/status", None),
    ],
)
async def test_a_callback_signed_for_anything_else_is_refused_and_changes_nothing(
    api: Api, outbox: Outbox, url: str | None, signature: str | None
) -> None:
    delivery = sent(outbox)
    signed = RequestValidator(TOKEN).compute_signature(
        url.format(delivery), {"MessageStatus": "delivered"}
    ) if url else signature  # fmt: skip

    response = await api.client().post(
        f"/v1/twilio/status?delivery={delivery}",
        data={"MessageStatus": "delivered"},
        headers={"X-Twilio-Signature": signed or "", "X-Forwarded-Host": "sira.test"},
    )

    assert response.status_code == 403
    assert response.json()["type"] == "/problems/not-signed"
    assert (status_of(outbox, delivery), receipts(outbox)) == ("sent", [])


async def test_a_changed_form_is_refused(api: Api, outbox: Outbox) -> None:
    delivery = sent(outbox)
    url = f"{PUBLIC}/v1/twilio/status?delivery={delivery}"
    signature = RequestValidator(TOKEN).compute_signature(url, {"MessageStatus": "sent"})

    response = await post(api, delivery, signature=signature, MessageStatus="delivered")

    assert response.status_code == 403


@pytest.mark.alike
@pytest.mark.parametrize("delivery", ["00000000-0000-7000-8000-00000000dead", "x", "", "%00"])
async def test_a_callback_for_nothing_of_ours_is_answered_and_forgotten(
    api: Api, outbox: Outbox, delivery: str
) -> None:
    response = await post(api, delivery, MessageStatus="delivered")

    assert response.status_code in {204, 422}
    assert receipts(outbox) == []


async def test_a_recipient_who_replied_stop_is_not_written_to_again(
    api: Api, outbox: Outbox
) -> None:
    delivery = sent(outbox)

    await post(
        api, delivery, MessageStatus="undelivered", ErrorCode="21610",
        ErrorMessage="+22371000001 replied STOP",
    )  # fmt: skip

    row = outbox.one(select(ContactChannelRow.status), ContactChannelRow.channel == "sms")
    detail = outbox.one(select(DeliveryRow.error_detail), DeliveryRow.id == delivery).error_detail
    assert row.status == "opted_out"
    assert "71000001" not in detail


async def test_an_account_suspended_while_messages_wait_stops_and_is_shouted(
    api: Api, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    delivery = sent(outbox)

    for _ in range(2):  # one for each message that waited
        await post(api, delivery, MessageStatus="failed", ErrorCode="30002")

    (standing,) = outbox.db.read_now(standings.list_standings)
    notice = outbox.one(select(NoticeRow.about, NoticeRow.channel, NoticeRow.words))
    assert (standing.provider, standing.code) == ("twilio", "30002")
    assert standing.rests_until is not None
    assert standing.rests_until > api.clock.now()
    assert tuple(notice) == ("provider:twilio", "email", "twilio 30002")
    assert caplog.text.count("provider.refuses_account") == 1


async def test_without_an_account_nothing_can_be_signed(db: Database) -> None:
    async with serving(db) as api:
        response = await post(api, "x", MessageStatus="sent")

    assert response.status_code == 403


async def test_the_link_in_an_email_asks_first_and_then_stops_that_address(
    api: Api, outbox: Outbox
) -> None:
    sent(outbox)
    mail = outbox.one(select(DeliveryRow.id), DeliveryRow.channel == "email").id
    client, path = api.client(), f"/v1/unsubscribe/{stop_link(mail, api.state.vault.token)}"

    asked = await client.get(path)
    before = outbox.one(select(ContactChannelRow.status), ContactChannelRow.channel == "email")
    done = await client.post(path, data={"List-Unsubscribe": "One-Click"})
    again = await client.post(path)
    (resume,) = re.findall(r'action="([^"]+)"', again.text)

    rows = outbox.db.read_now(
        lambda conn: conn.execute(select(ContactChannelRow.channel, ContactChannelRow.status)).all()
    )
    audited = outbox.db.read_now(lambda conn: conn.scalars(select(AuditRow.action)).all())
    assert (asked.status_code, before.status) == (200, "active")
    assert (done.status_code, again.status_code) == (200, 200)
    assert {row.channel: row.status for row in rows} == {
        "sms": "active",
        "email": "opted_out",
    }
    assert list(audited) == ["contact.opted_out"]

    resumed = await client.post(urljoin(path, resume))
    begun = outbox.one(select(ContactChannelRow.status), ContactChannelRow.channel == "email")
    last = await client.post(path)
    stopped = outbox.one(select(ContactChannelRow.status), ContactChannelRow.channel == "email")
    assert (resumed.status_code, begun.status) == (200, "active")
    assert (last.status_code, stopped.status) == (200, "opted_out")


async def test_a_link_in_an_old_email_does_not_silence_the_address_that_is_there_now(
    api: Api, outbox: Outbox
) -> None:
    sent(outbox)
    mail = outbox.one(select(DeliveryRow.id), DeliveryRow.channel == "email").id
    path = f"/v1/unsubscribe/{stop_link(mail, api.state.vault.token)}"
    api.clock.advance(timedelta(days=1))
    outbox.run(update(ContactChannelRow).values(changed_at=api.clock.now()))

    old = await api.client().post(path)
    kept = outbox.one(select(ContactChannelRow.status), ContactChannelRow.channel == "email")
    api.clock.advance(timedelta(minutes=1))
    tried = {"delivery_id": mail, "number": 2, "at": api.clock.now()}
    outbox.run(insert(DeliveryAttemptRow).values(**tried, provider="smtp", outcome="sent"))
    new = await api.client().post(path)

    stopped = outbox.one(select(ContactChannelRow.status), ContactChannelRow.channel == "email")
    assert (old.status_code, kept.status) == (404, "active")  # and whoever pressed it is told so
    assert (new.status_code, stopped.status) == (200, "opted_out")


async def test_who_sees_the_id_of_a_message_stops_nothing_by_it(api: Api, outbox: Outbox) -> None:
    sent(outbox)
    seen = outbox.db.read_now(lambda conn: conn.scalars(select(DeliveryRow.id)).all())
    links = [*seen, *(f"{one}.{'0' * 32}" for one in seen), *(f"{one}." for one in seen)]

    answers = [await api.client().post(f"/v1/unsubscribe/{link}") for link in links]

    stopped = outbox.db.read_now(lambda conn: set(conn.scalars(select(ContactChannelRow.status))))
    assert {one.status_code for one in answers} == {404}
    assert stopped == {"active"}


@pytest.mark.parametrize("link", ["nothing", "x" * 500, "%3Cb%3E"])
async def test_a_link_of_no_email_is_not_found_in_words_for_people(api: Api, link: str) -> None:
    response = await api.client().post(f"/v1/unsubscribe/{link}")

    assert response.status_code == 404
    assert "trop ancien ou incomplet" in response.text
    assert "<b>" not in response.text
    assert len(response.content) < 1_500
