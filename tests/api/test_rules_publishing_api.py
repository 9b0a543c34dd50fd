"""Rules over HTTP: notes, a second admin, whole sets, examples, and what is caught in time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.accounts import store as accounts_store
from app.accounts.keys import Scope
from app.db.engine import Database
from app.flows.context import Context
from tests.harness.api import Api, fresh_context, serving, shipped_config

RULE: dict[str, Any] = {
    "id": "mined",
    "title": "Mine on the road",
    "when": 'incident.kind == "ied" && incident.fatalities > 2',
    "weight": 1.5,
}
WHY = "Three mines at Lakamane this week"


def context(**policy: Any) -> Context:
    """Return a context in which config/policy/rules.toml says so."""
    shipped = shipped_config()
    changing = replace(shipped.changing, **policy)
    return replace(fresh_context(), config=replace(shipped, changing=changing))


@pytest.fixture
async def api(db: Database) -> AsyncIterator[Api]:
    async with serving(db, context=context()) as running:
        yield running


@pytest.fixture
async def strict(db: Database) -> AsyncIterator[Api]:
    """A service where a change needs a note and another admin."""
    async with serving(db, context=context(require_note=True, second_admin=True)) as running:
        yield running


async def audit(api: Api, action: str) -> list[dict[str, Any]]:
    items = (await api.admin.get("/v1/audit", params={"limit": 100})).json()["items"]
    return [one for one in items if one["action"] == action]


async def in_force(api: Api) -> int:
    return int((await api.admin.get("/v1/rules")).json()["number"])


@pytest.mark.alike
async def test_a_change_without_a_note_still_works_and_one_with_a_note_keeps_it(api: Api) -> None:
    plain = await api.admin.post("/v1/rules", json=RULE)
    noted = await api.admin.delete("/v1/rules/mined", params={"note": WHY})

    assert (plain.status_code, noted.status_code) == (201, 204)
    assert plain.json()["pending"] is False
    sets = (await api.admin.get("/v1/rulesets")).json()["items"]
    assert [(one["number"], one["note"], one["base"]) for one in sets[:2]] == [
        (3, WHY, 2),
        (2, "added mined", 1),
    ]
    assert [one["detail"]["note"] for one in await audit(api, "rules.changed")] == [
        WHY,
        "added mined",
    ]


@pytest.mark.alike
async def test_a_second_admin_puts_the_change_in_force_and_its_author_does_not(
    strict: Api,
) -> None:
    other_id, other = strict.new_key(Scope.ADMIN)

    silent = await strict.admin.post("/v1/rules", json=RULE)
    whole = await strict.admin.post("/v1/rulesets", json={"changes": {"remove": ["ied"]}})
    asked = await strict.admin.post("/v1/rules", json=RULE, params={"note": WHY})
    before = await in_force(strict)
    number = asked.json()["rule_set"]
    own = await strict.admin.post(f"/v1/rulesets/{number}/approve")
    around = await strict.admin.post(f"/v1/rulesets/{number}/activate", params={"note": WHY})
    approved = await strict.client(other).post(f"/v1/rulesets/{number}/approve")
    twice = await strict.client(other).post(f"/v1/rulesets/{number}/approve")

    assert (silent.status_code, silent.json()["type"]) == (422, "/problems/note-missing")
    (fault,) = silent.json()["errors"]
    assert (fault["parameter"], fault["in"]) == ("note", "query")
    assert whole.json()["errors"][0]["pointer"] == "/note"
    assert (asked.status_code, asked.json()["pending"], before) == (202, True, 1)
    assert (own.status_code, own.json()["type"]) == (403, "/problems/own-change")
    assert (around.status_code, around.json()["type"]) == (409, "/problems/rule-set-pending")
    assert (approved.status_code, approved.json()["active"]) == (200, True)
    assert approved.json()["approved_by"] == f"key:{other_id}"
    assert twice.json()["type"] == "/problems/rule-set-not-pending"
    assert await in_force(strict) == number
    assert (await strict.admin.get("/v1/rules/mined")).status_code == 200
    assert len(await audit(strict, "rules.proposed")) == 1
    assert len(await audit(strict, "rules.approved")) == 1


async def test_a_change_made_from_rules_that_are_no_more_is_not_approved(strict: Api) -> None:
    other = strict.client(strict.new_key(Scope.ADMIN)[1])
    first = await strict.admin.post("/v1/rules", json=RULE, params={"note": WHY})
    second = await strict.admin.delete("/v1/rules/unrest", params={"note": WHY})
    assert (first.status_code, second.status_code) == (202, 202)

    kept = await other.post(f"/v1/rulesets/{first.json()['rule_set']}/approve")
    late = await other.post(f"/v1/rulesets/{second.json()['rule_set']}/approve")

    assert kept.status_code == 200
    assert (late.status_code, late.json()["type"]) == (409, "/problems/rule-set-changed")


async def proposed(strict: Api) -> str:
    """Have a change wait; return where it is approved."""
    asked = await strict.admin.post("/v1/rules", json=RULE, params={"note": WHY})
    assert asked.status_code == 202, asked.text
    return f"/v1/rulesets/{asked.json()['rule_set']}/approve"


async def another_key(strict: Api) -> Any:
    """Make an admin's key as admins do."""
    strict.clock.advance(timedelta(minutes=1))
    made = await strict.admin.post("/v1/keys", json={"scope": "admin", "name": "second"})
    assert made.status_code == 201, made.text
    return made.json()


