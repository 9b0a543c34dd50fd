"""Between which towns a danger is said to lie."""

from dataclasses import replace

import pytest

from app.alerts.alert import Stretch
from app.alerts.change import Cause
from app.alerts.decide import decide
from app.core.levels import Level
from app.flows.alerting.towns import ended_on, part_told, road_of, stretch_of, stretch_said, via_of
from app.incidents.incident import CargoLift, Incident, Status
from app.roads.gazetteer import Gazetteer
from app.roads.loading import load_network
from app.roads.network import Network
from app.roads.places import Location, PlaceQuery
from tests.harness.deciding import ELSEWHERE, HERE, NOW, POLICY, a_change, told
from tests.harness.incidents import a_report, an_incident
from tests.harness.risk import CONFIG
from tests.harness.roads import placed


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network(CONFIG / "network")


@pytest.fixture(scope="module")
def gazetteer(network: Network) -> Gazetteer:
    return Gazetteer(network)


def told_on(route: str, where: Location, network: Network) -> tuple[str, str] | None:
    incident = an_incident(a_report(location=where))
    return of(route, incident, network)


def of(
    route: str, incident: Incident, network: Network, cargo: str = "fuel"
) -> tuple[str, str] | None:
    return stretch_of(route, network.corridors[route].section_ids[0], incident, cargo, network)


def test_a_danger_between_two_towns_is_told_between_them(
    gazetteer: Gazetteer, network: Network
) -> None:
    """It may be anywhere between Kayes and Diéma, 270 km apart, not near Kayes."""
    where = placed(gazetteer, PlaceQuery(place="Kayes-Diéma", precision="road segment midpoint"))

    assert told_on("ML-DKR-N", where, network) == ("Diéma", "Kayes")


def test_at_a_town_it_is_told_on_the_road_that_was_named(
    gazetteer: Gazetteer, network: Network
) -> None:
    at_koro = placed(gazetteer, PlaceQuery(place="Koro", road="Bankass-Koro"))

    assert told_on("ML-RN15", at_koro, network) == ("Bankass", "Koro")
    beyond = tuple(
        one
        for one in network.corridors["ML-RN15"].section_ids
        if {"Koro", "Tiou"} <= {*network.stretch_names(one)}
    )
    assert told_on("ML-RN15", replace(at_koro, along=beyond), network) == ("Koro", "Tiou")


def test_a_closure_opened_in_part_is_told_where_it_goes_on(
    gazetteer: Gazetteer, network: Network
) -> None:
    def road(place: str) -> Location:
        return placed(gazetteer, PlaceQuery(place=place, whole_road=True))

    def ended(route: str, before: Incident, now: Incident) -> list[tuple[str, str]]:
        return [where for _, where in ended_on(route, "fuel", [(before, now)], network)]

    closed = an_incident(a_report(location=road("axe Bamako-Nioro")))
    opened = replace(closed, lifted=(road("route Bamako-Diéma"),))
    to_some = CargoLift(cargo=("goods",), where=road("route Bamako-Didiéni"), by="news")
    for_goods = replace(closed, lifted_for=(to_some,))

    assert of("ML-RN4", closed, network) == ("Bamako", "Nioro")
    assert of("ML-RN4", opened, network) == ("Diéma", "Nioro")
    assert ended("ML-RN4", closed, opened) == [("Bamako", "Diéma")]
    for incident, named in ((closed, "Bamako - Nioro"), (opened, "Diéma - Nioro")):
        assert part_told("ML-RN4", incident, closed.location, "fuel", network).label == named
    assert of("ML-RN4", for_goods, network, "goods") == ("Didiéni", "Nioro")
    assert of("ML-RN4", for_goods, network, "fuel") == ("Bamako", "Nioro")
    assert ended("ML-RN4", closed, for_goods) == []
    beyond = replace(closed, lifted=(road("route Diéma-Nioro"),))
    assert ended("ML-DKR-N", closed, beyond) == []


def test_of_an_area_an_end_is_told_where_none_of_it_is_left_on_the_route(
    gazetteer: Gazetteer, network: Network
) -> None:
    where = placed(gazetteer, PlaceQuery(region="Kayes"))
    town = placed(gazetteer, PlaceQuery(place="Diéma"))
    held = an_incident(a_report(kind="blockade_threat", location=where))

    def ended(now: Incident) -> bool:
        return bool(ended_on("ML-DKR-N", "fuel", [(held, now)], network))

    assert not ended(replace(held, lifted=(town,)))
    assert ended(replace(held, status=Status.RESOLVED))


@pytest.mark.parametrize(
    ("route", "stretch", "number"),
    [
        ("ML-YEL", None, None),  # part of it is RN1, and RN1 is another road to Nioro
        ("ML-DKR-N", None, None),
        ("ML-RN16", None, "RN16"),
        ("ML-DKR-N", ("Diéma", "Kayes"), "RN1"),
        ("ML-DKR-N", ("Sandaré", "Kayes"), "RN1"),
        ("ML-DKR-N", ("Kolokani", "Sandaré"), None),
    ],
)
def test_a_number_is_told_where_all_of_it_has_that_number(
    route: str, stretch: tuple[str, str] | None, number: str | None, network: Network
) -> None:
    worst = network.corridors[route].section_ids[0]

    assert road_of(route, worst, stretch, network) == number


@pytest.mark.parametrize(
    ("after", "told_of", "worst", "where"),
    [
        (Level.MODERATE, [HERE], ELSEWHERE, HERE),
        (Level.MODERATE, [HERE, ELSEWHERE], HERE, None),
        (Level.MODERATE, [HERE, None], HERE, None),
        (Level.HIGH, [HERE, ELSEWHERE], ELSEWHERE, ELSEWHERE),
        (Level.HIGH, [HERE, ELSEWHERE], ("Kati", "Kolokani"), None),
    ],
)
def test_what_eased_by_time_is_said_of_where_it_was_told(
    after: Level, told_of: list[Stretch | None], worst: Stretch, where: Stretch | None
) -> None:
    """Not of the stretch that statistics call the worst now: nobody heard of a danger there."""
    change = a_change(after=after, cause=Cause.AGED, stretch=worst, speaks=None)
    before = told(stretches=frozenset(told_of), stretch=HERE)
    decision = decide(change, before, policy=POLICY, now=NOW)

    assert stretch_said(change, decision, before, nothing_new=True) == where
    assert stretch_said(change, decision, before, nothing_new=False) == worst


def test_two_roads_between_the_same_towns_are_told_apart_by_a_town_of_one_only(
    network: Network,
) -> None:
    by = {route: via_of(route, network) for route in network.corridors}

    assert {route: town for route, town in by.items() if town} == {
        "ML-DKR-N": "Kayes",
        "ML-DKR-S": "Kita",
    }
