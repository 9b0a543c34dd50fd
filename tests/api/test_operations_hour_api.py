"""When soldiers were on a road is the desk's; nobody else is told more than the day, anywhere."""

from datetime import timedelta
from typing import Any

import pytest

from tests.harness.api import Api
from tests.harness.texting import DRIVER, Texting

pytestmark = pytest.mark.alike

LONG_AGO = timedelta(hours=5, minutes=20)


@pytest.fixture
async def api(texting: Texting) -> Api:
    """Let soldiers act near Lakamane, some hours ago, and nothing else happen there."""
    api = texting.api
    body = {"kind": "military_operation", "place": "Lakamane", "summary": "x"}
    at = (api.clock.now() - LONG_AGO).isoformat()
    assert (await api.moderator.post("/v1/reports", json=body | {"occurred_at": at})).is_success
    return api


@pytest.mark.parametrize(
    "path",
    [
        "/v1/routes/ML-DKR-N/rating?cargo=fuel",
        "/v1/journeys?from=Diema&to=Lakamane&cargo=fuel",
        "/v1/journeys?from=Diema&to=Lakamane&cargo=fuel&at={now}",
    ],
)
async def test_the_age_of_the_news_does_not_tell_it_in_the_api(api: Api, path: str) -> None:
    path = path.format(now=api.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))

    desk = await api.moderator.get(path)
    others = await api.subscriber(api.organisation()).get(path)

    assert set(_ages(desk.json())) - {None}
    assert not set(_ages(others.json())) - {None}


def _ages(shown: Any) -> list[Any]:
    """Return whatever a JSON text says of when a section was last heard of."""
    if isinstance(shown, list):
        return [age for one in shown for age in _ages(one)]
    if not isinstance(shown, dict):
        return []
    names = ("evidence_at", "evidence_age_hours", "last_news_at", "oldest_news_at")
    own = [shown[name] for name in names if name in shown]
    return own + [age for one in shown.values() for age in _ages(one)]


async def test_nor_does_an_answer_by_sms(texting: Texting, api: Api) -> None:
    reply = await texting.says(DRIVER, "ETAT LAKAMANE")

    assert reply is not None
    assert "opération militaire" in reply
    assert "Dernière nouvelle aujourd'hui" in reply
