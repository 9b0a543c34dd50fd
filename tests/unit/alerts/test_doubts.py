"""What was told as unconfirmed, and what of it still waits for a word."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app.alerts.alert import AlertType, Certainty, Reason
from app.alerts.doubts import Doubts, holds_until
from app.core.levels import Level
from tests.harness.deciding import NOW, POLICY, told

NOON = datetime(2025, 9, 4, 12, tzinfo=UTC)


def heard(*alerts: tuple[str, Reason, Certainty], **changed: Any) -> Doubts:
    """Return the doubts after alerts an hour apart, each about an incident."""
    doubts = Doubts()
    for hour, (subject, reason, certainty) in enumerate(alerts):
        given: dict[str, Any] = {
            "kind": AlertType.UPDATE,
            "level": Level.HIGH,
            "at": NOON + timedelta(hours=hour),
        }
        doubts.hear(subject, reason=reason, certainty=certainty, **(given | changed))
    return doubts


DOUBTED = ("i1", Reason.FIRST, Certainty.UNCONFIRMED)


def test_the_confirmation_of_another_incident_leaves_the_doubt() -> None:
    doubts = heard(DOUBTED, ("i2", Reason.OTHER_STRETCH, Certainty.CONFIRMED))

    assert (doubts.open, doubts.since) == ({"i1"}, NOON)


def test_the_oldest_doubt_says_since_when_a_word_is_owed() -> None:
    doubts = heard(DOUBTED, ("i2", Reason.OTHER_STRETCH, Certainty.UNCONFIRMED))

    assert (doubts.open, doubts.since) == ({"i1", "i2"}, NOON)


def test_what_tells_of_no_danger_leaves_nothing_to_answer() -> None:
    assert heard(DOUBTED, level=Level.UNKNOWN).open == set()
    assert heard(DOUBTED, level=Level.MODERATE).open == {"i1"}


def test_its_own_confirmation_ends_it() -> None:
    doubts = heard(DOUBTED, ("i1", Reason.CONFIRMED, Certainty.CONFIRMED))

    assert (doubts.open, doubts.unanswered) == (set(), {})


def test_not_confirmed_answers_and_a_later_confirmation_is_still_worth_telling() -> None:
    doubts = heard(DOUBTED, ("i1", Reason.NOT_CONFIRMED, Certainty.UNCONFIRMED))

    assert (doubts.open, doubts.unanswered) == ({"i1"}, {})


def test_the_same_doubt_told_again_is_not_asked_again() -> None:
    doubts = heard(
        DOUBTED,
        ("i1", Reason.NOT_CONFIRMED, Certainty.UNCONFIRMED),
        ("i1", Reason.FELL, Certainty.UNCONFIRMED),
    )

    assert doubts.unanswered == {}


def test_what_is_told_again_to_be_unconfirmed_waits_anew_for_a_word() -> None:
    again = DOUBTED, ("i1", Reason.ROSE, Certainty.UNCONFIRMED)

    assert heard(*again).since == NOON + timedelta(hours=1)


def test_what_is_said_to_be_over_beside_another_danger_is_no_doubt_any_more() -> None:
    doubts = heard(DOUBTED)
    doubts.hear(
        "i2",
        kind=AlertType.UPDATE,
        reason=Reason.PARTLY_OVER,
        level=Level.HIGH,
        certainty=Certainty.UNCONFIRMED,
        at=NOON + timedelta(hours=3),
        over="i1",
    )

    assert (doubts.open, doubts.since) == ({"i2"}, NOON + timedelta(hours=3))


def test_a_confirmation_under_the_name_of_what_it_was_merged_with_ends_it() -> None:
    doubts = heard(DOUBTED, ("i2", Reason.CONFIRMED, Certainty.CONFIRMED))

    assert (doubts.open, doubts.unanswered) == (set(), {})


def test_a_word_said_while_a_doubt_is_overdue_holds_long_enough_to_be_told() -> None:
    overdue = told(doubt_at=NOW - POLICY.unconfirmed_for - timedelta(hours=1))

    until = holds_until(Level.HIGH, Certainty.UNCONFIRMED, policy=POLICY, now=NOW, told=overdue)

    assert until == NOW + timedelta(hours=2)


def test_a_person_settles_every_doubt() -> None:
    doubts = heard(
        DOUBTED,
        ("i2", Reason.OTHER_STRETCH, Certainty.UNCONFIRMED),
        ("a3", Reason.BY_HAND, Certainty.CONFIRMED),
    )

    assert doubts.open == set()


def test_an_end_leaves_no_doubt() -> None:
    assert heard(DOUBTED, kind=AlertType.WITHDRAWAL).open == set()
