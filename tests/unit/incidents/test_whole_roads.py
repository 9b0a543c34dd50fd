"""Closures of all of a road: half its length is no nearness, and a part of it opens that part."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.incidents.answering import Effect, answers
from app.incidents.incident import Incident
from app.incidents.matching import cell_for, cells_to_answer, cells_to_search, match
from app.incidents.report import Report
from app.incidents.verdicts import lift_part
from app.risk.lifted import over_for
from app.roads.codec import decode_location, encode_location
from app.roads.geometry import Position
from app.roads.network import Network, Section
from app.roads.places import Location, Shape
from tests.harness.incidents import (
    KAYES_REGION,
    KINDS,
    LAKAMANE,
    NOON,
    POLICY,
    SEGALA,
    a_report,
    an_incident,
)

CAPITAL, HALFWAY, END = Position(12.6, -8.0), Position(12.6, -6.9), Position(12.6, -5.8)
FIRST, SECOND, SOUTH = "capital~halfway", "halfway~end", "capital~south"
SUSPENDED, REOPENED = "route_suspended", "road_reopened"


def a_section(section_id: str, *line: Position) -> Section:
    start, end = section_id.split("~")
    return Section(
        id=section_id, start=start, end=end, start_name=start, end_name=end, km=120.0, line=line,
        corridors=(section_id,), areas=frozenset(), road=None,
    )  # fmt: skip


NETWORK = Network(
    sections=[
        a_section(FIRST, CAPITAL, HALFWAY),
        a_section(SECOND, HALFWAY, END),
        a_section(SOUTH, CAPITAL, Position(10.6, -8.0)),
    ],
    corridors=(),
    places=(),
    countries=(),
)
ROAD = Location(
    shape=Shape.ROAD, position=HALFWAY, radius_km=119.0, label="Capital - End",
    section_ids=(FIRST, SECOND), country="ML", region="Ségou", whole=True,
)  # fmt: skip
PART = replace(
    ROAD, position=Position(12.6, -7.4), radius_km=60.0, label="Capital - Halfway",
    section_ids=(FIRST,),
)  # fmt: skip
SOUTHWARDS = replace(
    ROAD, position=Position(11.6, -8.0), radius_km=111.0, label="Capital - South",
    section_ids=(SOUTH,),
)  # fmt: skip
TOWN = replace(LAKAMANE, position=END, label="End", place_id="end", region="Ségou", cercle=None)
BY_IT, BY_OPENED = replace(TOWN, at=(SECOND,)), replace(TOWN, at=(FIRST,))
BEYOND = replace(TOWN, along=(SECOND, "end~on"), at=("end~on",))


def told(kind: str, where: Location, report_id: str = "r1", *, hours: float = 0) -> Report:
    return a_report(
        report_id, kind=kind, location=where, occurred_at=NOON + timedelta(hours=hours),
        reported_at=NOON + timedelta(hours=hours), date_precision="instant", cargo=None,
        actor=None, target=None, summary=f"{kind} {where.label}", place=where.label,
    )  # fmt: skip


def closed(where: Location = ROAD) -> Incident:
    return an_incident(told(SUSPENDED, where))


def joins(kind: str, where: Location, *, hours: float = 3) -> bool:
    report = told(kind, where, "r2", hours=hours)
    assert cell_for(closed().location) in cells_to_search(where) or not (where.whole or where.at)
    return match(report, [closed()], policy=POLICY.matching, kinds=KINDS).incident_id is not None


@pytest.mark.parametrize(
    ("kind", "where", "one"),
    [
        (SUSPENDED, ROAD, True),
        (SUSPENDED, replace(ROAD, label="End - Capital"), True),
        (SUSPENDED, BY_IT, True),
        (SUSPENDED, BEYOND, False),
        (SUSPENDED, SOUTHWARDS, False),
        (SUSPENDED, PART, False),
        (SUSPENDED, replace(TOWN, position=Position(13.5, -6.9)), False),
        ("roadblock", BY_IT, False),
        ("roadblock", replace(TOWN, position=HALFWAY, label="Halfway"), False),
    ],
    ids=["told again", "from the other end", "told of its town", "farther on that road",
         "another road of the capital", "a part", "a town 100 km aside", "a roadblock on it",
         "a roadblock at its middle"],
)  # fmt: skip
def test_one_closure_is_one_and_two_are_two(kind: str, where: Location, *, one: bool) -> None:
    assert joins(kind, where) is one


@pytest.mark.parametrize(
    ("where", "hours", "one"),
    [
        (ROAD, 3, True),
        (ROAD, 9, False),
        (BY_IT, 9, True),
        (BY_OPENED, 9, False),
    ],
    ids=["before it opened", "all of it", "where it is closed", "where it opened"],
)
def test_what_closes_a_part_that_was_opened_is_heard_as_another_closure(
    where: Location, hours: float, *, one: bool
) -> None:
    opened = an_incident(told(REOPENED, PART, hours=6), incident_id="i2")
    held = lift_part(closed(), answer=opened, known_at=NOON + timedelta(hours=7))
    report = told(SUSPENDED, where, "r2", hours=hours)

    found = match(report, [held], policy=POLICY.matching, kinds=KINDS).incident_id

    assert (found is not None) is one


@pytest.mark.parametrize(
    ("where", "said", "one"),
    [
        (KAYES_REGION, "La région de Kayes est sous blocus", True),
        (KAYES_REGION, "La région de Kayes est de nouveau sous blocus", False),
        (SEGALA, "La région de Kayes est sous blocus jusqu'à Segala", False),
        (LAKAMANE, "La région de Kayes est sous blocus jusqu'à Lakamané", True),
    ],
    ids=["told again", "closed again", "where it opened", "where it is closed"],
)
def test_what_closes_a_town_of_an_area_that_was_opened_is_another_closure(
    where: Location, said: str, *, one: bool
) -> None:
    first = replace(told("roadblock", KAYES_REGION), summary="Kayes sous blocus", actor="JNIM")
    opened = an_incident(told(REOPENED, SEGALA, hours=6), incident_id="i2")
    held = lift_part(an_incident(first), answer=opened, known_at=NOON + timedelta(hours=7))
    report = told("roadblock", where, "r2", hours=9)
    report = replace(report, summary=said, actor="JNIM")

    found = match(report, [held], policy=POLICY.matching, kinds=KINDS).incident_id

    assert (found is not None) is one


def test_what_lasts_is_told_of_the_towns_of_the_road_day_after_day() -> None:
    assert joins(SUSPENDED, BY_IT, hours=34)
    assert not joins(SUSPENDED, BEYOND, hours=34)


def test_a_roadblock_is_not_the_blockade_that_was_announced_of_its_road() -> None:
    threat, barrier = told("blockade_threat", ROAD), told("roadblock", BY_IT, "r2", hours=1)
    barrier = replace(barrier, actor="JNIM")
    threat = replace(threat, actor="JNIM")

    for first, second in ((threat, barrier), (barrier, threat)):
        found = match(second, [an_incident(first)], policy=POLICY.matching, kinds=KINDS)
        assert found.incident_id is None


@pytest.mark.parametrize("order", [(ROAD, BY_IT, BY_IT), (BY_IT, ROAD), (BY_IT, BY_IT, ROAD)])
def test_told_of_its_town_too_it_is_closed_all_along(order: tuple[Location, ...]) -> None:
    reports = [told(SUSPENDED, where, f"r{n}", hours=n) for n, where in enumerate(order)]

    held = an_incident(*reports)

    assert (held.location, held.elsewhere) == (ROAD, ())


def test_of_two_ends_that_are_told_the_farther_one_is_held() -> None:
    longer = replace(ROAD, section_ids=(FIRST, SECOND, "end~on"), label="Capital - On")

    assert an_incident(told(SUSPENDED, ROAD), told(SUSPENDED, longer, "r2")).location == longer


@pytest.mark.parametrize("places", [(ROAD, BY_IT), (BY_IT, ROAD), (ROAD, PART)])
def test_a_town_or_a_part_that_opens_is_other_news_than_the_road(
    places: tuple[Location, Location],
) -> None:
    known = an_incident(told(REOPENED, places[0]))
    report = told(REOPENED, places[1], "r2", hours=1)

    assert match(report, [known], policy=POLICY.matching, kinds=KINDS).incident_id is None


def answer(kind: str, where: Location, danger: Incident) -> Effect | None:
    news = an_incident(told(kind, where, "good", hours=30), incident_id="good", credibility=0.9)
    assert cell_for(danger.location) in cells_to_answer(where)
    found = answers(news, [danger], kinds=KINDS, policy=POLICY.answering, network=NETWORK)
    return found[0].effect if found else None


@pytest.mark.parametrize(
    ("where", "effect"),
    [
        (ROAD, Effect.RESOLVES),
        (PART, Effect.LIFTS_PART),
        (TOWN, Effect.LIFTS_PART),
        (BY_IT, Effect.LIFTS_PART),
        (replace(TOWN, position=Position(13.5, -6.9)), None),
    ],
    ids=["all of it", "a part", "its town", "its town, by it", "a town 100 km aside"],
)
def test_it_is_over_where_it_is_said_to_be_open(where: Location, effect: Effect | None) -> None:
    assert answer(REOPENED, where, closed()) is effect


def test_another_road_out_of_the_capital_that_opens_says_nothing_of_it() -> None:
    assert answer(REOPENED, SOUTHWARDS, closed()) in {None, Effect.LOWERS}


@pytest.mark.parametrize(
    ("where", "effect"),
    [(TOWN, Effect.RESOLVES), (replace(TOWN, position=Position(13.5, -6.9)), None)],
    ids=["at its end", "100 km aside of its middle"],
)
def test_a_road_that_opens_is_open_at_each_of_its_places(
    where: Location, effect: Effect | None
) -> None:
    assert answer(REOPENED, ROAD, an_incident(told("roadblock", where))) is effect


def test_a_part_that_was_opened_is_open_and_the_rest_is_not() -> None:
    left = replace(closed(), lifted=(PART,))

    assert over_for(NETWORK.sections[FIRST], left, ("goods",)) == (True,)
    assert over_for(NETWORK.sections[SECOND], left, ("goods",)) == (False,)


def test_that_it_is_all_of_the_road_is_kept() -> None:
    assert decode_location(encode_location(ROAD)) == ROAD
    assert "whole" not in encode_location(LAKAMANE)


def test_kinds_that_say_nothing_of_it_are_of_a_spot() -> None:
    assert [one.code for one in KINDS if one.whole] == [
        "blockade_threat", "route_suspended", "travel_restriction", "road_reopened",
    ]  # fmt: skip
    assert not KINDS.is_of_whole_roads(None)
