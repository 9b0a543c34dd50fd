"""Others than the desk are told who did it by a known name, and not in the words of a report."""

from typing import Any

import pytest

from tests.harness.api import Api
from tests.harness.texting import REPORTER, Texting, a_reporter

pytestmark = pytest.mark.alike

RATING = "routes/ML-DKR-N/rating?cargo=fuel"

WORDS = {
    "actor": "Katiba Macina, dit Amadou Traoré, chauffeur: http://evil.example",
    "target": "3 camions-citernes de la société Diallo",
}


async def told_to_others(api: Api, **words: Any) -> list[dict[str, Any]]:
    """Report what happened; return what its reporter, and a subscriber, are told of it."""
    body = {"kind": "roadblock", "place": "Lakamane", "occurred_at": api.clock.now().isoformat()}
    made = await api.reporter.post("/v1/reports", json={**body, **words, "summary": "x"})
    assert made.status_code == 201, made.text
    others = api.subscriber(api.organisation())
    path = f"/v1/incidents/{made.json()['incident']['id']}"
    (listed,) = (await others.get("/v1/incidents")).json()["items"]
    return [made.json()["incident"], (await others.get(path)).json(), listed]


async def test_others_are_told_the_known_names_and_no_other_word(api: Api) -> None:
    for told in await told_to_others(api, **WORDS):
        assert (told["actor"], told["target"]) == ("JNIM", "fuel convoy")


async def test_others_are_not_told_the_words_in_which_a_place_was_found(api: Api) -> None:
    words = {"place": None, "road": "RN1 chez Amadou Traoré http://evil.example", "km": 100}
    for told in await told_to_others(api, **words):
        assert told["location"]["position"]
        assert "Amadou" not in str(told)

    (desk,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert "Amadou" in desk["location"]["how"]


async def test_the_desk_is_told_what_was_said(api: Api) -> None:
    await told_to_others(api, **WORDS)

    (desk,) = (await api.moderator.get("/v1/incidents")).json()["items"]

    assert {name: desk[name] for name in WORDS} == WORDS


@pytest.mark.parametrize("actor", ["FAMa", "barrage de l'armée", "soldats", "dozos"])
async def test_where_a_roadblock_is_is_told_and_that_soldiers_hold_it_is_not(
    api: Api, actor: str
) -> None:
    for told in await told_to_others(api, actor=actor):
        assert told["actor"] is None
        assert told["location"]["label"] == "Lakamané"


async def test_a_roadblock_of_soldiers_by_sms_is_a_roadblock_to_all(texting: Texting) -> None:
    await a_reporter(texting.api)
    await texting.says(REPORTER, "ALERTE LAKAMANE BARRAGE MILITAIRE")
    others = texting.api.subscriber(texting.api.organisation())

    (incident,) = (await others.get("/v1/incidents")).json()["items"]
    shown = [await others.get(f"/v1/{path}") for path in ("incidents", "alerts", RATING)]

    assert (incident["kind"], incident["location"]["label"]) == ("roadblock", "Lakamané")
    assert not [one.url for one in shown if "militaire" in one.text.lower()]
