"""/desk: what is shown before a decision is what then happens, in numbers, too."""

import re
from datetime import timedelta

import pytest

from app.accounts.keys import Scope
from tests.harness.html import read
from tests.harness.visitor import at_the_desk, form_with, forms
from tests.harness.world import World

pytestmark = pytest.mark.alike


async def test_who_hears_of_several_cargoes_in_one_message_is_one_person(
    plain_world: World,
) -> None:
    world = plain_world
    await world.subscriber("depot", cargoes=("fuel", "goods"), min_level="moderate")
    found = await world.reports("vehicle_attack", "Diema", by=Scope.REPORTER)
    someone = await at_the_desk(world.api)
    page = await someone.get(f"/fr/desk/incidents/{found.incident_id}")
    number = form_with(page.text, "version")
    before = len(world.phone("depot").texts)

    shown = await someone.send(page, number, do="refute")
    sure = form_with(shown.text, "sure")
    await someone.send(shown, sure)
    await world.quiet()

    assert len(world.phone("depot").texts) == before + 1
    said = read(shown.text).words
    assert "1 personne reçoit un message tout de suite" in said
    assert "pour 1 personne" in said
    assert "2 messages" not in said


async def test_what_changed_while_somebody_looked_is_not_even_put_to_him(
    plain_world: World,
) -> None:
    world = plain_world
    found = await world.reports("fuel_interception", "Lakamane", by=Scope.REPORTER)
    someone = await at_the_desk(world.api)
    page = await someone.get(f"/fr/desk/incidents/{found.incident_id}")
    number = form_with(page.text, "version")
    world.clock.advance(timedelta(minutes=1))
    path = f"/v1/incidents/{found.incident_id}"
    await world.api.moderator.patch(path, json={"status": "refuted"})

    answer = await someone.send(page, number, do="confirm")

    assert answer.status_code == 409
    assert "Cela a changé entre-temps" in read(answer.text).words
    assert "Faux" in read(answer.text).words
    assert not any("sure" in form.fields for form in forms(answer.text))


async def test_who_decides_when_his_session_is_over_is_told_that_nothing_was_done(
    plain_world: World,
) -> None:
    world = plain_world
    found = await world.reports("fuel_interception", "Lakamane", by=Scope.REPORTER)
    someone = await at_the_desk(world.api)
    path = f"/fr/desk/incidents/{found.incident_id}"
    page = await someone.get(path)
    number = form_with(page.text, "version")
    shown = await someone.send(page, number, do="confirm")
    sure = form_with(shown.text, "sure")
    world.clock.advance(timedelta(hours=13))

    answer = await someone.send(shown, sure)
    asked = await someone.get(answer.headers["location"])

    assert answer.headers["location"].startswith(f"/fr/sign-in?next={path}")
    assert "rien n'a été fait, rien n'est parti" in read(asked.text).words
    assert 'role="alert"' in asked.text
    # who only opens a page has lost nothing
    opened = await someone.get((await someone.get(path)).headers["location"])
    assert "rien n'a été fait" not in read(opened.text).words


async def test_whom_quiet_hours_keep_from_hearing_is_never_said_to_be_on_the_way(
    plain_world: World,
) -> None:
    world = plain_world
    depot = await world.subscriber("depot", cargoes=("passengers",))
    path = f"/v1/contacts/{depot.contact_id}/hours"
    await world.api.admin.put(path, json={"quiet_from": "04:00", "quiet_until": "09:30"})
    found = await world.reports("roadblock", "Lakamane", by=Scope.REPORTER)
    assert world.phone("depot").texts == []
    someone = await at_the_desk(world.api)
    why = "(heures calmes, sourdine, récapitulatif ou limite du jour)"
    waits = f"1 plus tard {why}, pas avant 09:30"

    desk = await someone.get("/fr/desk")
    page = await someone.get(f"/fr/desk/incidents/{found.incident_id}")
    (alert,) = await world.alerts(cargo="passengers", route="ML-DKR-N")
    told = await someone.get(f"/fr/desk/alerts/{alert['id']}")
    shown = await someone.send(page, form_with(page.text, "version"), do="confirm")

    for one in (desk, page, told, shown):
        assert waits in read(one.text).words
    assert "en train de partir" not in read(page.text).words
    assert "Personne ne reçoit de message tout de suite" in read(shown.text).words


