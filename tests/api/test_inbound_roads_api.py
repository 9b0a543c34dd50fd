"""A road asked for, or wished, by its number or its code: all of it, and no other."""

import pytest

from tests.harness.api import Api
from tests.harness.texting import DRIVER, Texting, report


@pytest.fixture
def api(texting: Texting) -> Api:
    return texting.api


@pytest.mark.alike
async def test_the_state_of_a_road_by_its_number_is_that_of_all_of_it(
    api: Api, texting: Texting
) -> None:
    body = {"kind": "roadblock", "occurred_at": api.clock.now().isoformat(), "place": "Bla"}
    await api.moderator.post("/v1/reports", json=body)

    state = str(await texting.says(DRIVER, "etat rn6"))
    other = str(await texting.says(DRIVER, "etat rn7"))

    assert state.startswith("SIRA Bamako-Mopti (RN6)")
    assert "entre Zinzana et San" in state
    assert "barrage" in state
    assert "aucune nouvelle" in other


@pytest.mark.alike
async def test_who_subscribes_to_a_code_hears_of_that_route_alone(
    api: Api, texting: Texting
) -> None:
    noted = await texting.says(DRIVER, "ABONNER ML-DKR-N")
    await texting.says(DRIVER, "abonner rn16")

    found = (await api.admin.get("/v1/subscriptions")).json()["items"]
    assert "alertes Bamako-Dakar (ML-DKR-N)" in str(noted)
    assert [one["routes"] for one in found] == [["ML-DKR-N"], ["ML-RN16"]]
    assert [(one["regions"], one["towns"]) for one in found] == [([], [])] * 2


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("ETAT ROUTE DE DAKAR", "Bamako - Dakar par Kayes: danger élevé Diéma-Sandaré"),
        ("la route de Dakar est ouverte ?", "Bamako - Dakar par Kayes: danger élevé Diéma"),
        ("ROUTE DE KAYES", "Bamako - Kayes: danger élevé entre Diéma et Sandaré"),
        (
            "la route de Diboli est ouverte ?",
            "Bamako - Diboli: danger élevé entre Diéma et Sandaré",
        ),
        ("je peux aller à Kayes ?", "Bamako - Kayes: danger élevé entre Diéma et Sandaré"),
        ("la voie de Kayes est libre ?", "Bamako - Kayes: danger élevé entre Diéma et Sandaré"),
        ("ETAT KAYES", "Bamako - Kayes: danger élevé entre Diéma et Sandaré"),
        ("quelle route pour Dakar", "Bamako - Dakar par Kayes: danger élevé Diéma-Sandaré"),
        ("can we drive to Dakar", "Bamako - Dakar par Kayes: danger élevé Diéma-Sandaré"),
        ("je peux aller à Tambacounda ?", "Bamako - Tambacounda"),
        ("ETAT SIKASSO", "Sikasso: aucune nouvelle"),
        ("route de Bamako", "Bamako: aucune nouvelle"),
    ],
)
async def test_who_asks_about_a_town_hears_of_the_danger_on_the_road_to_it(
    asked: str, told: str, api: Api, texting: Texting
) -> None:
    """Lakamané is 200 km before Kayes, and 900 before Dakar."""
    await report(api, "convoy_ambush", "Lakamané")

    assert told in str(await texting.says(DRIVER, asked))


@pytest.mark.parametrize("asked", ["ETAT KAYES", "route de Kayes"])
async def test_what_is_known_at_the_town_itself_comes_first(
    asked: str, api: Api, texting: Texting
) -> None:
    await report(api, "convoy_ambush", "Ambidédi")

    told = str(await texting.says(DRIVER, asked))

    assert told.startswith("SIRA Kayes: danger élevé")
    assert "Kayes et Ambidédi" in told or "Kayes et Diboli" in told