@pytest.mark.alike
async def test_the_history_says_who_made_the_key_that_approved(strict: Api) -> None:
    path = await proposed(strict)
    himself = await another_key(strict)

    assert (await strict.client(himself["key"]).post(path)).status_code == 200

    (approval,) = await audit(strict, "rules.approved")
    assert approval["actor"] == himself["id"]
    assert f"key:{approval['detail']['key_made_by']}" == approval["detail"]["author"]


async def test_two_who_approve_at_once_are_one_approval(strict: Api) -> None:
    others = [strict.client(strict.new_key(Scope.ADMIN)[1]) for _ in range(3)]
    path = await proposed(strict)

    answers = await asyncio.gather(*(other.post(path) for other in others for _ in "12"))

    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409, 409]
    assert len(await audit(strict, "rules.approved")) == 1


@pytest.mark.alike
async def test_a_key_that_another_process_just_revoked_approves_nothing(strict: Api) -> None:
    key_id, key = strict.new_key(Scope.ADMIN)
    other, path = strict.client(key), await proposed(strict)
    assert (await other.get("/v1/rules")).status_code == 200  # it is remembered for some seconds
    now = strict.clock.now()
    strict.state.db.write_now(lambda conn: accounts_store.revoke_key(conn, key_id, now=now))

    answer = await other.post(path)

    assert answer.status_code == 401
    assert await in_force(strict) == 1


@pytest.mark.alike
async def test_the_way_back_needs_nobodys_approval(strict: Api) -> None:
    other = strict.client(strict.new_key(Scope.ADMIN)[1])
    asked = await strict.admin.post("/v1/rules", json=RULE, params={"note": WHY})
    await other.post(f"/v1/rulesets/{asked.json()['rule_set']}/approve")

    silent = await strict.admin.post("/v1/rulesets/1/activate")
    back = await strict.admin.post("/v1/rulesets/1/activate", params={"note": "too many alarms"})

    assert (silent.status_code, back.status_code) == (422, 200)
    assert await in_force(strict) == 1


@pytest.mark.alike
async def test_several_changes_are_one_set_and_all_or_nothing(api: Api) -> None:
    changes = {"add": [RULE], "remove": ["unrest"]}
    refused = await api.admin.post(
        "/v1/rulesets", json={"changes": {**changes, "remove": ["nothing-like-it"]}}
    )
    wrong = {**RULE, "when": "incident.knd == 1"}
    pointed = await api.admin.post("/v1/rulesets", json={"changes": {"add": [RULE, wrong]}})
    empty = await api.admin.post("/v1/rulesets", json={"note": WHY})
    made = await api.admin.post("/v1/rulesets", json={"changes": changes, "note": WHY})

    assert refused.status_code == 404
    assert pointed.status_code == 409  # the same id twice
    assert empty.status_code == 422
    assert (made.status_code, made.json()["number"], made.json()["note"]) == (201, 2, WHY)
    ids = [one["id"] for one in (await api.admin.get("/v1/rules")).json()["items"]]
    assert "mined" in ids
    assert "unrest" not in ids
    alone = await api.admin.post("/v1/rulesets", json={"rules": [{**RULE, "when": "incident.knd"}]})
    assert alone.json()["errors"][0]["pointer"] == "/rules/0/when"


