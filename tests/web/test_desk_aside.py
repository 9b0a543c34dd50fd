"""/desk: a report that nobody can place is set aside, and comes back if somebody can."""

import pytest
from sqlalchemy import update

from app.accounts.keys import Scope
from app.db.tables import ReportRow
from tests.harness.api import Api
from tests.harness.html import read
from tests.harness.visitor import Visitor, at_the_desk, form_with, forms, visitor

pytestmark = pytest.mark.alike


async def waiting(site: Api, key: str | None = None) -> str:
    """Let somebody report what nobody can place; return the page of the report."""
    body = {"kind": "ied", "occurred_at": site.clock.now().isoformat(), "place": "Zzzq"}
    client = site.client(key) if key else site.reporter
    answer = await client.post("/v1/reports/batch", json=[{"summary": "x", **body}])
    return f"/fr/desk/reports/{answer.json()['items'][0]['report']['id']}"


async def listed(someone: Visitor, name: str) -> str:
    desk = (await someone.get("/fr/desk")).text
    return desk.partition(f'id="{name}"')[2].partition("</section>")[0]


async def moved(someone: Visitor, path: str, do: str, **more: str) -> str:
    """Press the last button of the report's page, and agree; return where that leads."""
    page = await someone.get(path)
    shown = await someone.send(page, len(forms(page.text)) - 1, do=do)
    assert "Personne ne reçoit rien." in read(shown.text).words
    done = await someone.send(shown, form_with(shown.text, "sure"), **more)
    return done.headers["location"]


async def actions(site: Api) -> list[str]:
    trail = (await site.admin.get("/v1/audit?subject_type=report")).json()["items"]
    return [one["action"] for one in trail]


async def test_what_is_set_aside_leaves_the_list_and_is_found_among_what_was(site: Api) -> None:
    path = await waiting(site)
    someone = await at_the_desk(site)
    assert path in await listed(someone, "places")

    after = await moved(someone, path, "aside", note="appelé deux fois, personne")

    assert after == "/fr/desk?done=done_aside"
    assert path not in await listed(someone, "places")
    assert path in await listed(someone, "aside")
    assert (await site.moderator.get("/v1/reports")).json()["items"] == []
    assert "Mis de côté 06:00" in read((await someone.get(path)).text).words
    kept = (await site.moderator.get(path.replace("/fr/desk", "/v1"))).json()
    assert (kept["outcome"], kept["set_aside_at"] is not None) == ("asked", True)
    (entry,) = (await site.admin.get("/v1/audit?subject_type=report")).json()["items"]
    assert entry["action"] == "report.set_aside"
    assert entry["detail"] == {"note": "appelé deux fois, personne"}


async def test_it_can_be_put_back(site: Api) -> None:
    path = await waiting(site)
    someone = await at_the_desk(site)
    await moved(someone, path, "aside")

    after = await moved(someone, path, "back")

    assert after == f"{path}?done=done_back"
    assert path in await listed(someone, "places")
    assert path not in await listed(someone, "aside")
    assert await actions(site) == ["report.put_back", "report.set_aside"]


async def test_what_is_set_aside_can_still_be_placed_and_then_counts(site: Api) -> None:
    path = await waiting(site)
    someone = await at_the_desk(site)
    await moved(someone, path, "aside")
    page = await someone.get(path)

    shown = await someone.send(page, form_with(page.text, "place"), do="place", place="Lakamane")
    await someone.send(shown, form_with(shown.text, "sure"))

    assert path not in await listed(someone, "aside")
    (one,) = (await site.moderator.get("/v1/incidents")).json()["items"]
    assert one["location"]["label"] == "Lakamané"
    kept = (await site.moderator.get(path.replace("/fr/desk", "/v1"))).json()
    assert (kept["outcome"], kept["set_aside_at"]) == ("placed", None)


async def test_pressed_twice_it_is_done_once(site: Api) -> None:
    path = await waiting(site)
    someone = await at_the_desk(site)
    page = await someone.get(path)
    shown = await someone.send(page, len(forms(page.text)) - 1, do="aside")
    sure = form_with(shown.text, "sure")

    first, second = await someone.send(shown, sure), await someone.send(shown, sure)

    assert first.headers["location"] == second.headers["location"] == "/fr/desk?done=done_aside"
    assert await actions(site) == ["report.set_aside"]


async def test_what_somebody_placed_meanwhile_is_not_set_aside(site: Api) -> None:
    path = await waiting(site)
    someone = await at_the_desk(site)
    page = await someone.get(path)
    shown = await someone.send(page, len(forms(page.text)) - 1, do="aside")
    await site.moderator.post(f"{path.replace('/fr/desk', '/v1')}/place", json={"place": "Diema"})

    await someone.send(shown, form_with(shown.text, "sure"))

    assert await actions(site) == ["report.placed"]


async def test_what_a_process_of_the_version_before_placed_is_set_aside_no_more(site: Api) -> None:
    path = await waiting(site)
    someone = await at_the_desk(site)
    await moved(someone, path, "aside")
    placed = update(ReportRow).values(outcome="placed", set_aside_at=ReportRow.set_aside_at)

    site.state.db.write_now(lambda conn: conn.execute(placed))

    assert path not in await listed(someone, "aside")


async def test_who_sent_it_is_told_that_the_place_was_not_found(site: Api) -> None:
    key = site.key(Scope.REPORTER)
    path = await waiting(site, key)
    await moved(await at_the_desk(site), path, "aside")
    reporter = visitor(site)
    await reporter.sign_in(key)

    own = await reporter.send(await reporter.get("/fr/report"), mine="1")

    assert "Lieu pas trouvé : sans suite" in read(own.text).words
