from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.incidents.answering import Effect, answers
from app.incidents.incident import CargoLift, Status
from app.incidents.report import Range
from app.roads.network import Network
from app.roads.places import Shape
from tests.harness.incidents import (
    KAYES_REGION,
    KINDS,
    LAKAMANE,
    NOON,
    POLICY,
    SEGALA,
    SIKASSO,
    a_report,
    an_incident,
)

DAY = timedelta(days=1)
NO_ROADS = Network(sections=(), corridors=(), places=(), countries=())
SIX = Range(low=6, high=6)


def danger(kind: Any = "fuel_interception", **changes: Any) -> Any:
    return an_incident(a_report(kind=kind, **changes), incident_id="danger")


def good_news(kind: Any = "safe_transit", *, days: Any = 2, **changes: Any) -> Any:
    at = NOON + days * DAY
    if kind == "road_reopened":  # for all, unless it says for whom
        changes = {"cargo": None, "summary": "La route est rouverte"} | changes
    report = a_report("good", kind=kind, occurred_at=at, reported_at=at, **changes)
    return an_incident(report, incident_id="good")


def effects(positive: Any, *dangers: Any) -> Any:
    found = answers(positive, dangers, kinds=KINDS, policy=POLICY.answering, network=NO_ROADS)
    return [(answer.incident_id, answer.effect) for answer in found]


ENDED = [("danger", Effect.RESOLVES)]
LOWERED = [("danger", Effect.LOWERS)]
FOR_SOME = [("danger", Effect.LIFTS_CARGO)]


def test_a_safe_transit_ends_the_interception_on_its_road() -> None:
    assert effects(good_news(), danger()) == ENDED


def test_a_convoy_on_another_road_does_not() -> None:
    assert effects(good_news(location=SIKASSO), danger()) == []
    assert effects(good_news(location=SEGALA), danger()) == []


def test_a_coach_that_passes_does_not_say_that_tankers_do() -> None:
    assert effects(good_news(cargo="passengers"), danger()) == LOWERED


def test_a_convoy_that_came_by_another_road_does_not_end_it() -> None:
    town = {"location": replace(LAKAMANE, label="Bamako"), "place": "Bamako"}
    west = danger(road="RN24 Bamako-Kita", **town)

    assert effects(good_news(road="Sikasso-Bougouni-Bamako", **town), west) == LOWERED
    assert effects(good_news(road="Kita-Bamako", **town), west) == ENDED
    assert effects(good_news(**town), west) == ENDED


def test_passing_by_does_not_free_who_was_taken() -> None:
    assert effects(good_news(), danger(kind="abduction")) == []


def test_what_happened_after_the_convoy_passed_is_not_answered_by_it() -> None:
    assert effects(good_news(days=-1), danger()) == []


def test_on_the_same_day_the_order_told_decides() -> None:
    morning = danger(reported_at=NOON)
    evening = good_news(days=0)

    assert effects(evening, morning) == []
    assert effects(replace(evening, first_reported_at=NOON + timedelta(hours=6)), morning) == ENDED


def test_hours_told_decide_on_the_same_day() -> None:
    attack = danger(occurred_at=NOON - timedelta(hours=3), date_precision="instant")
    passed = an_incident(
        a_report("good", kind="safe_transit", date_precision="instant"), incident_id="good"
    )

    assert effects(passed, attack) == ENDED


def test_at_one_instant_the_order_told_decides() -> None:
    attack = danger(date_precision="instant", reported_at=NOON)
    passed = an_incident(
        a_report("good", kind="safe_transit", date_precision="instant"), incident_id="good"
    )

    assert effects(passed, attack) == []
    assert effects(replace(passed, last_reported_at=NOON + timedelta(hours=1)), attack) == ENDED


def test_silence_of_months_makes_a_transit_no_answer() -> None:
    assert effects(good_news(days=60), danger()) == []


