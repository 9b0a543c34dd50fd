"""WhatsApp is no way in: forged, repeated, re-ordered, at once; as strict as by SMS."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from app.db.engine import Database
from app.db.tables import ContactChannelRow, InboundRow, ReportRow
from app.settings import TwilioSettings
from tests.harness.api import Api, fresh_context, serving
from tests.harness.texting import (
    DRIVER,
    PATH,
    PUBLIC,
    Texting,
    a_contact,
    answer_in,
    rows,
    signed_settings,
    values,
)
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN

FROM = f"whatsapp:{DRIVER}"

pytestmark = pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # SQL is that of SMS


@pytest.fixture
async def texting(db: Database) -> AsyncIterator[Texting]:
    """A driver whom WhatsApp alone reaches."""
    context = fresh_context()
    templates = {"fr": {"alert": "HX" + "a" * 32}}
    scripts = replace(context.config.scripts, whatsapp=templates)
    account: dict[str, Any] = {
        "account_sid": ACCOUNT,
        "auth_token": SecretStr(TOKEN),
        "from_": SENDER,
        "whatsapp_from": "+15005550008",
    }
    settings = signed_settings().model_copy(update={"twilio": TwilioSettings(**account)})
    context = replace(context, config=replace(context.config, scripts=scripts))
    async with serving(db, settings=settings, context=context) as api:
        await a_contact(api, DRIVER, channels=["whatsapp"])
        yield Texting(api)


def held(api: Api) -> tuple[int, int, list[str]]:
    """Return how many messages and reports there are, and whether the driver is written to."""
    db = api.state.db
    return rows(db, InboundRow), rows(db, ReportRow), values(db, ContactChannelRow.status)


@pytest.mark.parametrize("signature", ["", "AAAA"])
async def test_a_forged_message_is_refused_and_leaves_nothing(
    texting: Texting, signature: str
) -> None:
    response = await texting.post(FROM, "STOP", signature=signature)

    assert response.status_code == 403
    assert held(texting.api) == (0, 0, ["active"])


async def test_a_genuine_signature_on_another_form_is_refused(texting: Texting) -> None:
    form = {"MessageSid": texting.sid(), "From": FROM, "Body": "AIDE"}
    signed = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}{PATH}", form)
    changed = [{"Body": "STOP"}, {"From": DRIVER}, {"MessageSid": texting.sid()}, {"More": "1"}]

    answers = [
        await texting.client.post(PATH, data=form | one, headers={"X-Twilio-Signature": signed})
        for one in changed
    ]

    assert {one.status_code for one in answers} == {403}
    assert held(texting.api) == (0, 0, ["active"])


async def test_a_message_counts_once_and_each_delivery_gets_the_same_answer(
    texting: Texting,
) -> None:
    sid = texting.sid()
    first = await texting.post(FROM, "ALERTE DIEMA CITERNES BRULEES", sid=sid)
    texting.api.clock.advance(timedelta(days=2))
    later = [await texting.post(FROM, "ALERTE DIEMA CITERNES BRULEES", sid=sid) for _ in range(3)]
    as_sms = await texting.post(DRIVER, "ALERTE DIEMA CITERNES BRULEES", sid=sid)

    assert answer_in(first.text) is not None
    assert {one.text for one in [*later, as_sms]} == {first.text}
    assert held(texting.api) == (1, 1, ["active"])


async def test_deliveries_at_once_are_one_message(texting: Texting) -> None:
    sid = texting.sid()

    answers = await asyncio.gather(
        *(texting.post(FROM, "ALERTE DIEMA BARRAGE", sid=sid) for _ in range(8))
    )

    assert len({one.text for one in answers}) == 1
    assert held(texting.api) == (1, 1, ["active"])


async def test_an_old_stop_delivered_again_does_not_undo_a_start(texting: Texting) -> None:
    stop, start = texting.sid(), texting.sid()
    await texting.post(FROM, "STOP", sid=stop)
    await texting.post(FROM, "REPRENDRE", sid=start)

    await texting.post(FROM, "STOP", sid=stop)
    assert held(texting.api)[2] == ["active"]

    await texting.post(FROM, "STOP")
    await texting.post(FROM, "REPRENDRE", sid=start)
    assert held(texting.api)[2] == ["opted_out"]


async def test_a_stop_is_for_every_channel_of_the_phone_and_so_is_a_start(
    texting: Texting,
) -> None:
    await a_contact(texting.api, DRIVER, channels=["sms", "whatsapp"])

    await texting.post(DRIVER, "STOP")
    stopped = held(texting.api)[2]
    await texting.post(FROM, "REPRENDRE")

    assert stopped == ["opted_out"] * 3
    assert held(texting.api)[2] == ["active"] * 3


async def test_a_number_that_overtakes_its_question_chooses_nothing(texting: Texting) -> None:
    number = texting.sid()
    stray = await texting.says(FROM, "1", sid=number)
    await texting.says(FROM, "ALERTE MADINA BARRAGE")

    assert await texting.says(FROM, "1", sid=number) == stray
    assert held(texting.api)[1] == 0
