"""Messages that name two places: the road between them, one of them, or an incident at each."""

import pytest

from app.subscribers.understood import Missing
from tests.harness.understanding import read


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("J'ai passé Diéma mais ya barrage a Sandaré", "Sandaré"),
        ("passé diema, citerne brulée à sandaré", "Sandaré"),
        ("bien arrivé a kayes mais camion brulé a diema", "Diéma"),
        ("camion de Kayes attaqué à Diéma", "Diéma"),
        ("convoi de 15 citernes venant de Kayes attaqué à Diéma, 4 citernes brulées", "Diéma"),
        ("convoi parti de Kayes attaqué ce matin à Diéma, un camion brulé", "Diéma"),
        ("passed Diema, truck burnt at Sandare", "Sandaré"),
        ("convoi attaqué a Sandaré sur la route Kayes Diéma", "Sandaré"),
        ("convoi Kayes Diéma attaqué a Sandaré", "Sandaré"),
        ("barrage diema, allez vers nioro", "Diéma"),
        ("route coupée à Diéma, passez par Kita", "Diéma"),
        ("embuscade convoi à Diéma, blessés évacués à Kayes", "Diéma"),
        ("attaque de bandits à Diéma sur camion venant de Kayes", "Diéma"),
        ("6 chauffeurs enlevés à Diéma et emmenés vers Nioro", "Diéma"),
        ("barrage à Sandaré vers Nioro", "Sandaré - Nioro"),
        ("barrage hommes armés Kayes Diboli", "Kayes - Diboli"),
        ("barrage entre Diéma et Nioro", "Diéma - Nioro"),
        ("barrage entre Diéma et Nioro, camions brulés", "Diéma - Nioro"),
    ],
)
def test_what_happened_is_filed_where_it_happened(text: str, place: str) -> None:
    reading = read(text)

    assert reading.missing is None
    assert reading.location is not None
    assert reading.location.label == place


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        (
            "camion brulé a diema, pont coupé a kita",
            [("vehicle_attack", "Diéma"), ("flood_damage", "Kita")],
        ),
        (
            "Diéma: camion brulé, Kita: pont coupé",
            [("vehicle_attack", "Diéma"), ("flood_damage", "Kita")],
        ),
        (
            "camion brulé a diema, kita pont coupé",
            [("vehicle_attack", "Diéma"), ("flood_damage", "Kita")],
        ),
        (
            "diema barrage, camion brulé a sandaré",
            [("roadblock", "Diéma"), ("vehicle_attack", "Sandaré")],
        ),
        (
            "truck burnt in Diema and roadblock in Sandare",
            [("vehicle_attack", "Diéma"), ("roadblock", "Sandaré")],
        ),
        (
            "camions brulés entre Diéma et Sandaré et barrage a Nioro",
            [("vehicle_attack", "Diéma"), ("vehicle_attack", "Sandaré"), ("roadblock", "Nioro")],
        ),
        ("attaque à Diéma et barrage à Sandaré", [(None, "Diéma"), ("roadblock", "Sandaré")]),
    ],
)
def test_of_two_incidents_one_is_chosen_with_what_happened_there(
    text: str, offered: list[tuple[str | None, str]]
) -> None:
    reading = read(text)

    assert reading.missing is Missing.PLACE
    assert reading.kind is None
    assert [(one.kind, one.place) for one in reading.choices] == offered


def test_one_thing_at_two_places_is_asked_and_keeps_its_kind() -> None:
    reading = read("embuscade à Diéma et embuscade à Sandaré")

    assert (reading.kind, reading.missing) == ("convoy_ambush", Missing.PLACE)
    assert [(one.kind, one.place) for one in reading.choices] == [
        (None, "Diéma"),
        (None, "Sandaré"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "barrage à Diéma et Nioro",
        "barrage a diema et a nioro",
        "barrage à Diéma et aussi à Nioro",
        "roadblock in Diema and Nioro",
        "Diéma et Nioro barrage",
    ],
)
def test_two_places_beside_one_another_are_not_the_road_between_them(text: str) -> None:
    reading = read(text)

    assert (reading.kind, reading.missing) == ("roadblock", Missing.PLACE)
    assert [one.place for one in reading.choices] == ["Diéma", "Nioro"]