async def test_what_is_joined_or_set_apart_is_named_as_it_then_is(plain_world: World) -> None:
    world = plain_world
    one, other = (world.api.client(world.api.new_key(Scope.REPORTER)[1]) for _ in range(2))
    held = await world.reports("banditry", "Tominian", client=one, cargo="passengers")
    world.clock.advance(timedelta(minutes=1))
    joined = await world.reports("vehicle_attack", "Tominian", client=other, minutes_ago=400)
    assert joined.incident_id == held.incident_id
    someone = await at_the_desk(world.api)
    path = f"/fr/desk/incidents/{held.incident_id}"
    page = await someone.get(path)
    box = f"r-{joined.report_id}"
    apart = await someone.send(page, form_of(page.text, box), do="split", **{box: "1"})
    assert "À part désormais : Attaque de véhicules, Tominian" in read(apart.text).words
    await someone.send(apart, form_with(apart.text, "sure"))

    page = await someone.get(path)
    shown = await someone.send(page, form_with(page.text, "into"), do="merge")
    done = await someone.send(shown, form_with(shown.text, "sure"))

    whole = read((await someone.get(done.headers["location"].partition("?")[0])).text).words
    (said,) = re.findall(r"Ce sera : ([\w ]+, [\w ]+?) Ce qui partirait", read(shown.text).words)
    assert said == "Attaque de véhicules, Tominian"  # as often said, and worse
    assert said in whole.partition("Votre mot")[0]


async def test_a_button_speaks_of_sending_only_where_somebody_is_told(plain_world: World) -> None:
    world = plain_world
    await world.subscriber("depot")
    found = await world.reports("fuel_interception", "Lakamane", by=Scope.REPORTER)
    unheard = await world.reports("ied", "Niono", by=Scope.REPORTER)
    someone = await at_the_desk(world.api)

    async def asked(incident_id: str, do: str, **more: str) -> str:
        page = await someone.get(f"/fr/desk/incidents/{incident_id}")
        number = form_with(page.text, "place" if do == "correct" else "version")
        return read((await someone.send(page, number, do=do, **more)).text).words

    assert "Oui, c'est vrai : envoyer" in await asked(found.incident_id, "confirm")
    assert "Oui, corriger : envoyer" in await asked(found.incident_id, "correct", place="Diéma")
    assert "Oui, c'est vrai Non, retour" in await asked(unheard.incident_id, "confirm")


def form_of(page: str, box: str) -> int:
    """Return the number of the form with this box to tick."""
    return next(n for n, form in enumerate(forms(page)) if box in form.choices)


async def test_who_places_a_report_sees_first_to_whom_that_speaks(plain_world: World) -> None:
    world = plain_world
    await world.subscriber("depot")
    body = {
        "kind": "fuel_interception",
        "occurred_at": world.clock.now().isoformat(),
        "place": "Zzzq",
        "summary": "x",
    }
    filed = await world.api.reporter.post("/v1/reports/batch", json=[body])
    report_id = filed.json()["items"][0]["report"]["id"]
    someone = await at_the_desk(world.api)
    page = await someone.get(f"/fr/desk/reports/{report_id}")

    shown = await someone.send(page, form_with(page.text, "place"), do="place", place="Lakamane")
    await someone.send(shown, form_with(shown.text, "sure"))
    await world.quiet()

    assert "1 personne reçoit un message tout de suite" in read(shown.text).words
    (text,) = world.phone("depot").texts
    assert text in read(shown.text).words


async def test_what_good_news_ended_is_ended_at_once_by_who_knows_that_it_is_over(
    plain_world: World,
) -> None:
    world = plain_world
    await world.subscriber("depot")
    found = await world.reports("fuel_interception", "Lakamane", cargo="fuel")
    await world.decides(found.incident_id, status="confirmed")
    world.clock.advance(timedelta(hours=1))
    await world.reports("safe_transit", "Lakamane", cargo="fuel")
    someone = await at_the_desk(world.api)
    page = await someone.get(f"/fr/desk/incidents/{found.incident_id}")

    shown = await someone.send(page, form_with(page.text, "version"), do="resolve")
    await someone.send(shown, form_with(shown.text, "sure"))
    await world.quiet()

    assert 'value="resolve"' in page.text
    assert "1 personne" in read(shown.text).words
    world.phone("depot").received("FIN D'ALERTE")
