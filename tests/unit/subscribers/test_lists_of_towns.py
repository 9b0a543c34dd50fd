"""A list of towns is a list wherever the best known of them stands; a count is no news of today."""

import pytest

from app.subscribers.understood import Action, Missing
from tests.harness.understanding import read


@pytest.mark.parametrize(
    "said",
    [
        "attaque Misséni, Kadiolo, Fourou",
        "attaque Kadiolo, Misséni, Fourou",
        "attaque à Fourou, Misséni et Kadiolo",
    ],
)
def test_no_town_of_a_list_is_dropped(said: str) -> None:
    reading = read(said)

    assert reading.action is Action.REPORT
    assert reading.missing is Missing.PLACE
    assert {choice.place for choice in reading.choices} == {"Misséni", "Kadiolo", "Fourou"}


def test_of_two_the_second_may_be_the_area_of_the_first() -> None:
    assert len(read("attaque Misséni, Kadiolo").places) < 3


def test_a_distance_on_the_road_of_another_town_is_counted_from_the_first() -> None:
    reading = read("IED exploded 5km from Ansongo on Gao road")

    assert reading.kind == "ied"
    assert reading.location is not None
    assert reading.location.how == "km 5 from Ansongo to Gao"


@pytest.mark.parametrize(
    "said",
    [
        "Depuis septembre 300 citernes ont ete brulees au Mali",
        "300 citernes brulees a Diema depuis septembre",
        "Since September 300 tankers were burnt in Mali",
    ],
)
def test_a_count_over_months_is_asked_about_and_alerts_nobody(said: str) -> None:
    reading = read(said)

    assert reading.missing is Missing.MEANING
    assert reading.choices[0].kind == "fuel_interception"


@pytest.mark.parametrize(
    "said",
    [
        "attaque, 20 citernes brulees a Lakamane, 300 depuis septembre",
        "depuis ce matin 30 citernes brulees a Diema",
    ],
)
def test_an_attack_beside_a_count_is_taken_at_once(said: str) -> None:
    reading = read(said)

    assert (reading.kind, reading.missing) == ("fuel_interception", None)


def test_a_closure_since_months_is_still_one() -> None:
    assert read("barrage a Diema depuis septembre").missing is None


@pytest.mark.parametrize(
    "said",
    [
        "ils ont lever le barrage a Koumantou",
        "les militaires ont lever le blocus a Niono",
    ],
)
def test_lifted_written_by_ear_is_lifted(said: str) -> None:
    assert read(said).kind == "road_reopened"


@pytest.mark.parametrize("said", ["ils vont lever le barrage a Koumantou", "3 sacs a lever a Bla"])
def test_to_lift_is_not_lifted(said: str) -> None:
    reading = read(said)

    assert reading.kind != "road_reopened" or reading.missing


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("no more roadblock at Bla", "road_reopened"),
        ("no more checkpoint at Fana", "road_reopened"),
        ("fin de la greve a Kadiolo", "road_reopened"),
        ("strike is over at Kadiolo", "road_reopened"),
        ("le JNIM menace d'attaquer Kita si les citernes passent", "blockade_threat"),
        ("le JNIM donne un ultimatum a Lere", "blockade_threat"),
    ],
)
def test_what_is_asked_about_is_offered_as_what_it_is(said: str, kind: str) -> None:
    reading = read(said)

    assert reading.missing is Missing.MEANING
    assert kind in {choice.kind for choice in reading.choices}


def test_who_attacked_and_threatens_is_told_of_the_attack() -> None:
    said = "citernes attaquees a Fana et menace de bruler les autres"

    assert read(said).kind == "fuel_interception"


@pytest.mark.parametrize(
    "text",
    [
        "embuscade route de Kayes: Diéma, Lakamané et Sandaré",
        "citernes brûlées à Diéma, Lakamané et Sandaré route de Kayes",
        "axe Bamako Kayes: convoi attaqué à Diéma, Lakamané, Sandaré",
    ],
)
def test_a_list_beside_the_name_of_its_road_is_of_none_of_its_ends(text: str) -> None:
    reading = read(text)

    assert (reading.missing, reading.each) == (Missing.PLACE, True)
    assert [one.place for one in reading.choices] == ["Diéma", "Lakamané", "Sandaré"]


@pytest.mark.parametrize(
    "text", ["route Ségou Bla San Koro coupée", "route de Ségou à Bla, San et Koro coupée"]
)
def test_of_four_places_none_is_guessed(text: str) -> None:
    reading = read(text)

    assert (reading.missing, reading.location) == (Missing.PLACE, None)
    assert [one.place for one in reading.choices] == ["Ségou", "Bla", "San", "Koro"]


@pytest.mark.parametrize(
    "text",
    ["convoi attaqué, Sandaré calme", "Sandaré est calme, convoi attaqué",
     "convoi attaqué, RAS à Sandaré"],
)  # fmt: skip
def test_no_danger_is_told_of_where_it_is_calm_and_where_it_was_is_asked(text: str) -> None:
    reading = read(text)

    assert (reading.action, reading.kind) == (Action.REPORT, "convoy_ambush")
    assert (reading.missing, reading.places, reading.choices) == (Missing.PLACE, (), ())
