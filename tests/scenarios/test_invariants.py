"""What must hold whatever happens (the design's invariants), over the whole service."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.accounts.keys import Scope
from app.db.engine import Database
from tests.harness.dump import dump, texts
from tests.harness.twilio import Fault
from tests.harness.world import ROUTE, World

# ---------------------------------------------------------------------- 1: nothing told is lost


def break_table(db: Database, table: str) -> None:
    """Let every insert into `table` fail, as on a full disk."""
    fails = "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    statements = [f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} {fails}"]
    if db.engine.dialect.name == "postgresql":
        body = "$$ BEGIN RAISE EXCEPTION 'disk full'; END $$ LANGUAGE plpgsql"
        each = "FOR EACH ROW EXECUTE FUNCTION full_disk()"
        statements = [
            f"CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger AS {body}",
            f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} {each}",
        ]
    db.write_now(lambda conn: [conn.execute(text(one)) for one in statements])


def mend_table(db: Database, table: str) -> None:
    """Take the trigger away again."""
    on = f" ON {table}" if db.engine.dialect.name == "postgresql" else ""
    db.write_now(lambda conn: conn.execute(text(f"DROP TRIGGER full_disk{on}")))


@pytest.mark.parametrize(
    "table", ["alert", "alert_target", "route_state", "level_change", "report"]
)
async def test_a_report_its_rating_and_its_alert_commit_together(world: World, table: str) -> None:
    await world.subscriber("north")
    world.api.key(Scope.MODERATOR)  # made on first use, which is no part of what failed
    before = dump(world.db)
    break_table(world.db, table)

    try:
        failed = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
        after = dump(world.db)
    finally:
        mend_table(world.db, table)

    assert failed.status == 500
    assert after == before
    again = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    assert again.effect()["after"] == "severe"
    assert world.counts() == {"north": 1}


async def test_every_delivery_ends_and_what_never_arrived_is_listed(world: World) -> None:
    gone = await world.subscriber("gone")
    slow = await world.subscriber("slow")
    await world.subscriber("fine")
    faults = {gone.phone: Fault.error(400, 21211), slow.phone: Fault(status=503, body="down")}
    world.twilio.fault = lambda form: faults.get(form["To"])

    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    alert_id = report.effect()["alert_id"]

    async def ends() -> dict[str, str]:
        return {one["contact_id"]: one["status"] for one in await world.deliveries(alert_id)}

    # after a 503 the provider rests, and who comes meanwhile waits for his next turn
    for _ in range(100):
        await world.passes(timedelta(seconds=30))
        if (await ends())[gone.contact_id] == "failed":
            break
    await world.calls_back(world.phone("fine").messages[0], "delivered")
    await world.passes(timedelta(days=3), every=timedelta(hours=6))
    deliveries = await ends()
    listed = (await world.api.admin.get(f"/v1/alerts/{alert_id}/unreached")).json()["items"]

    fine = world.people["fine"].contact_id
    assert deliveries[fine] == "delivered"
    assert deliveries[gone.contact_id] == "failed"
    ended = deliveries[slow.contact_id]
    assert ended in {"failed", "expired", "undelivered", "suppressed"}
    assert gone.contact_id in {one["contact_id"] for one in listed}
    assert ended == "suppressed" or slow.contact_id in {one["contact_id"] for one in listed}
    assert fine not in {one["contact_id"] for one in listed}


# ------------------------------------------------------------------------ 3: silence is no safety


@pytest.mark.alike
async def test_a_road_nobody_spoke_of_is_unknown_and_only_evidence_makes_it_low(
    world: World,
) -> None:
    assert await world.level() == "unknown"

    await world.reports("safe_transit", at="Lakamane", cargo="fuel", source="AFP")
    sections = (await world.api.admin.get(f"/v1/routes/{ROUTE}")).json()["sections"]
    near = {one["levels"].get("fuel", "unknown") for one in sections}
    await world.passes(timedelta(days=5), every=timedelta(hours=6))
    sections = (await world.api.admin.get(f"/v1/routes/{ROUTE}")).json()["sections"]
    later = {one["levels"].get("fuel", "unknown") for one in sections}

    assert near == {"low", "unknown"}
    assert later == {"unknown"}
    assert await world.alerts() == []


# ------------------------------------------------------------- 4: a rumour repeated is one rumour


@pytest.mark.alike
async def test_messages_do_not_count_only_independent_origins_do(world: World) -> None:
    answers = [
        await world.reports(
            "fuel_interception", at="Lakamane", minutes_ago=60 - number, source=name
        )
        for number, name in enumerate(
            ["AFP", "Malijet (AFP)", "Studio Tamani avec AFP", "AFP", "afp"]
        )
    ]

    last = answers[-1].body["incident"]
    assert last["reports"] == len(answers)
    assert last["independent_sources"] == 1
    assert last["credibility"] == answers[0].body["incident"]["credibility"]
    assert last["certainty"] == "unconfirmed"


@pytest.mark.alike
async def test_a_stranger_gives_no_graver_turn_to_what_a_known_source_said(world: World) -> None:
    known = await world.reports("vehicle_attack", at="Lakamane", source="AFP")
    before = await world.level()
    strangers = [world.api.new_key(Scope.REPORTER)[1] for _ in range(3)]

    heard = [
        await world.reports(
            "fuel_interception",
            at="Lakamane",
            client=world.api.client(key),
            cargo="fuel",
            target="bus",
            vehicles=80,
        )
        for key in strangers * 2
    ]

    assert {known.incident_id} == {one.incident_id for one in heard}
    held = heard[-1].body["incident"]
    assert (held["kind"], held["vehicles"], held["target"]) == ("vehicle_attack", None, None)
    assert (before, await world.level()) == ("high", "high")
    assert await world.level(cargo="passengers") != "severe"


# -------------------------------------------------------- 5: who was told is told how it ended


@pytest.mark.alike
@pytest.mark.parametrize("end", ["confirmed", "refuted", "resolved", "time"])
async def test_every_unconfirmed_alert_is_answered_to_all_whom_it_reached(
    world: World, end: str
) -> None:
    await world.subscriber("dispatcher", email=True)
    keen = await world.subscriber("keen", min_level="moderate")
    picky = await world.subscriber("picky", min_level="severe")
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    subscriptions = (await world.api.admin.get("/v1/subscriptions")).json()["items"]
    for one in subscriptions:
        if one["contact_id"] in {keen.contact_id, picky.contact_id}:
            await world.api.admin.delete(f"/v1/subscriptions/{one['id']}")
    first = world.counts()
    await world.subscriber("late", min_level="severe")

    if end == "time":
        await world.passes(timedelta(hours=32))
    else:
        await world.decides(report.incident_id, status=end)

    told = {name: count - first.get(name, 0) for name, count in world.counts().items()}
    assert first == {"dispatcher": 2, "keen": 1, "picky": 1}
    assert {name: told[name] for name in first} == first
    words = {
        "confirmed": "CONFIRM",
        "refuted": "ANNULATION",
        "resolved": "FIN D'ALERTE",
        "time": "PAS CONFIRM",
    }
    world.phone("picky").received(words[end])


# ------------------------------------------------------------- 6: every rating explains itself


async def test_what_was_known_at_an_instant_is_the_same_bytes_for_ever(world: World) -> None:
    first = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    world.clock.advance(timedelta(hours=2))
    at = world.clock.now()
    query = {"cargo": "fuel", "at": at.isoformat()}
    path = f"/v1/routes/{ROUTE}/rating"
    then = await world.api.admin.get(path, params=query)

    world.clock.advance(timedelta(hours=1))
    await world.reports("convoy_ambush", at="Sandaré", cargo="fuel", minutes_ago=300)
    await world.decides(first.incident_id, status="refuted")
    unruled = await world.api.admin.delete("/v1/rules/fuel-interception")
    await world.passes(timedelta(days=2), every=timedelta(hours=6))
    now = await world.api.admin.get(path, params=query)

    assert (then.status_code, unruled.status_code) == (200, 204)
    assert now.content == then.content
    assert then.json()["level"] == "severe"


@pytest.mark.alike
async def test_contributions_add_up_to_the_hazard(world: World) -> None:
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    await world.reports("ied", at="Diéma", minutes_ago=3000)

    answer = await world.api.admin.get(f"/v1/routes/{ROUTE}/rating", params={"cargo": "fuel"})
    sections = answer.json()["sections"]

    rated = [one for one in sections if one.get("contributions")]
    assert rated
    for one in rated:
        parts = sum(part["hazard"] for part in one["contributions"])
        assert one["hazard"] == pytest.approx(parts + one["prior"] + one["others"], abs=1e-6)
    assert answer.json()["rule_set"] == 1


# -------------------------------------------------------------------- 7: no contact, no convoy


def file_of(db: Database) -> str:
    """Return the bytes of an SQLite database, deleted rows and all."""
    path = db.engine.url.database
    if db.engine.dialect.name != "sqlite" or path is None:
        return ""
    files = [Path(path), Path(path + "-wal")]
    return "".join(file.read_bytes().decode("latin-1") for file in files if file.exists())


async def test_no_contact_is_in_the_database_or_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await world.subscriber("Moussa Coulibaly", email=True)
    await world.subscriber("Awa Traore")
    wrong = world.people["Awa Traore"].phone
    world.twilio.fault = lambda form: Fault.error(400, 21211) if form["To"] == wrong else None
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    await world.decides(report.incident_id, status="refuted", note="erreur")

    held = texts(list(dump(world.db).values())) + " ".join(
        f"{record.getMessage()} {record.__dict__}"
        for record in caplog.records
        if not record.name.startswith(("mail.log", "httpcore"))  # those of the providers here
    )
    held += file_of(world.db)
    secrets = list(world.api.keys.values())
    for person in world.people.values():
        secrets += [str(person.phone), str(person.phone)[4:], str(person.email)]
    secrets = [one for one in secrets if one != "None"]
    for secret in [*secrets, "Moussa", "Coulibaly", "Traore", "moussa"]:
        assert secret not in held


@pytest.mark.parametrize("kind", ["safe_transit", "military_operation"])
async def test_no_one_but_the_desk_learns_where_a_convoy_or_an_operation_is(
    world: World, kind: str
) -> None:
    await world.subscriber("north", min_level="moderate", email=True)
    await world.reports("fuel_interception", at="Diéma", cargo="fuel", minutes_ago=600)
    report = await world.reports(
        kind, at="Kaniéra", cargo="fuel", source="AFP", summary="Escorte de 40 citernes"
    )
    where = await world.api.moderator.get(f"/v1/incidents/{report.incident_id}")
    position = where.json()["location"]["position"]
    organisation = world.people["north"].organisation_id
    outside = [world.api.subscriber(organisation), world.api.reporter]

    seen = ""
    for client in outside:
        for path in (
            "/v1/incidents",
            f"/v1/incidents/{report.incident_id}",
            "/v1/alerts?limit=200",
            "/v1/routes",
            f"/v1/routes/{ROUTE}/rating?cargo=fuel",
            f"/v1/routes/{ROUTE}/ratings?cargo=fuel",
        ):
            answer = await client.get(path)
            seen += answer.text if answer.status_code == 200 else ""
    messages = " ".join(world.phone("north").texts)
    for mail in world.mails("north"):
        parts = [part.get_content() for part in mail.iter_parts()]
        messages += " ".join([str(mail["Subject"]), *parts])

    rating = await outside[0].get(f"/v1/routes/{ROUTE}/rating?cargo=fuel")
    its = [
        one
        for section in rating.json()["sections"]
        for one in section["contributions"]
        if one["kind"] == kind
    ]
    reasons = " ".join(rating.json()["reasons"])

    assert str(position["lat"]) not in seen
    assert "Escorte" not in seen
    assert its
    assert {(one["distance_km"], one["age_days"]) for one in its} == {(None, None)}
    assert "Kani" not in messages + reasons
    assert "5h30" not in messages


async def test_no_output_names_who_reported(world: World) -> None:
    key_id, key = world.api.new_key(Scope.REPORTER)
    report = await world.api.client(key).post(
        "/v1/reports",
        json={
            "kind": "fuel_interception",
            "place": "Lakamane",
            "occurred_at": world.clock.now().isoformat(),
            "source": {"name": "Seydou Keita", "type": "driver"},
        },
    )
    assert report.status_code == 201
    incident = report.json()["incident"]["id"]

    seen = report.text
    for path in (
        f"/v1/incidents/{incident}",
        "/v1/incidents",
        "/v1/alerts?limit=200",
        f"/v1/routes/{ROUTE}/rating?cargo=fuel",
    ):
        seen += (await world.api.moderator.get(path)).text

    assert "Seydou" not in seen + texts(list(dump(world.db).values()))
    assert key_id not in seen
