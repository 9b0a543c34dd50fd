"""Which of the messages that somebody has on his phone an alert answers."""

from datetime import timedelta

import pytest

from app.alerts.alert import AlertState, News, Reason
from app.alerts.answered import answered_by
from tests.harness.alerts import NOW
from tests.harness.deciding import told

TANKERS = News(at=NOW - timedelta(hours=20), kind="fuel_interception")
CONVOY = News(at=NOW - timedelta(hours=5), kind="convoy_ambush")


def heard(**changed: object) -> AlertState:
    """Return what a road was told: of tankers first, of a convoy since."""
    given: dict[str, object] = {
        "mentions": {"tankers": TANKERS, "convoy": CONVOY},
        "news_at": CONVOY.at,
        "news_kind": CONVOY.kind,
    }
    return told(**(given | changed))


@pytest.mark.parametrize("reason", [Reason.CORRECTED, Reason.REFUTED])
def test_what_was_false_is_the_message_that_told_it_and_no_later_one(reason: Reason) -> None:
    answered = answered_by(reason, heard(), speaks="convoy", refuted={"tankers"})

    assert answered == TANKERS


def test_of_several_that_were_false_the_last_message_is_named() -> None:
    both = {"tankers", "convoy", "never told"}

    assert answered_by(Reason.REFUTED, heard(), speaks=None, refuted=both) == CONVOY


@pytest.mark.parametrize("reason", [Reason.CONFIRMED, Reason.NOT_CONFIRMED])
def test_a_doubt_is_answered_where_it_was_raised(reason: Reason) -> None:
    doubted = heard(doubt_at=CONVOY.at)

    assert answered_by(reason, doubted, speaks="tankers") == TANKERS


def test_a_doubt_of_no_incident_is_named_by_its_time() -> None:
    since = NOW - timedelta(hours=9)

    assert answered_by(Reason.CONFIRMED, heard(doubt_at=since), speaks=None).at == since


@pytest.mark.parametrize("reason", [Reason.NO_FRESH_NEWS, Reason.STILL_SEVERE, Reason.RESOLVED])
def test_the_whole_danger_is_that_of_the_last_news(reason: Reason) -> None:
    assert answered_by(reason, heard(kind="tankers again"), speaks="tankers") == CONVOY


def test_an_end_told_by_mistake_is_the_message_that_told_it() -> None:
    over = NOW - timedelta(hours=1)

    assert answered_by(Reason.NOT_OVER, heard(), speaks="tankers", over_told_at=over).at == over
