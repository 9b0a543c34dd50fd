"""How much a person is told, and when: fan-out and what waits, on both databases."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, update

from app.alerts.alert import AlertType, Reason
from app.alerts.remind import ReminderPolicy
from app.core.ids import new_id
from app.core.levels import Level
from app.db.tables import ContactChannelRow, DeliveryRow, DigestRow, SubscriptionChannelRow
from app.delivery.moment import ANSWERS, Hours, Tell, decide, haste_of, moment_of
from app.delivery.outbox.making import statement_of
from tests.harness.moments import (
    BAMAKO,
    MORNING,
    POLICY,
    ROADS,
    deferred,
    fan_out,
    send,
    tell,
    tell_later,
)
from tests.harness.outbox import NOW, ORGANISATION, ROUTE, Outbox

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REMINDS = replace(POLICY, remind=ReminderPolicy(after=DAY, most=3))


def insert_counted(
    outbox: Outbox, contact: str, *, channel: str = "sms", at: datetime = NOW
) -> Any:
    """Return what counts one more message of the contact's day."""
    return insert(DeliveryRow).values(
        id=new_id(at), alert_id=outbox.alert(route="elsewhere"), contact_id=contact,
        organisation_id=ORGANISATION, channel=channel, language="fr", status="sent", priority=0,
        attempts=1, due_at=at, created_at=at, updated_at=at, expires_at=at, counts_at=at,
    )  # fmt: skip


def counted(outbox: Outbox, contact: str, *, since: datetime) -> list[Any]:
    query = select(DeliveryRow.channel).where(
        DeliveryRow.contact_id == contact, DeliveryRow.counts_at >= since
    )
    return outbox.db.read_now(lambda conn: list(conn.execute(query)))


def by_channel(outbox: Outbox, alert: str) -> dict[str, str | None]:
    query = select(DeliveryRow.channel, DeliveryRow.deferred)
    rows = outbox.db.read_now(
        lambda conn: conn.execute(query.where(DeliveryRow.alert_id == alert)).all()
    )
    return {row.channel: row.deferred for row in rows}


# ---------------------------------------------------------------------------------------- the limit


def test_what_is_too_much_for_a_day_waits_for_the_morning(outbox: Outbox) -> None:
    contact = outbox.contact(routes=ROADS)

    alerts = [tell(outbox, now=NOW + timedelta(minutes=n), route=ROADS[n]) for n in range(6)]

    assert len(send(outbox, now=NOW + timedelta(hours=1))) == 4
    assert [deferred(outbox, one)[contact] for one in alerts] == [
        *[(None, None)] * 4,
        *[("limit", MORNING)] * 2,
    ]


def test_what_a_person_gets_on_two_channels_is_of_one_day_and_is_told_once(
    outbox: Outbox,
) -> None:
    person = outbox.contact(routes=ROADS, phone="+22376111111", email="p@example.org")
    outbox.run(insert_counted(outbox, person, channel="email"))

    alerts = [tell(outbox, now=NOW + timedelta(minutes=n), route=ROADS[n]) for n in range(4)]

    assert [by_channel(outbox, one) for one in alerts] == [
        *[{"sms": None, "email": None}] * 3,
        {"sms": "limit", "email": "limit"},
    ]


def test_what_two_channels_waited_for_keeps_to_one_day(outbox: Outbox) -> None:
    person = outbox.contact(routes=ROADS, phone="+22376111111", email="p@example.org")
    for number in range(6):
        tell(outbox, now=NOW + timedelta(minutes=number), route=ROADS[number])
    for _ in range(3):
        outbox.run(insert_counted(outbox, person, at=MORNING - timedelta(minutes=5)))

    tell_later(outbox, now=MORNING)
    news = tell(outbox, now=MORNING, route=ROADS[7])

    assert sorted(one.channel for one in counted(outbox, person, since=MORNING)) == ["email", "sms"]
    assert by_channel(outbox, news) == {"sms": "limit", "email": "limit"}


def test_a_program_is_told_however_much_was_said(outbox: Outbox) -> None:
    contact = outbox.contact(routes=ROADS)
    for table in (ContactChannelRow, SubscriptionChannelRow):
        outbox.run(update(table).values(channel="webhook"))

    alerts = [tell(outbox, now=NOW + timedelta(minutes=n), route=ROADS[n]) for n in range(6)]

    assert {deferred(outbox, one)[contact] for one in alerts} == {(None, None)}


