"""/desk: what is shown before a decision is what then happens, in numbers, too."""

from datetime import timedelta

from app.accounts.keys import Scope
from tests.harness.html import read
from tests.harness.visitor import Visitor, form_with, forms, visitor
from tests.harness.world import World


async def at_the_desk(world: World) -> Visitor:
    someone = visitor(world.api)
    await someone.sign_in(world.api.key(Scope.MODERATOR))
    return someone


async def test_who_hears_of_several_cargoes_in_one_message_is_one_person(
    plain_world: World,
) -> None:
    world = plain_world
    await world.subscriber("depot", cargoes=("fuel", "goods"), min_level="moderate")
    found = await world.reports("vehicle_attack", "Diema", by=Scope.REPORTER)
    someone = await at_the_desk(world)
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
    someone = await at_the_desk(world)
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
    someone = await at_the_desk(world)
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
    someone = await at_the_desk(world)
    waits = "1 plus tard (heures calmes ou limite), pas avant 09:30"

    desk = await someone.get("/fr/desk")
    page = await someone.get(f"/fr/desk/incidents/{found.incident_id}")
    (alert,) = await world.alerts(cargo="passengers", route="ML-DKR-N")
    told = await someone.get(f"/fr/desk/alerts/{alert['id']}")
    shown = await someone.send(page, form_with(page.text, "version"), do="confirm")

    for one in (desk, page, told, shown):
        assert waits in read(one.text).words
    assert "en train de partir" not in read(page.text).words
