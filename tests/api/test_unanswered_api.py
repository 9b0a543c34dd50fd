"""A danger on a long road of which nobody says where: all of it is told, and who is on duty."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from app.core.gsm7 import is_gsm7
from app.db.tables import InboundRow, NoticeRow
from app.delivery.outbox import notices
from app.flows.duty.tell_of_unplaced import tell_of_unplaced
from app.flows.messages.unanswered import tell_unanswered
from app.flows.sending.tell_duty import text_of
from app.subscribers.store import forced
from tests.harness.texting import DRIVER, REPORTER, STRANGER, Texting, a_reporter

LONG = "attaque convoi citernes entre kayes et diema"
MINUTE = timedelta(minutes=1)


async def later(texting: Texting, minutes: int) -> int:
    """Let time pass and the clock look; return how many dangers it told."""
    api = texting.api
    api.clock.advance(minutes * MINUTE)
    return await tell_unanswered(api.state.db, api.state.context, api.clock, made=lambda: None)


async def duty_told(texting: Texting) -> int:
    api = texting.api
    return await tell_of_unplaced(api.state.db, api.state.context, api.clock, duty=["email"])


async def dangers(texting: Texting) -> list[tuple[str, str]]:
    """Return kind and place of the incidents there are, the oldest first."""
    found = (await texting.api.moderator.get("/v1/incidents")).json()["items"]
    return [(one["kind"], one["location"]["label"]) for one in reversed(found)]


async def warned(texting: Texting) -> set[str]:
    """Return the sections whose level for fuel is known."""
    found = (await texting.api.moderator.get("/v1/routes/ML-DKR-N/rating?cargo=fuel")).json()
    return {one["id"] for one in found["sections"] if one["level"] not in {"unknown", "low"}}


async def test_who_cannot_say_where_warns_all_of_the_road(texting: Texting) -> None:
    asked = await texting.says(DRIVER, LONG)
    noted = await texting.says(DRIVER, "4")

    assert asked == (
        "SIRA Quel lieu? 1 Kayes (Kayes), 2 Lakamané (Diéma), 3 Diéma (Diéma), 4 lieu exact "
        "inconnu. Répondez par un numéro."
    )
    assert noted is not None
    assert "entre Kayes et Diéma" in noted
    assert await dangers(texting) == [("fuel_interception", "Kayes - Diéma")]
    assert len(await warned(texting)) > 5


@pytest.mark.parametrize("said", ["je ne sais pas", "On ne sait pas où", "inconnu", "don't know"])
async def test_it_may_be_said_in_words(said: str, texting: Texting) -> None:
    await texting.says(DRIVER, LONG)
    await texting.says(DRIVER, said)

    assert await dangers(texting) == [("fuel_interception", "Kayes - Diéma")]


async def test_what_nobody_answers_is_told_of_all_of_the_road_after_ten_minutes(
    texting: Texting,
) -> None:
    await texting.says(DRIVER, LONG)
    soon = await later(texting, 9)
    nothing_yet = await dangers(texting)
    told = await later(texting, 2)

    assert (soon, nothing_yet, told) == (0, [], 1)
    assert await dangers(texting) == [("fuel_interception", "Kayes - Diéma")]
    assert await later(texting, 2) == 0, "once"
    (message,) = await texting.read()
    assert message["report_id"] is not None


async def test_an_attack_of_unknown_sort_is_told_as_well(texting: Texting) -> None:
    await texting.says(DRIVER, "attaque sur la route bamako segou")

    assert await later(texting, 11) == 1
    assert await dangers(texting) == [("vehicle_attack", "Bamako - Ségou")]


async def test_a_late_answer_says_where_it_was(texting: Texting) -> None:
    await texting.says(DRIVER, LONG)
    await later(texting, 11)
    wide = await warned(texting)
    await texting.says(DRIVER, "2")

    assert await dangers(texting) == [("fuel_interception", "Lakamané")]
    assert await warned(texting) < wide


async def test_an_attack_is_told_at_once_when_its_place_is_chosen(texting: Texting) -> None:
    """Asked of what sort it was first, whoever is shot at may not answer a second time."""
    await texting.says(DRIVER, "attaque Segala")
    noted = await texting.says(DRIVER, "1")

    assert await dangers(texting) == [("town_attack", "Ségala Ndi")]
    assert noted is not None
    assert noted.endswith("répondez: 1 véhicule attaqué, 2 convoi attaqué, 3 attaque armée.")
    await texting.says(DRIVER, "2")
    assert await dangers(texting) == [("convoy_ambush", "Ségala Ndi")]


async def test_a_program_may_say_that_nobody_knows_where(texting: Texting) -> None:
    body = {
        "kind": "convoy_ambush",
        "occurred_at": texting.api.clock.now().isoformat(),
        "place": "Kayes-Diéma",
    }
    refused = await texting.api.reporter.post("/v1/reports", json=body)
    taken = await texting.api.reporter.post("/v1/reports", json={**body, "somewhere": True})

    assert (refused.status_code, refused.json()["somewhere"]) == (422, "Kayes - Diéma")
    assert taken.status_code == 201
    assert await dangers(texting) == [("convoy_ambush", "Kayes - Diéma")]
    (incident,) = (await texting.api.moderator.get("/v1/incidents")).json()["items"]
    moved = await texting.api.moderator.patch(
        f"/v1/incidents/{incident['id']}",
        json={"place": {"place": "Bamako-Ségou", "somewhere": True}},
    )
    assert moved.status_code == 200, moved.text
    assert await dangers(texting) == [("convoy_ambush", "Bamako - Ségou")]


@pytest.mark.parametrize(
    "said",
    [
        "attaque convoi a tartempion",
        "convoi passe sans probleme entre kayes et diema",
        "ALERTE KAYES DIEMA",
    ],
)
async def test_what_is_no_danger_on_a_road_we_know_waits(said: str, texting: Texting) -> None:
    await texting.says(DRIVER, said)

    assert await later(texting, 11) == 0
    assert await dangers(texting) == []


async def test_a_stranger_and_who_is_forced_are_not_believed_by_silence(texting: Texting) -> None:
    await a_reporter(texting.api, duress_word="baobab")
    await texting.says(STRANGER, LONG)
    await texting.says(REPORTER, f"{LONG} baobab")

    assert await later(texting, 11) == 0
    assert await dangers(texting) == []


async def test_who_is_forced_meanwhile_is_not_believed_either(texting: Texting) -> None:
    api = texting.api
    await a_reporter(api)
    await texting.says(DRIVER, LONG)
    await texting.says(REPORTER, "attaque sur la route bamako segou")
    api.clock.advance(11 * MINUTE)

    def force(conn: Connection) -> None:
        for phone in conn.scalars(select(InboundRow.phone_index)).all():
            at = {"key_id": None, "inbound_id": None, "organisation_id": None}
            forced.add(conn, phone_index=phone, now=api.clock.now(), **at)

    told = await tell_unanswered(
        api.state.db, api.state.context, api.clock, made=lambda: api.state.db.write_now(force)
    )
    assert told == 1


async def test_what_somebody_deals_with_at_the_desk_is_left_to_him(texting: Texting) -> None:
    await texting.says(DRIVER, LONG)
    (message,) = await texting.read()
    aside = await texting.api.moderator.post(f"/v1/inbound/{message['id']}/set-aside")
    assert aside.is_success, aside.text

    assert await later(texting, 11) == 0


async def test_a_report_of_a_batch_is_placed_as_well(texting: Texting) -> None:
    outcome = await batch(texting, kind="convoy_ambush", place="Kayes-Diéma")
    told = await later(texting, 11)

    assert outcome["report"]["outcome"] == "asked"
    assert told == 1
    assert await dangers(texting) == [("convoy_ambush", "Kayes - Diéma")]
    waiting = await texting.api.moderator.get("/v1/reports")
    assert waiting.json()["items"] == []


async def test_history_hides_no_danger_of_today(texting: Texting) -> None:
    api = texting.api
    await batch(texting, kind="convoy_ambush", place="Kayes-Diéma")
    old = {"kind": "convoy_ambush", "place": "Tartempion"}
    when = {"occurred_at": (api.clock.now() - timedelta(days=400)).isoformat()}
    history = await api.moderator.post(
        "/v1/reports/batch?mode=backfill", json=[{**old, **when}] * 310
    )
    assert history.status_code == 200, history.text

    assert await later(texting, 11) == 1
    assert await duty_told(texting) == 0


@pytest.mark.parametrize(
    "filed",
    [
        {"kind": "safe_transit", "place": "Kayes-Diéma"},
        {"kind": "convoy_ambush", "place": "Tartempion"},
        {"kind": "convoy_ambush", "place": "Bamako-Gao"},
    ],
)
async def test_a_report_of_good_news_or_of_no_such_road_waits(
    filed: dict[str, str], texting: Texting
) -> None:
    await batch(texting, **filed)

    assert await later(texting, 11) == 0
    assert await dangers(texting) == []


async def batch(texting: Texting, **filed: Any) -> dict[str, Any]:
    """File one report of a batch, which is kept where its place is not found."""
    body = {"occurred_at": texting.api.clock.now().isoformat(), **filed}
    answer = await texting.api.reporter.post("/v1/reports/batch", json=[body])
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["items"][0])


async def test_the_person_on_duty_is_told_of_dangers_without_a_place(texting: Texting) -> None:
    await texting.says(DRIVER, "attaque convoi a tartempion")
    await texting.says(STRANGER, "attaque convoi a tartempion")
    await batch(texting, kind="convoy_ambush", place="Tartempion")
    at_once = await duty_told(texting)
    texting.api.clock.advance(6 * MINUTE)
    stands = await duty_told(texting), await duty_told(texting)

    assert (at_once, stands) == (0, (2, 0))
    state = texting.api.state
    (notice,) = state.db.write_now(
        lambda conn: notices.take_due(conn, limit=9, now=texting.api.clock.now(), lease=MINUTE)
    )
    for language in ("fr", "en"):
        text = text_of(notice, language=language, public_url=None)
        assert is_gsm7(text)
        assert len(text) <= 160
    assert text_of(notice, language="fr", public_url="https://s.example").endswith("/desk")


async def test_nobody_is_woken_for_what_was_answered_or_placed(texting: Texting) -> None:
    await texting.says(DRIVER, "attaque convoi a tartempion")
    await texting.says(DRIVER, "Sandaré")
    kept = await batch(texting, kind="convoy_ambush", place="Tartempion")
    path = f"/v1/reports/{kept['report']['id']}/place"
    placed = await texting.api.moderator.post(path, json={"place": "Sandaré"})
    assert placed.is_success, placed.text
    texting.api.clock.advance(6 * MINUTE)

    assert await duty_told(texting) == 0
    query = select(NoticeRow.id).where(NoticeRow.kind == "unplaced")
    assert texting.api.state.db.read_now(lambda conn: conn.execute(query).all()) == []
