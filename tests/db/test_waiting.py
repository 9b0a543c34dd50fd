"""Who counts as told of what waited, and what becomes of it meanwhile; on both databases."""

from datetime import timedelta

from sqlalchemy import update

from app.core.levels import Level
from app.db.tables import AlertRow, ContactChannelRow
from app.delivery.outbox import failing_over, settling
from tests.harness.moments import (
    MORNING,
    ROADS,
    deferred,
    fan_out,
    send,
    tell,
    tell_later,
)
from tests.harness.outbox import NOW, Outbox


def three_waiting(outbox: Outbox) -> tuple[str, list[str]]:
    """Return a contact whose day is full, and three alerts that wait for the morning."""
    contact = outbox.contact(routes=ROADS)
    for number in range(4):
        tell(outbox, now=NOW, route=ROADS[number])
    send(outbox, now=NOW)
    return contact, [tell(outbox, now=NOW, route=ROADS[number]) for number in (4, 5, 6)]


def test_who_was_told_in_one_message_hears_the_end_of_each(outbox: Outbox) -> None:
    contact, waiting = three_waiting(outbox)
    tell_later(outbox, now=MORNING)
    send(outbox, now=MORNING)

    ends = [outbox.end(one) for one in waiting]
    for end in ends:
        fan_out(outbox, end, now=MORNING)

    assert [outbox.deliveries(end) for end in ends] == [{(contact, "sms"): "queued"}] * 3


def test_what_one_report_changed_is_told_in_its_own_order(outbox: Outbox) -> None:
    """The road nearest to it heads the message, whichever way the ids of deliveries fell."""
    contact = outbox.contact(routes=ROADS, hours_id=outbox.hours("", "07:00", "06:00"))
    bundle = outbox.alert(route=ROADS[8], level=Level.HIGH)
    for rank, road in enumerate(reversed(ROADS[:8]), start=1):
        outbox.alert(route=road, level=Level.HIGH, bundle=bundle, rank=rank)
    fan_out(outbox, bundle, now=NOW)

    tell_later(outbox, now=MORNING)

    assert send(outbox, now=MORNING) == [(contact, " ".join(reversed(ROADS)))]


def test_who_was_never_told_hears_neither_the_alert_nor_its_end(outbox: Outbox) -> None:
    contact, waiting = three_waiting(outbox)

    end = outbox.end(waiting[0])
    fan_out(outbox, end, now=NOW + timedelta(hours=1))
    tell_later(outbox, now=MORNING)

    assert outbox.told(end) == set()
    assert send(outbox, now=MORNING) == [(contact, "R5 R6")]


def test_what_is_over_by_the_morning_is_not_told(outbox: Outbox) -> None:
    contact, waiting = three_waiting(outbox)
    outbox.run(update(AlertRow).where(AlertRow.id == waiting[1]).values(status="ended"))
    outbox.run(update(AlertRow).where(AlertRow.id == waiting[2]).values(expires_at=MORNING))

    tell_later(outbox, now=MORNING)

    assert send(outbox, now=MORNING) == [(contact, "R4")]
    assert [outbox.deliveries(one)[contact, "sms"] for one in waiting[1:]] == ["suppressed"] * 2


def test_the_answer_to_a_doubt_is_told_late_rather_than_never(outbox: Outbox) -> None:
    contact = outbox.contact(routes=ROADS)
    doubt = tell(outbox, now=NOW, route=ROADS[0])
    for number in range(1, 4):
        tell(outbox, now=NOW, route=ROADS[number])
    send(outbox, now=NOW)
    answer = tell(
        outbox,
        now=NOW,
        route=ROADS[0],
        kind="update",
        answers=doubt,
        reason="confirmed",
        before=Level.HIGH,
    )
    outbox.run(update(AlertRow).where(AlertRow.id == answer).values(status="ended"))

    tell_later(outbox, now=MORNING)

    assert send(outbox, now=MORNING) == [(contact, "R0")]


def test_a_message_that_says_what_was_withdrawn_is_put_anew_before_it_leaves(
    outbox: Outbox,
) -> None:
    contact, waiting = three_waiting(outbox)
    tell_later(outbox, now=MORNING)  # put together, not sent yet

    end = outbox.end(waiting[1])
    fan_out(outbox, end, now=MORNING)
    tell_later(outbox, now=MORNING)

    assert send(outbox, now=MORNING) == [(contact, "R4 R6")]
    assert outbox.told(end) == set()


def test_what_carries_the_others_may_itself_be_withdrawn(outbox: Outbox) -> None:
    contact, waiting = three_waiting(outbox)
    tell_later(outbox, now=MORNING)
    carrier = next(one for one in waiting if "queued" in outbox.deliveries(one).values())

    fan_out(outbox, outbox.end(carrier), now=MORNING)
    tell_later(outbox, now=MORNING)

    ((told, text),) = send(outbox, now=MORNING)
    assert told == contact
    assert len(text.split()) == 2


def test_an_urgent_message_that_came_apart_does_not_wait_for_room(outbox: Outbox) -> None:
    contact = outbox.contact(routes=ROADS, hours_id=outbox.hours("", "00:00", "23:45"))
    first = outbox.alert(route="R0")
    second = outbox.alert(route="R1", bundle=first, rank=1)
    fan_out(outbox, first, now=NOW)

    fan_out(outbox, outbox.end(first), now=NOW)
    tell_later(outbox, now=NOW)

    assert send(outbox, now=NOW) == [(contact, "R1")]
    assert deferred(outbox, second)[contact][0] == "rewritten"


def test_an_update_of_what_waits_replaces_it(outbox: Outbox) -> None:
    contact, waiting = three_waiting(outbox)

    tell(outbox, now=NOW, route="R4", kind="update", answers=waiting[0], reason="rose")
    tell_later(outbox, now=MORNING)

    assert send(outbox, now=MORNING) == [(contact, "R5 R6 R4")]
    assert outbox.deliveries(waiting[0]) == {(contact, "sms"): "suppressed"}


def test_that_nothing_was_heard_is_no_news_to_who_never_heard(outbox: Outbox) -> None:
    _, waiting = three_waiting(outbox)

    quiet = outbox.alert(
        route="R4",
        level=Level.UNKNOWN,
        before=Level.HIGH,
        kind="update",
        audience="told_only",
        answers=waiting[0],
        reason="no_fresh_news",
    )
    fan_out(outbox, quiet, now=NOW)

    assert outbox.told(quiet) == set()


def test_whose_address_is_gone_waits_for_nothing(outbox: Outbox) -> None:
    contact, waiting = three_waiting(outbox)
    outbox.run(update(ContactChannelRow).values(status="opted_out"))

    tell_later(outbox, now=MORNING)

    assert send(outbox, now=MORNING) == []
    assert outbox.deliveries(waiting[0]) == {(contact, "sms"): "suppressed"}


def test_what_waits_is_neither_late_nor_stuck(outbox: Outbox) -> None:
    _, waiting = three_waiting(outbox)
    later = NOW + timedelta(days=30)

    ended = outbox.db.write_now(lambda conn: settling.expire(conn, limit=99, now=later))
    stuck = outbox.db.write_now(
        lambda conn: failing_over.list_stuck(
            conn, channel="sms", priority=2, before=later, limit=99
        )
    )

    assert ended == 0
    assert stuck == []
    assert set(outbox.deliveries(waiting[0]).values()) == {"queued"}
