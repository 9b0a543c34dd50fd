"""What nobody can place is set aside by the API as at the desk, and put back."""

from typing import Any

from app.accounts.keys import Scope
from tests.harness.api import Api


async def a_waiting_report(api: Api) -> str:
    body = {"kind": "ied", "place": "Zzyzxville", "occurred_at": api.clock.now().isoformat()}
    kept = (await api.reporter.post("/v1/reports/batch", json=[body])).json()
    return str(kept["items"][0]["report"]["id"])


async def listed(api: Api, **query: Any) -> list[str]:
    answer = await api.moderator.get("/v1/reports", params=query)
    return [one["id"] for one in answer.json()["items"]]


async def trail(api: Api) -> list[tuple[str, Any]]:
    entries = (await api.admin.get("/v1/audit?subject_type=report")).json()["items"]
    return [(one["action"], one["detail"]) for one in entries]


async def test_what_is_set_aside_leaves_the_list_once_and_comes_back(api: Api) -> None:
    report = await a_waiting_report(api)
    path = f"/v1/reports/{report}"

    first = await api.moderator.post(f"{path}/set-aside", json={"note": "personne ne sait"})
    again = await api.moderator.post(f"{path}/set-aside", json={"note": "encore"})
    away = (await listed(api), await listed(api, set_aside=True))
    back = [await api.moderator.post(f"{path}/put-back") for _ in range(2)]

    assert [first.status_code, again.status_code] == [200, 200]
    assert first.json()["set_aside_at"] == again.json()["set_aside_at"] is not None
    assert away == ([], [report])
    assert [(one.status_code, one.json()["set_aside_at"]) for one in back] == [(200, None)] * 2
    assert (await listed(api), await listed(api, set_aside=True)) == ([report], [])
    assert await trail(api) == [
        ("report.put_back", {}),
        ("report.set_aside", {"note": "personne ne sait"}),
    ]


async def test_what_has_a_place_is_not_set_aside(api: Api) -> None:
    report = await a_waiting_report(api)
    await api.moderator.post(f"/v1/reports/{report}/place", json={"place": "Lakamane"})

    answer = await api.moderator.post(f"/v1/reports/{report}/set-aside")

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/report-placed")


async def test_the_note_names_nobody_and_only_the_desk_sets_aside(api: Api) -> None:
    path = f"/v1/reports/{await a_waiting_report(api)}/set-aside"

    numbered = await api.moderator.post(path, json={"note": "appeler le 76 12 34 56"})
    others = [
        (await one.post(path)).status_code
        for one in (api.reporter, api.client(api.key(Scope.SUBSCRIBER, api.organisation())))
    ]

    assert (numbered.status_code, numbered.json()["errors"][0]["pointer"]) == (422, "/note")
    assert others == [403, 403]
    assert await trail(api) == []
