"""The jobs of the clock, on the service as it is put together."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from app.config import hash_of
from app.core import metrics
from app.core.clock import ManualClock, SteadyClock
from app.core.ids import new_id
from app.db.tables import AlertRow, DeliveryRow, NoticeRow
from app.delivery.outbox import workers
from app.flows.duty.watch import Limits, show, trust_clock
from app.flows.people.opt_out import opt_out_by_delivery
from app.service import open_service
from app.settings import DutySettings, Settings
from app.subscribers.conversation import Outcome, Sender
from app.subscribers.inbound_codec import Said
from app.subscribers.store import inbound
from app.subscribers.store.inbound import Heard
from app.subscribers.understood import Action, Reading
from tests.harness.exposition import samples
from tests.harness.outbox import NOW, Outbox

ROOT = Path(__file__).parents[2]
LEASE = timedelta(minutes=1)


def on_duty(database_url: str, folder: Path, **reached: str) -> Settings:
    """Return settings by which somebody is on duty, reached by `phone` or `email`."""
    return Settings(
        _env_file=None,
        database_url=database_url,
        var_dir=folder,
        duty=DutySettings.model_validate(reached),
    )


async def test_deliveries_are_kept_for_as_long_as_config_says_and_no_longer(
    database_url: str, tmp_path: Path
) -> None:
    clock = ManualClock(NOW)
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    with open_service(settings, clock=clock) as service:
        outbox = Outbox(service.db)
        outbox.contact()
        alert = outbox.alert()
        outbox.fan_out(alert)
        outbox.set_delivery(alert, status="delivered")
        outbox.run(update(AlertRow).values(status="ended"))
        clock.advance(timedelta(days=365))
        await service.forget()
        assert len(outbox.told(alert)) == 1
        clock.advance(timedelta(seconds=1))

        await service.forget()

        assert outbox.told(alert) == set()


async def test_after_the_clock_was_put_back_nothing_waits_for_it_to_come_round(
    database_url: str, tmp_path: Path
) -> None:
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    clock = ManualClock(NOW - timedelta(hours=1))
    with open_service(settings, clock=clock) as service:
        outbox = Outbox(service.db)
        for number, owner in enumerate((None, "dead", "alive")):
            outbox.contact(phone=f"+2237100000{number}", routes=[f"R{number}"])
            alert = outbox.alert(route=f"R{number}")
            outbox.fan_out(alert)
            if owner:
                sent = {"status": "sending", "lease_owner": owner, "lease_until": NOW + LEASE}
                outbox.set_delivery(alert, **sent)
        signs = {"dead": NOW, "alive": clock.now()}
        for owner, at in signs.items():
            service.db.write_now(
                lambda conn, owner=owner, at=at: workers.give_sign(  # type: ignore[misc]
                    conn, owner, good_for=LEASE, now=at
                )
            )

        await service.expire()

        row = DeliveryRow
        query = select(row.status, row.due_at, row.lease_owner).order_by(row.status)
        rows = service.db.read_now(lambda conn: conn.execute(query).all())
        alive = service.db.read_now(lambda conn: workers.count_alive(conn, now=clock.now()))
        asked_at = clock.now() + service.context.config.delivery.settle_after
        ready = await service.state().watch.vitals()
        service.db.write_now(lambda conn: trust_clock(conn, now=clock.now()))
        trusted = await service.state().watch.vitals()
        outbox.run(update(AlertRow).values(created_at=NOW + LEASE))  # by one that is wrong again
        set_back_again = await service.state().watch.vitals()

    assert [tuple(one) for one in rows] == [
        ("in_doubt", asked_at, None),
        ("queued", clock.now(), None),
        ("sending", NOW, "alive"),
    ]
    assert alive == 1
    (wrong,) = [one for one in ready.checks(Limits()) if not one.ok]
    assert wrong.detail == (
        "The clock is 60 min 0 s behind what was done already: set it."
        " Where it is right, say so: sira trust-clock"
    )
    assert all(one.ok for one in trusted.checks(Limits()))
    (wrong,) = [one for one in set_back_again.checks(Limits()) if one.name == "clock"]
    assert not wrong.ok


async def test_a_machine_whose_clock_jumps_by_years_loses_no_warning_and_forgets_nothing(
    database_url: str, tmp_path: Path, db_kind: str
) -> None:
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    machine = ManualClock(NOW)
    clock = SteadyClock(machine, lambda: timedelta(0))
    with open_service(settings, clock=clock) as service:
        outbox = Outbox(service.db)
        outbox.contact()
        waiting, told = outbox.alert(), outbox.alert(route="R2")
        outbox.fan_out(waiting)
        outbox.contact(phone="+22371000001", routes=["R2"])
        outbox.fan_out(told)
        outbox.set_delivery(told, status="delivered")
        outbox.run(update(AlertRow).where(AlertRow.id == told).values(status="ended"))

        machine.advance(timedelta(days=4000))
        await service.expire()
        await service.forget()

        statuses = service.db.read_now(lambda conn: conn.scalars(select(DeliveryRow.status)).all())
        ready = await service.state().watch.vitals()
        show(ready, Limits())

    assert samples(metrics.exposition().decode())["sira_clock_wrong_seconds"] > 4000 * 86_000
    assert sorted(statuses) == ["delivered", "queued"]
    (wrong,) = [one for one in ready.checks(Limits()) if not one.ok and one.name == "clock"]
    whose = "this machine" if db_kind == "sqlite" else "the database server"
    assert wrong.detail == (
        f"The clock of {whose} was put ahead by 4000 days, and is not believed: set it; where it is"
        " right, restart Sira."
    )


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_the_clock_tells_whoever_is_on_duty_that_many_were_stopped_by_links(
    database_url: str, tmp_path: Path
) -> None:
    settings = on_duty(database_url, tmp_path, phone="+22376000001")
    with open_service(settings, clock=ManualClock(NOW)) as service:
        outbox = Outbox(service.db)
        for number in range(8):
            outbox.contact(phone=f"+223710000{number:02}")
        alert = outbox.alert()
        outbox.fan_out(alert)
        sent = select(DeliveryRow.id).where(DeliveryRow.alert_id == alert)

        def stop_all(conn: Connection) -> list[bool]:
            links = conn.scalars(sent).all()
            return [opt_out_by_delivery(conn, one, now=NOW) for one in links]

        assert service.db.write_now(stop_all) == [True] * 8

        await service.find_unreachable()

        told = select(NoticeRow.kind, NoticeRow.channel, NoticeRow.number)
        assert service.db.read_now(lambda conn: conn.execute(told).all()) == [
            ("silenced", "sms", 8)
        ]


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
def test_a_process_says_which_configuration_it_read(database_url: str, tmp_path: Path) -> None:
    config, other = tmp_path / "config", tmp_path / "other"
    for folder in (config, other):
        shutil.copytree(ROOT / "config", folder)
    (other / "rules.toml").write_text((other / "rules.toml").read_text() + "# ours\n")
    settings = Settings(
        _env_file=None, database_url=database_url, var_dir=tmp_path, config_dir=config
    )

    with open_service(settings):
        found = samples(metrics.exposition().decode())

    assert found[f'sira_config_info{{hash="{hash_of(config)[:12]}"}}'] == 1
    assert hash_of(other) != hash_of(config)


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_the_clock_tells_whoever_is_on_duty_of_a_call_for_help_that_stands(
    database_url: str, tmp_path: Path
) -> None:
    settings = on_duty(database_url, tmp_path, email="duty@example.org")
    clock = ManualClock(NOW)
    call = Heard(
        id=new_id(NOW),
        provider="p",
        message_id="1",
        at=NOW,
        sender=Sender.UNKNOWN,
        organisation_id=None,
        phone_index="i",
        phone="+22376000099",
        said=Said(text="x", reading=Reading(action=Action.UNCLEAR, in_need=True)),
        said_index=None,
        reply_index=None,
        replied=False,
        action=Action.UNCLEAR,
        kind=None,
        outcome=Outcome.UNKNOWN,
        for_person=True,
    )
    with open_service(settings, clock=clock) as service:
        vault = service.context.vault
        service.db.write_now(lambda conn: inbound.add(conn, call, vault=vault))
        clock.advance(timedelta(minutes=6))

        await service.escalate()

        noted = service.db.read_now(lambda conn: list(conn.scalars(select(NoticeRow.about))))
    assert noted == [f"help:{call.id}"]
