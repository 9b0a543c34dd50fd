"""What is said right after a question, or a report, of the same phone."""

from datetime import timedelta

import pytest

from tests.harness.api import Api
from tests.harness.texting import DRIVER, Texting


@pytest.fixture
def api(texting: Texting) -> Api:
    return texting.api


@pytest.mark.alike
async def test_another_town_is_asked_for_by_its_name_alone(api: Api, texting: Texting) -> None:
    await texting.says(DRIVER, "ETAT KAYES")

    again = await texting.says(DRIVER, "et sikasso")
    danger = await texting.says(DRIVER, "Bla barrage")
    api.clock.advance(timedelta(hours=2))
    late = await texting.says(DRIVER, "et koutiala")

    assert str(again).startswith("SIRA Sikasso: aucune nouvelle")
    assert "Noté: barrage sur la route à Bla" in str(danger)
    assert "que voulez-vous dire?" in str(late)


@pytest.mark.alike
async def test_who_takes_his_report_back_is_shown_to_the_desk_with_its_place(
    api: Api, texting: Texting
) -> None:
    nothing = await texting.says(DRIVER, "c'est faux")
    await texting.says(DRIVER, "ALERTE DIEMA CITERNES BRULEES")

    back = await texting.says(DRIVER, "annulez mon message c'est faux")

    assert str(back).startswith("SIRA Noté à Diéma: selon vous, c'est faux")
    assert "non compris" in str(nothing)
    (mine,) = (await api.moderator.get("/v1/inbound?outcome=nothing")).json()["items"]
    assert mine["places"] == ["Diéma"]
    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert incident["status"] == "open"


@pytest.mark.alike
@pytest.mark.parametrize("said", ["1", "oui", "Oui c'est vrai"])
async def test_a_danger_that_was_asked_about_is_filed_once_it_is_said_to_be_one(
    api: Api, texting: Texting, said: str
) -> None:
    asked = await texting.says(DRIVER, "photo des citernes brulées a diema")
    before = (await api.moderator.get("/v1/incidents")).json()["items"]

    noted = await texting.says(DRIVER, said)

    assert "1 signaler citernes interceptées, 2 demander l'état" in str(asked)
    assert before == []
    assert "Noté: citernes interceptées à Diéma" in str(noted)
    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert incident["kind"] == "fuel_interception"


@pytest.mark.alike
@pytest.mark.parametrize("said", ["1", "oui", "STOP"])
async def test_who_is_asked_whether_he_leaves_has_left_once_he_says_yes(
    api: Api, texting: Texting, said: str
) -> None:
    asked = await texting.says(DRIVER, "stop stp")

    left = await texting.says(DRIVER, said)

    assert "1 ne plus rien recevoir, 2 aide" in str(asked)
    assert str(left).startswith("SIRA Vous ne recevrez plus rien de nous.")
    known = (await api.admin.get("/v1/contacts")).json()["items"]
    assert [one["status"]["sms"] for one in known].count("opted_out") == 1


@pytest.mark.alike
async def test_a_danger_told_of_a_wrong_town_is_told_of_the_right_one_and_the_desk_decides(
    api: Api, texting: Texting
) -> None:
    await texting.says(DRIVER, "convoi attaqué à Diéma")

    moved = await texting.says(DRIVER, "erreur c'était pas Diéma c'est Sandaré")

    assert moved == (
        "SIRA Noté: convoi attaqué à Sandaré, et non à Diéma. Nous vérifions."
        " Une alerte donnée reste valable tant que nous ne l'annulons pas."
    )
    incidents = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert {one["location"]["label"] for one in incidents} == {"Diéma", "Sandaré"}
