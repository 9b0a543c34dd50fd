"""A road that is open to some, asked back and confirmed by a number, is open to these alone."""

import pytest

from tests.harness.api import Api
from tests.harness.texting import REPORTER, Texting, a_reporter


@pytest.fixture
def api(texting: Texting) -> Api:
    return texting.api


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("barrage levé mais seulement pour les cars a Mourdiah", (["passengers"], [], False)),
        ("ROUTE ZEGOUA OUVERTE POUR MARCHANDISES SEULEMENT", (["goods"], [], False)),
        ("Route rouverte uniquement aux marchandises a Diema", (["goods"], [], False)),
        ("plus de barrage a Bla", ([], [], False)),
    ],
)
async def test_the_number_stands_for_the_words_that_were_asked_about(
    api: Api, texting: Texting, text: str, held: tuple[list[str], list[str], bool]
) -> None:
    await a_reporter(api)
    asked = await texting.says(REPORTER, text)

    await texting.says(REPORTER, "2")

    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert asked is not None
    assert "2 signaler route rouverte" in asked
    assert incident["kind"] == "road_reopened"
    assert (incident["cargo"], incident["shut"], incident["in_part"]) == held


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_so_does_the_place_that_was_asked_for_first(api: Api, texting: Texting) -> None:
    await a_reporter(api)
    await texting.says(REPORTER, "ALERTE barrage levé pour les cars a Faladie")
    await texting.says(REPORTER, "1")

    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert (incident["kind"], incident["cargo"]) == ("road_reopened", ["passengers"])
