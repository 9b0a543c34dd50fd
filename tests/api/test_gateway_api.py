"""A gateway's delivery reports, over HTTP, on both databases."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.channels.gateway_links import report_token
from app.db.engine import Database
from app.db.tables import DeliveryRow, ReceiptRow
from app.settings import GatewaySettings, Settings, TwilioSettings
from tests.harness.api import Api, serving
from tests.harness.outbox import Outbox
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN

PASSWORD = "of the gateway"
GATEWAY = GatewaySettings(
    url="http://127.0.0.1:1/cgi-bin/sendsms",
    username="u",
    password=SecretStr(PASSWORD),
    from_="Sira",
)
TWILIO = TwilioSettings(account_sid=ACCOUNT, auth_token=SecretStr(TOKEN), from_=SENDER)


@pytest.fixture
async def api(db: Database) -> AsyncIterator[Api]:
    settings = Settings(_env_file=None, gateway=GATEWAY, public_url="https://sira.example")
    async with serving(db, settings=settings) as served:
        yield served


def taken(outbox: Outbox, **values: object) -> str:
    """Return the id of a delivery that the gateway has."""
    outbox.contact(phone="+22371000001")
    alert = outbox.alert()
    outbox.fan_out(alert)
    outbox.set_delivery(alert, **({"status": "sent", "provider": "gateway"} | values))
    return str(outbox.one(select(DeliveryRow.id), DeliveryRow.alert_id == alert).id)


async def report(
    api: Api, delivery: str, kind: str, *, token: str | None = None, answer: str = "ACK/"
) -> int:
    given = {
        "delivery": delivery,
        "token": token if token is not None else report_token(PASSWORD, delivery),
        "type": kind,
        "answer": answer,
    }
    return (await api.client().get("/v1/gateway/status", params=given)).status_code


def standing(outbox: Outbox, delivery: str) -> tuple[str, str | None]:
    query = select(DeliveryRow.status, DeliveryRow.silent_provider)
    row = outbox.one(query, DeliveryRow.id == delivery)
    return row.status, row.silent_provider


async def test_a_report_moves_the_delivery_on(api: Api, outbox: Outbox) -> None:
    delivery = taken(outbox)

    assert await report(api, delivery, "8") == 204
    assert standing(outbox, delivery) == ("sent", None)
    assert await report(api, delivery, "1") == 204
    assert standing(outbox, delivery) == ("delivered", None)


async def test_reports_out_of_order_and_again_are_kept_and_do_no_harm(
    api: Api, outbox: Outbox
) -> None:
    delivery = taken(outbox)

    for kind in ("1", "8", "4", "1", "16", "77", "x"):
        assert await report(api, delivery, kind) == 204

    assert standing(outbox, delivery) == ("delivered", None)
    kept = outbox.db.read_now(lambda conn: conn.scalars(select(ReceiptRow.applied)).all())
    assert sorted(kept) == ["delivered", *["ignored"] * 6]


async def test_a_report_by_post_counts_too(api: Api, outbox: Outbox) -> None:
    delivery = taken(outbox)
    given = {"delivery": delivery, "token": report_token(PASSWORD, delivery), "type": "1"}

    response = await api.client().post("/v1/gateway/status", params=given)

    assert response.status_code == 204
    assert standing(outbox, delivery) == ("delivered", None)


@pytest.mark.alike
@pytest.mark.parametrize("token", ["", "0" * 32, "é", "of another"])
async def test_a_forged_report_changes_nothing(api: Api, outbox: Outbox, token: str) -> None:
    delivery = taken(outbox)
    if token == "of another":
        token = report_token(PASSWORD, delivery[::-1])

    assert await report(api, delivery, "1", token=token) == 403
    assert standing(outbox, delivery) == ("sent", None)
    assert outbox.db.read_now(lambda conn: conn.scalars(select(ReceiptRow.id)).all()) == []


async def test_a_report_on_nothing_of_ours_is_answered_and_forgotten(api: Api) -> None:
    assert await report(api, "01980000-0000-7000-8000-00000000000f", "1") == 204


async def test_without_a_gateway_no_report_is_taken(db: Database) -> None:
    outbox = Outbox(db)
    delivery = taken(outbox)
    async with serving(db, settings=Settings(_env_file=None, twilio=TWILIO)) as api:
        assert await report(api, delivery, "1") == 403
    assert standing(outbox, delivery) == ("sent", None)


async def test_what_the_only_gateway_could_not_deliver_ends_there(api: Api, outbox: Outbox) -> None:
    delivery = taken(outbox)

    await report(api, delivery, "2", answer="NACK/0x0000000b/to +22371000001")

    assert standing(outbox, delivery) == ("undelivered", None)
    row = outbox.one(select(DeliveryRow.error_code, DeliveryRow.error_detail))
    assert row.error_code == "2"
    assert "+223" not in row.error_detail


async def test_what_one_provider_could_not_deliver_goes_to_the_other_once(db: Database) -> None:
    outbox = Outbox(db)
    delivery = taken(outbox)
    settings = Settings(_env_file=None, gateway=GATEWAY, twilio=TWILIO)
    async with serving(db, settings=settings) as api:
        await report(api, delivery, "2")
        assert standing(outbox, delivery) == ("queued", "gateway")
        await report(api, delivery, "2")  # again: that is known
        assert standing(outbox, delivery) == ("queued", "gateway")
        await report(api, delivery, "1")  # it arrived after all: nothing more is sent
        assert standing(outbox, delivery) == ("delivered", "gateway")
