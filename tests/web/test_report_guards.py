"""The page for reports against other roles, other sites, and what breaks."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.keys import Scope
from app.accounts.limits import TokenBuckets
from app.db.engine import Database
from app.db.tables import ReportRow
from tests.harness.api import Api, serving
from tests.harness.disk import no_writes
from tests.harness.html import read
from tests.harness.visitor import Visitor, forms, visitor

pytestmark = pytest.mark.alike

GOOD = {"kind": "roadblock", "place": "Kayes"}
EVIL = "\"'><script>alert(1)</script>"


@pytest.fixture
async def reporter(site: Api) -> Visitor:
    someone = visitor(site)
    await someone.sign_in(site.key(Scope.REPORTER))
    return someone


def reports(site: Api) -> int:
    query = select(func.count()).select_from(ReportRow)
    return int(site.state.db.read_now(lambda conn: conn.execute(query).scalar_one()))


async def signed_in(site: Api, scope: Scope) -> Visitor:
    someone = visitor(site)
    organisation = site.organisation() if scope is Scope.SUBSCRIBER else None
    await someone.sign_in(site.key(scope, organisation))
    return someone


@pytest.mark.parametrize("scope", [Scope.REPORTER, Scope.MODERATOR, Scope.ADMIN])
async def test_reporters_and_the_desk_report(site: Api, scope: Scope) -> None:
    someone = await signed_in(site, scope)

    answer = await someone.send(await someone.get("/en/report"), **GOOD)
    if scope is not Scope.REPORTER:  # who sits at the desk sees first what leaves
        assert reports(site) == 0
        answer = await someone.send(answer)

    assert answer.status_code == 200
    assert reports(site) == 1


async def test_who_subscribes_does_not(site: Api, reporter: Visitor) -> None:
    someone = await signed_in(site, Scope.SUBSCRIBER)
    page = await reporter.get("/fr/report")

    for answer in (await someone.get("/fr/report"), await someone.send(page, **GOOD)):
        assert answer.status_code == 403
        assert "Cette page n'est pas pour cette clé" in read(answer.text).words
    assert reports(site) == 0


async def test_who_is_not_signed_in_is_sent_to_do_so_and_comes_back(
    site: Api, reporter: Visitor
) -> None:
    page, someone = await reporter.get("/fr/report"), visitor(site)

    for answer in (await someone.get("/fr/report"), await someone.send(page, when="now")):
        assert answer.status_code == 303
        assert answer.headers["location"] == "/fr/sign-in?next=/fr/report"
    assert reports(site) == 0


async def test_what_was_filled_in_when_the_session_ended_is_kept_through_signing_in(
    site: Api, reporter: Visitor
) -> None:
    told = {**GOOD, "summary": f"près du pont {EVIL}", "cargo": "fuel", "when": "yesterday"}
    page = await reporter.get("/fr/report")
    site.clock.advance(timedelta(hours=12))

    over = await reporter.send(page, **told)
    assert over.status_code == 401
    wrong = await reporter.send(over, key="x")
    assert wrong.status_code == 401
    again = await reporter.send(wrong, key=site.key(Scope.REPORTER))

    assert reports(site) == 0
    for seen in (over, wrong, again):
        assert "<script>" not in seen.text
    assert forms(again.text)[0].fields | told == forms(again.text)[0].fields
    assert forms(again.text)[0].fields["once"] == forms(page.text)[0].fields["once"]
    assert (await reporter.send(again)).status_code == 200
    assert reports(site) == 1


async def test_who_may_not_report_is_given_no_form_for_it(site: Api, reporter: Visitor) -> None:
    page, someone = await reporter.get("/fr/report"), visitor(site)
    over = await someone.send(page, **GOOD)

    answer = await someone.send(over, key=site.key(Scope.SUBSCRIBER, site.organisation()))

    assert answer.status_code == 303


async def test_a_key_in_a_header_is_not_a_session(site: Api) -> None:
    answer = await site.client(site.key(Scope.ADMIN)).get("/fr/report")

    assert answer.status_code == 303


async def test_a_revoked_key_reports_no_more(site: Api) -> None:
    key_id, key = site.new_key(Scope.REPORTER)
    someone = visitor(site)
    await someone.sign_in(key)
    page = await someone.get("/fr/report")
    await site.admin.delete(f"/v1/keys/{key_id}")

    answer = await someone.send(page, **GOOD)

    assert answer.status_code == 401
    assert reports(site) == 0


@pytest.mark.parametrize("token", ["", "x.y", "of another session"])
async def test_a_form_without_the_token_of_the_session_comes_back_unsent(
    site: Api, reporter: Visitor, token: str
) -> None:
    if token == "of another session":
        other = await signed_in(site, Scope.ADMIN)
        token = forms((await other.get("/fr/report")).text)[0].fields["token"]

    answer = await reporter.send(await reporter.get("/fr/report"), **GOOD, token=token)

    assert answer.status_code == 403
    assert reports(site) == 0
    assert forms(answer.text)[0].fields["place"] == "Kayes"
    assert (await reporter.send(answer)).status_code == 200
    assert reports(site) == 1


async def test_without_the_token_nobody_sees_what_i_reported(reporter: Visitor) -> None:
    await reporter.send(await reporter.get("/fr/report"), **GOOD)

    answer = await reporter.post("/fr/report", {"mine": "1"})

    assert answer.status_code == 403
    assert "Barrage ou blocus sur la route , Kayes" not in read(answer.text).words


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_form_of_another_site_is_refused_with_the_token_too(
    site: Api, reporter: Visitor, origin: str
) -> None:
    answer = await reporter.send(await reporter.get("/fr/report"), origin=origin, **GOOD)

    assert answer.status_code == 403
    assert reports(site) == 0


@pytest.mark.parametrize("once", ["", "short", "x" * 300])
async def test_a_form_without_what_makes_it_count_once_comes_back_unsent(
    site: Api, reporter: Visitor, once: str
) -> None:
    answer = await reporter.send(await reporter.get("/fr/report"), **GOOD, once=once)

    assert answer.status_code == 403
    assert reports(site) == 0


# ------------------------------------------------------------------------------- markup


@pytest.mark.parametrize(
    "field",
    [
        "kind",
        "place",
        "road",
        "km",
        "when",
        "day",
        "time",
        "cargo",
        "basis",
        "summary",
        "choice",
        "asked",
        "once",
        "token",
        "mine",
    ],
)
async def test_what_is_filled_in_never_becomes_a_part_of_the_page(
    site: Api, reporter: Visitor, field: str
) -> None:
    page = await reporter.get("/fr/report")

    answer = await reporter.send(page, **{"kind": "ied", "place": "Bamba", field: EVIL})

    found = read(answer.text)
    scripts = [value for tag, name, value in found.attributes if (tag, name) == ("script", "src")]
    assert found.tags.count("script") == len(scripts)
    assert set(scripts) <= {"/report.js"}  # ours
    assert "<script>" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert policy.partition("script-src ")[2].partition(";")[0] in {"", "'self'"}


@pytest.mark.parametrize("field", ["place", "summary", "road"])
async def test_what_was_stored_never_becomes_a_part_of_a_page(
    site: Api, reporter: Visitor, field: str
) -> None:
    told = {"kind": "ied", "place": "Zzzq", field: f"Zzzq{EVIL}"}
    told["asked"], told["choice"] = told["place"], "none"
    answer = await reporter.send(await reporter.get("/fr/report"), **told)
    assert answer.status_code == 200
    assert reports(site) == 1

    mine = await reporter.send(await reporter.get("/fr/report"), 1, mine="1")

    for page in (answer, mine, await reporter.get("/fr")):
        assert "<script>" not in page.text
    assert "Zzzq" in mine.text


# ------------------------------------------------------------------------------- what breaks


async def test_beyond_the_rate_of_the_key_the_form_comes_back(site: Api, reporter: Visitor) -> None:
    buckets = TokenBuckets(1, 1)
    object.__setattr__(site.state, "buckets", buckets)
    first = await reporter.send(await reporter.get("/fr/report"), **GOOD)
    assert first.status_code == 200

    held = await reporter.send(await reporter.get("/fr/report"), **GOOD)

    assert held.status_code == 429
    assert int(held.headers["retry-after"]) >= 1
    assert forms(held.text)[0].fields["place"] == "Kayes"
    assert reports(site) == 1


async def test_while_nothing_can_be_written_the_form_comes_back_and_counts_once_later(
    sqlite_url: str,
) -> None:
    db = Database(sqlite_url)
    async with serving(db) as site:
        someone = await signed_in(site, Scope.REPORTER)
        page = await someone.get("/fr/report")
        with no_writes(db):
            ill = await someone.send(page, **GOOD)
        db.engine.dispose()

        assert ill.status_code == 503
        assert int(ill.headers["retry-after"]) >= 1
        assert "le service est en panne" in read(ill.text).words
        assert forms(ill.text)[0].fields["once"] == forms(page.text)[0].fields["once"]
        assert (await someone.send(ill)).status_code == 200
        assert (await someone.send(page, **GOOD)).status_code == 200
        assert reports(site) == 1
    db.close()