def test_a_stretch_in_common_is_the_same_place() -> None:
    stretch = replace(LAKAMANE, place_id=None, section_ids=("a~b", "b~c"), label="a - c")
    other = replace(SEGALA, place_id=None, section_ids=("b~c",), label="b - c")

    assert effects(good_news(location=stretch), danger(location=other)) == ENDED


@pytest.mark.parametrize(
    "changes",
    [
        {"known_source": False, "source_type": "reporter"},
        {"source_type": "social"},
    ],
)
def test_good_news_that_is_not_believed_ends_nothing(changes: dict[str, Any]) -> None:
    assert effects(good_news(**changes), danger()) == []


def test_refuted_good_news_ends_nothing() -> None:
    assert effects(replace(good_news(), status=Status.REFUTED), danger()) == []


@pytest.mark.parametrize("status", [Status.REFUTED, Status.RESOLVED, Status.MERGED])
def test_what_is_over_is_not_ended_again(status: Status) -> None:
    assert effects(good_news(), replace(danger(), status=status)) == []


def test_who_passed_somewhere_in_a_region_ends_no_danger_on_its_roads() -> None:
    passed = good_news(location=KAYES_REGION)

    assert effects(passed, danger()) == LOWERED
    assert effects(passed, danger(location=KAYES_REGION)) == LOWERED


@pytest.mark.parametrize(("km", "effect"), [(220.0, ENDED), (263.0, LOWERED)])
def test_who_passed_nobody_knows_where_on_a_long_road_ends_no_danger_on_it(
    km: float, effect: list[tuple[str, Effect]]
) -> None:
    road = replace(LAKAMANE, shape=Shape.ROAD, place_id=None, section_ids=("a~b", "b~c"))
    passed = good_news(location=replace(road, label="a - c", radius_km=km / 2))

    assert effects(passed, danger()) == effect


def test_a_transit_does_not_lift_an_announced_blockade() -> None:
    assert effects(good_news(), danger(kind="blockade_threat", location=KAYES_REGION)) == []


def test_a_reopened_region_ends_the_blockade_of_it_and_the_roadblocks_in_it() -> None:
    reopened = good_news("road_reopened", location=KAYES_REGION, days=30)

    assert effects(reopened, danger(kind="blockade_threat", location=KAYES_REGION)) == ENDED
    assert effects(reopened, danger(kind="roadblock")) == ENDED
    assert effects(reopened, danger(kind="roadblock", location=SIKASSO)) == []


def test_coaches_that_run_again_do_not_end_a_ban_on_tankers() -> None:
    reopened = good_news("road_reopened", target="bus")

    assert effects(reopened, danger(kind="roadblock", target="fuel_convoy")) == LOWERED


def test_a_coach_that_is_let_through_a_roadblock_does_not_end_it_for_tankers() -> None:
    of_all, of_tankers = danger("roadblock", cargo=None), danger("roadblock", cargo="fuel")
    of_coaches = danger("roadblock", cargo="bus")

    assert effects(good_news(cargo="passengers"), of_all) == LOWERED
    assert effects(good_news(cargo="passengers"), of_tankers) == LOWERED
    assert effects(good_news(cargo="passengers"), of_coaches) == ENDED
    assert effects(good_news(cargo=None), of_all) == ENDED


@pytest.mark.parametrize("of", [None, "fuel", "bus"])
def test_a_road_opened_to_coaches_is_open_to_them_alone(of: str | None) -> None:
    (found,) = answers(
        good_news("road_reopened", cargo="passengers"), [danger("roadblock", cargo=of)],
        kinds=KINDS, policy=POLICY.answering, network=NO_ROADS,
    )  # fmt: skip

    assert (found.effect, found.cargo, found.in_part) == (
        Effect.LIFTS_CARGO, ("passengers",), False,
    )  # fmt: skip


