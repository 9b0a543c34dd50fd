from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.incidents.incident import Status
from app.incidents.matching import (
    FEATURES,
    area_cell,
    cell_for,
    cell_of,
    cells_to_search,
    compare,
    match,
    neighbour_cells,
)
from app.incidents.nearness import same_place
from app.incidents.report import Family, Range, Report
from app.incidents.verdicts import resolve_by_evidence
from app.roads.geometry import Position, distance_km
from app.roads.places import Location, Shape
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
HOUR = timedelta(hours=1)
#: What a person on the road sends: no actor, no target, no figures, few words.
BARE: dict[str, Any] = {"actor": None, "target": None, "cargo": None, "summary": "", "road": None}


def matched(report: Report, *incidents: Any) -> Any:
    return match(report, incidents, kinds=KINDS, policy=POLICY.matching)


def spot(lat: float, lon: float) -> Any:
    return Location(
        shape=Shape.POINT, position=Position(lat, lon), radius_km=12.0, label=f"{lat}, {lon}"
    )


def test_the_same_event_in_other_words_joins() -> None:
    incident = an_incident(a_report(vehicles=Range(low=40, high=40)))
    report = a_report(
        "r2",
        kind="convoy_ambush",
        occurred_at=NOON - DAY,
        reported_at=NOON + DAY,
        summary="Over 100 vehicles, 40 to 80 burned near Kaniera",
        figures="40 vs 80 of 100+",
    )

    assert matched(report, incident).incident_id == "i1"


def test_a_bare_report_from_the_road_joins_what_happened_there_today() -> None:
    incident = an_incident(a_report(**BARE))

    assert matched(a_report("r2", **BARE), incident).incident_id == "i1"


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "flood_damage"},
        {"location": SIKASSO},
        {"location": SEGALA},
        {"occurred_at": NOON - 4 * DAY},
        {"date_precision": "month"},
    ],
)
def test_another_event_does_not(changes: dict[str, Any]) -> None:
    changes = BARE | changes

    assert matched(a_report("r2", **changes), an_incident(a_report(**BARE))).incident_id is None


def test_the_nearest_in_time_of_two_on_one_road_is_meant() -> None:
    first = an_incident(a_report(), incident_id="first")
    second = an_incident(a_report(occurred_at=NOON + 3 * DAY, reported_at=NOON + 3 * DAY))

    late = a_report("r2", occurred_at=NOON + 2 * DAY, reported_at=NOON + 4 * DAY)

    assert matched(late, first, second).incident_id == "i1"


@pytest.mark.parametrize("precision", ["day", "instant"])
def test_what_was_told_before_an_attack_is_another_one(precision: str) -> None:
    told = NOON + 5 * HOUR
    first = an_incident(a_report(reported_at=told))
    second = {"occurred_at": NOON + 2 * DAY, "reported_at": NOON + 2 * DAY + 3 * HOUR}
    later = a_report("r2", date_precision=precision, **second)

    assert matched(later, first).incident_id is None
    assert matched(a_report("r3", reported_at=told), an_incident(later)).incident_id is None


@pytest.mark.parametrize(
    "summary", ["Nouvelle attaque de citernes à Lakamané", "Second convoy attacked in two days"]
)
def test_who_says_that_it_is_another_attack_makes_no_slip_of_a_day(summary: str) -> None:
    told = NOON + 5 * HOUR
    first = an_incident(a_report(reported_at=told))
    next_day = {"occurred_at": NOON + DAY, "reported_at": NOON + DAY + 6 * HOUR}

    assert matched(a_report("r2", summary=summary, **next_day), first).incident_id is None
    assert matched(a_report("r2", **next_day), first).incident_id == "i1"
    same_day = an_incident(a_report(reported_at=NOON - 4 * HOUR))
    assert matched(a_report("r3", summary=summary), same_day).incident_id == "i1"


