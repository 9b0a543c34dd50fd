"""A message that needs nothing done is set aside by the API as at the desk, and put back."""

from typing import Any

import pytest

from app.accounts.keys import Scope
from tests.harness.api import Api
from tests.harness.texting import DRIVER, REPORTER, STRANGER, Texting, a_reporter


@pytest.fixture
def api(texting: Texting) -> Api:
    return texting.api


async def ids(texting: Texting, **query: Any) -> list[str]:
    return [one["id"] for one in await texting.read(**query)]


async def test_it_says_who_set_it_aside_and_when_and_is_listed(api: Api, texting: Texting) -> None:
    await texting.says(STRANGER, "ALERTE FANA CITERNES BRULEES")
    (inbound,) = await ids(texting)
    path = f"/v1/inbound/{inbound}"

    first = await api.moderator.post(f"{path}/set-aside", json={"note": "un essai"})
    again = await api.admin.post(f"{path}/set-aside", json={"note": "encore"})
    away = (await ids(texting, set_aside=True), await ids(texting, set_aside=False))
    back = [await api.moderator.post(f"{path}/put-back") for _ in range(2)]

    (key,) = [
        one["id"]
        for one in (await api.admin.get("/v1/keys")).json()["items"]
        if one["scope"] == "moderator"
    ]
    assert [first.status_code, again.status_code] == [200, 200]
    assert first.json()["set_aside_at"] is not None
    for one in (first, again):
        assert one.json()["set_aside_at"] == first.json()["set_aside_at"]
        assert one.json()["set_aside_by"] == key
    assert away == ([inbound], [])
    assert [(one.json()["set_aside_at"], one.json()["set_aside_by"]) for one in back] == [
        (None, None)
    ] * 2
    entries = (await api.admin.get("/v1/audit?subject_type=inbound")).json()["items"]
    assert [(one["action"], one["detail"]) for one in entries] == [
        ("inbound.put_back", {}),
        ("inbound.set_aside", {"note": "un essai"}),
    ]


@pytest.mark.alike
async def test_what_is_done_or_filed_or_forced_is_not_set_aside(api: Api, texting: Texting) -> None:
    await a_reporter(api, duress_word="zanzibar")
    for phone, text in (
        (DRIVER, "ETAT KAYES"),
        (REPORTER, "ALERTE DIEMA BARRAGE"),
        (REPORTER, "ALERTE ZANZIBAR SANDARE"),
    ):
        await texting.says(phone, text)
    forced, filed, state = await ids(texting)

    answers = [
        await api.moderator.post(f"/v1/inbound/{one}/set-aside") for one in (state, filed, forced)
    ]

    assert [one.status_code for one in answers] == [409] * 3
    assert [one.json()["type"] for one in answers] == [
        "/problems/nothing-waits",
        "/problems/message-filed",
        "/problems/sender-forced",
    ]
    assert answers[1].json()["report_id"]
    assert await ids(texting, set_aside=True) == []


@pytest.mark.alike
async def test_the_note_names_nobody_and_only_a_desk_that_may_read_it_sets_it_aside(
    api: Api, texting: Texting
) -> None:
    await texting.says(STRANGER, "ALERTE FANA CITERNES BRULEES")
    (inbound,) = await ids(texting)
    rivals = api.client(api.key(Scope.MODERATOR, api.organisation("Rivals")))
    path = f"/v1/inbound/{inbound}"

    numbered = await api.moderator.post(f"{path}/set-aside", json={"note": "le 76 12 34 56"})
    others = [
        (await one.post(f"{path}/{way}")).status_code
        for one in (rivals, api.reporter, api.subscriber(api.organisation()))
        for way in ("set-aside", "put-back")
    ]

    assert numbered.status_code == 422
    assert others == [404, 404, 403, 403, 403, 403]
    assert await ids(texting, set_aside=True) == []


async def test_what_a_flood_left_goes_at_once_and_what_may_not_stays_with_why(
    api: Api, texting: Texting
) -> None:
    await a_reporter(api, duress_word="zanzibar")
    for n in range(4):
        await texting.says(f"+223760003{n:02}", f"ALERTE FANA {n + 1} CITERNES BRULEES")
    await texting.says(DRIVER, "ETAT KAYES")
    await texting.says(REPORTER, "ALERTE ZANZIBAR SANDARE")
    forced, state, *flood = await ids(texting)
    body = {"ids": [*flood, flood[0], state, forced, "nobody"], "note": "un jeu"}
    rivals = api.client(api.key(Scope.MODERATOR, api.organisation("Rivals")))

    theirs = (await rivals.post("/v1/inbound/set-aside", json=body)).json()
    done = (await api.moderator.post("/v1/inbound/set-aside", json=body)).json()
    again = (await api.moderator.post("/v1/inbound/set-aside", json=body)).json()

    assert (theirs["aside"], {one["code"] for one in theirs["left"]}) == ([], {"not-found"})
    assert done["aside"] == again["aside"] == flood
    assert [(one["id"], one["code"]) for one in done["left"]] == [
        (state, "nothing-waits"),
        (forced, "sender-forced"),
        ("nobody", "not-found"),
    ]
    assert await ids(texting, set_aside=True) == flood
    entries = (await api.admin.get("/v1/audit?subject_type=inbound")).json()["items"]
    assert [(one["subject_id"], one["detail"]) for one in reversed(entries)] == [
        (one, {"note": "un jeu"}) for one in flood
    ]


@pytest.mark.alike
async def test_several_are_some_and_no_more_than_a_hand_ticks(api: Api) -> None:
    path = "/v1/inbound/set-aside"
    few = await api.moderator.post(path, json={"ids": []})
    many = await api.moderator.post(path, json={"ids": ["x"] * 201})
    others = [
        (await one.post(path, json={"ids": ["x"]})).status_code
        for one in (api.reporter, api.subscriber(api.organisation()))
    ]

    assert (few.status_code, many.status_code, others) == (422, 422, [403, 403])
