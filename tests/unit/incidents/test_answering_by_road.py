"""Good news ends what lies on the road that it speaks of, and nothing on the next one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.incidents.answering import Effect, answers
from app.roads.geometry import Position
from app.roads.network import Network, Section
from app.roads.places import Shape
from tests.harness.incidents import KINDS, LAKAMANE, NOON, POLICY, a_report, an_incident

#: A town at 14 N 10 W, and its roads to the east and to the north, about 54 and 56 km long.
TOWN = Position(14.0, -10.0)
EAST, NORTH, WEST = "town~east", "town~north", "town~west"


def a_section(section_id: str, end: Position) -> Section:
    return Section(
        id=section_id, start="town", end=section_id, start_name="Town", end_name=section_id,
        km=55.0, line=(TOWN, end), corridors=(section_id,), areas=frozenset(), road=None,
    )  # fmt: skip


NETWORK = Network(
    sections=[a_section(EAST, Position(14.0, -9.5)), a_section(NORTH, Position(14.5, -10.0))],
    corridors=(),
    places=(),
    countries=(),
)
IN_TOWN = replace(LAKAMANE, position=TOWN, place_id="town", label="Town")
EASTWARDS = replace(IN_TOWN, along=(EAST,))
STRETCH = replace(
    IN_TOWN, shape=Shape.ROAD, place_id=None, section_ids=(EAST,), label="Town - East",
    position=Position(14.0, -9.75), radius_km=27.0,
)  # fmt: skip
#: 22 km out of town on each road.
ON_EAST = replace(IN_TOWN, position=Position(14.0, -9.8), place_id=None, label="east")
ON_NORTH = replace(IN_TOWN, position=Position(14.2, -10.0), place_id=None, label="north")
#: 50 km up the north road.
FAR_NORTH = replace(ON_NORTH, position=Position(14.45, -10.0))


#: The same town with a third road.
JUNCTION = Network(
    sections=[*NETWORK.sections.values(), a_section(WEST, Position(14.0, -10.5))],
    corridors=(),
    places=(),
    countries=(),
)


def effect_of(
    news: Any, danger: Any, *, kinds: tuple[str, str], network: Network = NETWORK
) -> Effect | None:
    """Return what news at one place does to a danger at another, two days before."""
    at = NOON + timedelta(days=2)
    good = a_report(
        "good",
        kind=kinds[0],
        occurred_at=at,
        reported_at=at,
        location=news,
        road=None,
        cargo=None,
        summary="",
    )
    bad = a_report(kind=kinds[1], location=danger, road=None)
    found = answers(
        an_incident(good, incident_id="good"),
        [an_incident(bad, incident_id="danger")],
        kinds=KINDS,
        policy=POLICY.answering,
        network=network,
    )
    return found[0].effect if found else None


@pytest.mark.parametrize(
    "kinds", [("safe_transit", "fuel_interception"), ("road_reopened", "roadblock")]
)
@pytest.mark.parametrize("news", [EASTWARDS, STRETCH], ids=["town and road", "stretch"])
def test_it_ends_what_lies_on_its_road_alone(news: Any, kinds: tuple[str, str]) -> None:
    assert effect_of(news, ON_EAST, kinds=kinds) is Effect.RESOLVES
    assert effect_of(news, ON_NORTH, kinds=kinds) is Effect.LIFTS_PART
    assert effect_of(news, FAR_NORTH, kinds=kinds) in (None, Effect.LOWERS)


@pytest.mark.parametrize("news", [EASTWARDS, STRETCH], ids=["town and road", "stretch"])
def test_a_danger_in_town_is_over_on_the_road_driven(news: Any) -> None:
    kinds = ("safe_transit", "fuel_interception")

    assert effect_of(news, IN_TOWN, kinds=kinds) is Effect.LIFTS_PART
    assert effect_of(news, EASTWARDS, kinds=kinds) is Effect.RESOLVES
    assert effect_of(IN_TOWN, IN_TOWN, kinds=kinds) is Effect.RESOLVES


def test_who_drove_half_of_a_closed_stretch_says_nothing_of_the_rest() -> None:
    both = replace(STRETCH, section_ids=(EAST, NORTH), label="East - North")

    assert effect_of(STRETCH, both, kinds=("safe_transit", "roadblock")) is Effect.LIFTS_PART
    assert effect_of(both, STRETCH, kinds=("safe_transit", "roadblock")) is Effect.RESOLVES


def test_a_road_that_we_do_not_have_ends_nothing_on_ours() -> None:
    piste = replace(IN_TOWN, along=())

    assert effect_of(piste, ON_EAST, kinds=("safe_transit", "fuel_interception")) is Effect.LOWERS


def test_who_passed_a_junction_by_a_road_not_told_ends_nothing_out_on_one_of_them() -> None:
    """ "OK GAO" took back the warning of an ambush 20 km out, on a road he may not have driven."""
    passed = ("safe_transit", "fuel_interception")

    assert effect_of(IN_TOWN, ON_EAST, kinds=passed, network=JUNCTION) is Effect.LOWERS
    assert effect_of(IN_TOWN, IN_TOWN, kinds=passed, network=JUNCTION) is Effect.RESOLVES
    assert effect_of(EASTWARDS, ON_EAST, kinds=passed, network=JUNCTION) is Effect.RESOLVES
    # on a road that only passes through he came from there, or goes there
    assert effect_of(IN_TOWN, ON_EAST, kinds=passed) is Effect.RESOLVES
