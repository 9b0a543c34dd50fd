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


def taken_for_one(first: dict[str, str], then: dict[str, str]) -> bool:
    """Return whether both, told of one place and day, are taken for one event."""
    known = an_incident(a_report("r1", **first))
    told = match(a_report("r2", **then), [known], kinds=KINDS, policy=POLICY.matching)
    return told.incident_id is not None


def test_an_ambush_in_the_morning_is_no_mine_in_the_afternoon() -> None:
    ambush = {"kind": "convoy_ambush", "summary": "Embuscade ce matin à Niono"}
    mine = {"kind": "ied", "summary": "Cet après-midi un bus a sauté sur une mine à Niono"}
    no_hour = {"kind": "ied", "summary": "Un bus a sauté sur une mine à Niono"}
    both = {"kind": "ied", "summary": "L'embuscade de ce matin : la mine a explosé avant midi"}

    assert not taken_for_one(ambush, mine)
    assert not taken_for_one(mine, ambush)
    assert taken_for_one(ambush, no_hour)
    assert taken_for_one(ambush, both)


def test_of_one_kind_an_hour_is_a_slip_unless_it_is_called_another() -> None:
    morning = {"summary": "Convoi attaqué ce matin"}

    assert taken_for_one(morning, {"summary": "Convoi attaqué dans la soirée"})
    assert not taken_for_one(morning, {"summary": "Nouvelle attaque dans la soirée"})


def test_who_tells_of_both_parts_of_the_day_gives_no_hour() -> None:
    ambush = {"kind": "convoy_ambush", "summary": "Ambushed this morning"}
    mine = {"kind": "ied", "summary": "Mine in the afternoon, after the ambush of this morning"}

    assert taken_for_one(ambush, mine)


@pytest.mark.parametrize("then", ["infrastructure_sabotage", "abduction"])
def test_kinds_that_are_never_one_event_are_two(then: str) -> None:
    first = {"infrastructure_sabotage": "vehicle_attack", "abduction": "ied"}[then]
    assert not taken_for_one({"kind": first, "actor": "JNIM"}, {"kind": then, "actor": "JNIM"})
    assert not taken_for_one({"kind": then}, {"kind": first})


def test_a_kind_told_of_it_before_still_joins() -> None:
    known = an_incident(a_report("r1", kind="convoy_ambush"), a_report("r2", kind="ied"))
    report = a_report("r3", kind="abduction")

    assert match(report, [known], kinds=KINDS, policy=POLICY.matching).incident_id == known.id


def one_event(then_kind: str, days: int) -> bool:
    """Return whether it is taken for the ambush at the same place that was told a day late."""
    ambush = {"kind": "convoy_ambush", "actor": "JNIM", "target": "military"}
    known = an_incident(
        a_report("r1", **ambush, occurred_at=NOON, reported_at=NOON + timedelta(days=1))
    )
    at = NOON + timedelta(days=days)
    report = a_report(
        "r2", **{**ambush, "kind": then_kind}, occurred_at=at, reported_at=at + timedelta(hours=3)
    )
    return match(report, [known], kinds=KINDS, policy=POLICY.matching).incident_id is not None


def test_a_mine_is_not_the_ambush_of_the_day_before_yesterday_in_its_town() -> None:
    assert not one_event("ied", 2)
    assert one_event("ied", 1)  # a day off is a slip
    assert one_event("convoy_ambush", 2)  # of the same kind two are, one each way


def test_the_army_tells_of_an_ambush_as_an_operation_of_its_own() -> None:
    assert one_event("military_operation", 0)
    assert not one_event("military_operation", 2)  # the strike that answers it
