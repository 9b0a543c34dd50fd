"""What a phone writes of a road that is open again: one that is open in part is not open."""

import pytest

from app.incidents.store import get_incident
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
    assert (incident["kind"], incident["shut"]) == ("road_reopened", ["fuel"])
    assert {section["level"] for section in rating["sections"]} == {"unknown"}


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("ROUTE DIEMA ROUVERTE AUX CARS, CITERNES INTERDITES", (["passengers"], ["fuel"], False)),
        ("ROUTE DIEMA ROUVERTE AUX CARS", (["passengers"], [], False)),
        ("ROUTE DIEMA ROUVERTE AUX CITRNES", ([], [], True)),
    ],
    ids=["some and not others", "some", "a slip"],
)
async def test_it_is_open_to_whom_the_message_names(
    api: Api, texting: Texting, text: str, held: tuple[list[str], list[str], bool]
) -> None:
    await a_reporter(api)

    await texting.says(REPORTER, text)

    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert incident["kind"] == "road_reopened"
    assert (incident["cargo"], incident["shut"], incident["in_part"]) == held


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_the_word_that_calls_a_blockade_off_is_kept(api: Api, texting: Texting) -> None:
    await a_reporter(api)

    await texting.says(REPORTER, "BLOCUS DE KAYES LEVE")

    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    held = api.state.db.read_now(lambda conn: get_incident(conn, incident["id"]))
    assert (held.kind, held.called_off, held.in_part) == ("road_reopened", True, False)
