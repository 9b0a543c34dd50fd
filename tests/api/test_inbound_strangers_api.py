"""Who is not answered, and who is made to write: strangers, and words of duress."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.accounts.keys import Scope
from app.accounts.store import sign_ins
from app.db.engine import Database
from app.db.tables import (
    AlertRow,
    AuditRow,
    DuressWordRow,
    InboundRow,
    IncidentRow,
    InvitedAddressRow,
    NoticeRow,
    ReportRow,
)
from app.flows.reports.own_reports import own_reports
from app.incidents.store import set_aside
from app.subscribers.store import addresses, senders
from tests.harness.api import Api, fresh_context, serving
from tests.harness.texting import (
    DRIVER,
    REPORTER,
    STRANGER,
    Texting,
    a_contact,
    a_reporter,
    report,
    rows,
    signed_settings,
    values,
)

FREE, DRIVER_TOO = "+22376000003", "+22376000004"


@pytest.fixture
def api(texting: Texting) -> Api:
    return texting.api


# ------------------------------------------------------------------------------------ strangers


@pytest.mark.alike
@pytest.mark.parametrize(
    "text", ["ALERTE DIEMA CITERNES BRULEES", "AIDE", "ABONNER KAYES", "ETAT KAYES", ""]
)
async def test_a_strangers_message_is_kept_and_answered_by_nothing(
    db: Database, texting: Texting, text: str
) -> None:
    response = await texting.post(STRANGER, text)

    (heard,) = await texting.read()
    assert response.status_code == 200
    assert response.text.endswith("<Response />")
    assert (heard["sender"], heard["outcome"], heard["reply"]) == ("unknown", "unknown", None)
    assert (rows(db, ReportRow), rows(db, IncidentRow)) == (0, 0)


async def test_a_stranger_who_says_stop_is_not_answered_and_holds_for_whoever_adds_him(
    api: Api, db: Database, texting: Texting
) -> None:
    replies = [await texting.says(STRANGER, "STOP")]
    held = values(db, InvitedAddressRow.refused_at)
    organisation = api.organisation()
    contact = await a_contact(api, STRANGER, organisation_id=organisation)
    path = f"/v1/contacts/{contact['id']}/sign-in"
    assert (await api.subscriber(organisation).put(path)).is_success
    index = api.state.vault.blind_index("sms", STRANGER)
    let_in = db.write_now(lambda conn: sign_ins.find_allowed(conn, index))
    told_of_money = db.read_now(lambda conn: addresses.first_reachable(conn, organisation))
    replies += [await texting.says(STRANGER, "ABONNER KAYES")]
    started = await texting.says(STRANGER, "REPRENDRE")

    (heard,) = (one for one in await texting.read() if one["action"] == "stop")
    assert (heard["sender"], heard["outcome"]) == ("unknown", "nothing")
    assert None not in held
    assert (let_in, told_of_money) == (None, None)  # no code either, nor a word of money
    assert db.write_now(lambda conn: sign_ins.find_allowed(conn, index)) is not None
    assert replies[0] is None
    assert "REPRENDRE" in str(replies[1])
    assert "de nouveau" in str(started)
    assert {*values(db, InvitedAddressRow.refused_at)} == {None}


@pytest.mark.alike
async def test_strangers_without_end_leave_no_stops_behind(db: Database) -> None:
    context, few = fresh_context(), 2
    inbound = replace(context.config.inbound, unknown_in_all=few)
    context = replace(context, config=replace(context.config, inbound=inbound))
    async with serving(db, settings=signed_settings(), context=context) as api:
        texting = Texting(api)
        for number in range(few + 2):
            await texting.says(f"+223770{number:05}", "STOP")

    assert rows(db, InboundRow) == few
    assert rows(db, InvitedAddressRow) == few * len(("sms", "voice", "whatsapp"))


@pytest.mark.alike
async def test_strangers_do_not_fill_the_disk(db: Database, texting: Texting) -> None:
    limit = texting.api.state.config.inbound.unknown
    for number in range(limit + 3):
        assert await texting.says(STRANGER, f"bonjour {number}") is None

    assert rows(db, InboundRow) == limit


@pytest.mark.alike
@pytest.mark.parametrize("phone", ["Orange", "7171", "", "whatsapp:", "+1", "anonymous"])
async def test_what_is_no_number_is_a_stranger(texting: Texting, phone: str) -> None:
    assert await texting.says(phone, "ALERTE DIEMA BARRAGE") is None

    (heard,) = await texting.read()
    assert heard["sender"] == "unknown"


@pytest.mark.alike
async def test_whatsapp_is_the_same_phone(texting: Texting) -> None:
    assert "Noté" in str(await texting.says(f"whatsapp:{DRIVER}", "ALERTE DIEMA BARRAGE"))


# --------------------------------------------------------------------------------------- duress


async def test_a_word_of_duress_is_answered_as_always_and_changes_nothing_by_itself(
    api: Api, db: Database, texting: Texting
) -> None:
    await report(api, "fuel_interception", "Diéma", cargo="fuel", basis="official")
    await a_reporter(api, duress_word="Zanzibar")
    plain = await texting.says(REPORTER, "OK NIORO")
    before = values(db, IncidentRow.version)

    for text in ("OK DIEMA, zanzibar!", "ALERTE Zanzibar NIORO CITERNES BRULEES"):
        assert await texting.says(REPORTER, text)

    alert, transit, _ = await texting.read()
    listed = {one["id"]: one for one in (await api.moderator.get("/v1/reports")).json()["items"]}
    assert transit["reply"] == str(plain).replace("Nioro", "Diéma")
    assert (alert["duress"], transit["duress"]) == (True, True)
    assert values(db, IncidentRow.version) == before
    assert {alert["report_id"], transit["report_id"]} == set(listed)
    assert all(one["duress"] for one in listed.values())
    assert "zanzibar" not in (alert["text"] + transit["text"]).lower()
    assert len(await texting.read(duress=True)) == 2
    (notice, _) = values(db, NoticeRow.kind)
    assert notice == "duress"


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("OK BAMBA zanzibar", ["2"]),
        ("ALERTE zanzibar BAMBA BARRAGE", ["7", "2"]),
    ],
)
async def test_who_is_forced_is_forced_still_when_he_is_asked_back(
    db: Database, texting: Texting, text: str, answers: list[str]
) -> None:
    await a_reporter(texting.api, duress_word="Zanzibar")

    assert "Quel lieu" in str(await texting.says(REPORTER, text))
    for number in answers:
        assert await texting.says(REPORTER, number)

    heard = await texting.read()
    assert [one["duress"] for one in heard] == [True] * (len(answers) + 1)
    assert rows(db, IncidentRow) == 0
    assert [one["duress"] for one in await waiting(texting)] == [True]


async def waiting(texting: Texting) -> list[dict[str, Any]]:
    """Return the reports that wait for the desk."""
    return list((await texting.api.moderator.get("/v1/reports")).json()["items"])


async def test_who_holds_the_phone_does_not_find_it_out_by_asking_about_that_road(
    api: Api, db: Database, texting: Texting
) -> None:
    await a_contact(api, DRIVER_TOO)
    await a_reporter(api, phone=FREE)
    await a_reporter(api, duress_word="Zanzibar")

    async def asks(phone: str, place: str) -> list[str | None]:
        """Tell of a barrage and of a passage, with a road in question after each."""
        word = "" if phone == FREE else " zanzibar"
        replies: list[str | None] = []
        for text in (f"ALERTE {place} BARRAGE{word}", f"OK {place}{word}"):
            for each in (text, f"ETAT {place}"):
                reply = str(await texting.says(phone, each))
                replies.append(reply.replace(place.capitalize(), "Lieu"))
        return replies

    free = await asks(FREE, "SIKASSO")
    before = rows(db, IncidentRow), rows(db, AlertRow), rows(db, AuditRow)
    forced = await asks(REPORTER, "KOUTIALA")

    assert forced == free
    assert "barrage" in str(free[1])
    # nobody else's road has changed by it, and nothing of it is kept
    assert "aucune nouvelle" in str(await texting.says(DRIVER_TOO, "ETAT KOUTIALA"))
    assert (rows(db, IncidentRow), rows(db, AlertRow), rows(db, AuditRow)) == before
    assert [one["duress"] for one in await waiting(texting)] == [True, True]


@pytest.mark.alike
async def test_its_sender_is_told_nothing_of_it(api: Api, texting: Texting) -> None:
    key_id, key = api.new_key(Scope.REPORTER)
    await a_reporter(api, key_id=key_id, duress_word="Zanzibar")
    await texting.says(REPORTER, "OK DIEMA zanzibar")
    (heard,) = await texting.read()

    shown = await api.client(key).get(f"/v1/reports/{heard['report_id']}")

    assert shown.status_code == 200
    assert shown.json()["duress"] is None
    assert "duress" not in str(shown.json()["answer"])
    assert "contrainte" not in shown.text


@pytest.mark.alike
async def test_his_own_page_tells_who_forces_him_nothing_of_it(
    api: Api, db: Database, texting: Texting
) -> None:
    key_id, _ = api.new_key(Scope.REPORTER)
    await a_reporter(api, key_id=key_id, duress_word="Zanzibar")

    async def told() -> list[tuple[str, str, str]]:
        found = db.read_now(lambda conn: own_reports(conn, key_id, now=api.clock.now()))
        return [(one.kind, one.place, one.fate) for one in found]

    await texting.says(REPORTER, "OK DIEMA")
    (free,) = await told()
    await texting.says(REPORTER, "OK DIEMA zanzibar")
    assert await told() == [free, free]

    (heard,) = await texting.read(duress=True)
    db.write_now(lambda conn: set_aside(conn, heard["report_id"], at=api.clock.now()))
    assert await told() == [free, free]


async def test_a_word_agreed_on_before_is_heard_however_words_are_read_today(
    api: Api, texting: Texting, db: Database
) -> None:
    """Glued words are taken apart now: "lattaque" is two. It was agreed on when it was one."""
    await a_reporter(api, duress_word="Zanzibar")
    (subject,) = values(db, DuressWordRow.subject)
    agreed = api.state.vault.token(f"duress|{subject}|lattaque")
    db.write_now(lambda conn: senders.set_duress_word(conn, subject, agreed, now=api.clock.now()))

    await texting.says(REPORTER, "ALERTE DIEMA BARRAGE lattaque")

    assert [one["duress"] for one in await texting.read()] == [True]


@pytest.mark.alike
async def test_a_moderator_may_believe_it_all_the_same(api: Api, texting: Texting) -> None:
    await a_reporter(api, duress_word="Zanzibar")
    await texting.says(REPORTER, "ALERTE DIEMA BARRAGE zanzibar")
    (heard,) = await texting.read()

    placed = await api.moderator.post(
        f"/v1/reports/{heard['report_id']}/place", json={"place": "Diéma"}
    )

    assert placed.status_code == 200
    assert placed.json()["incident"]["kind"] == "roadblock"


@pytest.mark.alike
async def test_an_organisations_word_counts_for_its_contacts(api: Api, texting: Texting) -> None:
    (contact,) = (await api.admin.get("/v1/contacts")).json()["items"]
    path = f"/v1/organisations/{contact['organisation_id']}/duress-word"
    assert (await api.admin.put(path, json={"word": "Zanzibar"})).status_code == 204

    await texting.says(DRIVER, "OK DIEMA zanzibar")
    assert (await api.admin.put(path, json={"word": None})).status_code == 204
    await a_contact(api, DRIVER_TOO, organisation_id=contact["organisation_id"])
    await texting.says(DRIVER_TOO, "OK NIORO zanzibar")

    after, before = await texting.read()
    assert (before["duress"], after["duress"]) == (True, False)


@pytest.mark.alike
@pytest.mark.parametrize("word", ["alerte", "Kayes", "deux mots", "abc", "1234", "citerne", "!!!!"])
async def test_a_word_that_anybody_writes_is_refused(api: Api, word: str) -> None:
    body = {"phone": REPORTER, "duress_word": word}

    answer = await api.admin.post("/v1/reporters", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/duress_word"


# -------------------------------------------------------------------------------- forged numbers


async def test_many_stops_at_once_are_obeyed_and_told_to_who_is_on_duty(
    api: Api, db: Database, texting: Texting
) -> None:
    many = api.state.config.inbound.stops
    phones = [f"+223761{number:05}" for number in range(many)]
    await a_reporter(api)
    for phone in phones:
        await a_contact(api, phone)
    assert await texting.says(STRANGER, "STOP") is None  # nobody's: it keeps nothing from anybody

    for phone in phones[:-1]:
        assert "REPRENDRE" in str(await texting.says(phone, "STOP"))
        assert await texting.says(phone, "STOP") is None  # again: it counts once
    assert rows(db, NoticeRow) == 0
    await texting.says(phones[-1], "STOP")

    assert values(db, NoticeRow.kind) == ["stops"]
    assert values(db, NoticeRow.number) == [many]


@pytest.mark.alike
async def test_stops_of_a_whole_day_alarm_nobody(api: Api, db: Database, texting: Texting) -> None:
    for number in range(api.state.config.inbound.stops + 1):
        await a_contact(api, f"+223761{number:05}")
        await texting.says(f"+223761{number:05}", "STOP")
        api.clock.advance(timedelta(minutes=20))

    assert rows(db, NoticeRow) == 0


async def test_phones_that_are_not_listened_to_any_more_are_told_to_who_is_on_duty(
    api: Api, db: Database, texting: Texting
) -> None:
    await a_reporter(api)
    limit = api.state.config.inbound.messages
    for phone in (STRANGER, REPORTER):
        for number in range(limit):
            await texting.says(phone, f"bonjour {number}")
    assert rows(db, NoticeRow) == 0

    assert await texting.says(REPORTER, "ALERTE DIEMA CITERNES BRULEES") is None
    await texting.says(REPORTER, "ALERTE DIEMA BARRAGE")

    assert rows(db, ReportRow) == 0
    assert values(db, NoticeRow.kind) == ["flood"]
    assert values(db, NoticeRow.number) == [1]