@pytest.mark.alike
async def test_an_example_that_fails_refuses_the_save_and_says_where(api: Api) -> None:
    good = {
        "incident": {"kind": "ied", "fatalities": 3},
        "cargo": "fuel",
        "expect": {"applies": True, "weight": 1.5},
    }
    bad = {**good, "incident": {"kind": "ied", "fatalities": 2}}

    refused = await api.admin.post("/v1/rules", json={**RULE, "examples": [good, bad]})
    kept = await api.admin.post("/v1/rules", json={**RULE, "examples": [good]})

    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.json()["errors"]] == [
        "/examples/1/expect/applies",
        "/examples/1/expect/weight",
    ]
    assert kept.status_code == 201
    assert (await api.admin.get("/v1/rules/mined")).json()["examples"] == [good]


async def ambush(api: Api, place: str, **more: Any) -> None:
    answer = await api.moderator.post(
        "/v1/reports",
        json={
            "kind": "convoy_ambush",
            "place": place,
            "occurred_at": (api.clock.now() - timedelta(hours=2)).isoformat(),
            "summary": "Convoy ambushed",
            "basis": "firsthand",
            **more,
        },
    )
    assert answer.status_code == 201, answer.text


@pytest.mark.alike
async def test_a_rule_that_throws_on_a_road_of_today_is_caught_before_it_is_live(api: Api) -> None:
    await ambush(api, "Diema", vehicles=17)
    rule = {**RULE, "when": "100 / (incident.vehicles - 17) > 3"}
    rule["when"] = f'incident.kind == "convoy_ambush" && {rule["when"]}'

    refused = await api.admin.post("/v1/rules", json=rule)
    meant = await api.admin.post(
        "/v1/rules", json=rule, params={"accept_warnings": "I know what I do here"}
    )

    assert (refused.status_code, meant.status_code) == (422, 422)
    (problem,) = refused.json()["problems"]
    assert (problem["rule"], problem["field"], problem["warning"]) == ("mined", "/when", False)
    assert "divide by zero" in problem["message"]
    assert await in_force(api) == 1