def test_in_the_morning_the_rest_is_one_message(outbox: Outbox) -> None:
    contact = outbox.contact(routes=ROADS)
    for number in range(6):
        tell(outbox, now=NOW, route=ROADS[number])
    send(outbox, now=NOW)

    tell_later(outbox, now=MORNING - timedelta(minutes=1))
    early = send(outbox, now=MORNING - timedelta(minutes=1))
    tell_later(outbox, now=MORNING)

    assert early == []
    assert send(outbox, now=MORNING) == [(contact, "R4 R5")]


def test_a_severe_danger_is_told_however_much_was_said(outbox: Outbox) -> None:
    outbox.contact(routes=ROADS)
    for number in range(5):
        tell(outbox, now=NOW, route=ROADS[number])
    send(outbox, now=NOW)

    tell(outbox, now=NOW, route=ROADS[6], level=Level.SEVERE)

    assert len(send(outbox, now=NOW)) == 1


@pytest.mark.parametrize("left", [False, True])
def test_a_severe_danger_that_was_confirmed_before_it_left_is_told_at_once(
    outbox: Outbox, *, left: bool
) -> None:
    person = outbox.contact(routes=ROADS, phone="+22376111111", email="p@example.org")
    for number in range(4):
        tell(outbox, now=NOW, route=ROADS[number])
    first = tell(outbox, now=NOW, route="R5", level=Level.SEVERE)
    if left:  # on one channel: he heard of it
        mine = (DeliveryRow.alert_id == first, DeliveryRow.channel == "sms")
        outbox.run(update(DeliveryRow).where(*mine).values(status="sent"))

    again: dict[str, Any] = {
        "kind": "update",
        "before": Level.SEVERE,
        "reason": "confirmed",
        "answers": first,
    }
    confirmed = tell(outbox, now=NOW, route="R5", level=Level.SEVERE, **again)

    waits = "limit" if left else None
    assert by_channel(outbox, confirmed) == {"sms": waits, "email": waits}
    assert deferred(outbox, confirmed)[person][0] == waits


def test_more_of_a_danger_of_several_roads_waits_only_for_those_who_heard_of_it(
    outbox: Outbox,
) -> None:
    outbox.contact(routes=ROADS)
    for number in range(4):
        tell(outbox, now=NOW, route=ROADS[number])
    first = outbox.alert(route="R5", level=Level.SEVERE)
    beside = outbox.alert(route="R6", level=Level.SEVERE, bundle=first, rank=1)
    fan_out(outbox, first, now=NOW)

    again: dict[str, Any] = {"kind": "update", "before": Level.SEVERE, "level": Level.SEVERE}
    more = [outbox.alert(**again, reason="confirmed", route="R5", answers=first)]
    more.append(
        outbox.alert(
            **again, reason="confirmed", route="R6", answers=beside, bundle=more[0], rank=1
        )
    )
    fan_out(outbox, more[0], now=NOW)

    assert [by_channel(outbox, one) for one in more] == [{"sms": None}] * 2


def test_urgent_messages_never_wait_and_fill_the_day(outbox: Outbox) -> None:
    contact = outbox.contact(routes=ROADS)
    for number in range(5):
        tell(outbox, now=NOW, route=ROADS[number], level=Level.SEVERE)

    news = tell(outbox, now=NOW, route=ROADS[6])

    assert len(send(outbox, now=NOW)) == 5
    assert deferred(outbox, news)[contact] == ("limit", MORNING)


def test_what_is_moderate_leaves_room_for_what_may_come(outbox: Outbox) -> None:
    contact = outbox.contact(routes=ROADS, min_level=Level.MODERATE)
    for number in range(3):
        tell(outbox, now=NOW, route=ROADS[number], level=Level.MODERATE)

    more = tell(outbox, now=NOW, route=ROADS[4], level=Level.MODERATE)
    worse = tell(outbox, now=NOW, route=ROADS[5], level=Level.HIGH)

    assert deferred(outbox, more)[contact][0] == "limit"
    assert deferred(outbox, worse)[contact][0] is None


