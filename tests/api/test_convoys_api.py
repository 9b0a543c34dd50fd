"""Where and when convoys pass and soldiers act is the desk's; others are told that, not when."""

from datetime import timedelta
from typing import Any

import pytest

from tests.harness.api import Api

LONG_AGO = timedelta(hours=7, minutes=20)


async def ratings(api: Api, language: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Let something happen near Lakamane; return what the desk and what others are told."""
    for kind in ("military_operation", "safe_transit"):
        body = {
            "kind": kind,
            "place": "Lakamane",
            "occurred_at": (api.clock.now() - LONG_AGO).isoformat(),
            "summary": "x",
        }
        assert (await api.moderator.post("/v1/reports", json=body)).is_success
    path = f"/v1/routes/ML-DKR-N/rating?cargo=fuel&language={language}"
    desk = (await api.moderator.get(path)).json()
    others = (await api.subscriber(api.organisation()).get(path)).json()
    return desk, others


@pytest.mark.alike
@pytest.mark.parametrize(("language", "age"), [("fr", "il y a 7 h"), ("en", "7 h ago")])
async def test_others_are_not_told_the_hour_in_words(api: Api, language: str, age: str) -> None:
    desk, others = await ratings(api, language)

    def words(shown: dict[str, Any]) -> str:
        lines = [*shown["reasons"], *(factor["words"] for factor in shown["factors"])]
        return " ".join([*lines, *(line for one in shown["sections"] for line in one["reasons"])])

    assert age in words(desk)
    assert age not in words(others)
    until = "jusqu'au" if language == "fr" else "until "
    assert until in words(desk)
    assert until not in words(others)


async def test_others_are_not_told_when_the_level_ends_with_it(api: Api) -> None:
    desk, others = await ratings(api, "fr")

    def ends(shown: dict[str, Any]) -> set[str | None]:
        told = [one for section in shown["sections"] for one in section["contributions"]]
        return {one["floor_until"] for one in told}

    assert ends(desk) - {None}
    assert ends(others) == {None}


@pytest.mark.parametrize("kind", ["military_operation", "safe_transit"])
async def test_others_are_not_told_of_it_by_itself(api: Api, kind: str) -> None:
    """Its id has the millisecond in it, and so have the order of a list and its cursor."""
    body = {
        "kind": kind,
        "place": "Lakamane",
        "occurred_at": (api.clock.now() - LONG_AGO).isoformat(),
        "target": "convoi au km 12",
        "summary": "x",
    }
    assert (await api.moderator.post("/v1/reports", json=body)).is_success
    others = api.subscriber(api.organisation())

    (desk,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    found = [
        (await others.get("/v1/incidents", params=query)).json()["items"]
        for query in ({}, {"kind": kind}, {"route": "ML-DKR-N"}, {"since": "2025-09-07T00:00:00Z"})
    ]
    path = f"/v1/incidents/{desk['id']}"
    alone, unknown = await others.get(path), await others.get("/v1/incidents/x")

    assert desk["target"] == "convoi au km 12"
    assert found == [[]] * 4
    assert (alone.status_code, unknown.status_code) == (404, 404)
    assert alone.json()["detail"] == unknown.json()["detail"].replace("x", desk["id"][:40])


@pytest.mark.alike
async def test_who_decided_what_became_of_it_is_the_desks(api: Api) -> None:
    body = {"kind": "roadblock", "place": "Lakamane", "summary": "x"}
    at = (api.clock.now() - LONG_AGO).isoformat()
    made = await api.moderator.post("/v1/reports", json={**body, "occurred_at": at})
    path = f"/v1/incidents/{made.json()['incident']['id']}"
    for status in ("confirmed", "resolved"):
        assert (await api.moderator.patch(path, json={"status": status})).is_success

    desk = (await api.moderator.get(path)).json()
    others = (await api.subscriber(api.organisation()).get(path)).json()

    assert desk["resolved_by"].startswith("key:")
    assert (others["status"], others["resolved_by"], others["verdict_by"]) == (
        "resolved",
        None,
        None,
    )


async def test_of_an_attack_others_may_ask_by_the_hour(api: Api) -> None:
    at = (api.clock.now() - LONG_AGO).isoformat()
    body = {"kind": "banditry", "place": "Lakamane", "occurred_at": at, "summary": "x"}
    assert (await api.moderator.post("/v1/reports", json=body)).is_success
    others = api.subscriber(api.organisation())

    for since, items in (("22:40", 1), ("22:41", 0)):
        shown = await others.get("/v1/incidents", params={"since": f"2025-09-07T{since}:00Z"})
        assert len(shown.json()["items"]) == items


async def test_who_reports_is_not_told_when_or_how_near_a_convoy_passed(api: Api) -> None:
    passed = {
        "kind": "safe_transit",
        "place": "Lakamane",
        "occurred_at": (api.clock.now() - LONG_AGO).isoformat(),
        "summary": "x",
    }
    assert (await api.moderator.post("/v1/reports", json=passed)).is_success
    now = api.clock.now().isoformat()

    robbed = await api.reporter.post(
        "/v1/reports", json={**passed, "kind": "banditry", "occurred_at": now}
    )
    again = await api.reporter.post("/v1/reports", json=passed)

    reasons = " ".join(robbed.json()["effects"][0]["reasons"])
    assert "passage sans incident sur le tronçon, atténue" in reasons
    assert "il y a 7 h" not in reasons
    assert again.json()["incident"]["matched_by"] == []


async def test_others_cannot_work_out_from_the_hazard_where_and_when_it_was(api: Api) -> None:
    desk, others = await ratings(api, "fr")
    (alert,) = (await api.subscriber(api.organisation()).get("/v1/alerts")).json()["items"][:1]

    def hazards(shown: dict[str, Any]) -> set[float | None]:
        """Return what the operation adds, and the sums that it is in."""
        sections = [one for one in shown["sections"] if _operations(one["contributions"])]
        return (
            {one["hazard"] for section in sections for one in _operations(section["contributions"])}
            | {section["hazard"] for section in sections}
            | {one["hazard"] for one in shown["factors"] if "militaire" in one["words"]}
        )

    assert len(hazards(desk) - {None}) > 1
    assert hazards(others) == {None}
    assert alert["evidence"]["hazard"] is None
    assert {one["hazard"] for one in _operations(alert["evidence"]["contributions"])} == {None}


def _operations(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in told if one["kind"] == "military_operation"]


async def test_others_are_told_the_hazard_of_an_attack_roughly(api: Api) -> None:
    at = api.clock.now().isoformat()
    body = {"kind": "banditry", "occurred_at": at, "summary": "x"}
    place = {"position": {"lat": 14.55132, "lon": -9.22174}}
    assert (await api.moderator.post("/v1/reports", json=body | place)).is_success
    path = "/v1/routes/ML-DKR-N/rating?cargo=fuel"

    desk = (await api.moderator.get(path)).json()
    others = (await api.subscriber(api.organisation()).get(path)).json()

    def told(shown: dict[str, Any], name: str) -> list[float]:
        return [one[name] for section in shown["sections"] for one in section["contributions"]]

    assert others["score"] == desk["score"]
    assert told(others, "distance_km") == [round(one) for one in told(desk, "distance_km")]
    assert told(others, "hazard") == [round(one, 3) for one in told(desk, "hazard")]
    assert told(desk, "hazard") != told(others, "hazard")


async def test_others_are_told_a_filed_position_to_the_kilometre(api: Api) -> None:
    at = api.clock.now().isoformat()
    body = {"kind": "banditry", "occurred_at": at, "summary": "x"}
    filed = {"lat": 14.55132, "lon": -9.22174}
    made = await api.moderator.post("/v1/reports", json=body | {"position": filed})
    path = f"/v1/incidents/{made.json()['incident']['id']}"

    desk = (await api.moderator.get(path)).json()
    others = (await api.subscriber(api.organisation()).get(path)).json()

    assert desk["location"]["position"] == filed
    assert others["location"]["position"] == {"lat": 14.55, "lon": -9.22}
