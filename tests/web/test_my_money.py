"""/my/money: what messages cost, and the budget, which an admin sets."""

import pytest

from app.accounts.keys import Scope
from tests.harness.api import Api
from tests.harness.html import read
from tests.harness.visitor import Visitor, forms, visitor
from tests.web.conftest import signed_in

pytestmark = pytest.mark.alike


async def admin_at(site: Api, organisation_id: str) -> tuple[Visitor, str]:
    someone = visitor(site)
    await someone.sign_in(site.key(Scope.ADMIN))
    return someone, f"/fr/my/money?organisation={organisation_id}"


async def test_an_admin_sets_the_budget_that_the_organisation_sees(site: Api) -> None:
    own = site.organisation("Union")
    admin, path = await admin_at(site, own)

    answer = await admin.send(
        await admin.get(path), do="set", monthly="25\u202f000,50", reserve="1 000"
    )

    assert answer.headers["location"].endswith(f"?done=done_budget&organisation={own}")
    kept = (await site.subscriber(own).get(f"/v1/organisations/{own}/budget")).json()
    assert (kept["monthly"], kept["reserve"]) == (25_000.5, 1_000.0)
    shown = read((await (await signed_in(site, own)).get("/fr/my/money")).text).words
    assert "25 000,50 EUR" in shown.replace("\u202f", " ").replace("\u00a0", " ")
    assert "L'argent suffit" in shown
    trail = (await site.admin.get("/v1/audit?subject_type=organisation")).json()["items"]
    assert trail[0]["action"] == "organisation.budget_set"

    lifted = await admin.send(await admin.get(path), do="lift")
    assert lifted.status_code == 303
    assert (await site.admin.get(f"/v1/organisations/{own}/budget")).json()["monthly"] is None


@pytest.mark.parametrize(
    ("monthly", "reserve"),
    [("", "0"), ("beaucoup", ""), ("-5", ""), ("100", "1e9"), ("99999999", "")],
)
async def test_what_is_no_sum_comes_back_at_its_field(
    site: Api, monthly: str, reserve: str
) -> None:
    own = site.organisation()
    admin, path = await admin_at(site, own)

    answer = await admin.send(await admin.get(path), do="set", monthly=monthly, reserve=reserve)

    assert answer.status_code == 422
    assert answer.text.count("Écrivez une somme") == 1
    assert forms(answer.text)[0].fields["monthly"] == monthly
    assert (await site.admin.get(f"/v1/organisations/{own}/budget")).json()["monthly"] is None


async def test_an_organisation_sets_no_budget_of_its_own(site: Api) -> None:
    own = site.organisation()
    someone = await signed_in(site, own)
    page = await someone.get("/fr/my/money")
    token = forms((await someone.get("/fr/my")).text)[0].fields["token"]

    assert not forms(page.text)
    fields = {"token": token, "do": "set", "monthly": "1"}
    assert (await someone.post("/fr/my/money", fields)).status_code == 403
    assert (await site.admin.get(f"/v1/organisations/{own}/budget")).json()["monthly"] is None