def test_the_day_is_that_of_the_contacts_clock(outbox: Outbox) -> None:
    late = datetime.fromisoformat("2025-09-06T23:30:00+00:00")
    there = outbox.contact(routes=ROADS, hours_id=outbox.hours("Africa/Niamey"))
    here = outbox.contact(routes=ROADS)
    for number in range(4):
        tell(outbox, now=NOW, route=ROADS[number])

    alert = tell(outbox, now=late, route=ROADS[5])

    assert deferred(outbox, alert)[here][0] == "limit"
    assert deferred(outbox, alert)[there] == (None, None)  # half past midnight


def test_a_bundle_of_several_roads_is_one_message_of_the_day(outbox: Outbox) -> None:
    contact = outbox.contact(routes=ROADS)
    for day in range(4):
        first = outbox.alert(route=ROADS[0], level=Level.HIGH)
        outbox.alert(route=ROADS[1], level=Level.HIGH, bundle=first, rank=1 + day)
        fan_out(outbox, first, now=NOW)

    fifth = tell(outbox, now=NOW, route=ROADS[5])

    assert deferred(outbox, fifth)[contact][0] == "limit"


# --------------------------------------------------------------------------------------- reminders


def test_a_reminder_is_for_those_who_were_told_long_ago_and_waits_like_news(outbox: Outbox) -> None:
    usual, lately, waiting = (outbox.contact(routes=["R0"]) for _ in range(3))
    asleep = outbox.contact(routes=["R0"], hours_id=outbox.hours("", "07:00", "10:00"))
    severe: dict[str, Any] = {"route": "R0", "level": Level.SEVERE, "expires_at": NOW + 3 * DAY}
    first = tell(outbox, now=NOW, **severe)
    outbox.set_delivery(first, status="delivered")
    heard = (DeliveryRow.alert_id == first, DeliveryRow.contact_id == lately)
    outbox.run(update(DeliveryRow).where(*heard).values(counts_at=NOW + 10 * HOUR))
    heard = (DeliveryRow.alert_id == first, DeliveryRow.contact_id == waiting)
    outbox.run(update(DeliveryRow).where(*heard).values(tell_at=NOW + 2 * DAY))
    outbox.contact(routes=["R0"])  # subscribed since, and was told nothing

    again = outbox.alert(
        **severe,
        kind="update",
        before=Level.SEVERE,
        reason="still_severe",
        audience="told_only",
        answers=first,
    )
    outbox.fan_out(again, now=NOW + DAY + HOUR / 12, policy=REMINDS)

    morning = NOW + DAY + 2 * HOUR
    assert deferred(outbox, again) == {usual: (None, None), asleep: ("quiet_hours", morning)}


# ---------------------------------------------------------------------------- all reasons together


def test_fan_out_decides_for_everybody_as_is_decided_for_one(outbox: Outbox) -> None:
    clocks = {
        None: Hours(zone=BAMAKO),
        outbox.hours("Africa/Niamey", "07:00", "10:00"): Hours(
            zone=ZoneInfo("Africa/Niamey"), quiet_from=time(7), quiet_until=time(10)
        ),
        outbox.hours("", "22:00", "06:00"): Hours(
            zone=BAMAKO, quiet_from=time(22), quiet_until=time(6)
        ),
    }
    muted = NOW + timedelta(hours=5)
    outbox.mute(until=muted, route="R1")
    outbox.mute(until=muted - timedelta(hours=1))
    outbox.run(update(DeliveryRow).values(status="sent"))
    people: dict[str, tuple[Hours, Tell, int]] = {}
    for (hours_id, hours), how, said in product(clocks.items(), Tell, (0, 3, 4)):
        contact = outbox.contact(
            routes=[*ROADS[:2], f"own{len(people)}"],
            hours_id=hours_id,
            tell=how,
            min_level=Level.MODERATE,
        )
        for _ in range(said):
            own = outbox.alert(route=f"own{len(people)}", level=Level.HIGH)
            outbox.fan_out(own, now=NOW, policy=None)
            outbox.set_delivery(own, status="sent", counts_at=NOW)
        people[contact] = (hours, how, said)

    for level, before, kind, reason, route in [
        (Level.SEVERE, Level.HIGH, "update", "rose", "R0"),
        (Level.SEVERE, Level.SEVERE, "update", "confirmed", "R1"),
        (Level.HIGH, Level.UNKNOWN, "alert", "first", "R1"),
        (Level.MODERATE, Level.UNKNOWN, "alert", "first", "R0"),
    ]:
        told = outbox.alert(route=route, level=before) if kind == "update" else None
        if told:
            outbox.fan_out(told, now=NOW)
            outbox.set_delivery(told, status="sent")
        alert = outbox.alert(
            route=route, level=level, before=before, kind=kind, reason=reason, answers=told
        )
        fan_out(outbox, alert, now=NOW)
        found = deferred(outbox, alert)
        outbox.run(update(DeliveryRow).where(DeliveryRow.alert_id == alert).values(counts_at=None))

        haste = haste_of(level, before, AlertType(kind), Reason(reason))
        for contact, (hours, how, said) in people.items():
            wait = decide(
                haste,
                moment_of(hours, policy=POLICY, now=NOW),
                tell=how,
                muted_until=muted if route == "R1" else muted - timedelta(hours=1),
                said_today=said,
                allowance=POLICY.allowance(level, answers=reason in ANSWERS),
            )
            expected = (wait.why.value, wait.until) if wait else (None, None)
            assert found[contact] == expected, (level, route, hours, how, said)


