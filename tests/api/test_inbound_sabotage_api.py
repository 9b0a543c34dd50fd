"""An SMS says what was sabotaged: a bridge is high until it is repaired, a mast never is."""

import pytest

from tests.harness.api import Api
from tests.harness.texting import REPORTER, Texting, a_reporter


@pytest.fixture
def api(texting: Texting) -> Api:
    return texting.api


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("pont dynamité a Konna", "bridge"),
        ("ils ont creusé une tranchée a Hombori", "road"),
        ("antenne orange brulee a Fana", "mast"),
        ("sabotage a Fana", None),
    ],
)
async def test_what_was_sabotaged_is_kept(
    api: Api, texting: Texting, text: str, target: str | None
) -> None:
    await a_reporter(api)

    await texting.says(REPORTER, text)

    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert (incident["kind"], incident["target"]) == ("infrastructure_sabotage", target)


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_so_it_is_where_that_was_asked_about_first(api: Api, texting: Texting) -> None:
    await a_reporter(api)
    await texting.says(REPORTER, "sabotage de l'antenne Orange a Fana")
    await texting.says(REPORTER, "1")

    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert incident["target"] == "mast"
