"""A road asked for, or wished, by its number or its code: all of it, and no other."""

import pytest

from tests.harness.api import Api
from tests.harness.texting import DRIVER, Texting


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
