"""What is shipped otherwise than the rules in force: named, taken over one by one, or left."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.accounts.keys import Scope
from app.db.engine import Database
from tests.harness.api import Api, fresh_context, serving, shipped_config
from tests.harness.html import read
from tests.harness.visitor import Visitor, visitor

pytestmark = pytest.mark.alike

NEW = {
    "id": "sandstorm",
    "title": "Sandstorm",
    "title_fr": "Tempête de sable",
    "when": 'incident.kind == "accident" && incident.vehicles > 3',
    "weight": {"fuel": 0.1, "goods": 0.1, "passengers": 0.1, "humanitarian": 0.1},
}
HEAD = "Règles de cette version qui ne sont pas en vigueur"


@pytest.fixture
async def upgraded(db: Database) -> AsyncIterator[Api]:
    """The database of the version before, served by one whose accidents reach farther."""
    config = shipped_config()
    rules = [{**one, "reach_km": 33} if one["id"] == "accident" else one for one in config.rules]
    context = replace(fresh_context(), config=replace(config, rules=(*rules, NEW)))
    async with serving(db, context=context) as served:
        yield served


@pytest.fixture
async def admin(upgraded: Api) -> Visitor:
    someone = visitor(upgraded)
    await someone.sign_in(upgraded.key(Scope.ADMIN))
    return someone


async def links(admin: Visitor) -> list[str]:
    page = (await admin.get("/fr/rules")).text
    return [part.partition('"')[0] for part in page.split('href="/fr/rules/shipped/')[1:]]


async def test_an_admin_sees_what_is_shipped_otherwise_new_ones_first(admin: Visitor) -> None:
    assert HEAD in read((await admin.get("/fr/rules")).text).words
    assert await links(admin) == ["sandstorm", "accident"]

    changed = read((await admin.get("/fr/rules/shipped/accident")).text).words
    new = read((await admin.get("/fr/rules/shipped/sandstorm")).text).words

    assert "jusqu'à 33 km" in changed
    assert "pas de telle règle" in new
    assert (await admin.get("/fr/rules/shipped/nothing")).status_code == 404


async def test_shipped_rules_are_taken_over_one_by_one(upgraded: Api, admin: Visitor) -> None:
    for rule in await links(admin):
        page = await admin.get(f"/fr/rules/shipped/{rule}")
        done = await admin.send(page, do="publish", note="as shipped")
        assert done.headers["location"] == "/fr/rules?done=done_rules"

    assert HEAD not in read((await admin.get("/fr/rules")).text).words
    rules = {one["id"]: one for one in (await upgraded.admin.get("/v1/rules")).json()["items"]}
    assert rules["accident"]["reach_km"] == 33
    assert rules["sandstorm"]["title_fr"] == "Tempête de sable"
    assert len(rules) == len(shipped_config().rules) + 1


async def test_a_rule_that_is_left_changes_nothing_and_is_named_no_more(
    upgraded: Api, admin: Visitor
) -> None:
    page = await admin.get("/fr/rules/shipped/accident")

    done = await admin.send(page, do="leave")

    assert done.headers["location"] == "/fr/rules?done=done_left"
    assert await links(admin) == ["sandstorm"]
    assert [
        one["number"] for one in (await upgraded.admin.get("/v1/rulesets")).json()["items"]
    ] == [1]
    (entry,) = (await upgraded.admin.get("/v1/audit?subject_type=rule")).json()["items"]
    assert (entry["action"], entry["subject_id"]) == ("rule.settled", "accident")


async def test_a_rule_that_is_changed_on_its_way_in_is_named_no_more(
    upgraded: Api, admin: Visitor
) -> None:
    page = await admin.get("/fr/rules/shipped/accident")

    await admin.send(page, do="publish", reach_km="20")

    assert await links(admin) == ["sandstorm"]
    assert (await upgraded.admin.get("/v1/rules/accident")).json()["reach_km"] == 20


async def test_a_preview_of_a_shipped_rule_leads_on_to_it(admin: Visitor) -> None:
    page = await admin.get("/fr/rules/shipped/sandstorm")

    seen = await admin.send(page, do="check")

    assert "chaque exemple tient" in read(seen.text).words
    assert 'action="/fr/rules/shipped/sandstorm"' in seen.text
    assert "remove-preview" not in seen.text


async def test_a_rule_whose_set_was_never_approved_is_named_again(db: Database) -> None:
    """Where a second admin approves, two shipped rules that wait overtake one another."""
    context = fresh_context()
    config = context.config
    rules = [
        {**one, "reach_km": 33} if one["id"] in {"accident", "ied"} else one for one in config.rules
    ]
    strict = replace(config.changing, second_admin=True)
    async with serving(db, context=fresh_context()):
        pass
    upgraded = replace(context, config=replace(config, rules=tuple(rules), changing=strict))
    async with serving(db, context=upgraded) as site:
        author, other = visitor(site), visitor(site)
        await author.sign_in(site.key(Scope.ADMIN))
        await other.sign_in(site.new_key(Scope.ADMIN)[1])
        both = await links(author)
        for rule in both:
            await author.send(await author.get(f"/fr/rules/shipped/{rule}"), do="publish")
        waiting = await links(author)
        await other.send(await other.get("/fr/rules/sets/2"), do="approve")

        assert len(both) == 2
        assert waiting == []
        assert await links(author) == both[1:]


async def test_the_desk_tells_an_admin_that_rules_wait_and_nobody_else(
    upgraded: Api, admin: Visitor
) -> None:
    """Who never opens the rules would not hear that a new kind of danger is told to nobody."""
    told = "Règles venues avec une mise à jour et pas en vigueur : 2."
    moderator = visitor(upgraded)
    await moderator.sign_in(upgraded.key(Scope.MODERATOR))

    assert told in read((await admin.get("/fr/desk")).text).words
    assert told not in read((await moderator.get("/fr/desk")).text).words
    for rule in await links(admin):
        await admin.send(await admin.get(f"/fr/rules/shipped/{rule}"), do="leave", note="ours")
    assert "mise à jour" not in read((await admin.get("/fr/desk")).text).words
