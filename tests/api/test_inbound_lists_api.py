"""A list of towns by SMS: each is told at once, as the API takes a list."""

import pytest

from tests.harness.texting import DRIVER, REPORTER, Texting, a_reporter

pytestmark = pytest.mark.alike


async def incidents(texting: Texting) -> set[tuple[str, str]]:
    found = (await texting.api.moderator.get("/v1/incidents")).json()["items"]
    return {(one["kind"], one["location"]["label"]) for one in found}


async def test_each_town_of_a_list_is_an_incident_and_is_said_back(texting: Texting) -> None:
    await a_reporter(texting.api)

    noted = await texting.says(REPORTER, "citernes brûlées à Diéma, Lakamané et Sandaré")

    assert "Noté: citernes interceptées à Diéma" in str(noted)
    assert "Lakamané" in str(noted)
    assert "Sandaré" in str(noted)
    towns = ("Diéma", "Lakamané", "Sandaré")
    assert await incidents(texting) == {("fuel_interception", town) for town in towns}


@pytest.mark.parametrize(
    "text", ["barrage Koro et Bandiagara", "attaque Koro, Bankass et Bandiagara"]
)
async def test_two_that_may_be_one_road_and_what_has_no_sort_are_asked_about(
    texting: Texting, text: str
) -> None:
    asked = await texting.says(DRIVER, text)

    assert "Quel lieu? 1 Koro" in str(asked)
    assert await incidents(texting) == set()


@pytest.mark.parametrize(
    "text",
    [
        "embuscade contre un convoi Bamako-Kayes-Diéma",
        "convoi attaqué en allant de Bamako à Kayes, Diéma et Lakamané",
        "convoi parti de Ségou, Bla, San attaqué",
        "convoi de citernes de Dakar, Kayes et Diéma brûlé",
        "convoi de Ségou à San, Bla et Koro attaqué",
        "barrage Ségou Bla San",
        "route coupée Ségou, Bla, San",
        "embuscade à 20 km de Diéma, Lakamané, Sandaré",
    ],
)
async def test_the_towns_of_a_way_are_asked_about_and_none_is_an_attack(
    texting: Texting, text: str
) -> None:
    await a_reporter(texting.api)

    asked = await texting.says(REPORTER, text)

    assert "Quel lieu? 1 " in str(asked)
    assert await incidents(texting) == set()


async def test_a_list_on_a_road_that_is_named_is_told_of_its_towns(texting: Texting) -> None:
    await a_reporter(texting.api)

    noted = await texting.says(REPORTER, "embuscade route de Kayes: Diéma, Lakamané et Sandaré")

    assert "Noté: convoi attaqué à Diéma" in str(noted)
    towns = ("Diéma", "Lakamané", "Sandaré")
    assert await incidents(texting) == {("convoy_ambush", town) for town in towns}


async def test_who_passed_three_towns_of_a_road_passed_from_the_first_to_the_last(
    texting: Texting,
) -> None:
    noted = await texting.says(DRIVER, "passé OK Koro, Bankass, Bandiagara")

    assert "Passage noté: Koro - Bankass - Bandiagara" in str(noted)
    assert await incidents(texting) == {("safe_transit", "Koro - Bandiagara")}


@pytest.mark.parametrize("text", ["OK Koro Bandiagara Bankass", "OK Koro Kayes Gao"])
async def test_towns_that_are_not_one_behind_the_other_are_asked_about(
    texting: Texting, text: str
) -> None:
    asked = await texting.says(DRIVER, text)

    assert "Quel lieu? 1 Koro, 2 " in str(asked)
    assert await incidents(texting) == set()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("barrage Koro, Xyzzy et Bandiagara", {"Koro - Bandiagara"}),
        ("citernes brûlées à Diéma, Xyzzy, Lakamané et Sandaré", {"Diéma", "Lakamané", "Sandaré"}),
    ],
)
async def test_a_name_of_a_list_that_nobody_knows_is_said_back_and_shown_to_a_person(
    texting: Texting, text: str, told: set[str]
) -> None:
    noted = await texting.says(DRIVER, text)

    assert "Lieu inconnu: xyzzy" in str(noted)
    assert {label for _, label in await incidents(texting)} == told
    for town in {town for label in told for town in label.split(" - ")}:
        assert town in str(noted)
