"""What SMS cost and may cost, over HTTP; and who is told when money runs short."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.channels.base import Accepted, Outgoing, SendResult
from app.core.rota import Rota
from app.db.tables import AuditRow, ContactChannelRow, NoticeRow
from app.flows.money.plan_spending import Purse
from app.flows.money.review_budgets import review_budgets
from app.flows.sending.tell_duty import Duty, tell_duty
from tests.harness.api import Api
from tests.harness.money import CONFIG, PRICE, Books
from tests.harness.outbox import NOW, ORGANISATION, Outbox


@pytest.fixture
def books(api: Api) -> Books:
    """Seven segments sent in September by one organisation, with its own key."""
    books = Books(Outbox(api.state.db, vault=api.state.vault))
    api.clock.advance(NOW + timedelta(hours=1) - api.clock.now())
    for number in range(3):
        books.contact(phone=f"+2237612000{number}")
    books.contact(phone="+2250501020304", tariff="CI/mtn")
    books.outbox.alert()
    books.fan_out()
    books.send(Accepted(provider_id="a", segments=2))
    books.settle()
    return books


@pytest.mark.usefixtures("books")
async def test_an_organisation_sees_what_its_month_cost_and_will_cost(api: Api) -> None:
    answer = (await api.subscriber(ORGANISATION).get("/v1/costs?month=2025-09")).json()

    assert answer["cost"] == pytest.approx(6 * 0.12 + 2 * 0.10)
    assert (answer["messages"], answer["segments"]) == (4, 8)
    assert answer["forecast"] > answer["cost"] * 4
    assert answer["budget"] == {"currency": "EUR", "monthly": None, "reserve": None}
    assert [(one["tariff"], one["country"], one["segments"]) for one in answer["countries"]] == [
        ("CI/mtn", "CI", 2),
        ("ML", "ML", 6),
    ]
    assert [(one["level"], one["messages"]) for one in answer["levels"]] == [("severe", 4)]
    assert answer["estimated"] == ["CI/mtn", "ML"]


@pytest.mark.alike
@pytest.mark.usefixtures("books")
async def test_nobody_sees_what_another_spends_and_an_admin_sees_all(api: Api) -> None:
    other = api.subscriber(api.organisation())

    assert (await other.get(f"/v1/costs?organisation_id={ORGANISATION}")).status_code == 404
    assert (await other.get("/v1/costs")).json()["messages"] == 0
    assert (await api.moderator.get("/v1/costs")).status_code == 403
    assert (await api.admin.get("/v1/costs?month=2025-09")).json()["messages"] == 4
    for month in ("2025-13", "0000-01", "9999-12", "now"):
        wrong = await api.admin.get(f"/v1/costs?month={month}")
        assert wrong.status_code == 422
        assert "month" in wrong.text


async def test_an_admin_sets_a_budget_and_lifts_it_and_the_audit_knows(api: Api) -> None:
    organisation = api.organisation()
    path = f"/v1/organisations/{organisation}/budget"
    subscriber = api.subscriber(organisation)

    refused = await subscriber.put(path, json={"monthly": 1_000})
    put = await api.admin.put(path, json={"monthly": 50.5, "reserve": 10})
    seen = await subscriber.get(path)
    costs = await subscriber.get("/v1/costs")
    lifted = await api.admin.delete(path)

    assert refused.status_code == 403
    assert put.json() == seen.json() == {"currency": "EUR", "monthly": 50.5, "reserve": 10.0}
    assert (costs.json()["telling"], costs.json()["why"]) == ("at_once", "enough")
    assert lifted.status_code == 204
    assert (await subscriber.get(path)).json()["monthly"] is None
    query = select(AuditRow.action).where(AuditRow.subject_id == organisation)
    actions = api.state.db.read_now(lambda conn: set(conn.scalars(query)))
    assert {"organisation.budget_set", "organisation.budget_lifted"} <= actions


@pytest.mark.alike
@pytest.mark.parametrize("body", [{"monthly": -1}, {"monthly": True}, {}, {"monthly": 1, "x": 2}])
async def test_a_budget_that_is_none_is_refused(api: Api, body: dict[str, object]) -> None:
    path = f"/v1/organisations/{api.organisation()}/budget"

    assert (await api.admin.put(path, json=body)).status_code == 422
    assert (await api.admin.get("/v1/organisations/nobody/budget")).status_code == 404


class Post:
    """A channel that keeps what it is given."""

    name = kind = "any"
    concurrency = 1

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def send(self, message: Outgoing) -> SendResult:
        self.sent.append(message)
        return Accepted(provider_id="p")

    async def close(self) -> None:
        """Nothing is open."""


async def test_each_step_of_a_shortage_is_told_once_to_the_duty_and_the_organisation(
    api: Api, books: Books
) -> None:
    books.contact(phone="+22376120009", email="head@example.org")
    purse, sms, email = Purse.of(CONFIG), Post(), Post()
    now = api.clock.now()
    duty = Duty(
        db=api.state.db,
        clock=api.clock,
        rota=Rota(addresses={"sms": "+22370000000"}),
        language="fr",
        public_url="https://sira.example.org",
        open_address=lambda sealed, contact_id, channel: api.state.vault.open(
            sealed, row_id=contact_id, field=channel
        ),
        links=lambda _: False,
    )

    async def review() -> None:
        api.state.db.write_now(lambda conn: review_budgets(conn, purse, duty=["sms"], now=now))
        await tell_duty(duty, {"sms": sms, "email": email})

    await review()
    assert sms.sent == email.sent == []
    path = f"/v1/organisations/{ORGANISATION}/budget"
    for monthly in (9.5 * PRICE, 9.5 * PRICE, 7.8 * PRICE, 2 * PRICE):
        answer = await api.admin.put(path, json={"monthly": monthly / 1_000_000})
        assert answer.status_code == 200
        await review()

    assert [one.text for one in sms.sent] == [
        "Sira: budget SMS d'une organisation: bientot épuisé.",
        "Sira: budget SMS d'une organisation: épuisé.",
        "Sira: budget SMS d'une organisation: dépassé, réserve comprise.",
    ]
    assert [one.address for one in email.sent] == ["head@example.org"] * 3
    assert "danger grave" in email.sent[0].text
    words = api.state.db.read_now(lambda conn: list(conn.scalars(select(NoticeRow.words))))
    assert "head@example.org" not in "".join(words)


async def test_a_phone_keeps_its_tariff_and_no_digit(api: Api) -> None:
    client = api.subscriber(api.organisation())
    made = await client.post("/v1/contacts", json={"name": "A", "phone": "+2250501020304"})
    contact = made.json()["id"]
    query = select(ContactChannelRow.tariff).where(ContactChannelRow.contact_id == contact)
    kept = [api.state.db.read_now(lambda conn: conn.scalar(query))]

    await client.patch(f"/v1/contacts/{contact}", json={"phone": "76123456"})
    kept.append(api.state.db.read_now(lambda conn: conn.scalar(query)))

    assert kept == ["CI/mtn", "ML"]
    count = select(func.count()).where(ContactChannelRow.tariff.contains("0"))
    assert api.state.db.read_now(lambda conn: conn.scalar(count)) == 0


async def test_an_alert_says_what_it_costs_before_it_is_sent_and_after(
    api: Api, books: Books
) -> None:
    alert = books.outbox.alert()
    await asyncio.to_thread(books.fan_out)
    client = api.subscriber(ORGANISATION)

    planned = (await client.get(f"/v1/alerts/{alert}")).json()
    books.send(Accepted(provider_id="b", segments=2))
    books.settle()
    settled = (await client.get(f"/v1/alerts/{alert}")).json()
    items = (await client.get(f"/v1/alerts/{alert}/deliveries")).json()["items"]
    other = await api.subscriber(api.organisation()).get(f"/v1/alerts/{alert}")

    assert planned["cost"] == pytest.approx(3 * 0.12 + 0.10)
    assert settled["cost"] == pytest.approx(2 * planned["cost"])
    assert {(one["tariff"], one["segments"], one["cost"]) for one in items} == {
        ("ML", 2, 0.24),
        ("CI/mtn", 2, 0.2),
    }
    assert other.json()["cost"] == 0
