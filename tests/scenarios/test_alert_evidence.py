"""What an alert keeps is enough to make it again, byte for byte."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.alerts import store as alert_store
from app.alerts.records import AlertFilter
from app.db.engine import Database
from app.db.tables import AlertRow
from app.flows.alerting import alert_evidence
from tests.harness.api import fresh_context, serving, shipped_config
from tests.harness.lived import lived, living
from tests.harness.world import World


def ids(db: Database) -> list[str]:
    listed = db.read_now(
        lambda conn: alert_store.list_alerts(conn, AlertFilter(), after=None, limit=10_000)
    )
    return [one.id for one in reversed(listed)]


async def test_every_alert_of_a_fortnight_is_made_again_to_the_same_bytes(db: Database) -> None:
    now = lived(db, living())
    fresh = living()  # remembers nothing of how they were made

    found = db.read_now(
        lambda conn: [alert_evidence.why(conn, one, context=fresh) for one in ids(db)]
    )

    assert len(found) > 20
    assert [one.alert.id for one in found if one.same is not True] == []
    assert any(one.alert.reason == "no_fresh_news" or one.alert.type == "update" for one in found)
    first = found[0]
    assert first.rules
    assert {one["incident"] for one in first.alert.evidence["contributions"]} <= {
        one.id for one in first.incidents
    }
    async with serving(db, context=fresh) as api:
        api.clock.move_to(now + timedelta(days=1))
        answer = await api.moderator.get(f"/v1/alerts/{first.alert.id}/why")
        body = answer.json()
        assert (answer.status_code, body["same"]) == (200, True)
        assert body["evidence"] == body["again"]
        seen = await api.moderator.get(f"/v1/alerts/{first.alert.id}")
        assert seen.json()["rule_set"] == body["rule_set"] == 1


@pytest.mark.alike
async def test_what_a_long_past_adds_is_kept_with_the_alert(db: Database) -> None:
    shipped = shipped_config()
    few = replace(shipped, risk=replace(shipped.risk, most_incidents=2))
    context = replace(fresh_context(), config=few)
    async with serving(db, context=context) as api:
        for kind in ("convoy_ambush", "ied", "abduction", "convoy_ambush", "fuel_interception"):
            body = {
                "kind": kind,
                "place": "Lakamane",
                "cargo": "fuel",
                "occurred_at": api.clock.now().isoformat(),
                "summary": kind,
            }
            told = await api.moderator.post("/v1/reports", json=body)
            assert told.status_code == 201
            api.clock.advance(timedelta(days=25))

        whys = [
            (await api.moderator.get(f"/v1/alerts/{one}/why")).json() for one in reversed(ids(db))
        ]

    beyond = [one["evidence"]["rated"].get("beyond") for one in whys]
    assert [kept["count"] for kept in beyond if kept]
    assert all(one["same"] for one in whys)


@pytest.mark.alike
async def test_later_news_does_not_change_why_it_was_raised(world: World) -> None:
    told = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    alert_id = told.effect()["alert_id"]

    await world.decides(told.incident_id, status="refuted")
    why = (await world.api.moderator.get(f"/v1/alerts/{alert_id}/why")).json()

    assert why["same"] is True
    assert [one["status"] for one in why["incidents"]] == ["open"]
    assert why["rules"][0]["id"].startswith("fuel-interception")
    outside = world.api.subscriber(world.api.organisation())
    seen = (await outside.get(f"/v1/alerts/{alert_id}")).json()["evidence"]
    assert "rated" not in seen  # which news came of convoys, and when, is for the desk
    assert seen["contributions"]


async def test_evidence_that_was_tampered_with_is_noticed(world: World) -> None:
    told = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    alert_id = told.effect()["alert_id"]
    why = (await world.api.moderator.get(f"/v1/alerts/{alert_id}/why")).json()

    forged = {**why["evidence"], "score": 99.9}
    world.db.write_now(
        lambda conn: conn.execute(
            update(AlertRow).where(AlertRow.id == alert_id).values(evidence=forged)
        )
    )

    assert (await world.api.moderator.get(f"/v1/alerts/{alert_id}/why")).json()["same"] is False


@pytest.mark.alike
async def test_words_of_the_desk_have_no_rating_behind_them(world: World) -> None:
    said = await world.posts(
        "/v1/alerts",
        {"route": "ML-DKR-N", "cargo": "fuel", "level": "severe", "note": "Restez a Kayes"},
    )

    why = (await world.api.moderator.get(f"/v1/alerts/{said.body['id']}/why")).json()

    assert (why["same"], why["again"]) == (None, None)
