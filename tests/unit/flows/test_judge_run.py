"""Misses and false alarms, as they are defined."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.alerts.alert import AlertType
from app.core.levels import Level
from app.flows.preview.judge_run import Judging, Quality
from app.flows.preview.rerun import Raised, Run
from app.incidents.incident import Incident, Status
from app.risk.kept import LevelChange
from tests.harness.api import shipped_config
from tests.harness.incidents import KAYES_REGION, LAKAMANE, SIKASSO, a_report, an_incident
from tests.unit.flows.test_compare_runs import DAY, H, a_change, an_alert

ROUTE = "ML-DKR-N"
D = timedelta(days=1)


def struck(hours: float = 10, **changes: Any) -> Incident:
    """Return a certain fuel interception at Lakamane, on the road to Dakar."""
    incident = an_incident(a_report(location=LAKAMANE))
    known = {"occurred_at": DAY + hours * H, "certain": True, "cargo": ("fuel",)}
    return replace(incident, **{**known, **changes})


def judged(
    *incidents: Incident, alerts: tuple[Raised, ...] = (), levels: tuple[LevelChange, ...] = ()
) -> Quality:
    config = shipped_config()
    judging = Judging(
        last={one.id: one for one in incidents},
        kinds=config.kinds,
        network=config.network,
        cargoes=config.cargoes.codes,
        on_road_km=10.0,
        horizon=7 * D,
        since=DAY - 10 * D,
        until=DAY + 20 * D,
    )
    run = Run(alerts=alerts, stored={}, levels=levels, messages=(), listeners={})
    return judging.judge(run)


def test_a_serious_incident_on_a_road_rated_below_high_is_a_miss() -> None:
    quality = judged(struck(), levels=(a_change(0, f"route:{ROUTE}", Level.MODERATE),))

    assert (quality.incidents, quality.missed) == (1, 1)
    assert {(one.route, one.cargo, one.level) for one in quality.misses} >= {
        (ROUTE, "fuel", Level.MODERATE)
    }
    assert {one.cargo for one in quality.misses} == {"fuel"}


def test_a_road_rated_high_by_what_came_before_is_no_miss() -> None:
    levels = tuple(
        a_change(0, f"route:{code}", Level.HIGH) for code in shipped_config().network.corridors
    )

    assert judged(struck(), levels=levels).misses == ()


def test_a_level_that_the_incident_itself_made_does_not_count() -> None:
    levels = (a_change(10, f"route:{ROUTE}", Level.SEVERE),)

    assert ROUTE in {one.route for one in judged(struck(10), levels=levels).misses}


@pytest.mark.parametrize(
    "changes",
    [
        {"status": Status.REFUTED},
        {"kind": "unrest"},
        {"location": KAYES_REGION},
        {"occurred_at": DAY - 11 * D},
    ],
)
def test_what_is_refuted_harmless_everywhere_or_outside_the_window_is_no_miss(
    changes: dict[str, Any],
) -> None:
    assert judged(struck(**changes)).missed == 0


def test_where_no_cargo_was_named_one_warned_cargo_is_warning_enough() -> None:
    levels = tuple(
        a_change(0, f"route:{code}", Level.HIGH, cargo="goods")
        for code in shipped_config().network.corridors
    )

    assert judged(struck(cargo=()), levels=levels).missed == 0
    assert judged(struck(cargo=())).missed == 1


def test_an_alert_that_nothing_certain_bore_out_is_a_false_alarm() -> None:
    rumour = struck(certain=False)

    quality = judged(rumour, alerts=(an_alert(12, incidents=(rumour.id,)),))

    assert (quality.alarms, len(quality.false_alarms), quality.undecided) == (1, 1, 0)


@pytest.mark.parametrize(
    "incident",
    [
        struck(),
        struck(10 - 6 * 24),
        struck(10 + 6 * 24, id="another"),
    ],
)
def test_an_alert_is_right_when_something_certain_happened_on_its_route(
    incident: Incident,
) -> None:
    assert judged(incident, alerts=(an_alert(12, incidents=()),)).false_alarms == ()


@pytest.mark.parametrize(
    "incident",
    [
        struck(10 + 8 * 24),
        struck(location=SIKASSO),
        struck(status=Status.REFUTED),
        struck(10, certain=False),
    ],
)
def test_what_is_too_late_elsewhere_or_refuted_bears_nothing_out(incident: Incident) -> None:
    assert len(judged(incident, alerts=(an_alert(12, incidents=()),)).false_alarms) == 1


def test_only_new_danger_of_high_and_above_that_was_told_is_an_alarm() -> None:
    quality = judged(
        alerts=(
            an_alert(1, level=Level.MODERATE),
            an_alert(2, type=AlertType.UPDATE, before=Level.SEVERE),
            an_alert(3, type=AlertType.WITHDRAWAL),
            an_alert(4, held=True),
            an_alert(5, type=AlertType.UPDATE, before=Level.MODERATE),
        )
    )

    assert [one.at for one in quality.false_alarms] == [DAY + 5 * H]


def test_an_alert_of_the_last_days_is_not_judged_yet() -> None:
    quality = judged(alerts=(an_alert(14 * 24, incidents=()),))

    assert (quality.alarms, quality.undecided) == (0, 1)
