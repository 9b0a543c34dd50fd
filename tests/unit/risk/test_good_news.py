"""What good news does to a rating, and how danger ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.levels import Level
from app.incidents.incident import CargoLift, Incident, Status
from app.risk.rate import rate, state_of
from app.risk.rating import Rating
from app.risk.weighing import Exposed
from app.roads.places import Location, Shape
from tests.harness.risk import (
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


@pytest.mark.parametrize(
    ("where", "km", "level"),
    [
        (replace(LAKAMANE, along=(SECTION.id,)), 0.0, Level.LOW),
        (replace(LAKAMANE, along=("diema~nioro",)), 0.0, Level.UNKNOWN),
        (replace(LAKAMANE, along=()), 0.0, Level.UNKNOWN),
        (replace(LAKAMANE, along=(SECTION.id,)), 30.0, Level.UNKNOWN),
        (LAKAMANE, 4.0, Level.LOW),
        (LAKAMANE, 15.0, Level.UNKNOWN),
        (replace(LAKAMANE, shape=Shape.ROAD, section_ids=(SECTION.id,)), 0.0, Level.LOW),
        (replace(LAKAMANE, shape=Shape.ROAD, section_ids=("diema~nioro",)), 0.0, Level.UNKNOWN),
    ],
    ids=[
        "its road",
        "another road from the town",
        "a road we do not have",
        "its road, far on",
        "no road, at the place",
        "no road, 15 km off",
        "its stretch",
        "another stretch from the town",
    ],
)
def test_a_truck_that_passed_speaks_of_its_own_road(
    where: Location, km: float, level: Level
) -> None:
    transit = an_incident("safe_transit", cargo=("fuel",), location=where)

    assert level_of(near(transit, km)) is level


def test_a_truck_on_another_road_eases_no_danger_and_ends_none() -> None:
    attack = near(an_incident(id="b", days_ago=3.0))
    other = replace(LAKAMANE, along=("diema~nioro",))
    transit = near(an_incident("safe_transit", id="t", cargo=("fuel",), location=other))

    with_it, without = evidence_of(attack, transit), evidence_of(attack)

    assert rate(with_it, "fuel", now=NOW).hazard == rate(without, "fuel", now=NOW).hazard
    assert not any(with_it.answered_since(NOW, place) for place in range(4))


def test_a_road_open_one_way_or_to_some_is_called_low_for_nobody() -> None:
    reopened = an_incident("road_reopened")

    assert level_of(near(reopened)) is Level.LOW
    assert level_of(near(replace(reopened, in_part=True))) is Level.UNKNOWN


def test_a_region_reopened_is_news_although_it_proves_no_road() -> None:
    blockade = near(an_incident("blockade_threat", id="b", location=KAYES, days_ago=3.0))
    reopened = near(an_incident("road_reopened", id="r", location=KAYES, days_ago=0.1))

    rating = rate(evidence_of(blockade, reopened), "fuel", now=NOW)

    assert rating.evidence_at == NOW - timedelta(days=0.1)
    assert rating.positive_at is None
    assert rating.by_day


def test_danger_after_the_transit_takes_low_away() -> None:
    transit = near(an_incident("safe_transit", id="t", days_ago=1.0, cargo=("fuel",)))
    advisory = near(an_incident("travel_advisory", id="a", days_ago=0.5))

    assert level_of(transit) is Level.LOW
    assert level_of(transit, advisory) is Level.UNKNOWN


def test_danger_at_the_hour_of_the_transit_takes_low_away() -> None:
    transit = near(an_incident("safe_transit", id="t", days_ago=1.0, cargo=("fuel",)))
    advisory = near(an_incident("travel_advisory", id="a", days_ago=1.0))

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


def test_danger_that_fades_below_the_threshold_after_a_transit_is_unknown_not_low() -> None:
    attack = near(an_incident(id="i", days_ago=24.0))
    transit = near(an_incident("safe_transit", id="t", days_ago=0.2))
    levels = [level_of(attack, transit, days=days / 4) for days in range(12)]

    assert Level.LOW not in levels
    assert levels[0] is Level.MODERATE
    assert levels[-1] is Level.UNKNOWN


def test_statistics_nobody_has_added_to_for_a_month_are_unknown() -> None:
    attacks = [near(an_incident("ied", id=f"i{n}", days_ago=0.1 * n)) for n in range(3)]

    assert level_of(*attacks, days=25.0) is Level.MODERATE
    assert level_of(*attacks, days=31.0) is Level.UNKNOWN


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
    assert rating.calm_since is None  # a day of calm begins anew


def test_falls_at_once_when_a_person_changed_the_rules() -> None:
    evidence, before = evidence_of(near(an_incident(days_ago=3.1))), a_state(Level.SEVERE)

    rating = rate(evidence, "fuel", now=NOW, before=before, afresh=True)

    assert (rating.level, rating.spoke, rating.since) == (Level.HIGH, "floor", NOW)


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


def test_a_road_opened_to_some_is_eased_for_them_alone() -> None:
    attack = near(an_incident(id="b", days_ago=3.0))
    to_coaches = near(an_incident("road_reopened", id="r", cargo=("passengers",), days_ago=0.1))
    but_tankers = near(replace(to_coaches.incident, cargo=(), shut=("fuel",)))
    without = evidence_of(attack)

    for news in (to_coaches, but_tankers):
        with_it = evidence_of(attack, news)
        assert rate(with_it, "fuel", now=NOW) == rate(without, "fuel", now=NOW)
        eased = rate(with_it, "passengers", now=NOW).hazard
        assert eased < rate(without, "passengers", now=NOW).hazard
        fuel, passengers = (with_it.book.cargoes.index(one) for one in ("fuel", "passengers"))
        assert with_it.answered_since(NOW - timedelta(days=1), passengers)
        assert not with_it.answered_since(NOW - timedelta(days=1), fuel)


def test_a_closure_lifted_for_some_holds_no_level_for_them_and_all_for_the_others() -> None:
    lift = CargoLift(cargo=("passengers",), where=None, by="news")
    held = an_incident("blockade_threat", location=KAYES, days_ago=3.0)
    lifted, ended = replace(held, lifted_for=(lift,)), replace(held, status=Status.RESOLVED)

    def rated(one: Incident, cargo: str) -> Rating:
        return rate(evidence_of(near(one)), cargo, now=NOW)

    assert rated(lifted, "passengers") == rated(ended, "passengers")
    assert rated(lifted, "fuel") == rated(held, "fuel")
    assert rated(held, "passengers").level is not Level.UNKNOWN
    elsewhere = replace(lift, where=replace(LAKAMANE, along=("diema~nioro",)))
    there = replace(held, lifted_for=(elsewhere,))
    assert rated(there, "passengers") == rated(held, "passengers")
