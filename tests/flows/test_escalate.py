"""Nobody of an organisation answers: who is told then, once, and who calls at last."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from app.alerts import store as alert_store
from app.alerts.alert import NotedBy
from app.alerts.records import Acknowledgement
from app.core.levels import Level
from app.db.tables import (
    ContactChannelRow,
    DeliveryRow,
    DigestRow,
    EscalationContactRow,
    EscalationRow,
    NoticeRow,
)
from app.delivery.outbox import call_rounds, listing, restored, unanswered
from app.flows.outcomes.escalate import Escalating, escalate
from tests.harness.api import shipped_config
from tests.harness.outbox import NOW, ORGANISATION, Outbox

FLOW = Escalating(config=shipped_config(), providers=["gateway"], public_url=None, duty=["sms"])


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def call_in_order(
    outbox: Outbox, *steps: list[str], since: datetime = NOW - timedelta(days=1)
) -> None:
    """Give the organisation a list."""
    for number, step in enumerate(steps, start=1):
        for contact in step:
            row = {"organisation_id": ORGANISATION, "contact_id": contact, "step": number}
            outbox.run(insert(EscalationContactRow).values(**row, since=since))


def tick(outbox: Outbox, minutes: float) -> None:
    """Let the clock's job run at that time, and once more as after a crash."""
    for _ in range(2):
        while outbox.db.write_now(lambda conn: escalate(conn, FLOW, now=after(minutes))):
            pass


def escalated(outbox: Outbox) -> list[tuple[str, int]]:
    """Return who was told because nobody answered, and as which step, in order."""
    query = (
        select(DeliveryRow.contact_id, DeliveryRow.escalated)
        .where(DeliveryRow.escalated.is_not(None), DeliveryRow.status != "suppressed")
        .order_by(DeliveryRow.created_at, DeliveryRow.id)
    )
    return [tuple(row) for row in outbox.db.read_now(lambda conn: conn.execute(query).all())]  # type: ignore[misc]


def ended(outbox: Outbox) -> list[str | None]:
    query = select(EscalationRow.ended)
    return list(outbox.db.read_now(lambda conn: conn.scalars(query).all()))


def take_note(outbox: Outbox, alert: str, contact: str, *, at: datetime) -> None:
    def work(conn: Connection) -> None:
        one = Acknowledgement(
            alert_id=alert,
            contact_id=contact,
            key_id=None,
            organisation_id=ORGANISATION,
            way=NotedBy.REPLY,
            at=at,
        )
        alert_store.acknowledge(conn, one)
        unanswered.answered(conn, alert, organisation_id=ORGANISATION, now=at)

    outbox.db.write_now(work)


def tell(outbox: Outbox, **changes: Any) -> str:
    alert = outbox.alert(**changes)
    outbox.fan_out(changes.get("bundle") or alert)
    return alert


def text_to(outbox: Outbox, contact: str) -> str:
    query = select(DigestRow.text).join(
        DeliveryRow,
        (DeliveryRow.digest_id == DigestRow.id)
        & (DeliveryRow.channel == DigestRow.channel)
        & (DeliveryRow.contact_id == contact),
    )
    return str(outbox.db.read_now(lambda conn: conn.scalars(query).first()))


def unreached(outbox: Outbox, alert: str) -> set[str]:
    def work(conn: Connection) -> list[Any]:
        return list(
            listing.list_unreached(
                conn,
                alert,
                cursor=None,
                limit=50,
                organisation_id=None,
                receipt_within=timedelta(days=9),
                now=after(60),
            )
        )

    return {one.contact_id for one in outbox.db.read_now(work)}


def test_the_next_who_does_not_know_is_told_after_each_wait_and_at_last_a_person_calls(
    outbox: Outbox,
) -> None:
    driver = outbox.contact()
    deputy, boss, gone = (outbox.contact(routes=[]) for _ in range(3))
    outbox.run(unreachable(gone))
    call_in_order(outbox, [driver], [gone], [deputy], [boss])
    alert = tell(outbox)
    outbox.set_delivery(alert, status="delivered")

    seen = []
    for minutes in (14, 15, 29, 30, 44):
        tick(outbox, minutes)
        seen.append(len(escalated(outbox)))
    tick(outbox, 46)
    notices = outbox.db.read_now(lambda conn: conn.execute(select(NoticeRow)).all())
    listed = unreached(outbox, alert)
    outbox.set_delivery(alert, status="delivered")
    take_note(outbox, alert, boss, at=after(50))

    assert seen == [0, 1, 1, 2, 2]
    assert escalated(outbox) == [(deputy, 3), (boss, 4)]
    assert "n'a pas répondu à l'alerte (8h)" in text_to(outbox, deputy)
    assert [(one.kind, one.number) for one in notices] == [("unanswered", 1)]
    assert listed == {driver, deputy, boss}
    assert unreached(outbox, alert) == set()
    assert ended(outbox) == ["answered"]


@pytest.mark.parametrize(("came_back_at", "told"), [(16, []), (14, [1])])
def test_a_backup_that_comes_back_calls_nobody_whom_it_may_have_called_already(
    outbox: Outbox, came_back_at: int, told: list[int]
) -> None:
    driver, deputy = outbox.contact(), outbox.contact(routes=[])
    call_in_order(outbox, [deputy])
    alert = tell(outbox)
    outbox.set_delivery(alert, status="delivered")
    tick(outbox, 1)

    outbox.db.write_now(lambda conn: restored.leave_to_a_person(conn, now=after(came_back_at)))
    listed = unreached(outbox, alert)
    tick(outbox, 20)

    assert [step for _, step in escalated(outbox)] == told
    assert listed == (set() if told else {driver})
    take_note(outbox, alert, driver, at=after(25))
    assert unreached(outbox, alert) == set()
    assert ended(outbox) == ["answered"]


