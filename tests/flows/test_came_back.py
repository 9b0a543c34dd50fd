"""What comes back after something else was said, waited too long, or left by another way."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

import pytest
from sqlalchemy import insert, select, update

from app.alerts.invitation_text import Answering, wording_of
from app.channels.base import Accepted, Outgoing, Rejected, TooLateError
from app.core.clock import ManualClock
from app.core.ids import new_id
from app.core.levels import Level
from app.core.rota import Rota
from app.db.tables import ContactChannelRow, DeliveryRow, InvitationRow, NoticeRow
from app.delivery.delivery import Status, after_attempt
from app.delivery.outbox import claiming, gathering, notices, outcomes, settling
from app.delivery.outbox.claiming import Claimed
from app.delivery.outbox.gathering import Gathered
from app.delivery.outbox.outcomes import Outcome
from app.delivery.routing import RoutingPolicy
from app.flows.money.plan_spending import Purse
from app.flows.outcomes.fail_over import fail_over
from app.flows.people.send_invitations import Inviting, send_invitations
from app.flows.sending.providers import Choosing, Providers
from app.flows.sending.tell_duty import Duty, tell_duty
from tests.harness.api import shipped_config
from tests.harness.carriers import carriers
from tests.harness.outbox import NOW, ORGANISATION, Outbox
from tests.harness.working import POLICY, a_worker, at_work, until


def claim(outbox: Outbox, *, after: timedelta = timedelta(0)) -> list[Claimed]:
    return outbox.db.write_now(
        lambda conn: claiming.claim(
            conn, owner="w", channel="sms", limit=50, now=NOW + after, lease=timedelta(seconds=60)
        )
    )


def refused(outbox: Outbox, claimed: Claimed) -> None:
    change = after_attempt(
        Rejected(permanent=False, code="30001", detail="queue full"),
        attempts=1,
        now=NOW,
        expires_at=claimed.expires_at,
        rand=0.5,
        policy=POLICY,
    )
    one = Outcome(claimed=claimed, owner="w", provider="twilio", at=NOW, change=change)
    outbox.db.write_now(lambda conn: outcomes.record(conn, [one]))


def not_in_the_log(outbox: Outbox, claimed: Claimed) -> None:
    later = NOW + timedelta(seconds=61)
    outbox.db.write_now(
        lambda conn: settling.release_expired_leases(
            conn, settle_after=timedelta(seconds=15), now=later
        )
    )
    asked = later + timedelta(seconds=15)
    (doubt,) = outbox.db.write_now(
        lambda conn: settling.list_doubts(
            conn, channel="sms", limit=10, now=asked, lease=timedelta(seconds=60)
        )
    )
    outbox.db.write_now(
        lambda conn: settling.settle(
            conn,
            doubt,
            status=Status.QUEUED,
            code="not_sent",
            provider_id=None,
            due_at=later,
            now=later,
        )
    )


@pytest.mark.parametrize("came_back", [refused, not_in_the_log])
def test_a_message_that_says_what_was_withdrawn_meanwhile_does_not_leave(
    outbox: Outbox, came_back: Callable[[Outbox, Claimed], None]
) -> None:
    contact = outbox.contact(routes=["ML-DKR-N", "ML-GAO"])
    wrong = outbox.alert(bundle="b", rank=0, route="ML-DKR-N")
    true = outbox.alert(bundle="b", rank=1, route="ML-GAO")
    outbox.fan_out("b")
    (both,) = claim(outbox)
    end = outbox.end(wrong)
    outbox.fan_out(end)

    came_back(outbox, both)
    left = claim(outbox, after=timedelta(seconds=90))

    assert [one.alert_id for one in left] == [end]
    assert outbox.deliveries(wrong) == {(contact, "sms"): "suppressed"}
    assert outbox.deliveries(true) == {(contact, "sms"): "queued"}  # in another message
    query = select(DeliveryRow.tell_at.is_not(None)).where(DeliveryRow.alert_id == true)
    assert outbox.db.read_now(lambda conn: conn.scalar(query))


def with_mail(outbox: Outbox, contact: str) -> None:
    sealed = outbox.vault.seal("a@example.org", row_id=contact, field="email")
    outbox.run(
        insert(ContactChannelRow).values(
            contact_id=contact,
            channel="email",
            organisation_id=ORGANISATION,
            address_sealed=sealed,
            blind_index="e",
            masked="*",
            status="active",
            changed_at=NOW,
        )
    )


@pytest.mark.parametrize("several_roads", [True, False])
async def test_the_end_of_all_that_an_email_said_in_place_of_an_sms_is_told(
    outbox: Outbox, clock: ManualClock, *, several_roads: bool
) -> None:
    contact = outbox.contact(routes=["ML-DKR-N", "ML-GAO"], cargoes=("fuel", "goods"))
    with_mail(outbox, contact)
    first = outbox.alert(bundle="b", rank=0)
    beside = (
        outbox.alert(bundle="b", rank=1, route="ML-GAO")
        if several_roads
        else outbox.alert(bundle="b", rank=1, cargo="goods")
    )
    outbox.fan_out("b")
    outbox.set_delivery(first, status="failed", error_code="21610")
    stopped = update(ContactChannelRow).where(ContactChannelRow.channel == "sms")
    outbox.run(stopped.values(status="opted_out"))
    async with carriers(outbox, clock) as carried:
        await fail_over(carried.flow)
    arrived = update(DeliveryRow).where(
        DeliveryRow.channel == "email", DeliveryRow.status == "queued"
    )
    outbox.run(arrived.values(status="delivered"))

    end = outbox.end(beside)
    outbox.fan_out(end)

    assert outbox.deliveries(end) == {(contact, "email"): "queued"}


async def test_what_waited_for_its_time_is_not_late_the_moment_it_comes(
    outbox: Outbox, clock: ManualClock
) -> None:
    outbox.contact(phone="+22370000001", email="a@example.org")
    alert = outbox.alert(level=Level.HIGH)
    outbox.fan_out(alert)
    mine = DeliveryRow.channel == "sms"
    outbox.run(update(DeliveryRow).where(~mine).values(status="delivered"))
    morning = NOW + timedelta(hours=8)
    outbox.run(update(DeliveryRow).where(mine).values(deferred="quiet_hours", tell_at=morning))
    waits = outbox.db.read_now(lambda conn: conn.scalar(select(DeliveryRow.id).where(mine)))
    clock.advance(timedelta(hours=8))

    outbox.db.write_now(
        lambda conn: gathering.gather(
            conn,
            [Gathered(says=(str(waits),), digest_id="d")],
            expires_at=morning + timedelta(hours=12),
            now=clock.now(),
        )
    )
    async with carriers(outbox, clock) as carried:
        at_once = await fail_over(carried.flow)
        clock.advance(timedelta(hours=6))
        later = await fail_over(carried.flow)

    assert (at_once, later) == (0, 1)


class Slow:
    """A provider that takes everything, and cannot be asked what it has."""

    name, kind, concurrency = "slow", "sms", 8

    def __init__(self, then: Callable[[], Awaitable[None]] | None = None) -> None:
        self.sent: list[str] = []
        #: Messages that first wait too long for the pace.
        self.crowded = 0
        self._then = then

    async def send(self, message: Outgoing) -> Accepted:
        if self.crowded:
            self.crowded -= 1
            raise TooLateError
        message.leave()
        self.sent.append(message.delivery_id)
        if self._then is not None:
            await self._then()
        return Accepted(provider_id=message.delivery_id)

    async def close(self) -> None:
        """Nothing is open."""


async def test_a_notice_that_the_pace_does_not_let_through_is_put_off_and_the_next_one_tried(
    outbox: Outbox, clock: ManualClock
) -> None:
    remind = timedelta(minutes=10)
    for number in range(3):
        about = f"alert{number}"
        outbox.db.write_now(
            lambda conn, about=about: notices.note(  # type: ignore[misc]
                conn,
                kind="unreached",
                about=about,
                words="ML fuel",
                number=1,
                channels=["sms"],
                remind=remind,
                now=NOW,
            )
        )
    duty = Duty(
        db=outbox.db,
        clock=clock,
        rota=Rota(addresses={"sms": "+22370009999"}),
        language="fr",
        public_url=None,
    )

    pressed = Slow()
    pressed.crowded = 1

    sent = await tell_duty(duty, {"sms": pressed})

    query = select(NoticeRow.sent_at, NoticeRow.due_at)
    rows = outbox.db.read_now(lambda conn: conn.execute(query).all())
    put_off = [row.due_at - NOW for row in rows if row.sent_at is None]
    assert sent == 2
    assert put_off == [timedelta(seconds=5)]


async def test_the_less_urgent_go_back_before_their_claim_runs_out_and_leave_in_the_end(
    outbox: Outbox, clock: ManualClock
) -> None:
    policy = replace(
        POLICY,
        lease=timedelta(seconds=4),
        batch=50,
        per_second={"slow": 20.0},
        settle_after=timedelta(seconds=1),
        settle_for=timedelta(seconds=2),
    )
    for number in range(10):
        outbox.contact(phone=f"+2237100{number:04d}")
    for number in range(120):
        outbox.contact(phone=f"+2237200{number:04d}", routes=["ML-GAO"])
    running = _Running(clock)
    slow = Slow()
    choosing = Choosing(db=outbox.db, clock=running, policy=policy, routing=RoutingPolicy())
    high = outbox.alert(level=Level.HIGH)
    outbox.fan_out(high)
    worker = a_worker(outbox, running, Providers([slow], choosing), policy=policy)
    async with at_work(worker):
        severe = outbox.alert(level=Level.SEVERE, route="ML-GAO")
        outbox.fan_out(severe)
        worker.bell.ring()
        await until(lambda: len(slow.sent) >= 130, within_s=60)

    assert len(set(slow.sent)) == len(slow.sent) == 130
    assert set(outbox.deliveries(high).values()) == {"sent"}


async def test_a_turn_is_not_lost_on_what_grew_too_old_while_it_waited(
    outbox: Outbox, clock: ManualClock
) -> None:
    """Three a second, claims good for two seconds: all leave in 8 s; with turns lost, in 96."""
    policy = replace(POLICY, lease=timedelta(seconds=2), batch=20, per_second={"slow": 3.0})
    for number in range(24):
        outbox.contact(phone=f"+2237300{number:04d}")
    running = _Running(clock)
    slow = Slow()
    choosing = Choosing(db=outbox.db, clock=running, policy=policy, routing=RoutingPolicy())
    outbox.fan_out(outbox.alert(level=Level.HIGH))
    worker = a_worker(outbox, running, Providers([slow], choosing), policy=policy)
    async with at_work(worker):
        await until(lambda: len(slow.sent) >= 24, within_s=60)

    assert len(set(slow.sent)) == len(slow.sent)


class _Running:
    """A clock that runs, from where another stands.

    It is looked at many times a second: what is longer, the machine stood still, and so did it. A
    claim that runs out meanwhile would be a doubt.
    """

    _MOMENT_S = 0.25

    def __init__(self, clock: ManualClock) -> None:
        self._now, self._looked_at = clock.now(), time.monotonic()
        self._one = Lock()

    def now(self) -> datetime:
        with self._one:
            passed_s = time.monotonic() - self._looked_at
            self._looked_at += passed_s
            self._now += timedelta(seconds=min(passed_s, self._MOMENT_S))
            return self._now


def invited(outbox: Outbox, number: int) -> None:
    words = wording_of("fr", Answering.REPLY)
    for _ in range(number):
        outbox.run(
            insert(InvitationRow).values(
                id=new_id(NOW),
                contact_id=outbox.contact(),
                organisation_id=ORGANISATION,
                channel="sms",
                language="fr",
                wording=words.name,
                wording_hash=words.hash,
                invited_by="k",
                state="open",
                wrong=0,
                created_at=NOW,
                expires_at=NOW + timedelta(days=7),
                due_at=NOW,
                tries=0,
            )
        )


def inviting(outbox: Outbox, clock: ManualClock) -> Inviting:
    purse = Purse.of(shipped_config())
    return Inviting(db=outbox.db, clock=clock, vault=outbox.vault, public_url=None, purse=purse)


async def test_a_stranger_is_not_asked_again_by_who_follows_a_worker_that_was_killed(
    outbox: Outbox, clock: ManualClock
) -> None:
    invited(outbox, 1)

    async def killed() -> None:
        raise asyncio.CancelledError

    first, second = Slow(killed), Slow()
    with pytest.raises(asyncio.CancelledError):
        await send_invitations(inviting(outbox, clock), {"sms": first})
    clock.advance(timedelta(hours=1))
    await send_invitations(inviting(outbox, clock), {"sms": second})

    assert (len(first.sent), second.sent) == (1, [])


async def test_strangers_are_not_asked_twice_where_the_provider_is_slow(
    outbox: Outbox, clock: ManualClock
) -> None:
    invited(outbox, 20)
    second = Slow()

    async def slowly() -> None:
        clock.advance(timedelta(seconds=6))
        if len(first.sent) == 16:
            await send_invitations(inviting(outbox, clock), {"sms": second})

    first = Slow(slowly)
    for _ in range(4):
        await send_invitations(inviting(outbox, clock), {"sms": first})
        clock.advance(timedelta(minutes=5))

    asked = first.sent + second.sent
    assert len(asked) == len(set(asked)) == 20