@pytest.mark.parametrize(
    ("how", "until"),
    [(Tell.DAILY, MORNING), (Tell.WEEKLY, datetime.fromisoformat("2025-09-08T06:30:00+00:00"))],
)
def test_digests_are_told_when_they_are_wanted(outbox: Outbox, how: Tell, until: datetime) -> None:
    contact = outbox.contact(routes=ROADS, tell=how)
    for number in range(3):
        tell(outbox, now=NOW, route=ROADS[number])
    tell(outbox, now=NOW, route=ROADS[4], level=Level.SEVERE)

    at_once = send(outbox, now=NOW)
    tell_later(outbox, now=until)

    assert len(at_once) == 1
    assert send(outbox, now=until) == [(contact, "R0 R1 R2")]


def test_whose_night_it_is_reads_it_in_the_morning(outbox: Outbox) -> None:
    night = datetime.fromisoformat("2025-09-06T23:00:00+00:00")
    contact = outbox.contact(routes=ROADS, hours_id=outbox.hours("", "22:00", "05:15"))
    told = tell(outbox, now=NOW, route="R7")
    send(outbox, now=NOW)

    tell(outbox, now=night, route="R0")
    tell(outbox, now=night, route="R1")
    end = outbox.end(told)
    fan_out(outbox, end, now=night)
    at_night = send(outbox, now=night)
    tell_later(outbox, now=night + timedelta(hours=6, minutes=15))

    assert len(at_night) == 1  # the end of what he was told wakes him
    assert send(outbox, now=night + timedelta(hours=6, minutes=15)) == [(contact, "R0 R1")]


def test_a_text_is_written_once_for_all_who_read_the_same(outbox: Outbox) -> None:
    for _ in range(5):
        outbox.contact(routes=ROADS, tell=Tell.DAILY)
    for number in range(2):
        tell(outbox, now=NOW, route=ROADS[number])

    tell_later(outbox, now=MORNING)

    assert len(send(outbox, now=MORNING)) == 5
    query = select(DigestRow.id).distinct()
    assert len(outbox.db.read_now(lambda conn: conn.execute(query).all())) == 1


def test_the_statement_is_put_together_once_whatever_is_said_and_whenever(outbox: Outbox) -> None:
    asleep = outbox.hours("", "22:00", "06:00")
    contact = outbox.contact(min_level=Level.LOW, hours_id=asleep)
    tell(outbox, now=NOW, level=Level.SEVERE)
    before = statement_of.cache_info().misses

    night = NOW.replace(hour=23)
    alerts = [
        tell(outbox, now=at, level=level, route=ROUTE)
        for at, level in (
            (night, Level.MODERATE),
            (NOW + DAY, Level.HIGH),
            (night + DAY, Level.SEVERE),
        )
    ]

    assert statement_of.cache_info().misses == before
    assert [deferred(outbox, alert)[contact][0] for alert in alerts] == ["quiet_hours", None, None]
