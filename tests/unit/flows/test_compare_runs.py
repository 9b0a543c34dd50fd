"""What two runs of one past differ in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.alerts.alert import AlertType, Certainty, Reason
from app.core.levels import Level
from app.flows.preview.compare_runs import (
    alert_differences,
    hours_at,
    level_before,
    timelines,
    turns_of,
)
from app.flows.preview.rerun import Raised
from app.risk.kept import LevelChange

DAY = datetime(2025, 9, 14, tzinfo=UTC)
H = timedelta(hours=1)


def an_alert(hours: float = 0, **changes: Any) -> Raised:
    alert = Raised(
        id=f"a{hours}",
        at=DAY + hours * H,
        route="ML-DKR-N",
        cargo="fuel",
        type=AlertType.ALERT,
        before=Level.UNKNOWN,
        level=Level.HIGH,
        certainty=Certainty.CONFIRMED,
        reason=Reason.FIRST,
        held=False,
        incidents=("i1",),
    )
    return replace(alert, **changes)


def a_change(hours: float, subject: str, after: Level, **changes: Any) -> LevelChange:
    change = LevelChange(
        id=f"{hours}",
        at=DAY + hours * H,
        subject=subject,
        cargo="fuel",
        before=Level.UNKNOWN,
        after=after,
        score=1.0,
        rule_set=1,
        reasons={"section": "s1"},
    )
    return replace(change, **changes)


def test_the_same_alert_at_the_same_instant_is_no_difference() -> None:
    found = alert_differences([an_alert()], [an_alert(incidents=("i2",))])

    assert (found.added, found.removed, found.moved, found.same) == ((), (), (), 1)


def test_an_alert_that_comes_earlier_was_moved() -> None:
    late, early = an_alert(10), an_alert(4)

    found = alert_differences([late], [early])

    assert found.moved == ((late, early),)
    assert (found.added, found.removed) == ((), ())


def test_the_same_words_days_later_are_another_alert() -> None:
    found = alert_differences([an_alert(0)], [an_alert(73)])

    assert len(found.added) == len(found.removed) == 1


def test_another_level_cargo_or_type_is_another_alert() -> None:
    for other in (
        an_alert(level=Level.SEVERE),
        an_alert(cargo="goods"),
        an_alert(type=AlertType.UPDATE),
        an_alert(route="ML-RN7"),
    ):
        found = alert_differences([an_alert()], [other])
        assert (found.added, found.removed, found.moved) == ((other,), (an_alert(),), ())


def test_what_is_nearest_in_time_is_paired_and_each_once() -> None:
    first, second = an_alert(0), an_alert(30)
    found = alert_differences([first, second], [an_alert(28), an_alert(29)])

    assert {(a.at, b.at) for a, b in found.moved} == {
        (second.at, an_alert(29).at),
        (first.at, an_alert(28).at),
    }
    assert found.added == found.removed == ()


def test_a_repeated_alert_is_added_once() -> None:
    found = alert_differences([an_alert(0)], [an_alert(0), an_alert(80)])

    assert [one.at for one in found.added] == [an_alert(80).at]
    assert found.same == 1


def test_behind_a_level_stand_the_dangers_of_the_section_that_sets_it() -> None:
    dangers = {
        "contributions": [
            {"incident": "i1", "cleared": False},
            {"incident": "i2", "cleared": True},
        ]
    }
    changes = [
        a_change(1, "section:s1", Level.HIGH, reasons=dangers),
        a_change(1, "route:ML-DKR-N", Level.HIGH),
        a_change(9, "section:s1", Level.UNKNOWN, reasons={"contributions": []}),
        a_change(9, "route:ML-DKR-N", Level.UNKNOWN, before=Level.HIGH),
        a_change(40, "route:ML-DKR-N", Level.SEVERE),
    ]

    turns = turns_of(changes, since=DAY, until=DAY + 20 * H)

    assert [(one.level, one.incidents) for one in turns] == [
        (Level.HIGH, ("i1",)),
        (Level.UNKNOWN, ()),
    ]


def test_hours_are_those_within_the_window() -> None:
    changes = [
        a_change(-5, "route:ML-DKR-N", Level.HIGH),
        a_change(3, "route:ML-DKR-N", Level.SEVERE),
        a_change(8, "section:s1", Level.LOW),
    ]

    assert hours_at(changes, since=DAY, until=DAY + 10 * H) == {
        ("ML-DKR-N", "fuel"): {Level.HIGH: 3.0, Level.SEVERE: 7.0}
    }


def test_right_before_an_instant_what_begins_then_does_not_hold_yet() -> None:
    (line,) = timelines([a_change(3, "route:ML-DKR-N", Level.HIGH)]).values()

    assert level_before(line, DAY + 3 * H) is Level.UNKNOWN
    assert level_before(line, DAY + 4 * H) is Level.HIGH
