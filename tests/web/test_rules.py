"""/rules: read aloud, written in a form, tried, put in force, approved, and rolled back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from app.accounts.keys import Scope
from app.db.engine import Database
from app.risk.rules import parse_rule, parse_rules
from app.web.own_scripts import SCRIPTS
from app.web.rules.form import form_of, table_of
from app.web.rules.wording import condition, reading
from app.web.speaking import load_words
from tests.harness.api import Api, fresh_context, serving, shipped_config
from tests.harness.html import read
from tests.harness.visitor import Visitor, forms, visitor

pytestmark = pytest.mark.alike

CARGOES = shipped_config().cargoes.codes
SHIPPED = parse_rules(shipped_config().rules, cargoes=CARGOES)[0]
EVIL = "\"'><script>alert(1)</script>"


@pytest.fixture
async def admin(site: Api) -> Visitor:
    someone = visitor(site)
    await someone.sign_in(site.key(Scope.ADMIN))
    return someone


async def rules_of(site: Api) -> dict[str, dict[str, object]]:
    return {one["id"]: one for one in (await site.admin.get("/v1/rules")).json()["items"]}


@pytest.mark.parametrize("rule", SHIPPED, ids=lambda rule: rule.id)
def test_a_form_sent_as_it_came_is_the_same_rule(rule: object) -> None:
    known = next(one for one in SHIPPED if one == rule)

    again, problems = parse_rule(table_of(form_of(known, CARGOES), CARGOES), cargoes=CARGOES)

    assert problems == []
    assert again is not None
    weights = {cargo: known.weight_for(cargo) for cargo in CARGOES}
    assert {cargo: again.weight_for(cargo) for cargo in CARGOES} == weights
    assert replace(again, weight=0.0) == replace(known, weight=0.0)


def test_rules_are_read_aloud() -> None:
    words = load_words(shipped_config())["en"]
    rule = next(one for one in SHIPPED if one.id == "fuel-interception")

    assert reading(rule, words)[:3] == [
        "When: fuel convoy intercepted",
        "Counts 1 for fuel; counts 0.35 for goods; counts 0.3 for passengers, humanitarian aid",
        "At least severe for fuel, for 3 days, up to 25 km away, when believed to 50 % at least",
    ]
    assert condition('incident.kind == "ied" || true', words) == ""
    assert "<" not in condition('incident.kind == "<b>"', words)


async def test_a_fault_in_the_condition_is_shown_at_its_column(site: Api, admin: Visitor) -> None:
    page = await admin.get("/fr/rules/rule/ied")

    answer = await admin.send(
        page, do="check", when='incident.kind == "ied" && incident.vehicle > 1'
    )

    words = read(answer.text).words
    assert "colonne" in words
    assert "incident.vehicles" in words
    assert "\n" + " " * 24 in answer.text
    assert "^</pre>" in answer.text
    assert forms(answer.text)[0].fields["when"].startswith("incident.kind")
    assert (await rules_of(site))["ied"]["when"] == 'incident.kind == "ied"'


async def test_examples_are_run_when_the_rule_is_checked(admin: Visitor) -> None:
    page = await admin.get("/fr/rules/rule/fuel-interception")
    fine = await admin.send(page, do="check")

    wrong = await admin.send(page, do="check", **{"weight-fuel": "0.5"})

    assert "chaque exemple tient" in read(fine.text).words
    said = read(wrong.text).words
    assert "Ne tient pas" in said
    assert ("la règle donne" in said, "expected" in said) == (True, False)


async def test_a_change_comes_into_force_and_is_rolled_back(site: Api, admin: Visitor) -> None:
    page = await admin.get("/fr/rules/rule/accident")
    before = (await rules_of(site))["accident"]

    done = await admin.send(
        page, do="publish", note="as in the meeting", reach_km="60", **{"weight-fuel": "0,25"}
    )

    assert done.headers["location"] == "/fr/rules?done=done_rules"
    changed = (await rules_of(site))["accident"]
    assert changed["reach_km"] == 60
    assert changed["weight"] != before["weight"]
    (latest, first) = (await site.admin.get("/v1/rulesets")).json()["items"]
    assert (latest["note"], latest["active"]) == ("as in the meeting", True)
    seen = read((await admin.get("/fr/rules/sets/2")).text).words
    assert "ressentie jusqu'à 60 km" in seen.replace("Ressentie", "ressentie")

    back = await admin.get(f"/fr/rules/sets/{first['number']}")
    await admin.send(back, do="activate", note="too far")

    assert (await rules_of(site))["accident"] == before
    trail = (await site.admin.get("/v1/audit?subject_type=rule_set")).json()["items"]
    assert [one["action"] for one in trail] == ["rules.activated", "rules.changed"]


async def test_a_kind_that_no_rule_speaks_of_is_named(site: Api, admin: Visitor) -> None:
    said = "Aucune règle ne parle de"
    assert said not in read((await admin.get("/fr/rules")).text).words

    for rule in ("armed-presence", "accident"):
        assert (await site.admin.delete(f"/v1/rules/{rule}")).is_success

    words = read((await admin.get("/fr/rules")).text).words
    assert "hommes armés vus, accident de la route." in words[words.index(said) :]


async def test_reasons_that_nobody_wrote_are_said_in_the_language_of_the_page(
    site: Api, admin: Visitor
) -> None:
    for rule, note in (("ied", ""), ("banditry", "Trop haut selon Kita")):
        table = (await rules_of(site))[rule]
        given = {name: value for name, value in table.items() if name != "id"} | {"reach_km": 12}
        asked = f"/v1/rules/{rule}" + (f"?note={note}" if note else "")
        answer = await site.admin.put(asked, json=given)
        assert answer.is_success, answer.text

    listed = read((await admin.get("/fr/rules")).text).words
    first = read((await admin.get("/fr/rules/sets/1")).text).words

    assert "as shipped" not in listed + first
    assert "tel que livré" in listed
    assert "par vous - règle « ied » modifiée" in listed
    assert "par vous - Trop haut selon Kita" in listed


async def test_what_turns_everything_severe_wants_a_reason(site: Api, admin: Visitor) -> None:
    body = {"kind": "accident", "place": "Kayes", "occurred_at": site.clock.now().isoformat()}
    await site.moderator.post("/v1/reports", json=body)
    page = await admin.get("/en/rules/rule/accident")
    everything = {
        "when": "true",
        "floor-0-level": "severe",
        "floor-0-days": "30",
        "floor-0-within": "200",
    }
    everything |= {"examples": "", "weight-fuel": "3", "weight-goods": "3"}

    answer = await admin.send(page, do="publish", **everything)

    assert answer.status_code == 422
    assert (await site.admin.get("/v1/rulesets")).json()["items"][0]["number"] == 1


async def test_two_admins_change_one_rule_the_second_is_told(site: Api, admin: Visitor) -> None:
    page = await admin.get("/fr/rules/rule/accident")
    other = visitor(site)
    await other.sign_in(site.new_key(Scope.ADMIN)[1])
    await other.send(await other.get("/fr/rules/rule/ied"), do="publish", reach_km="40")

    answer = await admin.send(page, do="publish", reach_km="60")

    assert answer.status_code == 409
    assert forms(answer.text)[0].fields["reach_km"] == "60"


@asynccontextmanager
async def two_admins(sqlite_url: str) -> AsyncIterator[tuple[Api, Visitor, Visitor]]:
    """Serve where a change waits for a second admin; yields both at their browsers."""
    db = Database(sqlite_url)
    context = fresh_context()
    strict = replace(context.config.changing, second_admin=True)
    context = replace(context, config=replace(context.config, changing=strict))
    async with serving(db, context=context) as site:
        author, other = visitor(site), visitor(site)
        await author.sign_in(site.key(Scope.ADMIN))
        await other.sign_in(site.new_key(Scope.ADMIN)[1])
        yield site, author, other
    db.close()


async def test_a_second_admin_approves_and_not_the_author(sqlite_url: str) -> None:
    async with two_admins(sqlite_url) as (site, author, other):
        saved = await author.send(
            await author.get("/fr/rules/rule/ied"), do="publish", reach_km="40"
        )
        own = await author.post(
            "/fr/rules/sets/2",
            {
                "token": forms((await author.get("/fr/rules/new")).text)[0].fields["token"],
                "do": "approve",
            },
        )
        shown = await author.get("/fr/rules/sets/2")
        page = await other.get("/fr/rules/sets/2")
        done = await other.send(page, do="approve")

        assert saved.headers["location"] == "/fr/rules?done=done_pending"
        assert own.status_code == 403
        assert "un autre administrateur l&#39;approuve" in shown.text
        assert "Approuver" not in shown.text
        assert done.headers["location"] == "/fr/rules?done=done_approve"
        assert (await rules_of(site))["ied"]["reach_km"] == 40


async def test_a_change_that_was_overtaken_waits_for_nobody(sqlite_url: str) -> None:
    async with two_admins(sqlite_url) as (_, author, other):
        page = await author.get("/fr/rules/rule/ied")
        for reach in ("40", "50"):
            await author.send(page, do="publish", reach_km=reach)
        await other.send(await other.get("/fr/rules/sets/2"), do="approve")

        listed, page = await other.get("/fr/rules"), await other.get("/fr/rules/sets/3")

        assert "attend un second administrateur" not in listed.text
        assert "jamais en vigueur" in listed.text
        assert "Approuver" not in page.text
        assert "ne peut plus être approuvé" in page.text


@pytest.mark.parametrize(
    "field", ["id", "title", "title_fr", "when", "reach_km", "weight-fuel", "examples", "note"]
)
async def test_what_is_typed_never_becomes_a_part_of_the_page(admin: Visitor, field: str) -> None:
    page = await admin.get("/fr/rules/new")

    answer = await admin.send(page, do="publish", **{"id": "x", "title": "x", field: EVIL})

    assert read(answer.text).tags.count("script") == answer.text.count(SCRIPTS["rule"])


async def test_a_title_with_markup_is_text_wherever_it_is_listed(site: Api, admin: Visitor) -> None:
    page = await admin.get("/fr/rules/new")
    rule = {"id": "x", "title": EVIL, "title_fr": EVIL, "weight-fuel": "0.1", "note": EVIL}
    done = await admin.send(page, do="publish", **rule)
    assert done.status_code == 303, done.text

    for path in ("/fr/rules", "/fr/rules/rule/x", "/en/rules/sets/2"):
        seen = await admin.get(path)
        assert "alert(1)" in seen.text
        assert read(seen.text).tags.count("script") == seen.text.count(SCRIPTS["rule"])


@pytest.mark.parametrize(
    "line", ['{"a": NaN}', '{"name": "\\u0000"}', "[" * 5000, '"\\ud800"', "{", "7"]
)
async def test_an_example_that_is_none_is_a_fault_not_a_failure(admin: Visitor, line: str) -> None:
    page = await admin.get("/fr/rules/rule/accident")

    answer = await admin.send(page, do="publish", examples=line)

    assert answer.status_code == 422


async def test_a_rule_that_failed_on_an_incident_is_marked(site: Api, admin: Visitor) -> None:
    when = 'incident.kind == "convoy_ambush" && 100 / (incident.vehicles - 17) > 3'
    rule = {"id": "mined", "title": "Mined", "when": when, "weight": 1.0}
    assert (await site.admin.post("/v1/rules", json=rule)).status_code == 201
    before = (await admin.get("/en/rules")).text
    at = site.clock.now().isoformat()
    body = {"kind": "convoy_ambush", "place": "Diema", "occurred_at": at, "vehicles": 17}
    incident = (await site.reporter.post("/v1/reports", json=body)).json()["incident"]["id"]

    after = (await admin.get("/en/rules")).text
    linked = await admin.get(f"/en/desk/incidents/{incident}")

    assert "Failed on an incident" not in before
    assert after.count("Failed on an incident") == 1
    assert "divide by zero" in after
    assert f'href="/en/desk/incidents/{incident}"' in after
    assert linked.status_code == 200
