"""Of an attack only the sort is not said: told at once where all else is plain, else asked."""

from datetime import UTC, datetime

import pytest

from app.subscribers.understood import Action, Missing, When
from tests.harness.understanding import read

NOW = datetime(2026, 11, 29, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("SOS goundam on nous attaque", "Goundam"),
        ("attaque en cours au peage de kayes", "Kayes"),
        ("on nous tire dessus a goundam", "Goundam"),
        ("fusillade au marché de bankass des blessés", "Bankass"),
        ("coups de feu vers sikasso", "Sikasso"),
        ("tirs entendus a nara", "Nara"),
        ("encore des tirs a nara", "Nara"),
        ("attaque du jnim a nara 3 morts", "Nara"),
        ("gunfire in nara now", "Nara"),
        ("ne venez pas a nara ya des tirs", "Nara"),
        ("coups de feu nourris à nara en ce moment", "Nara"),
    ],
)
def test_an_attack_of_now_is_told_under_the_kind_that_fits_best(text: str, place: str) -> None:
    reading = read(text, now=NOW)

    assert (reading.action, reading.missing) == (Action.REPORT, None)
    assert (reading.kind, reading.for_now) == ("town_attack", True)
    assert reading.location is not None
    assert reading.location.label == place
    kinds = [choice.kind for choice in reading.choices]
    assert kinds == ["vehicle_attack", "convoy_ambush", "town_attack"]
    assert reading.when == When(NOW, "instant")


def test_on_the_road_it_is_whoever_drives_there_who_is_attacked() -> None:
    reading = read("attaque sur la route de Gao", now=NOW)

    assert (reading.kind, reading.for_now) == ("vehicle_attack", True)


def test_what_goes_on_for_hours_is_of_now() -> None:
    for hour in (11, 23):
        reading = read("tirs nourris a kati depuis 5h", now=NOW.replace(hour=hour))

        assert reading.for_now
        assert reading.when == When(datetime(2026, 11, 29, 5, 0, tzinfo=UTC), "instant")


def test_what_is_dated_is_of_then_whether_or_not_the_day_it_is_is_known() -> None:
    for text in ("Il y a 10 ans une attaque à Diéma", "attaque à Nara hier"):
        assert read(text).missing is Missing.KIND
        assert read(text, now=NOW).missing is Missing.KIND


def test_what_names_its_sort_is_not_asked() -> None:
    for text in ("camion attaqué à Nara", "village attaqué à Nara", "embuscade à Nara"):
        assert not read(text, now=NOW).for_now


@pytest.mark.parametrize(
    "text",
    [
        # no attack, or not on people
        "tirs au but nara gagne", "attaque de chien errant a kati", "attaque cardiaque a nara",
        "heart attack driver kita hospital", "nara attaque et marque 3 buts",
        "attaque verbale a nara", "attaque a la mine de nara",
        # a wedding, an exercise, the hunters, the army
        "coups de feu de joie a kati mariage", "kita tirs c'est la fete", "tirs d'exercice a kati",
        "tirs a nara c'est les chasseurs", "militaires tirent a kati", "helicopteres tirent a nara",
        # over, past, or spoken of beside something else
        "attaque a nara hier", "attaque a nara hier soir 20h", "Il y a 10 ans une attaque à Diéma",
        "on a attaqué nara en 2013", "attaque de nara en 2013", "attaque a nara a 20h",
        "avant l'attaque de nara", "nara etait attaquée", "nara attaque finie",
        "les tirs ont cessé a nara", "passé nara attaque", "suite attaque nara",
        "lakamané tjrs pas de reseau depuis l'attaque",
        # asked, denied, feared, heard of
        "attaque a nara ?", "y a til attaque a nara", "pas d'attaque a nara", "si attaque a nara",
        "ils vont attaquer nara", "nara risque d'attaque", "il y aurait attaque a nara",
        "on m'a dit attaque a nara", "il parait attaque nara", "on nous signale des tirs a nara",
        "j'ai entendu qu'il y a une attaque a nara",
    ],
)  # fmt: skip
def test_what_may_be_anything_else_is_asked_first(text: str) -> None:
    reading = read(text, now=NOW)

    assert not reading.for_now
    assert reading.action is not Action.REPORT or reading.missing is not None


def test_a_year_is_no_time_of_this_evening() -> None:
    for text in ("attaque de nara en 2013", "attaque nara 2013"):
        assert not read(text, now=NOW.replace(hour=21)).for_now


@pytest.mark.parametrize("text", ["nara attaque kita", "attaque gao ansongo"])
def test_of_two_places_it_is_asked_first(text: str) -> None:
    assert read(text, now=NOW).missing in {Missing.PLACE, Missing.KIND}


@pytest.mark.parametrize("text", ["ALERTE DIEMA", "deux tués a boni", "djihadistes a hombori"])
def test_of_what_else_is_not_said_it_is_asked_first(text: str) -> None:
    assert not read(text, now=NOW).for_now
