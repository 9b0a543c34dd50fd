"""What one provider will never take to a number, another may."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core.clock import ManualClock
from app.db.tables import DeliveryAttemptRow
from app.delivery.outbox import listing
from app.delivery.routing import Provider, RoutingPolicy
from tests.harness.carriers import Carriers, always, carriers
from tests.harness.outbox import Outbox
from tests.harness.twilio import Fault
from tests.harness.working import POLICY, at_work

TWILIO_FIRST = RoutingPolicy(
    providers=(Provider(name="twilio", weight=100), Provider(name="gateway", weight=1))
)
NO_REGION = Fault.error(400, 21408)
NO_LINE = Fault(status=403, body="Not routable. Do not try again.")
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def carried(outbox: Outbox, clock: ManualClock) -> AsyncIterator[Carriers]:
    async with (
        carriers(outbox, clock, routing=TWILIO_FIRST, rand=always(0.0)) as found,
        at_work(found.worker),
    ):
        yield found


def told(outbox: Outbox) -> str:
    outbox.contact(phone="+22371000000")
    alert = outbox.alert()
    outbox.fan_out(alert)
    return alert


def statuses(outbox: Outbox, alert: str) -> dict[str, int]:
    return dict(outbox.db.read_now(lambda conn: listing.counts(conn, alert)))


async def test_a_country_that_one_account_is_not_open_to_is_told_through_the_other(
    outbox: Outbox, carried: Carriers
) -> None:
    carried.twilio.fault = lambda _: NO_REGION
    alert = told(outbox)

    await carried.go_on(MINUTE)

    assert statuses(outbox, alert) == {"sent": 1}
    assert [one["to"] for one in carried.gateway.messages] == ["+22371000000"]
    assert carried.twilio.requests == 1


async def test_where_both_refuse_it_ends_and_is_listed(outbox: Outbox, carried: Carriers) -> None:
    carried.twilio.fault = lambda _: NO_REGION
    carried.gateway.fault = lambda _: NO_LINE
    alert = told(outbox)

    await carried.go_on(50 * MINUTE)  # the longest that twelve tries may take

    assert statuses(outbox, alert) == {"failed": 1}
    calls = select(func.count().label("made")).select_from(DeliveryAttemptRow)
    assert outbox.one(calls).made <= POLICY.max_attempts


async def test_what_the_carriers_of_one_filtered_goes_through_the_other(
    outbox: Outbox, carried: Carriers
) -> None:
    alert = told(outbox)
    await carried.go_on(MINUTE)
    carried.receipt(carried.taken()[0], "undelivered", "30007")

    await carried.go_on(MINUTE)

    assert statuses(outbox, alert) == {"sent": 1}
    assert len(carried.gateway.messages) == 1


async def test_an_account_that_is_alone_is_asked_once(outbox: Outbox, clock: ManualClock) -> None:
    alone = RoutingPolicy(
        providers=(Provider(name="twilio"), Provider(name="gateway", prefixes=("+221",)))
    )
    async with (
        carriers(outbox, clock, routing=alone, rand=always(0.0)) as carried,
        at_work(carried.worker),
    ):
        carried.twilio.fault = lambda _: NO_REGION
        alert = told(outbox)

        await carried.go_on(MINUTE)

        assert statuses(outbox, alert) == {"failed": 1}
        assert carried.twilio.requests == 1