def test_another_attack_on_the_next_day_is_one_though_the_press_tells_either_a_day_late() -> None:
    first = an_incident(a_report(reported_at=NOON + DAY))
    next_day = {"occurred_at": NOON + DAY, "reported_at": NOON + 2 * DAY}
    another = a_report("r2", summary="Nouvelle attaque, au lendemain de la première", **next_day)

    assert matched(another, first).incident_id is None
    # told of by whoever slips a day, it is still the one that was called so before
    again = a_report("r3", summary="A new attack on tankers", **next_day)
    second = an_incident(a_report(summary="Nouvelle attaque de citernes", reported_at=NOON + DAY))
    assert matched(again, second).incident_id == "i1"


def test_a_second_attack_told_with_the_incident_a_whole_day_late_may_be_it() -> None:
    slipped: dict[str, Any] = {"occurred_at": NOON - DAY, "reported_at": NOON + DAY}
    first_told = an_incident(a_report(**slipped))
    second = a_report("r2", summary="Second attack on that road", reported_at=NOON + DAY)

    assert matched(second, first_told).incident_id == "i1"
    known_by_then = an_incident(a_report(**slipped | {"reported_at": NOON}))
    assert matched(second, known_by_then).incident_id is None


def test_day_that_the_summary_names_tells_of_a_mine_that_it_is_the_one_of_the_day_before() -> None:
    mine = an_incident(a_report(kind="ied", reported_at=NOON + 2 * DAY))
    slipped: dict[str, Any] = {"occurred_at": NOON - 2 * DAY, "reported_at": NOON + 3 * DAY}
    before = f"{NOON - DAY:%d %B}"

    named = a_report("r2", summary=f"Ambush on {before} at Lakamane", **slipped)
    assert matched(named, mine).incident_id == "i1"
    unnamed = a_report("r3", summary="Ambush at Lakamane", **slipped)
    assert matched(unnamed, mine).incident_id is None


def test_who_gives_the_hour_of_another_attack_tells_of_a_second_one_that_day() -> None:
    told = an_incident(a_report(date_precision="instant", reported_at=NOON + HOUR / 2))
    after = {"occurred_at": NOON + 8 * HOUR, "reported_at": NOON + 8 * HOUR}
    another = after | {"summary": "Nouvelle attaque à Lakamané, un autre convoi"}

    exactly = a_report("r2", date_precision="instant", **another)
    that_day = a_report("r3", date_precision="day", **another)
    late = a_report("r4", date_precision="instant", **after)

    assert matched(exactly, told).incident_id is None
    # both told in the evening, one after the other, in either order
    evening = an_incident(a_report(date_precision="instant", reported_at=NOON + 9 * HOUR))
    assert matched(exactly, evening).incident_id is None
    second_first = an_incident(exactly)
    first = a_report("r5", date_precision="instant", summary=str(another["summary"]))
    assert matched(first, second_first).incident_id is None
    # noon stands for a whole day, and whoever writes of the first attack late may say "now"
    assert matched(that_day, told).incident_id == "i1"
    assert matched(late, told).incident_id == "i1"


def test_a_day_may_be_a_slip_and_what_lasts_is_told_again() -> None:
    first = an_incident(a_report(reported_at=NOON + 5 * HOUR))
    slip = a_report("r2", occurred_at=NOON + DAY, reported_at=NOON + 2 * DAY)
    blockade = an_incident(a_report(kind="roadblock", reported_at=NOON + 5 * HOUR))
    lasting = a_report(
        "r3", kind="roadblock", occurred_at=NOON + 2 * DAY, reported_at=NOON + 2 * DAY + HOUR
    )

    assert matched(slip, first).incident_id == "i1"
    assert matched(lasting, blockade).incident_id == "i1"


def test_a_position_a_village_off_is_the_same_spot() -> None:
    incident = an_incident(a_report())
    position = spot(LAKAMANE.position.lat + 0.09, LAKAMANE.position.lon)

    assert matched(a_report("r2", location=position), incident).incident_id == "i1"


def test_an_area_and_a_place_in_it_can_be_one_event() -> None:
    blockade = an_incident(a_report(kind="blockade_threat", location=KAYES_REGION))
    here = a_report("r2", kind="blockade_threat", location=LAKAMANE)
    elsewhere = a_report("r3", kind="blockade_threat", location=SIKASSO)

    assert matched(here, blockade).score > matched(elsewhere, blockade).score
    assert matched(elsewhere, blockade).incident_id is None


