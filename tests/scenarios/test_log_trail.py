"""From a request to the messages it led to, by what is logged."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from app.core.logging import JsonFormatter, bound
from tests.harness.world import World

#: Rules of the domain, on statements that other tests ask PostgreSQL for, too.
pytestmark = pytest.mark.alike

REQUEST = "field-call-2025-0001"


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Everything that `app` logs, as the lines that an operator reads."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("app")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


def lines(log: StringIO, **wanted: Any) -> list[dict[str, Any]]:
    """Return the lines that have these fields."""
    every = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in every if wanted.items() <= line.items()]


async def test_a_report_can_be_followed_to_each_message(world: World, log: StringIO) -> None:
    await world.subscriber("dispatcher", email=True)
    await world.subscriber("ngo")

    await world.reports("fuel_interception", at="Lakamane", headers={"X-Request-Id": REQUEST})

    (taken,) = lines(log, event="report.taken", request_id=REQUEST)
    (told,) = lines(log, event="fan_out.done", bundle_id=taken["bundle_id"])
    sent = lines(log, event="delivery.accepted")
    known = {
        one["id"]: one["alert_id"]
        for alert_id in taken["alert_ids"]
        for one in await world.deliveries(alert_id)
    }
    assert taken["outcome"] == "opened"
    assert sorted(told["alert_ids"]) == sorted(taken["alert_ids"])
    assert told["deliveries"] == 3
    assert {line["delivery_id"]: line["alert_id"] for line in sent} == known
    assert len(known) == 3


async def test_a_receipt_is_logged_with_its_delivery(world: World, log: StringIO) -> None:
    await world.subscriber("dispatcher")
    await world.reports("fuel_interception", at="Lakamane")
    (sent,) = lines(log, event="delivery.accepted")

    await world.calls_back(world.phone("dispatcher").messages[0], "delivered")

    (receipt,) = lines(log, event="receipt.taken")
    assert receipt["delivery_id"] == sent["delivery_id"]
    assert receipt["moved"] is True


async def test_no_line_of_the_trail_holds_an_address(world: World, log: StringIO) -> None:
    person = await world.subscriber("dispatcher", email=True)
    await world.reports("fuel_interception", at="Lakamane")

    text = log.getvalue()

    assert lines(log, event="delivery.accepted")
    assert person.phone is not None
    assert person.phone.removeprefix("+") not in text
    assert str(person.email) not in text


async def test_what_runs_in_the_database_knows_its_request(world: World, log: StringIO) -> None:
    """Units of work run in threads of their own."""
    logger = logging.getLogger("app.tests")

    with bound(request_id=REQUEST):
        await world.db.write(lambda _: logger.info("inside.write"))
        await world.db.read(lambda _: logger.info("inside.read"))

    assert lines(log, event="inside.write", request_id=REQUEST)
    assert lines(log, event="inside.read", request_id=REQUEST)