def unreachable(contact: str) -> Any:
    return (
        update(ContactChannelRow)
        .where(ContactChannelRow.contact_id == contact)
        .values(status="opted_out")
    )


@pytest.mark.parametrize("minutes", [5, 16])
def test_whoever_answers_ends_it_and_what_has_not_left_stays(outbox: Outbox, minutes: int) -> None:
    driver, deputy, boss = outbox.contact(), outbox.contact(routes=[]), outbox.contact(routes=[])
    call_in_order(outbox, [deputy], [boss])
    alert = tell(outbox)
    outbox.set_delivery(alert, status="delivered")
    tick(outbox, 1)
    if minutes > 15:
        tick(outbox, minutes - 0.5)
        assert escalated(outbox) == [(deputy, 1)]

    take_note(outbox, alert, driver, at=after(minutes))
    tick(outbox, 120)

    assert escalated(outbox) == []
    assert ended(outbox) == ["answered"]


def test_an_answer_before_the_clock_looked_counts(outbox: Outbox) -> None:
    driver, deputy = outbox.contact(), outbox.contact(routes=[])
    call_in_order(outbox, [deputy])
    alert = tell(outbox)
    take_note(outbox, alert, driver, at=after(2))

    tick(outbox, 20)

    assert (escalated(outbox), ended(outbox)) == ([], ["answered"])


def test_what_follows_is_told_to_whoever_was_called_and_the_end_ends_it(outbox: Outbox) -> None:
    outbox.contact()
    deputy, boss = outbox.contact(routes=[]), outbox.contact(routes=[])
    call_in_order(outbox, [deputy], [boss])
    alert = tell(outbox)
    outbox.set_delivery(alert, status="delivered")
    tick(outbox, 16)
    outbox.set_delivery(alert, status="delivered")
    end = outbox.end(alert, kind="all_clear")

    outbox.fan_out(end, now=after(20))
    tick(outbox, 40)

    assert deputy in outbox.told(end)
    assert boss not in outbox.told(end)
    assert (escalated(outbox), ended(outbox)) == ([(deputy, 1)], ["over"])


def test_the_next_hears_what_holds_by_then(outbox: Outbox) -> None:
    outbox.contact()
    deputy = outbox.contact(routes=[])
    call_in_order(outbox, [deputy])
    first = tell(outbox)
    outbox.set_delivery(first, status="delivered")
    more = tell(
        outbox, kind="update", reason="further_incident", before=Level.SEVERE, answers=first
    )

    tick(outbox, 16)

    assert (deputy, "sms") in outbox.deliveries(more)
    assert (deputy, "sms") not in outbox.deliveries(first)
    assert len(ended(outbox)) == 1  # more of a grave danger is no new matter


def test_cargoes_of_one_message_are_one_call_and_one_answer(outbox: Outbox) -> None:
    outbox.contact(cargoes=["fuel", "goods"])
    deputy = outbox.contact(routes=[])
    call_in_order(outbox, [deputy])
    fuel = outbox.alert(cargo="fuel")
    goods = outbox.alert(cargo="goods", bundle=fuel, rank=1)
    outbox.fan_out(fuel)

    tick(outbox, 16)

    assert escalated(outbox) == [(deputy, 1)]
    assert "carburant" in text_to(outbox, deputy)
    assert outbox.deliveries(goods)[deputy, "sms"] == "suppressed"
    assert len(ended(outbox)) == 1


def test_nothing_follows_where_nobody_asked_was_told_or_it_is_less_grave(outbox: Outbox) -> None:
    outbox.contact()
    tell(outbox)
    tick(outbox, 30)
    assert ended(outbox) == []

    deputy = outbox.contact(routes=["R9"])
    call_in_order(outbox, [deputy], since=after(1))  # what was told before was not asked for
    elsewhere = outbox.alert(route="nobody")
    outbox.fan_out(elsewhere, now=after(2))
    less = outbox.alert(route="R9", level=Level.HIGH)
    outbox.fan_out(less, now=after(2))
    tick(outbox, 30)

    assert escalated(outbox) == []
    kept = outbox.db.read_now(
        lambda conn: dict(conn.execute(select(EscalationRow.bundle_id, EscalationRow.ended)).all())
    )
    assert kept == {elsewhere: "not_told"}


def test_two_clocks_at_once_tell_nobody_twice(outbox: Outbox) -> None:
    outbox.contact()
    people = [outbox.contact(routes=[]) for _ in range(3)]
    call_in_order(outbox, people)
    tell(outbox)
    run = partial(escalate, flow=FLOW, now=after(16))

    def both(conn: Connection) -> None:
        run(conn)
        # as if the other had read before the first wrote
        conn.execute(update(EscalationRow).values(step=0, due_at=after(15)))
        run(conn)

    outbox.db.write_now(both)

    assert sorted(contact for contact, _ in escalated(outbox)) == sorted(people)


def test_who_takes_calls_alone_is_told_next_only_where_calls_are_made(outbox: Outbox) -> None:
    contact = outbox.contact()
    outbox.run(update(ContactChannelRow).values(channel="voice"))
    call_in_order(outbox, [contact])

    def reachable(flow: Escalating) -> list[bool]:
        found = outbox.db.read_now(
            lambda conn: call_rounds.rungs_of(conn, ORGANISATION, channels=flow.channels)
        )
        return [one.reachable for one in found]

    assert reachable(FLOW) == [False]
    assert reachable(replace(FLOW, offered=("sms", "email", "webhook", "voice"))) == [True]
