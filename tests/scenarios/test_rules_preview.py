"""A change of the rules is previewed, published and replayed: three times the same alerts."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.accounts.keys import Scope
from app.db import migrate
from app.db.engine import Database
from app.risk import store as risk_store
from app.subscribers.countries import MICROS
from tests.harness.api import Api, serving, shipped_config
from tests.harness.dump import dump
from tests.harness.lived import lived, living, raised
from tests.harness.world import World

DAYS = 30
#: What is played has a database of its own; that it is read from either kind, the others show.
once = pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
CHANGES: dict[str, Any] = {
    "add": [
        {
            "id": "trucks-shy-away",
            "title": "Fuel burns: goods stay at home, too",
            "when": 'incident.kind == "fuel_interception" && incident.credibility > 0.3',
            "weight": {"fuel": 1.0, "goods": 0.9},
            "floor": [{"level": "severe", "days": 2, "cargoes": ["goods"], "within_km": 40}],
        }
    ],
    "change": [
        {
            "id": "abduction",
            "title": "People abducted on the road",
            "when": 'incident.kind == "abduction"',
            "weight": 0.4,
            "floor": [{"level": "moderate", "days": 2}],
        }
    ],
    "remove": ["drivers-abducted"],
}


def shown(alerts: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Return the alerts of a preview likewise."""
    return [
        (
            one["route"],
            one["cargo"],
            one["level"],
            one["type"],
            datetime.fromisoformat(one["at"]).isoformat(),
        )
        for one in alerts
    ]


async def ask(api: Api, **body: Any) -> dict[str, Any]:
    answer = await api.admin.post("/v1/rules/preview", json={"days": DAYS, **body})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.timeout(300)  # each preview starts two processes; on a busy machine that takes a while
async def test_what_was_previewed_is_what_a_replay_by_the_published_rules_gives(
    db: Database, sqlite_url: str
) -> None:
    context = living()
    now = lived(db, context)
    told = raised(db)

    async with serving(db, context=context) as api:
        api.clock.move_to(now)
        preview = await ask(api, changes=CHANGES, until=now.isoformat())
        untouched = raised(db)
        before, after = shown(preview["alerts"]["before"]), shown(preview["alerts"]["after"])
        assert len(told) > 30
        assert before == told == untouched
        assert after != before
        if not db.is_sqlite:  # what is played has a database of its own either way: once is enough
            return
        published = await api.admin.post(
            "/v1/rulesets", json={"changes": CHANGES, "note": "goods were hit on 14 September"}
        )
        again = await ask(api, until=now.isoformat())

    assert published.status_code == 201, published.text
    rules = db.read_now(lambda conn: risk_store.get_rule_set(conn, published.json()["number"]))
    other = Database(sqlite_url.replace("sira.db", "other.db"))
    try:
        assert after == replay_in(other, rules.rules)
    finally:
        other.close()
    assert shown(again["alerts"]["before"]) == after


def replay_in(db: Database, rules: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    migrate.upgrade(str(db.url))
    lived(db, living(rules))
    return raised(db)


@once
@pytest.mark.timeout(300)
async def test_messages_and_money_are_those_that_the_service_sends(world: World) -> None:
    await world.subscriber("driver", min_level="high")
    # whom a day's limit does not stop: a preview counts without it
    await world.subscriber(
        "dispatcher", sms=False, email=True, language="en", cargoes=["fuel", "goods"]
    )
    await world.subscriber("elsewhere", routes=["ML-RN7"])
    first = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    world.clock.advance(timedelta(hours=3))
    await world.reports("convoy_ambush", at="Sandaré", source="AFP")
    world.clock.advance(timedelta(hours=3))
    await world.decides(first.incident_id, status="refuted")
    await world.passes(timedelta(hours=1))
    phones = [name for name, person in world.people.items() if person.phone]
    texts = [text for name in phones for text in world.phone(name).texts]
    segments: dict[str, int] = {}
    for alert in await world.alerts():
        detail = (await world.api.admin.get(f"/v1/alerts/{alert['id']}")).json()
        segments |= {one["text"]: one["segments"] for one in detail["messages"]}
    parts = sum(segments[text] for text in texts)

    quiet = {"id": "fuel-interception", "title": "x", "when": 'incident.kind == "ied"'}
    shown = await ask(world.api, changes={"change": [quiet], "remove": ["convoy-ambush"]})

    sent = {name: len(world.phone(name).texts) for name in phones}
    before, after = shown["messages"]["before"], shown["messages"]["after"]
    assert before["sms"] == sum(sent.values()) >= 3
    assert before["email"] == len(world.mails("dispatcher")) > 0
    assert before["segments"] == parts
    cost = parts * shipped_config().countries.tariff("ML").price / MICROS
    assert before["cost"] == pytest.approx(cost, abs=0.01)
    assert after["sms"] < before["sms"]
    (union,) = shown["messages"]["organisations"]
    assert (union["name"], union["before"], union["after"]) == (
        "Union des routiers",
        before,
        after,
    )
    assert shown["alerts"]["before"]
    assert {first.incident_id} <= shown["incidents"].keys()
    assert shown["rules"] == {
        "added": [],
        "changed": ["fuel-interception"],
        "removed": ["convoy-ambush"],
    }


#: The worker beside gives its signs of life there.
ALIVE = {"lease"}


@pytest.mark.alike
@pytest.mark.timeout(300)
async def test_a_preview_leaves_the_database_as_it_was_and_reports_go_on(world: World) -> None:
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    world.api.key(Scope.ADMIN)
    before = {name: rows for name, rows in dump(world.db).items() if name not in ALIVE}

    asking = asyncio.create_task(ask(world.api, changes={"remove": ["fuel-interception"]}))  # noqa: TID251
    while not world.api.state.previews.inside:  # noqa: ASYNC110 - until it is under way
        await asyncio.sleep(0.01)
    busy = await world.api.admin.post("/v1/rules/preview", json={})
    unchanged = {name: rows for name, rows in dump(world.db).items() if name not in ALIVE}
    report = await world.reports("ied", at="Diema", minutes_ago=5)
    shown = await asking

    assert unchanged == before
    assert (busy.status_code, report.status) == (429, 201)
    assert shown["quality"]["before"]["missed"] >= 1  # the second, too, if it came first
    (removed, *_) = shown["alerts"]["removed"]
    assert (removed["route"], removed["level"]) == ("ML-DKR-N", "severe")


@once
@pytest.mark.timeout(300)
async def test_a_verdict_at_the_very_instant_of_a_report_comes_after_it(db: Database) -> None:
    report = {"kind": "ied", "place": "Diema", "occurred_at": "2025-09-08T05:00:00Z"}
    async with serving(db) as api:
        taken = (await api.moderator.post("/v1/reports", json=report)).json()
        incident = f"/v1/incidents/{taken['incident']['id']}"
        refuted = await api.moderator.patch(incident, json={"status": "refuted"})
        api.clock.advance(timedelta(hours=1))

        preview = await ask(api, days=7, until=api.clock.now().isoformat())

    assert refuted.json()["incident"]["version"] == 2
    assert [one["status"] for one in preview["incidents"].values()] == ["refuted"]
