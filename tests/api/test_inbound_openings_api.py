"""What a phone writes of a road that is open again: one that is open in part is not open."""

import pytest

from tests.harness.api import Api
from tests.harness.texting import REPORTER, Texting, a_reporter


@pytest.fixture
def api(texting: Texting) -> Api:
    return texting.api


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_road_open_except_to_tankers_is_not_filed_as_open_to_them(
    api: Api, texting: Texting
) -> None:
    await a_reporter(api)

    await texting.says(REPORTER, "ROUTE DIEMA ROUVERTE SAUF CITERNES")

    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    rating = (await api.moderator.get("/v1/routes/ML-DKR-N/rating?cargo=fuel")).json()
    assert (incident["kind"], incident["in_part"]) == ("road_reopened", True)
    assert {section["level"] for section in rating["sections"]} == {"unknown"}
