"""What a process says late of a claim it has lost does not touch the next one."""

from datetime import timedelta

from sqlalchemy import select, update

from app.core.ids import new_id
from app.db.tables import DeliveryAttemptRow, DeliveryRow
from app.delivery.delivery import Status
from app.delivery.outbox import claiming, settling
from app.delivery.outbox.claiming import Claimed
from tests.db.test_claims import LEASE, claim, doubts, queued, record, row, settle
from tests.harness.outbox import NOW, Outbox


def claimed_anew(outbox: Outbox) -> tuple[Claimed, Claimed]:
    """Claim a message twice: the first lease ran out, and its doubt was settled: nobody has it."""
    queued(outbox)
    (before,) = claim(outbox)
    later = NOW + LEASE + timedelta(seconds=1)
    outbox.db.write_now(
        lambda conn: settling.release_expired_leases(conn, settle_after=timedelta(0), now=later)
    )
    (doubt,) = doubts(outbox, at=later)
    assert settle(outbox, doubt, Status.QUEUED)
    (again,) = claim(outbox)
    return before, again


def test_what_a_sleeper_puts_back_late_is_not_what_it_is_sending_by_now(outbox: Outbox) -> None:
    before, again = claimed_anew(outbox)

    outbox.db.write_now(lambda conn: claiming.release(conn, [before], owner="w1", now=NOW))

    assert row(outbox, again.id).status == "sending"
    outbox.db.write_now(lambda conn: claiming.release(conn, [again], owner="w1", now=NOW))
    assert row(outbox, again.id).status == "queued"


def test_a_late_refusal_of_an_earlier_claim_does_not_free_what_is_being_sent(
    outbox: Outbox,
) -> None:
    before, again = claimed_anew(outbox)

    record(outbox, before, status=Status.QUEUED, outcome="rejected", provider_id=None)

    assert row(outbox, again.id).status == "sending"
    record(outbox, again, status=Status.FAILED, outcome="rejected", provider_id=None)
    assert row(outbox, again.id).status == "failed"


def test_a_late_acceptance_of_an_earlier_claim_settles_what_was_claimed_again(
    outbox: Outbox,
) -> None:
    before, again = claimed_anew(outbox)

    record(outbox, before)

    assert row(outbox, again.id).status == "sent"


def nobody_knows(outbox: Outbox, claimed: Claimed) -> None:
    record(outbox, claimed, status=Status.IN_DOUBT, outcome="in_doubt", provider_id=None)


def test_a_late_answer_to_a_doubt_does_not_settle_the_next_one(outbox: Outbox) -> None:
    queued(outbox)
    (first,) = claim(outbox)
    nobody_knows(outbox, first)
    (doubt,) = doubts(outbox, at=NOW)
    assert settle(outbox, doubt, Status.QUEUED)
    (second,) = claim(outbox)
    nobody_knows(outbox, second)

    assert not settle(outbox, doubt, Status.QUEUED)
    assert row(outbox, second.id).status == "in_doubt"


def test_a_late_acceptance_at_an_address_put_right_since_is_on_record_and_no_more(
    outbox: Outbox,
) -> None:
    queued(outbox)
    (before,) = claim(outbox)
    anew = {"status": "queued", "sent_as": new_id(NOW), "attempts_before": before.attempt}
    outbox.run(update(DeliveryRow).values(**anew))

    record(outbox, before, provider_id="SM-before")

    standing = row(outbox, before.id)
    assert (standing.status, standing.provider_id) == ("queued", None)
    tried = select(DeliveryAttemptRow.outcome)
    assert outbox.db.read_now(lambda conn: conn.scalars(tried).all()) == ["accepted"]
    (again,) = claim(outbox)
    record(outbox, again)
    assert row(outbox, again.id).status == "sent"
