"""/desk: nothing that a moderator may have to come back to is out of reach."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from app.accounts.keys import Scope
from app.db.engine import Database
from app.db.tables import DeliveryRow, IncidentRow, NoticeRow
from app.delivery.outbox.notices import UNREACHED, note
from app.delivery.outbox.workers import give_sign
from app.settings import DutySettings, Settings
from tests.harness.api import START, serving
from tests.harness.html import read
from tests.harness.outbox import Outbox
from tests.harness.visitor import at_the_desk, form_with, forms, visitor
from tests.harness.world import ROUTE, World

pytestmark = pytest.mark.alike


@pytest.mark.alike
async def test_what_was_decided_stays_in_reach_to_be_ended_or_taken_back(
    plain_world: World,
) -> None:
    world = plain_world
    true = await world.reports("fuel_interception", "Lakamane")
    false = await world.reports("ied", "Niono")
    await world.decides(true.incident_id, status="confirmed")
    await world.decides(false.incident_id, status="refuted")
    someone = await at_the_desk(world.api)

    desk = (await someone.get("/fr/desk")).text

    waiting, decided = desk.split('id="decided"')
    assert "Rien ne vous attend." in read(waiting).words
    last, first = decided.index(false.incident_id), decided.index(true.incident_id)
    assert last < first
    assert "Faux" in read(decided).words
    page = await someone.get(f"/fr/desk/incidents/{false.incident_id}")
    said = read(page.text).values("value")
    assert {"confirm", "resolve", "reopen"} <= {*said}
    assert "refute" not in said, "it was said"
    shown = await someone.send(page, form_with(page.text, "version"), do="reopen")
    await someone.send(shown, form_with(shown.text, "sure"))
    waiting, decided = (await someone.get("/fr/desk")).text.split('id="decided"')
    assert false.incident_id in waiting
    assert false.incident_id not in decided


@pytest.mark.alike
async def test_from_an_alert_one_comes_to_what_it_speaks_of(plain_world: World) -> None:
    world = plain_world
    await world.subscriber("depot")
    found = await world.reports("fuel_interception", "Lakamane")
    someone = await at_the_desk(world.api)

    page = (await someone.get(f"/en/desk/alerts/{found.effect()['alert_id']}")).text

    assert f'href="/en/desk/incidents/{found.incident_id}"' in page
    assert "Fuel convoy intercepted, Lakamané" in read(page).words


async def test_what_people_were_told_and_somebody_denies_waits_until_a_person_decides(
    plain_world: World,
) -> None:
    world = plain_world
    await world.subscriber("depot")
    told = await world.reports("fuel_interception", "Lakamane", source="AFP")
    await world.decides(told.incident_id, status="confirmed")
    someone = await at_the_desk(world.api)

    async def denied() -> str:
        world.clock.advance(timedelta(minutes=10))
        _, _, behind = (await someone.get("/fr/desk")).text.partition('id="denied"')
        return behind.partition("</section>")[0]

    assert told.incident_id not in await denied()
    said = "Le préfet dément toute attaque de citernes"
    no = await world.reports("fuel_interception", "Lakamane", source="Préfecture", summary=said)

    assert no.incident_id == told.incident_id
    assert told.incident_id in await denied()
    assert len(world.phone("depot").texts) == 2  # nobody is told before a person knows
    page = await someone.get(f"/fr/desk/incidents/{told.incident_id}")
    assert "confirm" in read(page.text).values("value"), "it may be said again"
    shown = await someone.send(page, form_with(page.text, "version"), do="confirm")
    await someone.send(shown, form_with(shown.text, "sure"))
    assert told.incident_id not in await denied()


@pytest.mark.alike
async def test_where_more_waits_than_is_shown_the_page_says_so_and_leads_to_all_of_it(
    plain_world: World,
) -> None:
    world = plain_world
    at = world.clock.now().isoformat()
    unknown = [{"kind": "ied", "place": f"Zzzq-{n}", "occurred_at": at} for n in range(45)]
    await world.api.reporter.post("/v1/reports/batch", json=unknown)
    someone = await at_the_desk(world.api)

    desk = (await someone.get("/fr/desk")).text

    assert "À situer 40 sur 45" in read(desk).words
    assert desk.count("/fr/desk/reports/") == 40
    assert "/fr/desk?list=places" in read(desk).values("href")
    whole = (await someone.get("/fr/desk?list=places")).text
    assert "À situer 45" in read(whole).words
    assert whole.count("/fr/desk/reports/") == 45
    assert "/en/desk?list=places" in read(whole).values("href")
    assert "data-live" not in whole
    none = read((await someone.get("/fr/desk?list=doubts")).text).words
    assert "Rien ne vous attend." in none


@pytest.mark.alike
async def test_what_was_told_by_telephone_is_filed_as_told_and_leads_back_to_the_desk(
    plain_world: World,
) -> None:
    world = plain_world
    someone = await at_the_desk(world.api)
    form = await someone.get("/fr/report")
    reporter = visitor(world.api)
    await reporter.sign_in(world.api.key(Scope.REPORTER))

    shown = await someone.send(form, form_with(form.text, "once"), kind="ied", place="Niono")
    done = await someone.send(shown, form_with(shown.text, "once"))

    filed = (await world.api.moderator.get("/v1/incidents")).json()["items"][0]["id"]
    page = await someone.get(f"/fr/desk/incidents/{filed}")
    assert "on le lui a dit" in read(page.text).words
    assert "/fr/desk" in read(form.text).values("href")
    assert f"/fr/desk/incidents/{filed}" in read(done.text).values("href")
    theirs = await reporter.get("/fr/report")
    assert "/fr/desk" not in read(theirs.text).values("href")
    assert 'value="firsthand" checked' in theirs.text


@pytest.mark.alike
async def test_of_reports_that_differ_one_sees_which_says_what(plain_world: World) -> None:
    world = plain_world
    world.clock.advance(timedelta(hours=8))
    first = await world.reports("abduction", "Diéma", minutes_ago=300, abducted=6)
    other = await world.reports("abduction", "Diéma", minutes_ago=240, abducted=4, source="AFP")
    assert other.incident_id == first.incident_id
    someone = await at_the_desk(world.api)

    page = await someone.get(f"/fr/desk/incidents/{first.incident_id}")

    said = read(page.text).words.partition("Qui le dit")[2]
    one, two = said.split("Enlèvement, Diéma, Enlevés ")[1:3]
    assert one.startswith("6 C'est arrivé : 09:00")
    assert two.startswith("4 C'est arrivé : 10:00")


@pytest.mark.alike
async def test_many_reports_of_one_incident_leave_room_for_the_rest_of_the_page(
    plain_world: World,
) -> None:
    world = plain_world
    at = world.clock.now().isoformat()
    reports = [
        {"kind": "ied", "place": "Niono", "occurred_at": at, "summary": f"Radio {n}: explosion"}
        for n in range(12)
    ]
    filed = (await world.api.reporter.post("/v1/reports/batch", json=reports)).json()["items"]
    incident_id = filed[0]["incident"]["id"]
    someone = await at_the_desk(world.api)
    page = await someone.get(f"/fr/desk/incidents/{incident_id}")
    box = f"r-{filed[-1]['report']['id']}"
    number = next(n for n, form in enumerate(forms(page.text)) if box in form.choices)

    shown = await someone.send(page, number, do="split", **{box: "1"})

    assert "Encore 4" in read(page.text).words
    assert "Deux événements ?" in read(shown.text).words


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_closure_that_nobody_speaks_of_any_more_is_asked_after(plain_world: World) -> None:
    world = plain_world
    ban = await world.reports("blockade_threat", region="Kayes", cargo="fuel")
    over = await world.reports("blockade_threat", region="Ségou", cargo="fuel")
    await world.decides(ban.incident_id, status="confirmed")
    await world.decides(over.incident_id, status="confirmed")

    async def asked_after() -> str:
        someone = await at_the_desk(world.api)
        desk = (await someone.get("/fr/desk")).text
        return desk.partition('id="quiet"')[2].partition("</section>")[0]

    world.clock.advance(timedelta(days=13))
    assert not await asked_after()
    world.clock.advance(timedelta(days=2))
    await world.decides(over.incident_id, status="resolved")
    shown = await asked_after()
    await world.reports("blockade_threat", region="Kayes", cargo="fuel", source="Radio Kayes")

    assert ban.incident_id in shown
    assert over.incident_id not in shown
    assert not await asked_after()


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_the_desk_sees_that_the_person_on_duty_does_not_get_what_is_sent(
    db: Database,
) -> None:
    settings = Settings(_env_file=None, duty=DutySettings(email="duty@example.org"))
    async with serving(db, settings=settings, look_every=timedelta(0)) as api:
        someone = await at_the_desk(api)
        before = (await someone.get("/fr/desk")).text
        words = {"kind": UNREACHED, "about": "x", "words": "ML-DKR-N", "number": 1}
        at = {"channels": ["email"], "remind": timedelta(0), "now": api.clock.now()}
        db.write_now(lambda conn: note(conn, **words, **at))  # type: ignore[arg-type]
        given_up = update(NoticeRow).values(due_at=None, attempts=1)
        db.write_now(lambda conn: conn.execute(given_up))

        after = (await someone.get("/fr/desk")).text
        told = (await api.moderator.get("/v1/alerts")).json()["warnings"]
        shown = (await api.admin.get("/metrics")).text

    said = "envoyé par e-mail à la personne de garde n'arrive pas"
    assert said not in read(before).words
    assert said in read(after).words
    assert told == [
        "What is sent to the person on duty by email does not arrive: check the address."
    ]
    assert "sira_duty_missed 1.0" in shown


async def test_from_when_a_blockade_is_announced_stands_in_the_list_and_is_no_hour_of_an_event(
    plain_world: World,
) -> None:
    world = plain_world
    await world.subscriber("depot", routes=[ROUTE, "ML-YEL"], min_level="moderate")
    found = await world.reports("blockade_threat", "Kayes", starts_at="2025-10-01T08:00:00Z")
    await world.quiet()
    someone = await at_the_desk(world.api)

    desk = read((await someone.get("/fr/desk")).text).words
    page = read((await someone.get(f"/fr/desk/incidents/{found.incident_id}")).text).words

    assert "Blocus annoncé à partir du 1er octobre 2025, Kayes" in desk
    assert "Quand annoncé 05:30, à partir du 1er octobre 2025" in page
    assert "C'est arrivé" not in page
    assert "dit dans le même message" in page


async def test_what_waits_has_the_level_that_was_told_of_it_not_that_of_what_was_taken_back(
    plain_world: World,
) -> None:
    world = plain_world
    await world.subscriber("depot")
    false = await world.reports("fuel_interception", "Lakamane", by=Scope.REPORTER)
    await world.decides(false.incident_id, status="refuted")
    await world.reports("fuel_interception", "Sandaré", by=Scope.REPORTER)
    someone = await at_the_desk(world.api)

    desk = (await someone.get("/fr/desk")).text

    doubts = desk.partition('id="doubts"')[2].partition("</section>")[0]
    assert "Interception de carburant, Sandaré" in read(doubts).words
    assert "Élevé" in read(doubts).words
    assert "Inconnu" not in read(doubts).words


async def test_what_was_decided_is_counted_and_shown_however_much_it_is(
    plain_world: World,
) -> None:
    world = plain_world
    at = world.clock.now().isoformat()
    spots = [{"lat": 11.0 + n % 7, "lon": -9.0 + n // 7} for n in range(42)]
    told = [{"kind": "ied", "position": one, "occurred_at": at} for one in spots]
    await world.api.reporter.post("/v1/reports/batch?mode=backfill", json=told)
    held = update(IncidentRow).values(status="confirmed")
    world.db.write_now(lambda conn: conn.execute(held))
    someone = await at_the_desk(world.api)

    desk = (await someone.get("/fr/desk")).text
    whole = (await someone.get("/fr/desk?list=decided")).text

    assert "Déjà tranché 40 sur 42" in read(desk).words
    assert whole.count("/fr/desk/incidents/") == 42


def a_worker_runs(db: Database, *, now: datetime) -> None:
    db.write_now(lambda conn: give_sign(conn, "w", good_for=timedelta(seconds=20), now=now))


@pytest.mark.alike
async def test_messages_that_no_provider_takes_do_not_leave_as_always(
    db: Database, outbox: Outbox
) -> None:
    async with serving(db, look_every=timedelta(0)) as api:
        someone = await at_the_desk(api)
        outbox.contact()
        outbox.fan_out(outbox.alert(expires_at=START + timedelta(days=2)))
        now = api.clock.now()
        tried = {"attempts": 3, "due_at": now + timedelta(minutes=4), "counts_at": now}
        outbox.run(update(DeliveryRow).values(**tried))
        a_worker_runs(db, now=now)
        before = read((await someone.get("/fr/desk")).text).words
        api.clock.advance(timedelta(minutes=3))
        a_worker_runs(db, now=api.clock.now())

        after = read((await someone.get("/fr/desk")).text).words

    assert "1 attend de partir. 1 message grave essayé en vain." in before
    assert "normalement" not in before + after
    assert "1 message grave essayé en vain : aucun fournisseur ne prend" in after