def test_what_was_opened_to_one_after_the_other_is_over() -> None:
    rest = ("fuel", "goods", "humanitarian")
    lift = CargoLift(cargo=rest, where=None, by="earlier")
    in_part = replace(lift, where=LAKAMANE)
    news = good_news("road_reopened", cargo="passengers")

    assert effects(news, replace(danger("roadblock"), lifted_for=(lift,))) == ENDED
    assert effects(news, replace(danger("roadblock"), lifted_for=(in_part,))) == FOR_SOME


def test_a_blockade_lifted_for_coaches_goes_on_for_the_rest() -> None:
    whole = danger("blockade_threat", location=KAYES_REGION, cargo=None)

    for_some = good_news("road_reopened", location=KAYES_REGION, cargo="bus")
    assert effects(for_some, whole) == FOR_SOME
    assert effects(good_news("road_reopened", location=KAYES_REGION), whole) == ENDED


def test_whoever_passes_where_a_truck_was_shot_at_says_so_for_what_he_carries() -> None:
    shot_at = danger("vehicle_attack", cargo=None)

    assert effects(good_news(cargo="passengers"), shot_at) == FOR_SOME
    assert effects(good_news(cargo=None), shot_at) == ENDED
    both = danger("vehicle_attack", cargo="fuel, goods")
    assert effects(good_news(cargo="goods"), both) == FOR_SOME
    assert effects(good_news(cargo="goods, fuel"), both) == ENDED


def test_a_release_far_away_and_late_is_known_by_number_and_words() -> None:
    words = "Three captives: two Emiratis and an Iranian, from a farm"
    taken = danger(
        kind="abduction", abducted=Range(low=3, high=3), target="civilian", summary=words,
        location=SIKASSO,
    )  # fmt: skip
    freed = good_news(
        "hostage_release", days=36, abducted=Range(low=3, high=3), target="civilian",
        summary="Two Emiratis and an Iranian freed after ransom",
    )  # fmt: skip

    assert effects(freed, taken) == ENDED


def test_another_number_of_people_is_another_matter() -> None:
    taken = danger(kind="abduction", abducted=Range(low=4, high=4))

    assert effects(good_news("hostage_release", abducted=SIX), taken) == []


def test_the_same_number_at_the_same_place_is_the_same_matter() -> None:
    bare = {"abducted": SIX, "summary": "", "target": None, "actor": None}

    assert effects(good_news("hostage_release", **bare), danger(kind="abduction", **bare)) == ENDED


def test_a_number_that_only_may_be_the_same_needs_more_than_words() -> None:
    words = "Passengers of a coach"
    taken = danger(
        kind="abduction", abducted=Range(low=4, high=9), target="bus", summary=words,
        location=SIKASSO,
    )  # fmt: skip

    assert effects(good_news("hostage_release", abducted=SIX, summary=words), taken) == []


def test_a_number_alone_is_not_enough() -> None:
    taken = danger(
        kind="abduction", abducted=SIX, target="police", summary="Officers", location=SIKASSO
    )

    assert effects(good_news("hostage_release", abducted=SIX, summary="Drivers"), taken) == []


def test_only_good_news_answers() -> None:
    assert effects(danger(), danger()) == []


def test_a_blockade_of_a_region_is_lifted_in_the_town_that_reopened_only() -> None:
    blockade = danger("blockade_threat", location=KAYES_REGION)

    assert effects(good_news("road_reopened"), blockade) == [("danger", Effect.LIFTS_PART)]
    assert effects(good_news("road_reopened", location=KAYES_REGION), blockade) == ENDED
    assert effects(good_news("road_reopened", location=SIKASSO), blockade) == []


def test_what_strangers_tell_ends_only_what_strangers_told_and_not_by_one_alone() -> None:
    at = NOON + 2 * DAY
    said = [
        a_report(f"s{n}", kind="safe_transit", occurred_at=at, reported_at=at, known_source=False)
        for n in range(2)
    ]
    one, two = (an_incident(*said[:count], incident_id="good") for count in (1, 2))
    rumour = danger(known_source=False)

    assert effects(one, rumour) == []
    assert effects(two, rumour) == ENDED
    assert effects(two, danger()) == []
