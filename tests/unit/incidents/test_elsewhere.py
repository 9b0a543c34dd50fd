"""Two sources, two places for one event: the danger holds on the roads of both."""

from dataclasses import replace
from typing import Any

import pytest

from app.incidents.codec import decode_incident, encode_incident
from app.incidents.incident import Incident, Status
from app.incidents.joining import join, rebuild
from app.incidents.matching import match
from app.incidents.verdicts import verdict
from app.roads.geometry import Position
from app.roads.places import Location
from tests.harness.incidents import (
    KAYES_REGION,
    KINDS,
    LAKAMANE,
    NOON,
    POLICY,
    SIKASSO,
    a_report,
    an_incident,
)

#: On the road, 20 and 40 km from Lakamané, and a quarter of it.
KANIERA = replace(LAKAMANE, position=Position(14.6, -10.07), label="Kaniéra", place_id="kaniera")
SANDARE = replace(LAKAMANE, position=Position(14.7, -10.3), label="Sandaré", place_id="sandare")
QUARTER = replace(LAKAMANE, position=Position(14.53, -9.93), label="Médina", place_id="medina")


def said_at(*places: Location, **more: Any) -> Incident:
    """Return the incident that reports of these places make, one after the other."""
    return an_incident(*(a_report(f"r{n}", location=at, **more) for n, at in enumerate(places)))


def joined(incident: Incident, location: Location, **more: Any) -> Incident:
    report = a_report("another", location=location, **more)
    return join(incident, report, policy=POLICY, kinds=KINDS)


def test_a_second_place_is_held_beside_the_first() -> None:
    incident = said_at(LAKAMANE, KANIERA)

    assert incident.location == LAKAMANE
    assert incident.elsewhere == (KANIERA,)


def test_the_place_said_most_comes_first_and_the_other_stays() -> None:
    incident = said_at(LAKAMANE, KANIERA, KANIERA)

    assert incident.spots == (KANIERA, LAKAMANE)


@pytest.mark.parametrize("place", [LAKAMANE, QUARTER, KAYES_REGION], ids=["same", "near", "area"])
def test_the_same_place_an_area_and_a_place_nearby_are_no_second_place(place: Location) -> None:
    assert said_at(LAKAMANE, place).elsewhere == ()


def test_what_a_rough_position_leaves_open_is_no_second_place() -> None:
    rough = replace(KANIERA, radius_km=12.0)

    assert said_at(LAKAMANE, rough).elsewhere == ()


def test_good_news_is_of_one_place() -> None:
    assert said_at(LAKAMANE, KANIERA, kind="safe_transit").elsewhere == ()


def test_a_stranger_gives_what_a_paper_reports_no_second_place() -> None:
    assert joined(said_at(LAKAMANE), KANIERA, known_source=False).elsewhere == ()


def test_what_strangers_said_of_the_place_ends_with_the_first_paper() -> None:
    strangers = said_at(LAKAMANE, KANIERA, known_source=False)
    assert strangers.elsewhere == (KANIERA,)

    assert joined(strangers, LAKAMANE).elsewhere == ()


def test_a_flood_of_places_does_not_close_every_road() -> None:
    south = replace(KANIERA, position=Position(14.3, -9.9), label="Kolon", place_id="kolon")
    north = replace(KANIERA, position=Position(14.8, -9.9), label="Koré", place_id="kore")

    incident = said_at(LAKAMANE, KANIERA, SANDARE, south, north)

    assert incident.spots == (LAKAMANE, KANIERA, SANDARE, south)


def test_what_lies_far_off_is_a_slip_or_another_event_and_closes_no_road() -> None:
    assert said_at(LAKAMANE, SIKASSO).elsewhere == ()


@pytest.mark.parametrize("true_place", [LAKAMANE, KANIERA, SIKASSO])
def test_a_person_says_which_is_true_and_no_report_changes_it_again(true_place: Location) -> None:
    disputed = said_at(LAKAMANE, KANIERA)

    decided = verdict(disputed, by="key:1", at=NOON, policy=POLICY, location=true_place)

    assert (decided.spots, decided.version) == ((true_place,), disputed.version + 1)
    assert joined(decided, SANDARE).spots == (true_place,)
    again = [a_report("r1", location=LAKAMANE), a_report("r2", location=KANIERA)]
    assert rebuild(decided, again, policy=POLICY, kinds=KINDS).spots == (true_place,)


def test_a_report_of_the_second_place_joins_as_one_of_the_first_does() -> None:
    disputed = said_at(LAKAMANE, KANIERA)

    def score(incident: Incident, at: Location) -> float:
        policy = POLICY.matching
        return match(a_report("new", location=at), [incident], kinds=KINDS, policy=policy).score

    assert score(disputed, KANIERA) == pytest.approx(score(disputed, LAKAMANE), abs=0.01)
    assert score(disputed, KANIERA) > score(said_at(LAKAMANE), KANIERA)


def test_merging_two_incidents_keeps_both_places() -> None:
    one, other = a_report("r1", location=LAKAMANE), a_report("r2", location=KANIERA)

    whole = rebuild(an_incident(one), [one, other], policy=POLICY, kinds=KINDS)

    assert set(whole.spots) == {LAKAMANE, KANIERA}
    assert whole.status is Status.OPEN


def test_places_are_kept_as_they_were() -> None:
    incident = said_at(LAKAMANE, KANIERA)

    assert decode_incident(encode_incident(incident)) == incident


def test_a_danger_of_one_place_is_on_each_of_the_roads_that_were_named() -> None:
    one, other = (replace(LAKAMANE, along=(road,)) for road in ("diema~nioro", "diema~sandare"))

    assert said_at(LAKAMANE, one).location.along == one.along
    assert said_at(one, LAKAMANE).location.along == one.along
    assert said_at(one, other, one).location.along == ("diema~nioro", "diema~sandare")


def test_good_news_is_of_the_road_that_was_named_first() -> None:
    one, other = (replace(LAKAMANE, along=(road,)) for road in ("diema~nioro", "diema~sandare"))

    assert said_at(one, other, kind="safe_transit").location.along == one.along
