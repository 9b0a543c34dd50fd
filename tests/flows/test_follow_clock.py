"""The clock is set ahead while warnings wait: none is too old by it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.core.clock import ManualClock, SteadyClock
from app.db.tables import AlertRow, DeliveryRow, EscalationRow
from app.delivery.outbox.settling import release_expired_leases
from app.flows.upkeep.follow_clock import HOLDS, follow_leap, following_leaps
from app.service import Service, open_service
from app.settings import Settings
from tests.harness.outbox import NOW, ORGANISATION, Outbox
from tests.harness.running import eventually

DAY = timedelta(days=1)
AFTER = timedelta(hours=26)


class Site:
    """A service whose machine was a day behind, with a warning that waits."""

    def __init__(self, service: Service, machine: ManualClock, clock: SteadyClock) -> None:
        self.service, self.machine, self.clock = service, machine, clock
        self.outbox = Outbox(service.db)
        self.outbox.contact()

    def waiting(self, *, alert: str = "active", until: timedelta = DAY) -> str:
        """Make a warning that is to be sent."""
        made = self.outbox.alert()
        self.outbox.fan_out(made)
        self.outbox.run(
            update(AlertRow).where(AlertRow.id == made).values(status=alert, expires_at=NOW + until)
        )
        self.outbox.set_delivery(made, expires_at=NOW + until)
        return made

    def stands(self) -> tuple[str, datetime]:
        """Return how the delivery is, and until when it is worth sending."""
        query = select(DeliveryRow.status, DeliveryRow.expires_at)
        status, until = self.service.db.read_now(lambda conn: conn.execute(query).one())
        return status, until


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    machine = ManualClock(NOW)
    clock = SteadyClock(machine, lambda: timedelta(0), holds=HOLDS)
    with open_service(settings, clock=clock) as service:
        yield Site(service, machine, clock)


@pytest.mark.parametrize("status", ["queued", "in_doubt"])
async def test_a_warning_that_waits_is_not_too_old_because_the_clock_is_set(
    site: Site, status: str
) -> None:
    made = site.waiting()
    site.outbox.set_delivery(made, status=status)
    site.machine.advance(AFTER)
    await site.service.expire()  # it was seen before the leap was allowed for
    assert site.stands() == (status, NOW + DAY)

    assert follow_leap(site.service.db, site.clock) == 2  # the alert, too
    await site.service.expire()

    assert site.clock.now() == NOW + AFTER
    assert site.stands() == (status, NOW + DAY + AFTER)
    assert follow_leap(site.service.db, site.clock) == 0


async def test_what_waits_for_a_person_does_not_lapse_by_it(site: Site) -> None:
    held = site.waiting(alert="held")
    site.machine.advance(AFTER)

    follow_leap(site.service.db, site.clock)
    await site.service.expire()

    query = select(AlertRow.status).where(AlertRow.id == held)
    assert site.service.db.read_now(lambda conn: conn.scalar(query)) == "held"


@pytest.mark.parametrize("until", [timedelta(minutes=-1), timedelta(days=3)])
async def test_what_the_leap_does_not_end_keeps_its_time(site: Site, until: timedelta) -> None:
    site.waiting(until=until)
    site.machine.advance(AFTER)

    assert follow_leap(site.service.db, site.clock) == 0

    assert site.stands() == ("queued", NOW + until)
    assert site.clock.now() == NOW + AFTER


def test_a_process_sees_it_by_itself(site: Site) -> None:
    site.waiting()

    with following_leaps(site.service.db, site.clock):
        site.machine.advance(AFTER)
        eventually(lambda: site.clock.now() == NOW + AFTER)

    assert site.stands() == ("queued", NOW + DAY + AFTER)


@pytest.mark.parametrize(
    ("status", "since"), [("sent", DeliveryRow.due_at), ("in_doubt", DeliveryRow.updated_at)]
)
def test_a_provider_has_been_silent_for_no_longer_by_it(
    site: Site, status: str, since: Any
) -> None:
    """Another one would be given at once what this one may be bringing, and all told twice."""
    made = site.waiting()
    site.outbox.set_delivery(made, status=status, due_at=NOW, updated_at=NOW)
    site.machine.advance(AFTER)

    for _ in range(2):
        follow_leap(site.service.db, site.clock)

    query = select(since).where(DeliveryRow.alert_id == made)
    assert site.service.db.read_now(lambda conn: conn.scalar(query)) == NOW + AFTER


def test_what_is_in_the_air_is_not_taken_for_left_behind_by_it(site: Site) -> None:
    made, lease = site.waiting(), timedelta(seconds=60)
    site.outbox.set_delivery(made, status="sending", lease_owner="w", lease_until=NOW + lease)
    site.machine.advance(AFTER)
    follow_leap(site.service.db, site.clock)

    lost = [
        site.service.db.write_now(
            partial(release_expired_leases, settle_after=lease, now=site.clock.now() + later)
        )
        for later in (timedelta(0), 2 * lease)
    ]

    assert lost == [0, 1]


def test_whoever_has_to_answer_has_the_time_that_he_had_left(site: Site) -> None:
    wait, step = timedelta(minutes=15), EscalationRow.due_at
    called = {"bundle_id": site.waiting(), "organisation_id": ORGANISATION, "step": 1}
    site.outbox.run(insert(EscalationRow).values(**called, due_at=NOW + wait, updated_at=NOW))
    site.machine.advance(AFTER)

    follow_leap(site.service.db, site.clock)

    assert site.service.db.read_now(lambda conn: conn.scalar(select(step))) == NOW + wait + AFTER
