"""Two attacks on two days that each say which day theirs was."""

from datetime import timedelta

import pytest

from app.incidents.matching import match
from tests.harness.incidents import KINDS, NOON, POLICY, a_report, an_incident

SUNDAY, MONDAY = NOON, NOON + timedelta(days=1)


def joined(first: str, then: str) -> bool:
    """Return whether what is told of Monday is taken for what is told of Sunday, by their words."""
    known = an_incident(a_report("r1", summary=first, occurred_at=SUNDAY, reported_at=MONDAY))
    told = MONDAY + timedelta(days=1)
    report = a_report("r2", summary=then, occurred_at=MONDAY, reported_at=told)
    return match(report, [known], kinds=KINDS, policy=POLICY.matching).incident_id is not None


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("Convoi attaqué dimanche à Lakamané", "Convoi attaqué lundi à Lakamané"),
        ("Convoy hit on Sunday", "Relief column was itself ambushed on Monday"),
    ],
)
def test_day_that_its_name_bears_out_is_no_slip_of_another(first: str, then: str) -> None:
    assert not joined(first, then)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("Convoi attaqué à Lakamané", "Convoi attaqué lundi à Lakamané"),
        ("Convoi attaqué dimanche à Lakamané", "Convoi attaqué dimanche à Lakamané"),
        ("Convoi attaqué dimanche à Lakamané", "Convoi de dimanche : les secours arrivés lundi"),
        ("Convoi attaqué samedi à Lakamané", "Convoi attaqué lundi à Lakamané"),
    ],
)
def test_date_that_no_name_bears_out_may_be_a_slip(first: str, then: str) -> None:
    assert joined(first, then)
