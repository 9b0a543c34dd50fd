"""/report at the desk: what a call sets off is seen before it is filed."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from app.accounts.keys import Scope
from app.db.tables import ReportRow
from tests.harness.html import read
from tests.harness.visitor import Visitor, at_the_desk, form_with, forms
from tests.harness.world import World

pytestmark = pytest.mark.alike

CALLED = {"kind": "fuel_interception", "place": "Lakamane", "basis": "relayed"}


def reports(world: World) -> int:
    query = select(func.count()).select_from(ReportRow)
    return int(world.db.read_now(lambda conn: conn.execute(query).scalar_one()))


async def seen(someone: Visitor, **fields: str) -> httpx.Response:
    page = await someone.get("/fr/report")
    return await someone.send(page, form_with(page.text, "once"), **{**CALLED, **fields})


def field(page: httpx.Response, name: str) -> Any:
    return forms(page.text)[form_with(page.text, name)].fields[name]


async def test_what_a_call_sets_off_is_what_then_leaves(plain_world: World) -> None:
    world = plain_world
    await world.subscriber("depot")
    someone = await at_the_desk(world.api)

    shown = await seen(someone)
    before = reports(world), world.phone("depot").texts
    done = await someone.send(shown, form_with(shown.text, "kind"))
    await world.quiet()

    assert before == (0, [])
    words = read(shown.text).words
    assert "Ce serait un nouvel événement : Interception de carburant, Lakamané" in words
    assert "1 personne reçoit un message tout de suite" in words
    assert "Coût : environ" in words
    assert "Oui, le signaler : envoyer" in words
    assert "C'est reçu" in read(done.text).words
    assert reports(world) == 1
    (text,) = world.phone("depot").texts
    assert text in words


async def test_what_is_known_already_is_said_to_be_joined(plain_world: World) -> None:
    world = plain_world
    await world.reports("fuel_interception", "Lakamane", by=Scope.REPORTER)
    someone = await at_the_desk(world.api)

    shown = await seen(someone)

    assert "Cela s'ajouterait à ce qui est déjà signalé" in read(shown.text).words


async def test_who_saw_it_and_changes_his_mind_finds_his_words_again(plain_world: World) -> None:
    world = plain_world
    someone = await at_the_desk(world.api)
    shown = await seen(someone, summary="deux citernes", when="today")

    again = await someone.send(shown, form_with(shown.text, "kind"), look="amend")

    assert reports(world) == 0
    assert (field(again, "place"), field(again, "summary")) == ("Lakamane", "deux citernes")
    assert (field(again, "kind"), field(again, "when")) == ("fuel_interception", "today")
    assert field(again, "once") == field(shown, "once")


async def test_gone_back_to_and_sent_again_it_is_one_report(plain_world: World) -> None:
    world = plain_world
    someone = await at_the_desk(world.api)
    page = await someone.get("/fr/report")
    number = form_with(page.text, "once")
    shown = await someone.send(page, number, **CALLED)
    await someone.send(shown, form_with(shown.text, "kind"))

    again = await someone.send(page, number, **CALLED)

    assert "C'est reçu" in read(again.text).words
    assert reports(world) == 1


@pytest.mark.parametrize(("fields", "why"), [({"place": "Bamba"}, "Bourem"), ({"kind": ""}, "")])
async def test_what_cannot_be_filed_is_asked_back_at_once(
    plain_world: World, fields: dict[str, str], why: str
) -> None:
    world = plain_world
    someone = await at_the_desk(world.api)

    answer = await seen(someone, **fields)

    assert answer.status_code == 422
    assert why in read(answer.text).words
    assert reports(world) == 0


async def test_what_nobody_can_place_is_kept_for_the_desk_and_a_reporter_waits_for_nothing(
    plain_world: World,
) -> None:
    world = plain_world
    someone = await at_the_desk(world.api)
    asked = await seen(someone, place="Bamba")
    kept = await someone.send(asked, form_with(asked.text, "once"), choice="none")
    on_the_road = await at_the_desk(world.api, world.api.key(Scope.REPORTER))

    taken = await seen(on_the_road)

    assert "C'est reçu" in read(kept.text).words
    assert "C'est reçu" in read(taken.text).words
    assert reports(world) == 2


async def test_who_has_to_sign_in_again_on_the_way_still_sees_it_before_it_is_filed(
    plain_world: World,
) -> None:
    world = plain_world
    key = world.api.key(Scope.MODERATOR)
    someone = await at_the_desk(world.api, key)
    page = await someone.get("/fr/report")
    world.clock.advance(timedelta(hours=13))

    over = await someone.send(page, form_with(page.text, "once"), **CALLED)
    again = await someone.send(over, key=key)
    shown = await someone.send(again, form_with(again.text, "once"))

    assert "Retour au bureau" in read(again.text).words
    assert "Ce serait un nouvel événement" in read(shown.text).words
    assert reports(world) == 0


async def test_a_list_of_places_is_shown_whole_before_and_after(plain_world: World) -> None:
    someone = await at_the_desk(plain_world.api)

    shown = await seen(someone, place="Lakamane et Sandaré")
    done = await someone.send(shown, form_with(shown.text, "kind"))

    named = "Interception de carburant, Lakamané; Interception de carburant, Sandaré"
    assert f"Ce serait un nouvel événement : {named}" in read(shown.text).words
    assert "Interception de carburant, Lakamané; Sandaré" in read(done.text).words
    assert reports(plain_world) == 2


async def test_of_a_list_it_is_said_which_name_nobody_knows(plain_world: World) -> None:
    someone = await at_the_desk(plain_world.api)

    shown = await seen(someone, place="Lakamane, Zoumbalaka et Sandaré")
    done = await someone.send(shown, form_with(shown.text, "kind"))

    assert "Interception de carburant, Lakamané; Interception" in read(shown.text).words
    words = read(done.text).words
    assert "Interception de carburant, Lakamané; Sandaré" in words
    assert "Lieu inconnu : Zoumbalaka. Une personne le cherche" in words
    assert reports(plain_world) == 3


async def test_of_a_closed_road_two_towns_are_asked_about(plain_world: World) -> None:
    someone = await at_the_desk(plain_world.api)

    asked = await seen(someone, kind="route_suspended", place="Diéma et Lakamané")

    assert "la route entre les deux, ou chacune des villes ?" in read(asked.text).words
    assert reports(plain_world) == 0
