"""/desk: what waits, what a decision would bring about, and the decision itself, once."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from app.accounts.keys import Scope
from app.db.tables import AlertRow
from app.web.own_scripts import SCRIPTS
from tests.harness.api import Api
from tests.harness.html import read
from tests.harness.visitor import Visitor, form_with, forms, visitor
from tests.harness.world import World

pytestmark = pytest.mark.alike

EVIL = "\"'><script>alert(1)</script>"


async def moderator(site: Api, key: str | None = None) -> Visitor:
    someone = visitor(site)
    await someone.sign_in(key or site.key(Scope.MODERATOR))
    return someone


async def reported(site: Api, kind: str = "fuel_interception", **more: Any) -> str:
    body = {
        "kind": kind,
        "place": "Lakamane",
        "occurred_at": site.clock.now().isoformat(),
        "summary": "x",
        **more,
    }
    answer = await site.reporter.post("/v1/reports", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["incident"]["id"])


async def pressed(someone: Visitor, page: httpx.Response, do: str, **more: str) -> httpx.Response:
    """Press a button on the page of an incident: its form with a version."""
    number = form_with(page.text, "version")
    return await someone.send(page, number, do=do, **more)


async def agreed(someone: Visitor, page: httpx.Response, **more: str) -> httpx.Response:
    """Press the button under what would follow."""
    number = form_with(page.text, "sure")
    return await someone.send(page, number, **more)


# ------------------------------------------------------------------------------- what waits


async def test_what_was_told_unconfirmed_waits_with_its_deadline_and_who_was_told(
    plain_world: World,
) -> None:
    world = plain_world
    await world.subscriber("depot")
    await world.subscriber("union", routes=("ML-RN6",))
    told = await world.reports("fuel_interception", "Lakamane", by=Scope.REPORTER)
    untold = await world.reports("road_damage", "Kidal", by=Scope.REPORTER)
    someone = await moderator(world.api)

    page = (await someone.get("/en/desk")).text

    doubts, rest = page.partition('id="open"')[::2]
    assert f"/en/desk/incidents/{told.incident_id}" in doubts
    assert "1 person was told" in read(doubts).words
    assert "Answer by" in read(doubts).words
    assert "time left" not in read(doubts).words
    assert f"/en/desk/incidents/{untold.incident_id}" in rest

    (alert,) = await world.alerts(cargo="fuel", route="ML-DKR-N")
    assert f'datetime="{alert["expires_at"][:16]}Z"' in doubts


async def test_a_confirmed_one_waits_no_more(site: Api) -> None:
    incident_id = await reported(site)
    someone = await moderator(site)
    assert incident_id in (await someone.get("/fr/desk")).text

    await site.moderator.patch(f"/v1/incidents/{incident_id}", json={"status": "confirmed"})

    waiting = (await someone.get("/fr/desk")).text.partition('id="decided"')[0]
    assert incident_id not in waiting


async def test_whom_nobody_reached_is_on_the_call_list_masked_as_in_the_api(
    plain_world: World,
) -> None:
    world = plain_world
    await world.subscriber("depot")
    await world.reports("fuel_interception", "Lakamane")
    world.clock.advance(timedelta(hours=2))  # and no receipt came
    someone = await moderator(world.api)

    desk = (await someone.get("/en/desk")).text
    alert_id = (await world.alerts(cargo="fuel"))[-1]["id"]
    page = (await someone.get(f"/en/desk/alerts/{alert_id}")).text

    assert "To be called" in read(desk).words
    (call,) = (await world.api.moderator.get(f"/v1/alerts/{alert_id}/unreached")).json()["items"]
    assert call["address"] in read(page).words
    assert "76120001" not in page
    assert "depot" not in page
    (union,) = (await world.api.admin.get("/v1/organisations")).json()["items"]
    assert f"organisation: {union['name']}" in read(page).words


# --------------------------------------------------------------- what would follow, and does


async def test_what_is_shown_first_is_what_then_leaves(plain_world: World) -> None:
    world = plain_world
    await world.subscriber("depot", email=True)
    found = await world.reports("fuel_interception", "Lakamane", by=Scope.REPORTER)
    someone = await moderator(world.api)
    trail = await world.api.admin.get("/v1/audit")

    page = await someone.get(f"/fr/desk/incidents/{found.incident_id}")
    shown = await pressed(someone, page, "confirm")

    assert "1 personne reçoit un message tout de suite" in read(shown.text).words
    assert len(world.phone("depot").texts) == 1
    assert (await world.api.admin.get("/v1/audit")).json() == trail.json()
    assert (await world.level()) == "high"

    done = await agreed(someone, shown, note="two drivers called")
    await world.quiet()

    assert done.headers["location"].endswith("?done=done_confirm")
    assert len(world.phone("depot").texts) == 2
    assert world.phone("depot").texts[-1] in read(shown.text).words
    (entry,) = (await world.api.admin.get("/v1/audit?subject_type=incident")).json()["items"]
    assert (entry["action"], entry["detail"]["note"]) == ("incident.decided", "two drivers called")
    moderators = world.api.keys[Scope.MODERATOR, None]
    assert moderators.startswith("sira_m_")


@pytest.mark.parametrize(
    ("do", "status"), [("confirm", "confirmed"), ("refute", "refuted"), ("resolve", "resolved")]
)
async def test_a_decision_pressed_twice_counts_once(site: Api, do: str, status: str) -> None:
    incident_id = await reported(site)
    someone = await moderator(site)
    shown = await pressed(someone, await someone.get(f"/fr/desk/incidents/{incident_id}"), do)

    first, second = await agreed(someone, shown), await agreed(someone, shown)

    assert first.headers["location"] == second.headers["location"]
    found = (await site.moderator.get(f"/v1/incidents/{incident_id}")).json()
    assert found["status"] == status
    assert [one["incident"]["version"] for one in found["versions"]] == [1, 2]


async def test_what_changed_since_it_was_shown_is_not_decided_on(site: Api) -> None:
    incident_id = await reported(site)
    someone = await moderator(site)
    shown = await pressed(someone, await someone.get(f"/fr/desk/incidents/{incident_id}"), "refute")
    site.clock.advance(timedelta(minutes=1))
    joined = await site.moderator.post(
        "/v1/reports",
        json={
            "kind": "fuel_interception",
            "place": "Lakamane",
            "occurred_at": site.clock.now().isoformat(),
            "summary": "x",
            "source": {"name": "Radio Kayes", "type": "local news"},
        },
    )
    assert joined.json()["incident"]["id"] == incident_id

    answer = await agreed(someone, shown)

    assert answer.status_code == 409
    assert "Cela a changé" in read(answer.text).words
    found = (await site.moderator.get(f"/v1/incidents/{incident_id}")).json()
    assert found["status"] != "refuted"


async def test_one_event_reported_twice_is_shown_side_by_side_and_joined_and_parted(
    site: Api,
) -> None:
    kept = await reported(site)
    site.clock.advance(timedelta(days=1))
    other = await reported(site, source={"name": "Studio", "type": "local news"})
    if kept == other:  # the sum has joined them: part them by hand
        ids = (await site.moderator.get(f"/v1/incidents/{kept}")).json()["filed"]
        parted = await site.moderator.post(
            f"/v1/incidents/{kept}/split", json={"report_ids": [ids[-1]["id"]]}
        )
        other = parted.json()["incident"]["id"]
    someone = await moderator(site)
    page = await someone.get(f"/fr/desk/incidents/{other}")
    assert f"/fr/desk/incidents/{kept}" in page.text
    number = form_with(page.text, "into")

    shown = await someone.send(page, number, do="merge")
    assert "Ce sera : Interception de carburant, Lakamané" in read(shown.text).words
    done = await agreed(someone, shown)

    assert done.headers["location"] == f"/fr/desk/incidents/{kept}?done=done_merge"
    whole = await someone.get(f"/fr/desk/incidents/{kept}")
    (reports,) = {
        one["reports"] for one in [(await site.moderator.get(f"/v1/incidents/{kept}")).json()]
    }
    assert reports == 2
    box = re.findall(r'name="(r-[\w-]+)"', whole.text)[-1]
    number = next(n for n, form in enumerate(forms(whole.text)) if box in form.choices)
    parted = await agreed(someone, await someone.send(whole, number, do="split", **{box: "1"}))
    assert parted.headers["location"] == f"/fr/desk/incidents/{kept}?done=done_split"
    assert (await site.moderator.get(f"/v1/incidents/{kept}")).json()["reports"] == 1


async def test_a_held_alert_is_released_once_what_it_says_was_seen(site: Api) -> None:
    await reported(site)
    alerts = (await site.moderator.get("/v1/alerts")).json()["items"]
    site.state.db.write_now(lambda conn: conn.execute(update(AlertRow).values(status="held")))
    held = [one for one in alerts if one["cargo"] == "fuel"]
    someone = await moderator(site)
    assert f"/fr/desk/alerts/{held[0]['id']}" in (await someone.get("/fr/desk")).text
    page = await someone.get(f"/fr/desk/alerts/{held[0]['id']}")

    shown = await someone.send(page, form_with(page.text, "version"), do="release")
    assert (await site.moderator.get(f"/v1/alerts/{held[0]['id']}")).json()["status"] == "held"
    done = await agreed(someone, shown)

    assert done.status_code == 303
    assert (await site.moderator.get(f"/v1/alerts/{held[0]['id']}")).json()["status"] == "active"


# ------------------------------------------------------------------------ who works on it


async def test_what_one_works_on_another_takes_over_by_a_click(site: Api) -> None:
    incident_id = await reported(site)
    path = f"/fr/desk/incidents/{incident_id}"
    _, other_key = site.new_key(Scope.MODERATOR)
    first, second = await moderator(site), await moderator(site, other_key)

    await pressed(first, await first.get(path), "hold")
    seen = await second.get(path)
    refused = await pressed(second, seen, "confirm")
    assert "test moderator s'en occupe depuis" in read(seen.text).words
    assert "test moderator s'en occupe" in read((await second.get("/fr/desk")).text).words
    assert refused.status_code == 409

    await pressed(second, seen, "over")
    assert (await pressed(second, seen, "confirm")).status_code == 200
    assert (await pressed(first, await first.get(path), "confirm")).status_code == 409


async def test_a_hold_ends_by_itself_and_with_a_decision(site: Api) -> None:
    incident_id = await reported(site)
    path = f"/fr/desk/incidents/{incident_id}"
    _, other_key = site.new_key(Scope.MODERATOR)
    first, second = await moderator(site), await moderator(site, other_key)
    await pressed(first, await first.get(path), "hold")

    site.clock.advance(timedelta(minutes=10))
    shown = await pressed(second, await second.get(path), "confirm")
    await agreed(second, shown)

    assert (await pressed(first, await first.get(path), "resolve")).status_code == 200


async def test_the_api_names_who_works_on_it_to_the_desk_and_keeps_nobody_from_deciding(
    site: Api,
) -> None:
    incident_id = await reported(site)
    path = f"/v1/incidents/{incident_id}"
    someone = await moderator(site)
    page = await someone.get(f"/fr/desk/incidents/{incident_id}")
    assert (await site.moderator.get(path)).json()["held_by"] is None

    await pressed(someone, page, "hold")

    until = (site.clock.now() + timedelta(minutes=10)).isoformat().replace("+00:00", "Z")
    by = {"name": "test moderator", "until": until}
    assert (await site.moderator.get(path)).json()["held_by"] == by
    assert (await site.subscriber(site.organisation()).get(path)).json()["held_by"] is None
    decided = await site.moderator.patch(path, json={"status": "confirmed"})
    assert decided.json()["held_by"] == by


async def test_an_import_of_old_news_does_not_push_todays_off_the_desk(site: Api) -> None:
    now = site.clock.now()

    def unknown(place: str, days_ago: int) -> dict[str, str]:
        at = (now - timedelta(days=days_ago)).isoformat()
        return {"kind": "ied", "place": place, "occurred_at": at}

    await site.reporter.post("/v1/reports/batch", json=[unknown("Zzzz-aujourd-hui", 0)])
    site.clock.advance(timedelta(minutes=1))
    history = [unknown(f"Zzzq-{n}", 200 + n) for n in range(60)]
    imported = await site.admin.post("/v1/reports/batch?mode=backfill", json=history)
    someone = await moderator(site)

    waiting = (await someone.get("/fr/desk")).text

    assert imported.json()["accepted"] == 60
    assert waiting.index("Zzzz-aujourd-hui") < waiting.index("Zzzq-")
    assert read(waiting).words.count("Ancien : personne n'en sera prévenu") == 39


# --------------------------------------------------------------------------------- markup


async def test_what_was_reported_never_becomes_a_part_of_a_page(site: Api) -> None:
    incident_id = await reported(site, summary=EVIL, actor=EVIL, target=EVIL)
    unplaced = await site.reporter.post(
        "/v1/reports/batch",
        json=[
            {
                "kind": "ied",
                "occurred_at": site.clock.now().isoformat(),
                "place": f"Zzzq {EVIL}",
                "road": EVIL,
                "region": EVIL,
                "summary": EVIL,
            }
        ],
    )
    report_id = unplaced.json()["items"][0]["report"]["id"]
    _, evil_key = site.new_key(Scope.MODERATOR)
    someone = await moderator(site, evil_key)

    page = await someone.get(f"/fr/desk/incidents/{incident_id}")
    pages = [
        page,
        await someone.get("/fr/desk"),
        await someone.get(f"/fr/desk/reports/{report_id}"),
        await pressed(someone, page, "confirm", note=EVIL),
        await pressed(someone, page, "correct", kind=EVIL, place=EVIL),
        await someone.get(f"/fr/desk?done={EVIL}"),
    ]

    assert "alert(1)" in pages[0].text
    assert "alert(1)" in pages[1].text
    assert "alert(1)" in pages[2].text
    for one in pages:
        found = read(one.text)
        ours = [value for tag, name, value in found.attributes if (tag, name) == ("script", "src")]
        assert found.tags.count("script") == len(ours)
        assert set(ours) <= set(SCRIPTS.values())
        policy = one.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert one.headers["cache-control"] == "private, no-store"


async def test_no_reporter_is_named(site: Api) -> None:
    key_id, key = site.new_key(Scope.REPORTER)
    body = {
        "kind": "fuel_interception",
        "place": "Lakamane",
        "occurred_at": site.clock.now().isoformat(),
        "source": {"name": "Moussa Traore", "type": "driver"},
    }
    filed = await site.client(key).post("/v1/reports", json=body)
    someone = await moderator(site)

    page = (await someone.get(f"/fr/desk/incidents/{filed.json()['incident']['id']}")).text

    assert "Chauffeur" in page
    for secret in ("Moussa", key_id, "test reporter"):
        assert secret not in page


async def test_a_number_in_a_note_is_not_kept(site: Api) -> None:
    incident_id = await reported(site)
    someone = await moderator(site)
    page = await someone.get(f"/fr/desk/incidents/{incident_id}")
    shown = await pressed(someone, page, "confirm")

    await agreed(someone, shown, note="Awa, 76 61 44 33, l'a vu")

    (entry,) = (await site.admin.get("/v1/audit?subject_type=incident")).json()["items"]
    assert entry["detail"]["note"] == "Awa, [...], l'a vu"
