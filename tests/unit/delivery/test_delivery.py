from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.alert import AlertType
from app.channels.base import Accepted, InDoubt, Rejected
from app.core.levels import Level
from app.delivery.delivery import (
    RETURNED,
    TERMINAL,
    Status,
    Transition,
    after_attempt,
    apply_receipt,
    priority_of,
)
from app.delivery.policy import DeliveryPolicy

NOW = datetime(2025, 9, 6, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=6)
POLICY = DeliveryPolicy(max_attempts=3)
WORDS = [
    "accepted", "queued", "sending", "sent", "delivered", "read",
    "undelivered", "failed", "canceled", "partially_delivered", "receiving", "", "no such word",
]  # fmt: skip


def after(result: Accepted | Rejected | InDoubt, attempts: int = 1) -> Transition:
    return after_attempt(
        result, attempts=attempts, now=NOW, expires_at=LATER, rand=0.5, policy=POLICY
    )


def rejected(*, permanent: bool = False, scope: str = "recipient") -> Rejected:
    return Rejected(permanent=permanent, code="1", detail="no", scope=scope)


def test_late_sent_receipt_does_not_undo_delivered() -> None:
    assert apply_receipt(Status.DELIVERED, "sent") is None


def test_delivered_after_undelivered_changes_nothing() -> None:
    assert apply_receipt(Status.UNDELIVERED, "delivered") is None


@pytest.mark.parametrize("before", sorted(set(Status) - TERMINAL | {Status.DELIVERED}))
def test_a_mail_that_came_back_was_not_delivered(before: Status) -> None:
    assert apply_receipt(before, RETURNED) is Status.UNDELIVERED


@pytest.mark.parametrize("before", sorted(TERMINAL - {Status.DELIVERED}))
def test_a_mail_that_came_back_leaves_every_other_end_alone(before: Status) -> None:
    assert apply_receipt(before, RETURNED) is None


def test_a_receipt_settles_a_doubt() -> None:
    assert apply_receipt(Status.IN_DOUBT, "queued") is Status.SENT
    assert apply_receipt(Status.IN_DOUBT, "delivered") is Status.DELIVERED


def test_a_receipt_takes_a_delivery_out_of_the_queue() -> None:
    assert apply_receipt(Status.QUEUED, "sent") is Status.SENT


@given(st.lists(st.sampled_from(WORDS), max_size=8), st.sampled_from(list(Status)))
def test_receipts_in_any_order_never_leave_a_terminal_status(
    words: list[str], start: Status
) -> None:
    status, ended = start, start in TERMINAL
    for word in words:
        moved = apply_receipt(status, word)
        assert not (ended and moved)
        status = moved or status
        ended = status in TERMINAL


@given(st.permutations(["queued", "sending", "sent", "delivered", "sent", "queued"]))
def test_receipts_of_one_message_end_in_delivered_in_whatever_order(words: list[str]) -> None:
    status = Status.SENDING
    for word in words:
        status = apply_receipt(status, word) or status

    assert status is Status.DELIVERED


def test_acceptance_waits_for_a_receipt_unless_it_is_final() -> None:
    assert after(Accepted(provider_id="SM1")).status is Status.SENT
    assert after(Accepted(provider_id="SM1", final=True)).status is Status.DELIVERED


def test_a_call_without_an_answer_is_in_doubt_and_asked_about_later() -> None:
    change = after(InDoubt(code="timeout", detail="10 s"))

    assert change.status is Status.IN_DOUBT
    assert change.due_at == NOW + POLICY.settle_after


def test_a_permanent_refusal_of_the_recipient_fails() -> None:
    assert after(rejected(permanent=True)).status is Status.FAILED


def test_a_refusal_that_is_believed_the_second_time_fails_then() -> None:
    unsure = Rejected(permanent=False, code="1", detail="no", tries=2, retry_after_s=300.0)

    first, second = after(unsure), after(unsure, attempts=2)

    assert (first.status, first.due_at) == (Status.QUEUED, NOW + timedelta(minutes=5))
    assert second.status is Status.FAILED


def test_a_temporary_refusal_is_tried_again_until_the_attempts_are_used() -> None:
    assert after(rejected(), attempts=2).status is Status.QUEUED
    assert after(rejected(), attempts=3).status is Status.FAILED


@pytest.mark.parametrize("scope", ["account", "provider"])
def test_an_ill_provider_does_not_use_up_a_message(scope: str) -> None:
    assert after(rejected(permanent=True, scope=scope), attempts=99).status is Status.QUEUED


def test_a_message_too_old_for_another_try_expires() -> None:
    change = after_attempt(rejected(), attempts=2, now=NOW, expires_at=NOW, rand=0.5, policy=POLICY)

    assert change.status is Status.EXPIRED


def test_severe_goes_first_then_the_end_of_what_was_said() -> None:
    queue = sorted(
        [
            (Level.HIGH, AlertType.ALERT),
            (Level.MODERATE, AlertType.UPDATE),
            (Level.LOW, AlertType.ALL_CLEAR),
            (Level.SEVERE, AlertType.UPDATE),
            (Level.SEVERE, AlertType.WITHDRAWAL),
        ],
        key=lambda entry: priority_of(*entry),
    )

    assert queue[0] == (Level.SEVERE, AlertType.UPDATE)
    assert {kind for _, kind in queue[1:3]} == {AlertType.ALL_CLEAR, AlertType.WITHDRAWAL}
    assert [level for level, _ in queue[3:]] == [Level.HIGH, Level.MODERATE]
