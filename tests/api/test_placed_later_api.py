"""A report whose place a moderator finds later is what it was when it came."""

from typing import Any

from sqlalchemy import select

from app.accounts.keys import Scope
from app.db.tables import SourceVerdictRow
from tests.harness.api import Api


def unplaced(api: Api, **more: Any) -> dict[str, Any]:
    return {
        "kind": "fuel_interception",
        "place": "Zzyzxville",
        "occurred_at": api.clock.now().isoformat(),
        **more,
    }


async def placed(api: Api, kept: dict[str, Any], place: str) -> dict[str, Any]:
    (item,) = kept["items"]
    path = f"/v1/reports/{item['report']['id']}/place"
    answer = await api.moderator.post(path, json={"place": place})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_history_that_is_placed_later_alerts_nobody(api: Api) -> None:
    path = "/v1/reports/batch?mode=backfill"
    kept = (await api.moderator.post(path, json=[unplaced(api, basis="official")])).json()

    found = await placed(api, kept, "Lakamane")

    assert {one["decision"] for one in found["effects"]} == {"backfill"}
    assert (await api.moderator.get("/v1/alerts")).json()["items"] == []


async def test_a_reporter_who_names_an_outlet_is_judged_himself_for_what_is_placed_later(
    api: Api,
) -> None:
    reporter = api.client(api.key(Scope.REPORTER))
    outlet = {"name": "Studio Tamani", "type": "local news"}
    tokens = set()
    for place in ("Sandaré", "Zzyzxville"):
        body = unplaced(api, place=place, basis="media", source=outlet, kind="banditry")
        kept = (await reporter.post("/v1/reports/batch", json=[body])).json()
        incident = kept["items"][0]["incident"] or (await placed(api, kept, "Koutiala"))["incident"]
        path = f"/v1/incidents/{incident['id']}"
        assert (await api.moderator.patch(path, json={"status": "refuted"})).status_code == 200
        tokens = set(
            api.state.db.read_now(lambda conn: conn.scalars(select(SourceVerdictRow.token)).all())
        )

    assert len(tokens) == 1  # the reporter's, both times
