"""One says open, one says closed: both are shown."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.incidents.incident import Incident, Status
from app.risk.contradictions import contradictions
from tests.harness.risk import KAYES, NOW, an_incident, evidence_of, near

FUEL = 0


def passed(*, days_ago: float = 1.0, **changes: Any) -> Incident:
    return an_incident("safe_transit", id="passed", days_ago=days_ago, **changes)


def pairs(*incidents: Incident, cargo: int = FUEL) -> list[tuple[str, str]]:
    found = contradictions(evidence_of(*incidents), cargo, now=NOW)
    return [(pair.open.id, pair.closed.id) for pair in found]


def test_who_passed_after_an_attack_contradicts_that_it_is_dangerous_there() -> None:
    attack = an_incident("fuel_interception", id="attack", days_ago=2)

    assert pairs(passed(), attack) == [("passed", "attack")]


def test_who_passed_before_the_attack_or_the_closure_denies_nothing() -> None:
    attack = an_incident("fuel_interception", id="attack", days_ago=1)
    closure = an_incident("roadblock", id="closed", days_ago=1)

    assert pairs(passed(days_ago=2), attack) == []
    assert pairs(passed(days_ago=2), closure) == []
    assert pairs(passed(days_ago=0.5), closure) == [("passed", "closed")]


@pytest.mark.parametrize(("hours_later", "shown"), [(12, True), (100, False)])
def test_a_closure_told_of_again_contradicts_who_passed_at_about_that_time(
    *, hours_later: int, shown: bool
) -> None:
    good = passed(days_ago=2.5)
    told = good.occurred_at + timedelta(hours=hours_later)
    blockade = an_incident(
        "blockade_threat", id="closed", days_ago=9, location=KAYES, last_reported_at=told
    )

    assert pairs(good, blockade) == ([("passed", "closed")] if shown else [])


def test_what_is_over_refuted_or_old_contradicts_nothing() -> None:
    attack = an_incident("fuel_interception", id="attack", days_ago=2)
    over = replace(attack, status=Status.RESOLVED, resolved_at=NOW)

    assert pairs(passed(), over) == []
    assert pairs(passed(status=Status.REFUTED), attack) == []
    assert pairs(passed(days_ago=4), replace(attack, occurred_at=NOW - timedelta(days=5))) == []


def test_the_newest_comes_first_whatever_the_order_of_arrival() -> None:
    attacks = [an_incident("convoy_ambush", id=f"a{n}", days_ago=4 - n / 2) for n in range(4)]

    one = pairs(passed(), *attacks)
    other = pairs(*reversed(attacks), passed())

    assert one == other
    assert len(one) == 3


def test_an_incident_far_from_the_section_says_nothing_of_it() -> None:
    attack = an_incident("fuel_interception", id="attack", days_ago=2)

    found = contradictions(evidence_of(near(passed()), near(attack, 60.0)), FUEL, now=NOW)

    assert found == ()
