"""What SMS cost and may cost, on both databases: set aside, held back, settled."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select, update

from app.channels.base import Accepted, InDoubt
from app.core.levels import Level
from app.db.engine import Database
from app.db.tables import BudgetRow, DeliveryRow, MessageRow
from app.delivery.budget import Degree, Short
from app.delivery.delivery import Status
from app.delivery.outbox import digests, failing_over
from app.delivery.outbox.spending import Beside
from app.flows.money.plan_spending import Sent, count_beside
from tests.harness.money import PRICE, REFUSED, Books
from tests.harness.outbox import NOW, ORGANISATION, Outbox


@pytest.fixture
def books(db: Database) -> Books:
    return Books(Outbox(db))


def test_what_an_alert_will_cost_is_known_before_it_is_sent(books: Books) -> None:
    books.contact()
    books.contact(email="a@example.org", phone="+22376120001")
    books.contact(tariff="CI/mtn")
    alert = books.outbox.alert()
    books.outbox.run(update(MessageRow).where(MessageRow.alert_id == alert).values(segments=2))

    books.fan_out()

    ivorian = 2 * 100_000
    assert books.reserved() == (4 * PRICE + ivorian) // PRICE
    assert books.spent() == {}


def test_a_number_that_one_segment_reaches_reads_the_text_of_one_segment(books: Books) -> None:
    guinean, malian = books.contact(tariff="GN"), books.contact()
    alert = books.outbox.alert()

    books.fan_out()

    sent = {one.contact_id: one.language for one in books.send()}
    assert sent == {guinean: "fr-x-1", malian: "fr"}
    assert books.rows(alert)[guinean] == [("sms", "sent", None)]


def test_a_text_that_nobody_wrote_in_one_segment_is_sent_as_it_is(books: Books) -> None:
    books.contact(tariff="GN")
    alert = books.outbox.alert()
    books.fan_out()

    text = books.outbox.db.read_now(
        lambda conn: digests.find_message(conn, alert, channel="sms", language="fr-x-1")
    )

    assert text is not None
    assert text.text.endswith("(fr)")


def test_the_provider_counts_and_where_it_does_not_we_do(books: Books) -> None:
    for number in range(3):
        books.contact(phone=f"+2237612000{number}")
    books.outbox.alert(level=Level.HIGH)
    books.fan_out()
    books.send(Accepted(provider_id="a", segments=3))
    books.contact(phone="+22376120009")
    books.outbox.alert(level=Level.HIGH)
    books.fan_out()
    books.send(Accepted(provider_id="b"))

    assert books.settle() == 7

    assert books.spent() == {("2025-09", "ML", "high"): (7, 13, 13 * PRICE)}
    assert books.reserved() == 0
    assert books.settle() == 0


def test_what_no_provider_took_costs_nothing_and_frees_its_money(books: Books) -> None:
    books.contact()
    books.outbox.alert()
    books.fan_out()
    books.send(REFUSED)

    books.settle()

    assert (books.spent(), books.reserved()) == ({}, 0)


def test_a_doubt_keeps_its_money_until_it_is_settled(books: Books) -> None:
    books.contact()
    alert = books.outbox.alert()
    books.fan_out()
    books.send(InDoubt(code="timeout", detail=""))

    assert (books.settle(), books.reserved()) == (0, 1)

    books.outbox.set_delivery(alert, status="sent", provider_id="found")
    assert books.settle() == 1
    assert books.spent() == {("2025-09", "ML", "severe"): (1, 1, PRICE)}


def test_what_is_sent_again_through_another_provider_is_paid_twice(books: Books) -> None:
    books.contact()
    alert = books.outbox.alert()
    books.fan_out()
    books.send(Accepted(provider_id="a", segments=2))
    books.settle()
    missing = books.outbox.db.write_now(
        lambda conn: failing_over.list_silent(
            conn, channel="sms", priority=0, before=NOW + timedelta(hours=1), limit=9
        )
    )
    books.outbox.db.write_now(lambda conn: failing_over.resend(conn, missing, now=NOW))

    assert books.reserved() == 2
    books.send(Accepted(provider_id="b", segments=1))
    books.settle()

    assert books.spent() == {("2025-09", "ML", "severe"): (2, 3, 3 * PRICE)}
    query = (DeliveryRow.segments, DeliveryRow.cost, DeliveryRow.reserved)
    row = books.outbox.one(select(*query), DeliveryRow.alert_id == alert)
    assert tuple(row) == (3, 3 * PRICE, None)


def test_what_is_sent_beside_alerts_adds_up_and_leaves_less_of_the_budget(books: Books) -> None:
    books.budget(3, reserve=1)
    code = Sent(
        organisation_id=ORGANISATION,
        kind=Beside.SIGN_IN,
        channel="sms",
        address="+22376120001",
        text="Sira: 12345678",
    )
    every = (
        code,
        replace(code, segments=2),
        replace(code, kind=Beside.REPLY, channel="whatsapp", text="x" * 400),
        replace(code, channel="email", address="a@example.org"),
        replace(code, organisation_id=None),
    )

    def count(conn: Connection) -> None:
        for one in every:
            count_beside(conn, books.purse, one, now=NOW)

    books.outbox.db.write_now(count)

    chat = books.purse.countries.beyond["whatsapp:ML"].price
    assert books.spent() == {
        ("2025-09", "ML", "sign_in"): (2, 3, 3 * PRICE),
        ("2025-09", "whatsapp:ML", "reply"): (1, 1, chat),
    }
    assert books.account().committed == 3 * PRICE + chat
    assert books.account().verdict.why is Short.IN_RESERVE


def test_a_message_counts_in_the_month_in_which_it_was_sent(books: Books) -> None:
    books.contact()
    books.clock.advance(timedelta(days=24, hours=15, minutes=59))  # 30 September, 23:59
    books.outbox.alert(expires_at=NOW + timedelta(days=40))
    books.fan_out()
    books.send()
    books.clock.advance(timedelta(minutes=5))

    books.settle()

    assert list(books.spent()) == [("2025-09", "ML", "severe")]


def test_what_is_less_than_severe_takes_no_more_than_the_budget(books: Books) -> None:
    books.budget(3)
    people = [books.contact() for _ in range(5)]
    alert = books.outbox.alert(level=Level.HIGH)

    books.fan_out(chunk=2)

    rows = books.rows(alert)
    assert books.reserved() <= 3
    at_once = [one for one in people if rows[one] == [("sms", "queued", None)]]
    waits = [one for one in people if rows[one] == [("sms", "queued", "budget")]]
    assert len(at_once) == books.reserved()
    assert len(at_once) + len(waits) == 5


def test_a_severe_danger_its_end_and_a_correction_are_told_whatever_the_money(
    books: Books,
) -> None:
    books.budget(1, reserve=2)
    people = {books.contact() for _ in range(3)}
    severe = books.outbox.alert()
    books.fan_out()
    assert {one.contact_id for one in books.send()} == people
    books.settle()
    assert books.account().verdict.why is Short.IN_RESERVE

    books.outbox.end(severe)
    books.fan_out()

    assert {one.contact_id for one in books.send()} == people
    books.settle()
    assert books.account().verdict.why is Short.BEYOND_RESERVE
    assert books.account().committed == 6 * PRICE


def test_when_it_is_nearly_spent_there_is_a_digest_a_day_and_then_an_email(books: Books) -> None:
    books.budget(10)
    both = books.contact(phone="+22376120001", email="a@example.org", routes=())
    books.outbox._subscribe(both, ["ML-GAO"], ["fuel"], Level.HIGH, ["sms"], tell=None)
    phone = books.contact(routes=["ML-GAO"])
    for _ in range(4):
        books.contact()
    books.outbox.alert()  # severe, to four
    books.fan_out()
    books.send(Accepted(provider_id="a", segments=2))
    books.settle()
    assert books.account().verdict.degree is Degree.DIGEST
    alert = books.outbox.alert(
        route="ML-GAO", level=Level.HIGH, expires_at=NOW + timedelta(days=60)
    )

    books.fan_out()

    assert books.rows(alert) == {
        both: [("sms", "queued", "budget")],
        phone: [("sms", "queued", "budget")],
    }
    assert books.send() == []
    books.morning()  # two segments each: the room is for one of them
    rows = books.rows(alert)
    assert sorted(row for rows_ in rows.values() for row in rows_) == [
        ("email", "queued", "budget"),
        ("sms", "queued", "budget"),
    ]
    assert books.reserved() == 2


def test_who_gets_the_email_anyway_gets_no_sms_of_it(books: Books) -> None:
    books.budget(0)
    both = books.contact(phone="+22376120001", email="a@example.org")
    alert = books.outbox.alert(level=Level.HIGH)

    books.fan_out()

    assert books.rows(alert) == {both: [("email", "queued", None), ("sms", "suppressed", "budget")]}


def test_who_was_told_by_email_hears_the_correction_by_email(books: Books) -> None:
    books.budget(0)
    both = books.contact(phone="+22376120001", email="a@example.org", routes=())
    books.outbox._subscribe(both, ["ML-GAO"], ["fuel"], Level.HIGH, ["sms"], tell=None)
    alert = books.outbox.alert(route="ML-GAO", level=Level.HIGH)
    books.fan_out()
    assert books.rows(alert) == {both: [("email", "queued", "budget")]}
    assert [one.contact_id for one in books.send(channel="email")] == [both]

    end = books.outbox.end(alert)
    books.fan_out()

    assert books.rows(end) == {both: [("email", "queued", None)]}


@pytest.mark.parametrize("email", [None, "a@example.org"])
def test_several_alerts_held_back_stay_one_message(books: Books, email: str | None) -> None:
    books.budget(0)
    phone = "+22376120001"
    person = books.contact(phone=phone, email=email, routes=())
    routes = ["ML-DKR-N", "ML-GAO"]
    books.outbox._subscribe(person, routes, ["fuel"], Level.HIGH, ["sms"], tell=None)
    first = books.outbox.alert(route=routes[0], level=Level.HIGH)
    second = books.outbox.alert(route=routes[1], level=Level.HIGH, bundle=first, rank=1)

    books.fan_out()

    if email is None:
        assert books.rows(first) == {person: [("sms", "queued", "budget")]}
        assert books.rows(second) == {person: [("sms", "queued", "budget")]}
    else:
        assert books.rows(first) == {person: [("email", "queued", "budget")]}
        assert books.rows(second) == {person: [("email", "suppressed", "in_digest")]}


def test_what_waited_for_money_is_told_when_there_is_some(books: Books) -> None:
    books.budget(0)
    person = books.contact()
    alert = books.outbox.alert(level=Level.HIGH, expires_at=NOW + timedelta(days=60))
    books.fan_out()
    books.morning()
    assert (books.send(), books.rows(alert)) == ([], {person: [("sms", "queued", "budget")]})
    books.outbox.run(update(BudgetRow).values(monthly=100 * PRICE))

    books.morning()

    assert [one.contact_id for one in books.send()] == [person]
    books.settle()
    assert books.spent() == {("2025-09", "ML", "high"): (1, 2, 2 * PRICE)}
    assert books.rows(alert)[person][0][1] == Status.SENT


def test_an_sms_in_place_of_an_email_costs_what_an_sms_costs(books: Books) -> None:
    guinean = books.contact(tariff="GN", phone="+224620000000", email="a@example.org", routes=())
    books.outbox._subscribe(guinean, ["ML-GAO"], ["fuel"], Level.HIGH, ["email"], tell=None)
    alert = books.outbox.alert(route="ML-GAO")
    short = select(MessageRow.subject, MessageRow.text, MessageRow.html, MessageRow.segments)
    text = books.outbox.one(short, MessageRow.channel == "sms", MessageRow.language == "fr")
    values = {"alert_id": alert, "channel": "sms", "language": "fr-x-1", **text._mapping}
    books.outbox.run(insert(MessageRow).values(values))
    books.fan_out()
    books.send(REFUSED, channel="email")

    def elsewhere(conn: Connection) -> int:
        ended = failing_over.list_ended(conn, channel="email", priority=0, limit=9, now=NOW)
        return failing_over.use_other_channel(conn, ended, countries=books.purse.countries, now=NOW)

    assert books.outbox.db.write_now(elsewhere) == 1
    assert [(one.contact_id, one.language) for one in books.send()] == [(guinean, "fr-x-1")]
    books.settle()
    assert books.spent() == {("2025-09", "GN", "severe"): (1, 1, 120_000)}


def test_two_workers_at_once_do_not_spend_the_last_of_it_twice(books: Books) -> None:
    books.budget(3)
    for route in ("ML-GAO", "ML-DKR-N"):
        for _ in range(3):
            books.contact(routes=[route])
        books.outbox.alert(route=route, level=Level.HIGH)

    with ThreadPoolExecutor(2) as workers:
        for done in [workers.submit(books.fan_out) for _ in range(2)]:
            done.result()

    assert books.reserved() <= 3
    assert len(books.send()) == books.reserved()


@pytest.mark.parametrize("end", ["failed", "undelivered", "expired"])
def test_an_sms_in_place_of_an_email_waits_where_there_is_no_money(books: Books, end: str) -> None:
    books.budget(0)
    both = books.contact(phone="+22376120001", email="a@example.org", routes=())
    books.outbox._subscribe(both, ["ML-GAO"], ["fuel"], Level.HIGH, ["email"], tell=None)
    high = books.outbox.alert(route="ML-GAO", level=Level.HIGH)
    severe = books.outbox.alert(route="ML-GAO", level=Level.SEVERE)
    books.fan_out()
    for alert in (high, severe):
        books.outbox.set_delivery(alert, status=end)

    books.fail_over()

    assert [one.alert_id for one in books.send()] == [severe]
    assert books.rows(high)[both][-1] == ("sms", "queued", "budget")
