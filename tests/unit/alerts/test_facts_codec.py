"""Facts of an alert as JSON."""

from dataclasses import replace

import pytest

from app.alerts.alert import AlertFacts, Reason
from app.alerts.codec import facts_from_json, facts_to_json
from app.core.levels import Level
from tests.harness.alerts import NOW, some_facts


@pytest.mark.parametrize(
    "facts",
    [
        some_facts(),
        some_facts(stretch=None, place=None, kind=None, occurred_at=None, reported_at=None),
        some_facts(note="Pont coupé", exercise=True, told_at=NOW, told_kind="ied", abducted=(1, 6)),
        some_facts(here=Level.HIGH, held_at=("Kati", "Kita"), lifted_too=(("ied", "", ""),)),
    ],
)
def test_facts_survive_json(facts: AlertFacts) -> None:
    assert facts_from_json(facts_to_json(facts)) == facts


def test_facts_of_a_later_version_still_read() -> None:
    stored = facts_to_json(some_facts()) | {"weather": "rain", "reason": "said_by_no_other"}

    assert facts_from_json(stored) == replace(some_facts(), reason=Reason.BY_HAND)