@pytest.mark.parametrize(
    "text",
    [
        "barrage entre Diéma et Nioro",
        "barrage entre la ville de Diéma et Nioro",
        "barrage sur l'axe Diéma et Nioro",
        "barrage sur la route de Diéma et Nioro",
        "roadblock between Diema and Nioro",
        "barrage de Diéma à Nioro",
        "barrage Diéma Nioro",
    ],
)
def test_the_ends_of_a_road_are_the_stretch_between_them(text: str) -> None:
    location = read(text).location

    assert location is not None
    assert location.label == "Diéma - Nioro"


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (
            "attaque sur convoi a 20 km avant Kayes en venant de Bamako",
            "km 20 from Kayes to Bamako",
        ),
        ("ont brulé 3 camion a 10km de diema ver nioro", "km 10 from Diéma to Nioro"),
        ("ALERTE CONVOI ATTAQUE A 15 KM DE DIEMA VERS KAYES", "km 15 from Diéma to Kayes"),
    ],
)
def test_a_distance_on_the_side_of_another_town_is_one_spot(text: str, how: str) -> None:
    reading = read(text)

    assert reading.missing is None
    assert reading.location is not None
    assert reading.location.how.startswith(how)


def test_the_number_of_a_road_tells_namesakes_apart() -> None:
    reading = read("trois chauffeurs enlevés à Kassela RN6")

    assert reading.location is not None
    assert (reading.location.label, reading.location.cercle) == ("Kasséla", "Kati")
    assert read("trois chauffeurs enlevés à Kassela").missing is Missing.PLACE


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("citerne brulée PK 45 route Bougouni", "km 45 of route de bougouni from Bamako"),
        ("citerne brulée route de Bougouni pk 45", "km 45 of route de bougouni from Bamako"),
        ("attaque camion pk 25 route Bla San", "km 25 from Bla to San"),
    ],
)
def test_a_kilometre_of_a_road_is_not_the_town_that_it_leads_to(text: str, how: str) -> None:
    location = read(text).location

    assert location is not None
    assert location.how.startswith(how)


@pytest.mark.parametrize("text", ["attaque camion au km 12 de San", "barrage Bla km 12"])
def test_a_kilometre_on_no_road_is_asked(text: str) -> None:
    reading = read(text)

    assert (reading.missing, reading.location) == (Missing.PLACE, None)


@pytest.mark.parametrize("text", ["barrages a Bla San et Koutiala", "barrages: Bla, San, Koutiala"])
def test_of_a_list_of_towns_it_is_asked_which(text: str) -> None:
    reading = read(text)

    assert (reading.kind, reading.missing) == ("roadblock", Missing.PLACE)
    assert [one.place for one in reading.choices] == ["Bla", "San", "Koutiala"]


def test_a_spot_on_the_road_between_two_towns_is_that_spot() -> None:
    for text in (
        "camion brulé axe Bla Koutiala à Kimparana",
        "barrage entre Bla et San à Yangasso",
    ):
        assert read(text).missing is None


@pytest.mark.parametrize(
    "text", ["camion brulé RN6 à 40 km de Bamako", "bus attaqué 40km de bamako RN6"]
)
def test_the_number_of_a_road_says_which_way_a_distance_counts(text: str) -> None:
    reading = read(text)

    assert reading.location is not None
    assert reading.location.told == ("Bamako", 40)
    assert reading.location.position.lon > -7.7  # towards Ségou
    assert read("camion brulé RN1 à 20 km de Kayes").missing is Missing.PLACE