def test_a_region_holds_its_places_however_its_name_is_accented() -> None:
    segou = replace(KAYES_REGION, area="region:ML/Segou", region="Ségou", label="région de Ségou")
    bla = replace(LAKAMANE, position=Position(12.95, -5.75), region="Ségou", cercle="Bla")
    blockade = an_incident(a_report(kind="blockade_threat", location=segou))

    assert cell_for(segou) in cells_to_search(bla)
    assert matched(a_report("r2", kind="blockade_threat", location=bla), blockade).incident_id


def test_after_it_was_resolved_the_next_attack_is_a_new_one() -> None:
    incident = an_incident(a_report(), status=Status.RESOLVED, resolved_at=NOON + DAY)
    late_word = a_report("r2", reported_at=NOON + 2 * DAY)
    next_attack = a_report("r3", occurred_at=NOON + 2 * DAY, reported_at=NOON + 2 * DAY)

    assert matched(late_word, incident).incident_id == "i1"
    assert matched(next_attack, incident).incident_id is None


def test_an_attack_later_on_the_day_of_a_safe_transit_is_a_new_one() -> None:
    attack = an_incident(a_report(occurred_at=NOON, date_precision="instant"))
    passed = an_incident(
        a_report(
            "r2",
            kind="safe_transit",
            occurred_at=NOON + 2 * HOUR,
            date_precision="instant",
            reported_at=NOON + 6 * HOUR,
        ),
        incident_id="i2",
    )
    over = resolve_by_evidence(attack, answer=passed, known_at=NOON + 6 * HOUR)
    told: dict[str, Any] = {"date_precision": "instant", "reported_at": NOON + 7 * HOUR}
    late_word = a_report("r3", occurred_at=NOON + HOUR, **told)
    next_attack = a_report("r4", occurred_at=NOON + 4 * HOUR, **told)

    assert matched(late_word, over).incident_id == "i1"
    assert matched(next_attack, over).incident_id is None


def test_a_refuted_rumour_told_again_stays_refuted_but_another_source_is_heard() -> None:
    incident = an_incident(a_report(origin="liar"), status=Status.REFUTED)

    assert matched(a_report("r2", origin="liar"), incident).incident_id == "i1"
    assert matched(a_report("r3", origin="witness"), incident).incident_id is None


def test_what_was_merged_away_takes_no_more_reports() -> None:
    assert matched(a_report("r2"), an_incident(status=Status.MERGED)).incident_id is None


def test_a_killing_is_of_an_attack_filed_as_fighting_first_and_of_no_fighting_alone() -> None:
    fighting = a_report(kind="military_operation")
    attack = a_report("r2", kind="town_attack")
    killing = a_report("r3", kind="civilian_killing")

    assert matched(killing, an_incident(fighting)).incident_id is None
    incident = an_incident(fighting, attack)
    assert incident.family is Family.MILITARY
    assert matched(killing, incident).incident_id == "i1"


def test_a_page_with_two_claims_tells_of_two_events() -> None:
    incident = an_incident(a_report(marks=("pPAGE", "tONE")))
    row = dict(
        zip(
            FEATURES,
            compare(
                a_report("r2", marks=("pPAGE", "tTWO")),
                [incident],
                kinds=KINDS,
                policy=POLICY.matching,
            )[0],
            strict=True,
        )
    )

    assert row["other_claim_of_page"] == 1.0


def test_so_many_km_from_a_town_are_two_places_on_two_roads() -> None:
    """Both are called after Kayes; they lie on either side of it."""
    north, west = (
        replace(spot(*position), label="Kayes", aside_km=20.0, counted=True)
        for position in ((14.6, -11.4), (14.4, -11.7))
    )
    incident = an_incident(a_report(location=north))

    assert same_place(north, incident)
    assert not same_place(west, incident)


def test_without_candidates_nothing_is_matched() -> None:
    assert matched(a_report()).incident_id is None


def test_a_match_says_why() -> None:
    found = matched(a_report("r2"), an_incident())

    assert any(reason.startswith("same place +") for reason in found.reasons)
    assert len(found.reasons) <= 5