@pytest.mark.alike
async def test_a_rule_that_fails_on_an_incident_to_come_is_said_with_the_incident(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    when = 'incident.kind == "convoy_ambush" && 100 / (incident.vehicles - 17) > 3'
    assert (await api.admin.post("/v1/rules", json={**RULE, "when": when})).status_code == 201

    await ambush(api, "Bougouni", vehicles=18)
    before = [one for one in caplog.records if one.getMessage() == "rules.failed"]
    await ambush(api, "Diema", vehicles=17)

    (failed,) = [one for one in caplog.records if one.getMessage() == "rules.failed"]
    assert before == []
    assert (failed.levelname, vars(failed)["rule"]) == ("ERROR", "mined")
    assert "divide by zero" in vars(failed)["said"]
    await ambush(api, "Nioro", vehicles=17)
    (kept,) = await audit(api, "rules.failed")
    number = await in_force(api)
    assert (kept["subject_type"], kept["subject_id"]) == ("rule_set", str(number))
    assert (kept["detail"]["rule"], kept["actor"]) == ("mined", "clock")


async def test_a_rating_from_before_the_first_rules_is_not_changed_by_later_ones(api: Api) -> None:
    at = (api.clock.now() - timedelta(days=40)).isoformat()
    asked = {"cargo": "fuel", "at": at}
    before = await api.moderator.get("/v1/routes/ML-DKR-N/rating", params=asked)

    assert (await api.admin.post("/v1/rules", json=RULE)).status_code == 201
    after = await api.moderator.get("/v1/routes/ML-DKR-N/rating", params=asked)

    assert before.status_code == 200
    assert after.content == before.content


@pytest.mark.alike
async def test_everything_at_severe_needs_a_reason_which_is_kept(api: Api) -> None:
    rule = {
        **RULE,
        "when": 'incident.family != "positive"',
        "floor": [{"level": "severe", "days": 3}],
        "weight": 0.1,
    }

    refused = await api.admin.post("/v1/rules", json=rule)
    reason = "The army closes every road of the country until Friday"
    meant = await api.admin.post("/v1/rules", json=rule, params={"accept_warnings": reason})

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/rules-need-a-reason")
    assert all(one["warning"] for one in refused.json()["problems"])
    assert meant.status_code == 201
    found = (await api.admin.get(f"/v1/rulesets/{meant.json()['rule_set']}")).json()
    assert found["accepted"] == reason
    assert (await audit(api, "rules.changed"))[0]["detail"]["accepted"] == reason


@pytest.mark.alike
async def test_rules_that_nobody_would_be_warned_by_need_a_reason(api: Api) -> None:
    whole = {"rules": [RULE]}  # meant to be added: it would be all that is left
    nowhere = {**RULE, "when": f'{RULE["when"]} && "Ségou" in section.regions'}

    alone = await api.admin.post("/v1/rulesets", json=whole)
    misspelt = await api.admin.post("/v1/rules", json=nowhere)
    seen = await api.admin.post("/v1/rules/preview", json={**whole, "days": 1})

    for refused in (alone, misspelt):
        assert (refused.status_code, refused.json()["type"]) == (
            422,
            "/problems/rules-need-a-reason",
        )
    assert "blockade_threat" in alone.json()["errors"][0]["detail"]
    assert misspelt.json()["errors"][0]["detail"].endswith("meant: Segou")
    assert "blockade_threat" in seen.json()["warnings"][0]["message"]
    assert await in_force(api) == 1
    meant = await api.admin.post("/v1/rules", json=nowhere, params={"accept_warnings": WHY})
    later = await api.admin.post("/v1/rules", json={**RULE, "id": "another"})
    assert (meant.status_code, later.status_code) == (201, 201)  # not asked again for a rule kept


@pytest.mark.alike
async def test_a_rule_that_turns_much_of_the_network_severe_now_is_caught(db: Database) -> None:
    async with serving(db, context=context(severe_share=0.05)) as api:
        await ambush(api, "Diema")
        await ambush(api, "Bougouni")
        wide = {
            **RULE,
            "when": 'incident.kind == "convoy_ambush"',
            "floor": [{"level": "severe", "days": 3, "within_km": 200}],
            "reach_km": 200,
        }

        narrow = await api.admin.post(
            "/v1/rules", json={**wide, "id": "narrow", "reach_km": 5, "floor": None}
        )
        refused = await api.admin.post("/v1/rules", json=wide)

    assert narrow.status_code == 201, narrow.text
    assert refused.status_code == 422
    assert "sections would be severe for fuel now" in refused.json()["problems"][0]["message"]


@pytest.mark.alike
async def test_the_schema_tells_editors_every_word(api: Api) -> None:
    schema = (await api.moderator.get("/v1/rules/schema")).json()

    assert {one["name"] for one in schema["functions"]} >= {"exists", "contains", "matches", "in"}
    kinds = {one["code"]: one for one in schema["kinds"]}
    assert kinds["ied"]["serious"] is True
    assert kinds["ied"]["meaning_fr"]
    assert [one["code"] for one in schema["levels"]][-1] == "severe"
    assert {one["code"] for one in schema["families"]} >= {"hostile", "positive"}
    mali = next(one for one in schema["countries"] if one["code"] == "ML")
    assert "Kayes" in mali["regions"]
    words = {one["name"]: one["words"] for one in schema["variables"]}
    assert words["incident.kind"] == "kinds"
    assert all(words[name] is None or words[name] in schema for name in words)
    # every example of a function is a condition that can be saved
    for function in schema["functions"]:
        rule = {**RULE, "when": function["example"], "weight": 0}
        checked = await api.moderator.post("/v1/rules/check", json={"rules": [rule]})
        assert checked.json()["problems"] == [], function


async def test_one_preview_at_a_time_and_only_for_admins(api: Api) -> None:
    with api.state.previews.enter(at_most=1, retry_after_s=5):
        busy = await api.admin.post("/v1/rules/preview", json={})
    denied = await api.moderator.post("/v1/rules/preview", json={})
    long = await api.admin.post("/v1/rules/preview", json={"days": 93})
    both = await api.admin.post("/v1/rules/preview", json={"rules": [RULE], "changes": {}})
    wrong = await api.admin.post(
        "/v1/rules/preview", json={"changes": {"add": [{**RULE, "when": "incident.knd"}]}}
    )

    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "10")
    assert busy.json()["type"] == "/problems/preview-busy"
    assert denied.status_code == 403
    assert long.json()["errors"][0]["pointer"] == "/days"
    assert both.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "/changes/add/0/when"
