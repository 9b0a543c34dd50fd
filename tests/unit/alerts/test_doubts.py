"""What was told as unconfirmed, and what of it still waits for a word."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app.alerts.alert import AlertType, Certainty, Reason
from app.alerts.doubts import Doubts
from app.core.levels import Level

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


def test_a_person_settles_every_doubt() -> None:
    doubts = heard(
        DOUBTED,
        ("i2", Reason.OTHER_STRETCH, Certainty.UNCONFIRMED),
        ("a3", Reason.BY_HAND, Certainty.CONFIRMED),
    )

    assert doubts.open == set()


def test_an_end_leaves_no_doubt() -> None:
    assert heard(DOUBTED, kind=AlertType.WITHDRAWAL).open == set()
