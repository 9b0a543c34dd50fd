"""Machines whose clocks are minutes apart, on one PostgreSQL."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, update

from app.core.clock import ManualClock, SystemClock
from app.db.engine import Database
from app.db.server_clock import ServerClock
from app.db.tables import DeliveryRow
from app.delivery.outbox import clock_back, settling, workers
from app.delivery.policy import DeliveryPolicy
from app.flows.duty.watch import Limits, Vitals, Watch
from app.service import open_service
from app.settings import Settings
from tests.db.test_claims import claim, queued, row
from tests.harness.outbox import NOW, Outbox

FAR = timedelta(minutes=5)
AFTER = timedelta(seconds=15)


@dataclass(frozen=True)
class Machine:
    """A machine's clock, by how far it is ahead of the others' and the database server's."""

    ahead: timedelta

    def now(self) -> datetime:
        """Return what it shows."""
        return SystemClock().now() + self.ahead


def service_on(machine: timedelta, db: Database, folder: Path, patch: pytest.MonkeyPatch) -> Any:
    """Open the service as on a machine of such a clock; its own is asked while it is open."""
    right = SystemClock.now
    patch.setattr(SystemClock, "now", lambda self: right(self) + machine)
    url = db.url.render_as_string(hide_password=False)
    return open_service(Settings(_env_file=None, database_url=url, var_dir=folder))


def test_a_claim_holds_for_all_whatever_the_clock_of_the_machine_that_made_it(
    postgres_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = SystemClock().now()
    with service_on(-FAR, postgres_db, tmp_path, monkeypatch) as service:
        outbox, now = Outbox(postgres_db), service.clock.now()
        queued(outbox)
        outbox.run(update(DeliveryRow).values(expires_at=right + timedelta(days=1)))
        (claimed,) = claim(outbox, at=now)
        outbox.db.write_now(lambda conn: workers.give_sign(conn, "w1", good_for=AFTER, now=now))

    def look(conn: Connection) -> tuple[int, int, int]:
        lost = settling.release_expired_leases(conn, settle_after=AFTER, now=right)
        ahead = clock_back.follow_clock(conn, policy=DeliveryPolicy(settle_after=AFTER), now=right)
        return lost, ahead, workers.count_alive(conn, now=right)

    assert outbox.db.write_now(look) == (0, 0, 1)
    assert row(outbox, claimed.id).status == "sending"


def test_the_servers_clock_is_followed_wherever_it_goes() -> None:
    ran_for = timedelta(days=3)
    clock = ServerClock(NOW, asked=ran_for, answered=ran_for, passed=lambda: ran_for)
    assert clock.now() == NOW

    ran_for += timedelta(hours=8)  # asleep, and asked again
    clock.heard(NOW - FAR, asked=ran_for, answered=ran_for)

    assert clock.now() == NOW - FAR


def test_an_answer_moves_the_clock_no_farther_than_it_was_on_its_way() -> None:
    at = timedelta(days=3)
    clock = ServerClock(NOW, asked=at, answered=at, passed=lambda: at)
    moment = timedelta(milliseconds=200)

    clock.heard(NOW - moment / 2, asked=at - moment, answered=at)
    assert clock.now() == NOW

    clock.heard(NOW + moment, asked=at - moment, answered=at)
    assert clock.now() == NOW + moment


def test_an_answer_that_slept_on_its_way_says_nothing_of_the_time() -> None:
    at = timedelta(days=3)
    clock = ServerClock(NOW, asked=at, answered=at, passed=lambda: at)

    clock.heard(NOW - timedelta(hours=8), asked=at - timedelta(minutes=1), answered=at)

    assert clock.now() == NOW


async def watched(db: Database, ahead: timedelta) -> Vitals:
    watch = Watch(db, ManualClock(NOW), Limits(), sections=(), machine=Machine(ahead))
    return await watch.vitals()


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (FAR, "ahead of the database server's: set the wrong one."),
        (-FAR, "behind the database server's: set the wrong one."),
        (timedelta(seconds=30), None),
    ],
)
async def test_the_machine_whose_clock_is_wrong_says_so_before_any_alert_is_raised(
    postgres_db: Database, ahead: timedelta, words: str | None
) -> None:
    found = await watched(postgres_db, ahead)

    (clock,) = [one for one in found.checks(Limits()) if one.name == "clock"]
    assert clock.ok == (words is None)
    assert words is None or clock.detail.endswith(words)
