"""Who has the truck and threatens its driver has attacked: no blockade is announced."""

import pytest

from app.subscribers.understood import Action
from tests.harness.understanding import read


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Camion pris à Sandaré, ils menacent de tuer le chauffeur", "vehicle_attack"),
        ("camion volé a Sandaré, ils menacent de tuer le chauffeur", "vehicle_attack"),
        ("Ils ont pris le camion a Sandaré et menacent de le brûler", "vehicle_attack"),
        ("Truck taken at Gossi, they threaten to kill the driver", "vehicle_attack"),
        ("Citerne prise a Massigui, ils menacent de tuer le chauffeur", "fuel_interception"),
        ("chauffeur pris a Sandaré, ils menacent de le tuer", "abduction"),
        ("Ils tiennent le chauffeur a Sandaré et menacent de le tuer", "abduction"),
        ("veh de l'ONG pris a Gossi, ils menacent de tuer le chauffeur", "vehicle_attack"),
        ("camion de riz pris vers Niena ils menacent de tuer le chauffeur", "vehicle_attack"),
        ("Ils nous ont pris a Sandaré, ils menacent de nous tuer", "abduction"),
        ("bus arrêté a Niena, ils menacent de tuer les otages", "abduction"),
        ("ils menacent de les tuer s ils roulent vers Nioro", "blockade_threat"),
        ("Ils menacent de bruler les camions a Nioro", "blockade_threat"),
        ("Ils menacent de tuer les chauffeurs a Nioro", "blockade_threat"),
        ("Ils menacent de tuer le chauffeur qui passe à Nioro", "blockade_threat"),
        ("menacent de tuer le chauffeur de tout camion qui passe à Nioro", "blockade_threat"),
        ("They threaten to kill the driver who passes Nioro", "blockade_threat"),
    ],
)
def test_a_threat_to_who_was_taken_is_told_as_what_was_done(text: str, kind: str) -> None:
    reading = read(text)

    assert (reading.action, reading.kind, reading.missing) == (Action.REPORT, kind, None)


@pytest.mark.parametrize(
    "text",
    [
        "camion pris dans la boue a Fana",
        "citerne prise dans l'eau a Massigui",
        "camions pris en charge par l'escorte a Diéma",
        "mon camion pris en photo a Fana",
        "chauffeur pris d'un malaise a Kita",
        "passagers pris en charge a Kita",
        "on a pris le bus pour Kayes",
    ],
)
def test_what_mud_or_a_photograph_takes_is_no_attack(text: str) -> None:
    reading = read(text)

    assert not (reading.action is Action.REPORT and reading.kind and not reading.missing)


def test_an_open_border_is_offered_as_a_road_that_is_open_again() -> None:
    reading = read("frontière ouverte à Kidira ce matin")

    assert reading.action is Action.UNCLEAR
    assert "road_reopened" in [choice.kind for choice in reading.choices]


@pytest.mark.parametrize(
    "text",
    [
        "Camion pris à 350 000 FCFA à Sandaré",
        "citernes prises pour 3 millions a Massigui",
        "voiture prise a 75000 francs a Fana",
        "les FAMa ont pris une citerne des terroristes à Massigui",
        "l'armée a saisi deux camions de jihadistes à Gossi",
        "camions pris par l'armée chez les djihadistes à Gossi",
        "véhicules des terroristes saisis par les FAMa à Gossi",
        "the army seized a truck of militants at Gossi",
        "on a pris le camion des jihadistes à Gossi",
        "on a récupéré un véhicule des terroristes a Gossi",
        "they took the jihadists truck at Gossi",
    ],
)
def test_what_is_hired_or_the_army_takes_is_asked_about(text: str) -> None:
    reading = read(text)

    assert reading.kind is None
    assert reading.choices


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("les djihadistes ont pris un camion de l'armée à Gossi", "vehicle_attack"),
        ("les jihadistes ont pris le camion des commerçants à Gossi", "vehicle_attack"),
        ("Ils ont pris le camion, les jihadistes, à Gossi", "vehicle_attack"),
        ("Citerne prise à Massigui, rançon de 500 000 F", "fuel_interception"),
        ("les FAMa ont pris la fuite, citerne prise à Massigui", "fuel_interception"),
    ],
)
def test_what_is_taken_from_the_army_or_for_ransom_is_told(text: str, kind: str) -> None:
    reading = read(text)

    assert (reading.action, reading.kind, reading.missing) == (Action.REPORT, kind, None)


@pytest.mark.parametrize(
    "text",
    [
        "L'armée a repris les citernes volées à Diéma",
        "L'armée a récupéré les citernes volées à Diéma",
        "Army recovered the stolen tankers at Diema",
    ],
)
def test_what_the_army_took_back_is_asked_about_and_not_told_as_taken(text: str) -> None:
    assert read(text).action is Action.UNCLEAR


def test_tankers_that_were_attacked_are_told_though_the_army_took_some_back() -> None:
    reading = read("Citernes attaquées à Diéma, l'armée a repris deux camions")

    assert (reading.action, reading.kind) == (Action.REPORT, "fuel_interception")
    assert read("Citernes volées à Diéma").kind == "fuel_interception"
