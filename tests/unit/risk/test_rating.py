"""What a section is rated under the shipped rules, and what the end of danger looks like."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.levels import Level
from app.incidents.incident import Status
from app.incidents.report import Range
from app.risk.rate import others, rate, rate_all, score_of, state_of
from app.risk.weighing import Exposed
from tests.harness.risk import (
    BOOK,
    KAYES,
    LAKAMANE,
    NOW,
    POLICY,
    SECTION,
    a_state,
    an_incident,
    book_of,
    evidence_of,
    near,
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
    late = evidence_of(attacks[0], attacks[1]).with_incident(attacks[2])

    now = NOW + timedelta(days=5)
    assert rate(late, "goods", now=now, explain=True) == rate(
        at_once, "goods", now=now, explain=True
    )


# ------------------------------------------------------------------------------------ good news


def test_fresh_transit_on_a_calm_road_is_low_and_ends_in_unknown() -> None:
    transit = near(an_incident("safe_transit", cargo=("fuel",)))

    assert level_of(transit) is Level.LOW
    assert level_of(transit, days=2.9) is Level.LOW
    assert level_of(transit, days=3.1) is Level.UNKNOWN


def test_transit_of_another_load_says_nothing_about_fuel() -> None:
    bus = near(an_incident("safe_transit", cargo=("passengers",)))

    assert level_of(bus, cargo="passengers") is Level.LOW
    assert level_of(bus, cargo="fuel") is Level.UNKNOWN


def test_released_hostages_do_not_prove_that_the_road_can_be_driven() -> None:
    assert level_of(near(an_incident("hostage_release")), cargo="passengers") is Level.UNKNOWN


def test_road_reopened_somewhere_in_a_region_does_not_vouch_for_each_road_of_it() -> None:
    reopened = near(an_incident("road_reopened", location=KAYES))

    assert level_of(reopened, cargo="goods") is Level.UNKNOWN


def test_danger_after_the_transit_takes_low_away() -> None:
    transit = near(an_incident("safe_transit", id="t", days_ago=1.0, cargo=("fuel",)))
    advisory = near(an_incident("travel_advisory", id="a", days_ago=0.5))

    assert level_of(transit) is Level.LOW
    assert level_of(transit, advisory) is Level.UNKNOWN


def test_transit_while_a_floor_held_does_not_turn_to_low_when_the_floor_runs_out() -> None:
    accident = near(an_incident("accident", id="a", days_ago=0.0))
    transit = near(
        an_incident("safe_transit", id="t", days_ago=-0.5, cargo=("fuel",), credibility=0.5)
    )

    assert level_of(accident, transit, days=0.9) is Level.MODERATE
    assert level_of(accident, transit, days=1.1) is Level.UNKNOWN


def test_interception_answered_by_a_transit_ends_low() -> None:
    answered = an_incident(
        id="i", days_ago=0.5, status=Status.RESOLVED, resolved_at=NOW - timedelta(hours=1)
    )
    transit = an_incident("safe_transit", id="t", days_ago=0.04, cargo=("fuel",))

    rating = rate(evidence_of(near(answered), near(transit)), "fuel", now=NOW)

    assert (rating.level, rating.spoke) == (Level.LOW, "positive")


def test_good_news_takes_off_what_was_before_it_only() -> None:
    before = near(an_incident(id="b", days_ago=3.0))
    after = near(an_incident(id="a", days_ago=1.0))
    transit = near(an_incident("safe_transit", id="t", days_ago=2.0, cargo=("fuel",)))

    with_it = rate(evidence_of(before, after, transit), "fuel", now=NOW, explain=True)
    without = rate(evidence_of(before, after), "fuel", now=NOW, explain=True)

    added = {one.incident_id: one.hazard for one in with_it.contributions}
    alone = {one.incident_id: one.hazard for one in without.contributions}
    assert added["b"] == pytest.approx(alone["b"] * (1 - 0.35 * 0.8), abs=1e-6)
    assert added["a"] == alone["a"]


def test_many_transits_leave_a_rest_of_danger() -> None:
    attack = near(an_incident(id="b", days_ago=10.0))
    transits = [
        near(an_incident("safe_transit", id=f"t{n}", days_ago=n / 10, cargo=("fuel",)))
        for n in range(40)
    ]

    eased = rate(evidence_of(attack, *transits), "fuel", now=NOW)
    plain = rate(evidence_of(attack), "fuel", now=NOW)

    assert eased.hazard - eased.prior == pytest.approx(
        POLICY.relief_floor * (plain.hazard - plain.prior), abs=1e-6
    )


# ------------------------------------------------------------------------------------ hysteresis


def test_rises_at_once() -> None:
    before = a_state(Level.UNKNOWN)

    rating = rate(evidence_of(near(an_incident())), "fuel", now=NOW, before=before)

    assert rating.level is Level.SEVERE
    assert rating.since == NOW


def test_falls_by_time_only_after_a_day_of_calm() -> None:
    evidence = evidence_of(near(an_incident(days_ago=3.1)))
    before = a_state(Level.SEVERE)
    levels = []
    for hours in range(0, 30, 6):
        now = NOW + timedelta(hours=hours)
        rating = rate(evidence, "fuel", now=now, before=before)
        levels.append((rating.level, rating.spoke))
        before = state_of(rating)

    assert levels == [
        *[(Level.SEVERE, "hysteresis")] * 4,
        (Level.HIGH, "floor"),
    ]


def test_keeps_its_level_near_the_threshold() -> None:
    book = book_of(some_rules({"weight": 1.0, "when": 'incident.kind == "ied"'}))
    evidence = evidence_of(near(an_incident("ied", credibility=0.24)), book=book)
    before = a_state(Level.MODERATE, calm_since=NOW - timedelta(days=9))
    calm = rate(evidence, "goods", now=NOW, before=replace(before, level=Level.UNKNOWN))

    rating = rate(evidence, "goods", now=NOW, before=before)

    assert 1.6 < calm.score < 2.0
    assert calm.level is Level.UNKNOWN
    assert (rating.level, rating.spoke) == (Level.MODERATE, "hysteresis")


def test_falls_at_once_when_the_incident_is_refuted() -> None:
    refuted = near(an_incident(status=Status.REFUTED), known_at=NOW)

    rating = rate(evidence_of(refuted), "fuel", now=NOW, before=a_state(Level.SEVERE))

    assert (rating.level, rating.since) == (Level.UNKNOWN, NOW)


def test_refutation_of_last_week_does_not_hurry_the_end_of_another_danger() -> None:
    refuted = near(an_incident(id="r", status=Status.REFUTED), known_at=NOW - timedelta(days=7))
    faded = near(an_incident(id="f", days_ago=3.1))

    rating = rate(evidence_of(refuted, faded), "fuel", now=NOW, before=a_state(Level.SEVERE))

    assert (rating.level, rating.spoke) == (Level.SEVERE, "hysteresis")


def test_since_stays_while_the_level_does() -> None:
    before = a_state(Level.SEVERE)

    rating = rate(evidence_of(near(an_incident())), "fuel", now=NOW, before=before)

    assert rating.since == before.since


# --------------------------------------------------------------------------------------- reasons


def test_reasons_the_rest_and_the_prior_add_up_to_the_hazard() -> None:
    incidents = [near(an_incident(id=f"i{n:02}", days_ago=n * 7.0), km=n % 20) for n in range(40)]

    rating = rate(evidence_of(*incidents), "fuel", now=NOW, explain=True)

    assert len(rating.contributions) == POLICY.reasons
    told = sum(one.hazard for one in rating.contributions)
    assert rating.prior + told + others(rating) == pytest.approx(rating.hazard, abs=2e-6)
    assert rating.score == score_of(rating.hazard)


def test_floor_that_holds_is_among_the_reasons_however_small_its_figure() -> None:
    blockade = near(an_incident("blockade_threat", id="b", location=KAYES))
    attacks = [near(an_incident("ied", id=f"i{n:02}", days_ago=8.0 + n)) for n in range(20)]

    rating = rate(evidence_of(blockade, *attacks), "fuel", now=NOW, explain=True)

    floors = [one for one in rating.contributions if one.floor is not None]
    assert [(one.rule_id, one.floor, one.floor_until) for one in floors] == [
        ("blockade", Level.SEVERE, None)
    ]


def test_good_news_is_among_the_reasons() -> None:
    transit = near(an_incident("safe_transit", cargo=("fuel",)))

    (reason,) = rate(evidence_of(transit), "fuel", now=NOW, explain=True).contributions

    assert reason.cleared
    assert reason.weight == -0.35


def test_newest_good_news_is_told_among_many_dangers() -> None:
    dangers = [near(an_incident("ied", id=f"i{n:02}", days_ago=8.0 + n)) for n in range(20)]
    transits = [
        near(an_incident("safe_transit", id=f"t{n}", days_ago=n, cargo=("fuel",))) for n in range(4)
    ]

    rating = rate(evidence_of(*dangers, *transits), "fuel", now=NOW, explain=True)

    assert {one.incident_id for one in rating.contributions if one.cleared} == {"t0", "t1"}
    assert len(rating.contributions) == POLICY.reasons


def test_unknown_cargo_is_refused() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        rate(evidence_of(), "gold", now=NOW)


def test_rule_that_throws_counts_as_not_applying() -> None:
    book = book_of(
        some_rules(
            {"when": "incident.reports / incident.fatalities > 0", "weight": 3},
            {"when": 'incident.kind == "ied"', "weight": 1},
        )
    )
    evidence = evidence_of(near(an_incident("ied")), book=book)

    assert rate(evidence, "fuel", now=NOW).level is Level.MODERATE
    assert [one.rule for one in evidence.problems] == ["rule-0"]


def test_rule_by_cargo_and_section_applies_to_those_only() -> None:
    book = book_of(
        some_rules(
            {"when": 'cargo == "goods" && section.id == "diema~sandare"', "weight": 1.0},
            {"when": 'section.id == "elsewhere"', "weight": 2.0},
        )
    )

    ratings = rate_all(evidence_of(near(an_incident("ied")), book=book), now=NOW)

    assert ratings["goods"].hazard > ratings["goods"].prior
    assert ratings["fuel"].hazard == ratings["fuel"].prior
    assert BOOK.reach_km >= 50
    assert SECTION.id in ratings["goods"].section_id
