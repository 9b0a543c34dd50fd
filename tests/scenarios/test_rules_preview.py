"""A change of the rules is previewed, published and replayed: three times the same alerts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pytest

from app.db import migrate
from app.db.engine import Database
from app.risk import store as risk_store
from tests.harness.api import Api, serving
from tests.harness.lived import lived, living, raised

DAYS = 30
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
        preview = await ask(api, changes=CHANGES, until=now.isoformat())
        untouched = raised(db)
        published = await api.admin.post(
            "/v1/rulesets", json={"changes": CHANGES, "note": "goods were hit on 14 September"}
        )
        again = await ask(api, until=now.isoformat())

    assert published.status_code == 201, published.text
    rules = db.read_now(lambda conn: risk_store.get_rule_set(conn, published.json()["number"]))
    other = Database(sqlite_url.replace("sira.db", "other.db"))
    try:
        replayed = replay_in(other, rules.rules)
    finally:
        other.close()
    before, after = shown(preview["alerts"]["before"]), shown(preview["alerts"]["after"])
    assert len(told) > 30
    assert before == told == untouched
    assert after != before
    assert after == replayed
    assert shown(again["alerts"]["before"]) == after


def replay_in(db: Database, rules: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    migrate.upgrade(str(db.url))
    lived(db, living(rules))
    return raised(db)
