"""Who may read the pages, and what is said to everybody else."""

import pytest

from app.accounts.keys import Scope
from app.db.engine import Database
from app.settings import Settings
from tests.harness.api import Api, serving
from tests.harness.html import read
from tests.harness.visitor import visitor

pytestmark = pytest.mark.alike

LEADS = ("desk", "my", "rules", "sign-out")
PAGES = ("/", "/fr", "/en", "/routes/ML-DKR-N", "/en/routes/ML-DKR-N", "/map", "/fr/map?cargo=fuel")


@pytest.mark.parametrize("path", PAGES)
async def test_nobody_reads_the_roads_unless_the_operator_says_so(
    closed_site: Api, path: str
) -> None:
    answer = await closed_site.client().get(path, headers={"Accept-Language": "fr"})

    assert answer.status_code == 401
    assert "Bamako - " not in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["www-authenticate"] == 'Bearer realm="sira"'
    assert "SMS" in read(answer.text).words


@pytest.mark.parametrize("scope", [Scope.ADMIN, Scope.MODERATOR, Scope.REPORTER])
@pytest.mark.parametrize("path", PAGES)
async def test_who_has_a_key_reads_them(closed_site: Api, scope: Scope, path: str) -> None:
    answer = await closed_site.client(closed_site.key(scope)).get(path)

    assert answer.status_code == 200
    assert "Bamako - Kayes - Dakar" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    "sent", ["Bearer sira_nonsense", "Basic c2lyYTpzaXJh", "Bearer", "Bearer \xe9\xe8"]
)
async def test_what_is_no_key_opens_nothing(closed_site: Api, sent: str) -> None:
    answer = await closed_site.client().get(
        "/", headers=[(b"Authorization", sent.encode("latin-1"))]
    )

    assert answer.status_code == 401


async def test_search_engines_stay_out_of_what_is_closed(closed_site: Api, site: Api) -> None:
    assert "Disallow: /\n" in (await closed_site.client().get("/robots.txt")).text
    assert "noindex" in (await closed_site.client().get("/")).text


async def test_search_engines_keep_no_copy_of_what_is_public(site: Api) -> None:
    assert "Disallow: /\n" not in (await site.client().get("/robots.txt")).text
    assert 'content="index, noarchive"' in (await site.client().get("/")).text


@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize("number", [None, "+223 76 00 00 00"])
async def test_nobody_is_told_to_write_where_nobody_reads(
    db: Database, *, public: bool, number: str | None
) -> None:
    settings = Settings(_env_file=None, public_pages=public, inbound_number=number)
    async with serving(db, settings=settings) as served:
        paths = ("/fr", "/en/routes/ML-DKR-N", "/fr/sign-in")
        pages = [(await served.client().get(path)).text for path in paths]

    assert ["ETAT" in pages[0], "STATUS" in pages[1]] == [number is not None] * 2
    if number is not None:  # others are answered by nothing
        assert all(
            one in page for one, page in zip(("Abonn", "Do you receive"), pages, strict=False)
        )
    assert "Demandez un accès" in pages[2]
    assert all((number in page) if number else True for page in pages)


@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize(
    ("scope", "leads"),
    [
        (Scope.ADMIN, ["desk", "sign-out"]),
        (Scope.MODERATOR, ["desk", "sign-out"]),
        (Scope.SUBSCRIBER, ["my", "sign-out"]),
        (Scope.REPORTER, ["sign-out"]),
    ],
)
@pytest.mark.parametrize("path", ["/fr", "/fr/routes/ML-DKR-N", "/fr/map", "/fr?q=Diema"])
async def test_who_is_signed_in_goes_from_the_roads_to_what_is_his_and_out(
    site: Api, closed_site: Api, path: str, scope: Scope, leads: list[str], *, public: bool
) -> None:
    api = site if public else closed_site
    someone, other = visitor(api), visitor(api)
    organisation = api.organisation() if scope is Scope.SUBSCRIBER else None
    await someone.sign_in(api.key(scope, organisation))

    page = await someone.get(path)
    seen_by_other = await other.get(path)

    assert [one for one in LEADS if f'href="/fr/{one}"' in page.text] == leads
    assert not any(f'href="/fr/{one}"' in seen_by_other.text for one in LEADS)
    assert page.headers["cache-control"] == "private, no-store"
    assert seen_by_other.status_code == (200 if public else 401)
    kept = "no-cache, no-transform" if public else "private, no-store"
    assert seen_by_other.headers["cache-control"] == kept
