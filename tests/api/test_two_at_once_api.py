"""Two people decide at once: on one incident, and on one another's keys."""

import asyncio
from datetime import timedelta
from typing import Any

from app.accounts.keys import Scope
from tests.harness.api import Api
from tests.harness.texting import report


async def an_incident(api: Api) -> str:
    await report(api, "fuel_interception", "Lakamane", cargo="fuel")
    (one,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert one["version"] == 1
    return f"/v1/incidents/{one['id']}"


async def test_who_read_an_older_version_changes_nothing(api: Api) -> None:
    path = await an_incident(api)
    seen = {"If-Match": '"1"'}

    first = await api.moderator.patch(path, json={"status": "confirmed"}, headers=seen)
    second = await api.admin.patch(path, json={"status": "refuted"}, headers=seen)
    merged = await api.admin.post(f"{path}/merge", json={"into": "x"}, headers=seen)
    parted = await api.admin.post(f"{path}/split", json={"report_ids": ["x"]}, headers=seen)
    last = await api.admin.patch(path, json={"status": "refuted"})

    assert [one.status_code for one in (first, second, merged, parted, last)] == [
        200, 409, 409, 409, 200,
    ]  # fmt: skip
    assert second.json()["type"] == "/problems/shown-before"
    assert "at version 2, not 1: read it again" in second.json()["detail"]
    wrong = await api.admin.patch(path, json={"status": "open"}, headers={"If-Match": "x"})
    assert wrong.status_code == 422


async def test_of_two_who_read_the_same_one_decides(api: Api) -> None:
    path = await an_incident(api)
    seen = {"If-Match": "1"}

    answers = await asyncio.gather(
        api.moderator.patch(path, json={"status": "confirmed"}, headers=seen),
        api.admin.patch(path, json={"status": "refuted"}, headers=seen),
    )

    assert sorted(one.status_code for one in answers) == [200, 409]


async def test_the_last_admin_key_stays_until_there_is_another(api: Api) -> None:
    admins = [
        one["id"]
        for one in (await api.admin.get("/v1/keys")).json()["items"]
        if one["scope"] == "admin"
    ]
    assert len(admins) == 1

    refused = await api.admin.delete(f"/v1/keys/{admins[0]}")
    other_id, other = api.new_key(Scope.ADMIN)
    gone = await api.client(other).delete(f"/v1/keys/{admins[0]}")

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/last-admin-key")
    assert gone.status_code == 204
    assert (await api.client(other).delete(f"/v1/keys/{admins[0]}")).status_code == 204
    assert (await api.client(other).delete(f"/v1/keys/{other_id}")).status_code == 409


async def test_two_admins_who_revoke_one_another_leave_one(api: Api) -> None:
    (first_id,) = [
        one["id"]
        for one in (await api.admin.get("/v1/keys")).json()["items"]
        if one["scope"] == "admin"
    ]
    other_id, other = api.new_key(Scope.ADMIN)

    answers = await asyncio.gather(
        api.admin.delete(f"/v1/keys/{other_id}"), api.client(other).delete(f"/v1/keys/{first_id}")
    )

    done, refused = sorted(one.status_code for one in answers)
    # 409 to whoever was let in before the other's word came true, 401 to whoever came after it.
    assert (done, refused) in [(204, 409), (204, 401)]
    opens = [(await key.get("/v1/keys")).status_code for key in (api.admin, api.client(other))]
    assert sorted(opens) == [200, 401]


async def test_who_tell_at_once_of_a_closed_road_at_its_towns_are_all_heard(api: Api) -> None:
    """The closure is kept at none of these towns: each would have its own turn, and one be lost."""

    def suspended(place: str) -> Any:
        told: dict[str, Any] = {"kind": "route_suspended", "place": place, "road": "Bamako-Mopti"}
        told |= {"occurred_at": api.clock.now().isoformat(), "basis": "official"}
        told |= {"source": {"name": f"Union {place}", "type": "official"}}
        return api.moderator.post("/v1/reports", json=told)

    whole = await suspended("axe Bamako-Mopti")
    api.clock.advance(timedelta(hours=1))

    answers = await asyncio.gather(*map(suspended, ("Fana", "Ségou", "San", "Sévaré", "Bla")))

    assert [one.status_code for one in answers] == [201] * 5
    assert {one.json()["incident"]["id"] for one in answers} == {whole.json()["incident"]["id"]}
