"""A road is asked for by its number or its code, as alerts and the map name it."""

import pytest

from app.subscribers.understood import Action, Missing
from tests.harness.understanding import read


@pytest.mark.parametrize(
    ("text", "action", "route"),
    [
        ("etat rn6", Action.ASK_STATE, "ML-RN6"),
        ("RN 7 c comment", Action.ASK_STATE, "ML-RN7"),
        ("ETAT ML-DKR-N", Action.ASK_STATE, "ML-DKR-N"),
        ("ML-DKR-N", Action.ASK_STATE, "ML-DKR-N"),
        ("RN7", Action.ASK_STATE, "ML-RN7"),
        ("les cars peuvent circuler sur la RN6?", Action.ASK_STATE, "ML-RN6"),
        ("ROUTE ml dkr s", Action.ASK_STATE, "ML-DKR-S"),
        ("ABONNER ML-DKR-N", Action.SUBSCRIBE, "ML-DKR-N"),
        ("abonner rn16", Action.SUBSCRIBE, "ML-RN16"),
    ],
)
def test_all_of_a_road_is_asked_for_or_wished(text: str, action: Action, route: str) -> None:
    reading = read(text)

    assert (reading.action, reading.missing) == (action, None)
    assert reading.routes == (route,)


def test_a_number_of_several_roads_is_none() -> None:
    assert read("etat RN30").location is None


def test_what_happened_on_a_road_is_asked_where() -> None:
    reading = read("RN6 coupée par des hommes armés")

    assert (reading.action, reading.missing) == (Action.REPORT, Missing.PLACE)


def test_a_town_named_beside_its_road_is_the_place() -> None:
    assert read("ETAT RN6 BLA").places == ("Bla",)


@pytest.mark.parametrize(
    "text",
    [
        "trafic suspendu bamako segou",
        "couvre feu axe bamako segou",
        "route bamako segou rouverte",
        "liaison Bamako-Ségou suspendue jusqu'à nouvel ordre",
        "Bamako Segou suspended till further notice",
    ],
)
def test_what_is_told_of_all_of_a_road_is_not_asked_where(text: str) -> None:
    reading = read(text)

    assert (reading.action, reading.missing) == (Action.REPORT, None)
    assert reading.location is not None
    assert (reading.location.label, reading.location.whole) == ("Bamako - Ségou", True)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("suspension du trafic sur la RN7 jusqu'à nouvel ordre", "Bamako - Zégoua"),
        ("RN 7 rouverte", "Bamako - Zégoua"),
        ("reprise du trafic sur la rn7", "Bamako - Zégoua"),
        ("les transporteurs suspendent la RN6", "Bamako - Sévaré"),
        ("RN7 suspendue à Bougouni", "Bougouni"),
    ],
)
def test_a_number_alone_is_all_of_its_road(text: str, label: str) -> None:
    reading = read(text)

    assert reading.location is not None
    assert (reading.location.label, reading.missing) == (label, None)


@pytest.mark.parametrize(
    "text", ["RN11 suspendue", "RN1 RN3 suspendues", "RN7 suspendue Zodville", "RN7 barrage"]
)
def test_a_number_that_tells_no_one_road_or_beside_a_place_not_known_is_asked(text: str) -> None:
    assert read(text).missing is Missing.PLACE


def test_a_roadblock_on_a_long_road_is_asked_where() -> None:
    assert read("barrage bamako segou").missing is Missing.PLACE
