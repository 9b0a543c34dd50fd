"""What a section is rated under the shipped rules, and what the end of danger looks like."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.levels import Level
from app.incidents.incident import Status
from app.incidents.report import Range
from app.risk.rate import rate
from app.risk.weighing import Exposed
from tests.harness.risk import (
    KAYES,
    LAKAMANE,
    NOW,
    POLICY,
    an_incident,
    book_of,
    evidence_of,
    near,
    rate_all,
    some_rules,
)


def level_of(*incidents: Exposed, cargo: str = "fuel", days: float = 0.0) -> Level:
    return rate(evidence_of(*incidents), cargo, now=NOW + timedelta(days=days)).level


def test_nothing_known_is_unknown() -> None:
    rating = rate(evidence_of(), "fuel", now=NOW)

    assert (rating.level, rating.spoke, rating.evidence_at) == (Level.UNKNOWN, "no evidence", None)
    assert rating.hazard == rating.prior == 0.003


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0.0, Level.SEVERE),
        (2.9, Level.SEVERE),
        (3.1, Level.HIGH),
        (6.9, Level.HIGH),
        (7.1, Level.MODERATE),
    ],
)
def test_fuel_interception_is_severe_for_three_days_and_high_for_seven(
    days: float, expected: Level
) -> None:
    assert level_of(near(an_incident()), days=days) is expected


def test_fuel_interception_weighs_on_fuel_first() -> None:
    ratings = rate_all(evidence_of(near(an_incident())), now=NOW)

    assert ratings["fuel"].level is Level.SEVERE
    assert ratings["goods"].level is Level.MODERATE
    assert ratings["fuel"].score > ratings["goods"].score > ratings["passengers"].score


def test_typical_event_at_distance_nought_adds_six_percent_for_the_week() -> None:
    # Source: DESIGN section 6
    book = book_of(some_rules({"weight": 1.0, "when": 'incident.kind == "ied"'}))
    incident = an_incident("ied", credibility=1.0)

    rating = rate(evidence_of(near(incident), book=book), "goods", now=NOW)

    assert rating.hazard - rating.prior == pytest.approx(0.062, abs=0.001)
    assert rating.spoke == "statistics"
    assert rating.level is Level.MODERATE


def test_rumour_of_unknown_sources_is_high_at_most() -> None:
    rumour = an_incident(only_unknown=True, credibility=0.9)

    assert level_of(near(rumour)) is Level.HIGH
    assert level_of(near(replace(rumour, certain=True))) is Level.SEVERE


def test_thirty_rumours_of_unknown_sources_do_not_add_up_to_severe() -> None:
    rumours = [
        near(an_incident(id=f"rumour-{n}", only_unknown=True, credibility=0.9)) for n in range(30)
    ]

    rating = rate(evidence_of(*rumours), "fuel", now=NOW)

    assert rating.score > 100 * POLICY.thresholds[0][1]
    assert rating.level is Level.HIGH


def test_little_believed_interception_is_not_severe() -> None:
    assert level_of(near(an_incident(credibility=0.4))) is Level.HIGH
    assert level_of(near(an_incident(credibility=0.1))) is Level.UNKNOWN


def test_blockade_of_a_region_holds_on_every_section_until_lifted() -> None:
    blockade = near(an_incident("blockade_threat", location=KAYES), km=180.0)

    for days in (0.0, 30.0, 100.0):
        assert level_of(blockade, days=days) is Level.SEVERE
        assert level_of(blockade, days=days, cargo="goods") is Level.HIGH
        assert level_of(blockade, days=days, cargo="humanitarian") is Level.MODERATE


def test_blockade_nobody_speaks_of_any_more_ends_in_unknown() -> None:
    blockade = near(an_incident("blockade_threat", location=KAYES))

    assert level_of(blockade, days=121.0) is Level.UNKNOWN


def test_report_that_the_blockade_goes_on_keeps_it_on() -> None:
    blockade = an_incident("blockade_threat", location=KAYES)
    renewed = replace(blockade, last_reported_at=NOW + timedelta(days=100))

    assert level_of(near(renewed), days=200.0) is Level.SEVERE


def test_news_about_an_area_adds_little_to_the_statistics_of_each_section() -> None:
    spot = rate(evidence_of(near(an_incident("roadblock"))), "goods", now=NOW)
    area = rate(evidence_of(near(an_incident("roadblock", location=KAYES))), "goods", now=NOW)

    assert area.hazard - area.prior < (spot.hazard - spot.prior) / 8


def test_lifted_blockade_keeps_no_floor() -> None:
    blockade = an_incident("blockade_threat", location=KAYES)
    lifted = replace(blockade, status=Status.RESOLVED, resolved_at=NOW)

    rating = rate(evidence_of(near(lifted)), "fuel", now=NOW)

    assert rating.spoke != "floor"
    assert rating.level is Level.UNKNOWN


@pytest.mark.parametrize(
    ("days_ago", "told_days_later", "level"),
    [
        (60.0, 0.0, Level.SEVERE),
        (60.0, 59.0, Level.SEVERE),
        (110.0, 109.0, Level.SEVERE),
        (218.0, 217.0, Level.UNKNOWN),
    ],
)
def test_a_blockade_of_last_season_that_is_told_of_today_closes_no_road(
    days_ago: float, told_days_later: float, level: Level
) -> None:
    told = NOW - timedelta(days=days_ago - told_days_later)
    blockade = an_incident(
        "blockade_threat",
        location=KAYES,
        days_ago=days_ago,
        first_reported_at=told,
        last_reported_at=told,
    )

    assert rate(evidence_of(near(blockade)), "fuel", now=NOW).level is level


@pytest.mark.parametrize("status", [Status.REFUTED, Status.MERGED])
def test_what_never_was_weighs_nothing(status: Status) -> None:
    rating = rate(evidence_of(near(an_incident(status=status))), "fuel", now=NOW, explain=True)

    assert rating.level is Level.UNKNOWN
    assert rating.hazard == rating.prior
    assert rating.contributions == ()


def test_incident_that_moved_away_weighs_nothing() -> None:
    assert level_of(near(an_incident(), live=False)) is Level.UNKNOWN


def test_attack_on_a_mine_weighs_on_its_access_road() -> None:
    mine = near(an_incident("industrial_attack"), km=18.0)

    assert level_of(mine, cargo="fuel") is Level.HIGH
    assert level_of(mine, cargo="passengers") is Level.MODERATE


def test_military_operation_makes_a_road_dangerous_too() -> None:
    strikes = near(an_incident("military_operation"), km=5.0)

    assert level_of(strikes, cargo="goods") is Level.HIGH
    assert level_of(strikes, cargo="goods", days=2) is Level.MODERATE


def test_large_convoy_destroyed_closes_the_road_for_others_too() -> None:
    convoy = an_incident(vehicles=Range(low=40, high=130))

    assert level_of(near(convoy), cargo="goods") is Level.HIGH


def test_incident_beyond_the_reach_of_its_rule_adds_nothing() -> None:
    rating = rate(evidence_of(near(an_incident("flood_damage"), km=20.0)), "goods", now=NOW)

    assert rating.hazard == rating.prior


def test_rough_position_holds_its_floor_from_the_rim() -> None:
    flood = an_incident("flood_damage")
    rough = replace(flood, location=replace(LAKAMANE, radius_km=12.0))

    assert level_of(near(flood, km=12.0), cargo="goods") is not Level.HIGH
    assert level_of(near(rough, km=12.0), cargo="goods") is Level.HIGH


def test_third_attack_within_a_week_raises_the_road_for_everyone() -> None:
    attacks = [near(an_incident("abduction", id=f"a{n}", days_ago=n)) for n in range(3)]

    now = NOW + timedelta(days=5)
    two = rate(evidence_of(*attacks[1:]), "humanitarian", now=now)
    three = rate(evidence_of(*attacks), "humanitarian", now=now, explain=True)

    assert (two.level, three.level) == (Level.MODERATE, Level.HIGH)
    assert "attacks-repeated" in {one.rule_id for one in three.contributions if one.floor}


def test_attack_reported_late_counts_for_those_after_it() -> None:
    attacks = [near(an_incident("abduction", id=f"a{n}", days_ago=n)) for n in range(3)]
    at_once = evidence_of(*attacks)
    late = evidence_of(attacks[0], attacks[1]).with_incidents([attacks[2]])

    now = NOW + timedelta(days=5)
    assert rate(late, "goods", now=now, explain=True) == rate(
        at_once, "goods", now=now, explain=True
    )


def test_what_stands_around_a_road_makes_no_old_danger_new() -> None:
    """Queues at the pumps of Gao are no word about the roads out of Gao."""
    long_ago = [near(an_incident(id=f"a{n}", days_ago=40.0 + n)) for n in range(5)]
    shortage = near(an_incident("fuel_shortage", id="s", days_ago=1.0))
    robbery = near(an_incident("banditry", id="r", days_ago=1.0, credibility=0.25))

    assert level_of(*long_ago) is level_of(*long_ago, shortage) is Level.UNKNOWN
    assert level_of(*long_ago, robbery) is Level.MODERATE