async def test_a_road_that_may_be_avoided_is_told_to_who_asks_for_it_alone(
    api: Api, texting: Texting
) -> None:
    """Koutiala lies on the way over Ségou, too."""
    await report(api, "roadblock", "Sikasso")

    assert "Koutiala: aucune nouvelle" in str(await texting.says(DRIVER, "ETAT KOUTIALA"))
    told = str(await texting.says(DRIVER, "route de Koutiala"))
    assert told.startswith("SIRA Bamako - Koutiala")
    assert "barrage" in told


async def test_a_town_abroad_is_asked_about_from_our_capital_too(
    api: Api, texting: Texting
) -> None:
    """No way from Bamako to Nouakchott avoids Gogui."""
    await report(api, "convoy_ambush", "Gogui")

    told = str(await texting.says(DRIVER, "ETAT NOUAKCHOTT"))

    assert told.startswith("SIRA Bamako - Nouakchott: danger élevé")


async def test_no_calm_on_the_road_to_it_makes_a_town_known(api: Api, texting: Texting) -> None:
    await report(api, "safe_transit", "Lakamané", basis="official")

    assert "Kayes: aucune nouvelle" in str(await texting.says(DRIVER, "ETAT KAYES"))


@pytest.mark.parametrize("end", ["Dakar", "Abidjan", "Nouakchott", "Bamako"])
async def test_where_on_a_road_to_another_country_it_was_is_asked(
    end: str, api: Api, texting: Texting
) -> None:
    asked = await texting.says(DRIVER, f"convoi attaqué sur la route de {end}")
    at_the_end = await texting.says(DRIVER, f"convoi attaqué à {end}")

    assert asked == "SIRA Où? Donnez la ville la plus proche, par ex. ALERTE DIEMA BARRAGE"
    assert f"Noté: convoi attaqué à {end}." in str(at_the_end)
    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert incident["location"]["label"] == end


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("convoi attaqué route de Dakar entre Diéma et Lakamané", "Diéma - Lakamané"),
        ("convoi attaqué entre Diéma et Lakamané sur la route de Kayes", "Diéma - Lakamané"),
        ("convoi attaqué à Lakamané sur la route de Dakar", "Lakamané"),
        ("convoi attaqué route de Dakar vers Lakamané", "Lakamané"),
        ("convoi attaqué à Lakamané sur la route de Bamako à Kayes", "Lakamané"),
        ("convoi attaqué sur la route de Bamako à Kati", "Bamako - Kati"),
    ],
)
async def test_by_what_a_road_is_called_is_not_where_on_it_it_was(
    said: str, where: str, api: Api, texting: Texting
) -> None:
    await texting.says(DRIVER, said)

    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert incident["location"]["label"] == where


async def test_where_on_all_of_the_way_to_another_country_is_asked(texting: Texting) -> None:
    asked = await texting.says(DRIVER, "convoi attaqué route de Bamako à Dakar")

    assert str(asked).startswith("SIRA Quel lieu? 1 Bamako")


async def test_who_wishes_to_hear_of_the_road_to_dakar_hears_of_all_of_it(
    api: Api, texting: Texting
) -> None:
    noted = await texting.says(DRIVER, "ABONNER ROUTE DE DAKAR")

    (found,) = (await api.admin.get("/v1/subscriptions")).json()["items"]
    assert "alertes Bamako - Dakar" in str(noted)
    assert (found["regions"], len(found["towns"])) == ([], 1)


async def test_who_wants_to_hear_of_the_road_to_a_town_hears_of_all_of_it(texting: Texting) -> None:
    noted = await texting.says(DRIVER, "ABONNER ROUTE DE KAYES")
    await texting.says(DRIVER, "ABONNER DIÉMA")

    assert "alertes Bamako - Kayes" in str(noted)
    wishes = (await texting.api.admin.get("/v1/subscriptions")).json()["items"]
    assert {str(one["towns"]) for one in wishes} == {
        "[]",
        "[{'from': 'Bamako', 'to': 'Kayes'}]",
    }
    (road,) = [one for one in wishes if one["towns"]]
    assert road["regions"]
    assert all("Kayes" in one for one in road["regions"])
