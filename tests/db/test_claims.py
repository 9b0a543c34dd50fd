"""Claims, leases, records, doubts and receipts, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select, update

from app.core.levels import Level
from app.db.tables import (
    ContactChannelRow,
    DeliveryAttemptRow,
    DeliveryRow,
    ReceiptRow,
)
from app.delivery.delivery import Status, Transition
from app.delivery.outbox import claiming, failing_over, listing, outcomes, receiving, settling
from app.delivery.outbox.claiming import Claimed
from app.delivery.outbox.outcomes import Outcome
from app.delivery.outbox.receiving import Receipt, Received
from tests.harness.outbox import NOW, Outbox

LEASE = timedelta(seconds=60)


def queued(outbox: Outbox, contacts: int = 1, level: Level = Level.SEVERE) -> str:
    """Return an alert whose deliveries to `contacts` new contacts are queued."""
    for _ in range(contacts):
        outbox.contact(routes=[f"R-{level}"], min_level=Level.LOW)
    alert = outbox.alert(level=level, route=f"R-{level}")
    outbox.fan_out(alert)
    return alert


def claim(
    outbox: Outbox, owner: str = "w1", *, limit: int = 100, at: datetime = NOW
) -> list[Claimed]:
    return outbox.db.write_now(
        lambda conn: claiming.claim(
            conn, owner=owner, channel="sms", limit=limit, now=at, lease=LEASE
        )
    )


def record(outbox: Outbox, claimed: Claimed, owner: str = "w1", **change: object) -> None:
    values: dict[str, object] = {
        "status": Status.SENT, "outcome": "accepted", "due_at": NOW, "provider_id": "SM1",
    }  # fmt: skip
    transition = Transition(**(values | change))  # type: ignore[arg-type]
    outcome = Outcome(claimed=claimed, owner=owner, provider="twilio", at=NOW, change=transition)
    outbox.db.write_now(lambda conn: outcomes.record(conn, [outcome]))


def receive(outbox: Outbox, delivery_id: str, status: str) -> Received | None:
    receipt = Receipt(
        delivery_id=delivery_id,
        provider="twilio",
        provider_id="SM9",
        status=status,
        code=None,
        at=NOW,
    )
    return outbox.db.write_now(lambda conn: receiving.receive(conn, receipt))


def row(outbox: Outbox, delivery_id: str) -> DeliveryRow:
    columns = DeliveryRow.__table__.columns
    return outbox.one(select(*columns), DeliveryRow.id == delivery_id)  # type: ignore[no-any-return]


def test_the_most_urgent_go_first_however_long_the_queue(outbox: Outbox) -> None:
    queued(outbox, 5, Level.HIGH)
    severe = queued(outbox, 1, Level.SEVERE)

    first = claim(outbox, limit=2)

    assert [claimed.level for claimed in first] == [Level.SEVERE, Level.HIGH]
    assert first[0].alert_id == severe


def test_several_workers_never_claim_the_same_delivery(outbox: Outbox) -> None:
    queued(outbox, 40)

    with ThreadPoolExecutor(4) as pool:
        rounds = pool.map(lambda n: claim(outbox, f"w{n % 4}", limit=3), range(20))
        ids = [claimed.id for batch in rounds for claimed in batch]

    assert len(ids) == len(set(ids)) == 40


def test_a_claim_opens_to_the_address_and_counts_the_attempt(outbox: Outbox) -> None:
    contact = outbox.contact(phone="+22376001122")
    alert = outbox.alert()
    outbox.fan_out(alert)

    (claimed,) = claim(outbox)

    assert outbox.vault.open(claimed.address_sealed, row_id=contact, field="sms") == "+22376001122"
    assert (claimed.attempt, claimed.lease_until) == (1, NOW + LEASE)


def test_what_should_not_leave_any_more_ends_instead_of_being_claimed(outbox: Outbox) -> None:
    gone = queued(outbox)
    outbox.run(update(ContactChannelRow).values(status="opted_out"))
    late = queued(outbox, level=Level.HIGH)
    overtaken = queued(outbox, level=Level.MODERATE)
    outbox.end(overtaken)

    claimed = claim(outbox, at=NOW + timedelta(hours=25))

    assert claimed == []
    assert list(outbox.deliveries(gone).values()) == ["expired"]
    assert list(outbox.deliveries(late).values()) == ["expired"]
    assert list(outbox.deliveries(overtaken).values()) == ["suppressed"]


def test_what_is_put_back_is_due_though_the_clock_went_back_meanwhile(outbox: Outbox) -> None:
    queued(outbox)
    held, earlier = claim(outbox), NOW - timedelta(hours=1)

    outbox.db.write_now(lambda conn: claiming.release(conn, held, owner="w1", now=earlier))

    assert [one.id for one in claim(outbox, at=earlier)] == [one.id for one in held]


def test_a_contact_without_the_address_is_passed_over_for_the_next(outbox: Outbox) -> None:
    first = queued(outbox)
    outbox.run(update(ContactChannelRow).values(status="opted_out"))
    second = queued(outbox, level=Level.HIGH)

    claimed = claim(outbox, limit=1)

    assert [entry.alert_id for entry in claimed] == [second]
    assert list(outbox.deliveries(first).values()) == ["suppressed"]


def test_records_keep_the_outcome_and_every_attempt(outbox: Outbox) -> None:
    queued(outbox)
    (first,) = claim(outbox)
    record(
        outbox, first, status=Status.QUEUED, outcome="rejected", code="503", detail="busy",
        provider_id=None,
    )  # fmt: skip
    (second,) = claim(outbox)
    record(outbox, second)

    stored = row(outbox, first.id)
    columns = DeliveryAttemptRow.number, DeliveryAttemptRow.outcome, DeliveryAttemptRow.code
    query = select(*columns).where(DeliveryAttemptRow.delivery_id == first.id)
    attempts = outbox.db.read_now(
        lambda conn: list(conn.execute(query.order_by(DeliveryAttemptRow.number)))
    )

    assert (stored.status, stored.provider, stored.provider_id) == ("sent", "twilio", "SM1")
    assert (stored.lease_owner, stored.error_code, stored.attempts) == (None, None, 2)
    assert [(a.number, a.outcome, a.code) for a in attempts] == [
        (1, "rejected", "503"),
        (2, "accepted", None),
    ]


def test_a_batch_is_recorded_at_once_each_with_its_own_outcome(outbox: Outbox) -> None:
    queued(outbox, 3)
    claimed = claim(outbox)
    changes = [
        Transition(status=Status.SENT, outcome="accepted", due_at=NOW, provider_id="SM1"),
        Transition(status=Status.FAILED, outcome="rejected", due_at=NOW, code="21211", detail="x"),
        Transition(status=Status.IN_DOUBT, outcome="in_doubt", due_at=NOW, code="timeout"),
    ]
    found = [
        Outcome(claimed=one, owner="w1", provider="twilio", at=NOW, change=change)
        for one, change in zip(claimed, changes, strict=True)
    ]

    outbox.db.write_now(lambda conn: outcomes.record(conn, found))

    stored = [row(outbox, one.id) for one in claimed]
    assert [(r.status, r.provider_id, r.error_code, r.error_detail) for r in stored] == [
        ("sent", "SM1", None, None),
        ("failed", None, "21211", "x"),
        ("in_doubt", None, "timeout", None),
    ]


def test_what_was_written_though_nobody_heard_so_may_be_written_again(outbox: Outbox) -> None:
    queued(outbox)
    (claimed,) = claim(outbox)
    record(outbox, claimed)

    record(outbox, claimed)  # the database vanished while it committed, and came back

    assert row(outbox, claimed.id).status == "sent"
    assert outbox.one(select(func.count(DeliveryAttemptRow.number))) == (1,)


def test_a_receipt_that_comes_before_the_record_is_kept(outbox: Outbox) -> None:
    queued(outbox)
    (claimed,) = claim(outbox)
    receive(outbox, claimed.id, "delivered")

    record(outbox, claimed)

    stored = row(outbox, claimed.id)
    assert (stored.status, stored.provider_id) == ("delivered", "SM9")


def test_a_lost_lease_is_a_doubt_and_never_goes_back_into_the_queue(outbox: Outbox) -> None:
    queued(outbox)
    (claimed,) = claim(outbox)
    later = NOW + LEASE + timedelta(seconds=1)

    lost = outbox.db.write_now(
        lambda conn: settling.release_expired_leases(
            conn, settle_after=timedelta(seconds=15), now=later
        )
    )

    assert lost == 1
    assert row(outbox, claimed.id).status == "in_doubt"
    assert claim(outbox, "w2", at=later + timedelta(hours=1)) == []


def test_a_late_answer_says_nothing_about_another_attempt(outbox: Outbox) -> None:
    queued(outbox)
    (claimed,) = claim(outbox)
    outbox.run(update(DeliveryRow).values(status="in_doubt", lease_owner=None, attempts=2))

    record(outbox, claimed, status=Status.QUEUED, outcome="rejected", provider_id=None)

    assert row(outbox, claimed.id).status == "in_doubt"


def test_a_late_acceptance_settles_the_doubt_about_its_attempt(outbox: Outbox) -> None:
    queued(outbox)
    (claimed,) = claim(outbox)
    outbox.run(update(DeliveryRow).values(status="in_doubt", lease_owner=None))

    record(outbox, claimed)

    assert row(outbox, claimed.id).status == "sent"


def test_an_answer_does_not_touch_what_another_worker_is_sending(outbox: Outbox) -> None:
    queued(outbox)
    (claimed,) = claim(outbox, "w1")
    outbox.run(update(DeliveryRow).values(lease_owner="w2"))

    record(outbox, claimed, "w1", status=Status.QUEUED, outcome="rejected", provider_id=None)

    assert row(outbox, claimed.id).status == "sending"


def test_what_was_not_sent_is_put_back_without_costing_an_attempt(outbox: Outbox) -> None:
    queued(outbox, 2)
    claimed = claim(outbox)

    outbox.db.write_now(lambda conn: claiming.release(conn, claimed, owner="w1", now=NOW))

    again = claim(outbox, "w2")
    assert {entry.id for entry in again} == {entry.id for entry in claimed}
    assert {entry.attempt for entry in again} == {1}


def doubts(outbox: Outbox, *, at: datetime) -> list[settling.Doubt]:
    return outbox.db.write_now(
        lambda conn: settling.list_doubts(conn, channel="sms", limit=10, now=at, lease=LEASE)
    )


def settle(
    outbox: Outbox, doubt: settling.Doubt, status: Status, *, provider_id: str | None = None
) -> bool:
    return outbox.db.write_now(
        lambda conn: settling.settle(
            conn, doubt, status=status, code=None, provider_id=provider_id, due_at=NOW, now=NOW
        )
    )


def test_receipts_in_any_order_are_all_kept_and_never_move_it_back(outbox: Outbox) -> None:
    queued(outbox)
    (claimed,) = claim(outbox)
    for word in ("delivered", "sent", "delivered", "nonsense"):
        receive(outbox, claimed.id, word)

    kept = outbox.db.read_now(
        lambda conn: conn.execute(select(ReceiptRow.status, ReceiptRow.applied)).all()
    )

    assert row(outbox, claimed.id).status == "delivered"
    assert sorted(tuple(receipt) for receipt in kept) == [
        ("delivered", "delivered"),
        ("delivered", "ignored"),
        ("nonsense", "ignored"),
        ("sent", "ignored"),
    ]


def test_a_receipt_for_nothing_of_ours_leaves_no_trace(outbox: Outbox) -> None:
    assert receive(outbox, "00000000-0000-7000-8000-00000000dead", "delivered") is None
    assert outbox.db.read_now(lambda conn: conn.execute(select(ReceiptRow.id)).all()) == []


def test_a_doubt_is_handed_out_once_and_settled_once(outbox: Outbox) -> None:
    queued(outbox)
    (claimed,) = claim(outbox)
    record(
        outbox, claimed, status=Status.IN_DOUBT, outcome="in_doubt", code="timeout",
        provider_id=None,
    )  # fmt: skip

    (doubt,) = doubts(outbox, at=NOW)
    assert doubt.id == claimed.id
    assert doubts(outbox, at=NOW) == []
    assert settle(outbox, doubt, Status.SENT, provider_id="SM5")
    assert not settle(outbox, doubt, Status.SENT, provider_id="SM6")
    assert row(outbox, claimed.id).provider_id == "SM5"


def test_too_old_messages_expire_and_old_doubts_are_listed(outbox: Outbox) -> None:
    waiting = queued(outbox)
    doubtful = queued(outbox, level=Level.HIGH)
    outbox.set_delivery(doubtful, status="in_doubt")

    ended = outbox.db.write_now(
        lambda conn: settling.expire(conn, limit=100, now=NOW + timedelta(hours=25))
    )

    assert ended == 2
    assert list(outbox.deliveries(waiting).values()) == ["expired"]
    assert list(outbox.deliveries(doubtful).values()) == ["undelivered"]


def test_deliveries_are_listed_by_page_and_only_to_their_organisation(outbox: Outbox) -> None:
    alert = queued(outbox, 5)

    def page(cursor: str | None, organisation_id: str | None = None) -> list[listing.DeliveryView]:
        return outbox.db.read_now(
            lambda conn: listing.list_deliveries(
                conn, alert, cursor=cursor, limit=3, organisation_id=organisation_id
            )
        )

    first = page(None)
    rest = page(first[-1].id)

    assert len({view.id for view in first + rest}) == 5
    assert first[0].masked == "***"
    assert first[0].text == f"alert severe fuel R-{Level.SEVERE} (fr)"
    assert page(None, "another organisation") == []


def test_who_was_not_reached_is_listed_and_counts_add_up(outbox: Outbox) -> None:
    alert = queued(outbox, 3)
    first, second, _ = claim(outbox)
    record(outbox, first, status=Status.FAILED, outcome="rejected", provider_id=None)
    record(outbox, second)

    def unreached(at: datetime) -> set[str]:
        views = outbox.db.read_now(
            lambda conn: listing.list_unreached(
                conn, alert, cursor=None, limit=10, organisation_id=None,
                receipt_within=timedelta(minutes=30), now=at,
            )
        )  # fmt: skip
        return {view.id for view in views}

    assert unreached(NOW) == {first.id}
    assert unreached(NOW + timedelta(hours=1)) == {first.id, second.id}
    assert outbox.db.read_now(lambda conn: listing.counts(conn, alert)) == {
        "failed": 1,
        "sent": 1,
        "sending": 1,
    }


@pytest.mark.parametrize("status", ["undelivered", "failed", "expired"])
def test_whatever_ended_without_arriving_is_put_on_the_call_list(
    outbox: Outbox, status: str
) -> None:
    outbox.contact()
    alert = outbox.alert()
    outbox.fan_out(alert)
    outbox.set_delivery(alert, status=status, due_at=NOW)
    priority = outbox.one(select(DeliveryRow.priority)).priority

    def ended(conn: Connection) -> int:
        found = failing_over.list_ended(conn, channel="sms", priority=priority, limit=9, now=NOW)
        return len(found)

    assert outbox.db.write_now(ended) == 1