latitudes, longitudes = st.floats(-89, 89), st.floats(-180, 179.99)


@given(latitudes, longitudes, st.floats(-0.35, 0.35), st.floats(-0.35, 0.35))
def test_what_lies_near_is_in_a_neighbouring_cell(
    lat: float, lon: float, north: float, east: float
) -> None:
    here = Position(lat, lon)
    there = Position(max(-89.9, min(89.9, lat + north)), (lon + east + 180) % 360 - 180)

    assert cell_of(there) in neighbour_cells(cell_of(here))


@given(st.floats(-24, 24), longitudes, st.floats(-1, 1), st.floats(-1, 1))
def test_in_the_tropics_neighbouring_cells_reach_at_least_50_km(
    lat: float, lon: float, north: float, east: float
) -> None:
    here = Position(lat, lon)
    there = Position(lat + north, (lon + east + 180) % 360 - 180)

    if cell_of(there) not in neighbour_cells(cell_of(here)):
        assert distance_km(here, there) > 50


@given(latitudes, longitudes)
def test_cells_fit_a_database_integer_and_never_meet_those_of_areas(lat: float, lon: float) -> None:
    assert 0 <= cell_of(Position(lat, lon)) < 2**31
    assert -(2**31) <= area_cell("region:ML/Kayes") < 0


def test_an_area_is_found_from_its_places_and_they_from_it() -> None:
    near_kayes = replace(LAKAMANE, position=KAYES_REGION.position)

    assert cell_for(KAYES_REGION) in cells_to_search(LAKAMANE)
    assert cell_for(near_kayes) in cells_to_search(KAYES_REGION)


@given(st.permutations(range(4)))
def test_the_order_of_candidates_does_not_matter(order: list[int]) -> None:
    incidents = [
        an_incident(a_report(location=place), incident_id=name)
        for name, place in zip("abcd", [LAKAMANE, SEGALA, SIKASSO, LAKAMANE], strict=True)
    ]

    found = matched(a_report("r2"), *(incidents[n] for n in order))

    assert found.incident_id == "d"


@pytest.mark.parametrize(
    ("precision", "days_after", "expected"),
    [
        ("instant", 0, "i1"),
        ("day", 0, "i1"),
        ("day", 1, None),
        ("week", 1, "i1"),
        ("month", 1, "i1"),
    ],
)
def test_what_may_have_been_before_the_end_may_speak_of_what_ended(
    precision: str, days_after: int, expected: str | None
) -> None:
    ended = an_incident(a_report(), status=Status.RESOLVED, resolved_at=NOON)
    when = NOON + days_after * DAY
    report = a_report("r2", occurred_at=when, reported_at=when + DAY, date_precision=precision)

    assert matched(report, ended).incident_id == expected


def test_a_vague_place_is_near_whatever_its_radius_reaches() -> None:
    here = an_incident(a_report(location=spot(14.5, -9.9)))
    vague = a_report("r2", location=replace(spot(14.5, -10.0), radius_km=12.0))
    exact = replace(vague, location=replace(vague.location, radius_km=0.0))
    exact_here = replace(here, location=replace(here.location, radius_km=0.0))

    def near(report: Report, incident: Any) -> float:
        (row,) = compare(report, [incident], kinds=KINDS, policy=POLICY.matching)
        return row[FEATURES.index("near")]

    assert near(vague, here) == 1.0
    assert near(exact, exact_here) < 1.0


@pytest.mark.parametrize(
    ("marks", "expected"), [(("pPAGE",), 1.0), (("pPAGE", "tTEXT"), 0.0), (("pOTHER",), 0.0)]
)
def test_two_claims_of_a_page_are_two_events_and_one_text_is_one(
    marks: tuple[str, ...], expected: float
) -> None:
    incident = an_incident(a_report(marks=("pPAGE", "tTEXT")))

    (row,) = compare(a_report("r2", marks=marks), [incident], kinds=KINDS, policy=POLICY.matching)

    assert row[FEATURES.index("other_claim_of_page")] == expected
