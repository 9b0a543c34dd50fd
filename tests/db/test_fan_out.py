"""Who is told what: from alerts to deliveries, on both databases."""

import pytest
from sqlalchemy import delete, select, update

from app.core.levels import Level
from app.db.tables import AlertRow, ContactChannelRow, DeliveryRow, SubscriptionRow
from app.delivery.outbox import chunks
from app.delivery.outbox.fanning import fan_out_step, list_bundles
from tests.harness.outbox import NOW, ROUTE, Outbox


def test_subscribers_of_route_cargo_and_level_get_one_message_a_channel(outbox: Outbox) -> None:
    both = outbox.contact(phone="+22370000001", email="a@example.org")
    outbox.contact(routes=["ML-GAO"])
    outbox.contact(cargoes=["goods"])
    severe_only = outbox.contact(min_level=Level.SEVERE)
    alert = outbox.alert(level=Level.HIGH)

    outbox.fan_out(alert)

    assert outbox.deliveries(alert) == {(both, "sms"): "queued", (both, "email"): "queued"}
    assert severe_only not in outbox.told(alert)


def test_fanning_out_again_adds_nothing(outbox: Outbox) -> None:
    outbox.contact()
    alert = outbox.alert()
    outbox.fan_out(alert)
    outbox.run(update(AlertRow).values(fanned_out_at=None))  # as after a crash before the mark

    assert outbox.fan_out(alert) == 0


def test_a_bundle_in_chunks_reaches_everybody_once(outbox: Outbox) -> None:
    contacts = {outbox.contact(routes=[ROUTE, "ML-GAO"]) for _ in range(11)}
    first = outbox.alert(rank=0)
    second = outbox.alert(route="ML-GAO", bundle=first, rank=1)

    made = outbox.fan_out(first, chunk=3)

    assert made == 22
    assert outbox.deliveries(first) == dict.fromkeys([(one, "sms") for one in contacts], "queued")
    assert outbox.deliveries(second) == dict.fromkeys(
        [(one, "sms") for one in contacts], "suppressed"
    )


def in_chunks(outbox: Outbox, alert: str) -> list[int]:
    """Fan an alert out by threes; return how many deliveries each chunk made."""
    made: list[int] = []
    after = None
    while after is not None or not made:
        step = outbox.db.write_now(
            lambda conn, after=after: fan_out_step(  # type: ignore[misc]
                conn, alert, languages=["fr"], after=after, chunk=3, now=NOW
            )
        )
        made.append(step.inserted)
        after = step.next_after
    return made


def test_few_subscribers_among_many_contacts_are_reached_in_few_chunks(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "_FIRST_CHUNK", 2)
    monkeypatch.setattr(chunks, "_MANY_MORE", 3)
    few = set()
    for number in range(33):
        if number % 4:
            outbox.contact(routes=["ML-GAO"])
        else:
            few.add(outbox.contact())
    alert = outbox.alert()
    first = in_chunks(outbox, alert)
    outbox.set_delivery(alert, status="delivered")
    left = sorted(few)[-5:]
    outbox.run(delete(SubscriptionRow).where(SubscriptionRow.contact_id.in_(left)))

    end = outbox.end(alert)

    assert first == [2, 3, 3, 1]
    assert in_chunks(outbox, end) == [2, 3, 3, 1]  # who subscribes no more was told, too
    assert outbox.told(alert) == outbox.told(end) == few


def test_a_contact_whom_two_alerts_of_a_bundle_concern_hears_them_in_one_message(
    outbox: Outbox,
) -> None:
    both = outbox.contact(routes=[ROUTE, "ML-GAO"])
    gao = outbox.contact(routes=["ML-GAO"])
    second = outbox.alert(route="ML-GAO", rank=1)
    first = outbox.alert(bundle=second, rank=0)

    outbox.fan_out(second)

    assert outbox.deliveries(first) == {(both, "sms"): "queued"}
    assert outbox.deliveries(second) == {(both, "sms"): "suppressed", (gao, "sms"): "queued"}


def test_everyone_reached_by_any_alert_of_a_bundle_hears_its_end(outbox: Outbox) -> None:
    both = outbox.contact(routes=[ROUTE, "ML-GAO"])
    gao = outbox.contact(routes=["ML-GAO"])
    first = outbox.alert(rank=0)
    second = outbox.alert(route="ML-GAO", bundle=first, rank=1)
    outbox.fan_out(first)
    outbox.set_delivery(first, status="delivered")
    gaos = (DeliveryRow.alert_id == second, DeliveryRow.contact_id == gao)
    outbox.run(update(DeliveryRow).where(*gaos).values(status="sent"))
    ends = [outbox.end(first), outbox.end(second)]

    for end in ends:
        outbox.fan_out(end)

    assert [outbox.told(end) for end in ends] == [{both}, {both, gao}]


@pytest.fixture
def carrier(outbox: Outbox) -> str:
    return outbox.contact(cargoes=["fuel", "goods"])


def fuel_and_goods(outbox: Outbox) -> tuple[str, str]:
    """Return the alerts of one bundle on one route, for two cargoes, fanned out."""
    fuel = outbox.alert()
    goods = outbox.alert(cargo="goods", level=Level.HIGH, bundle=fuel, rank=1)
    outbox.fan_out(fuel)
    return fuel, goods


@pytest.mark.usefixtures("carrier")
def test_what_is_said_for_several_cargoes_is_one_message(outbox: Outbox) -> None:
    fuel, goods = fuel_and_goods(outbox)

    assert list(outbox.deliveries(fuel).values()) == ["queued"]
    assert list(outbox.deliveries(goods).values()) == ["suppressed"]


def test_who_carries_one_cargo_only_reads_of_that_one(outbox: Outbox) -> None:
    trader = outbox.contact(cargoes=["goods"])

    fuel, goods = fuel_and_goods(outbox)

    assert outbox.deliveries(goods) == {(trader, "sms"): "queued"}
    assert outbox.told(fuel) == set()


def test_who_was_told_of_both_hears_the_end_of_each(outbox: Outbox, carrier: str) -> None:
    fuel, goods = fuel_and_goods(outbox)
    outbox.run(update(DeliveryRow).where(DeliveryRow.alert_id == fuel).values(status="delivered"))
    end_of_goods = outbox.end(goods)

    outbox.fan_out(end_of_goods)

    assert outbox.deliveries(end_of_goods) == {(carrier, "sms"): "queued"}


def test_who_was_told_of_both_hears_of_both_in_one_update(outbox: Outbox, carrier: str) -> None:
    fuel, goods = fuel_and_goods(outbox)
    outbox.run(update(DeliveryRow).where(DeliveryRow.alert_id == fuel).values(status="delivered"))
    first = outbox.alert(kind="update", answers=fuel)
    second = outbox.alert(kind="update", answers=goods, cargo="goods", bundle=first, rank=1)

    outbox.fan_out(first)

    assert outbox.deliveries(first) == {(carrier, "sms"): "queued"}
    assert outbox.deliveries(second) == {(carrier, "sms"): "suppressed"}


@pytest.mark.usefixtures("carrier")
def test_whom_the_message_for_both_never_reached_hears_no_end(outbox: Outbox) -> None:
    fuel, goods = fuel_and_goods(outbox)
    outbox.run(update(DeliveryRow).where(DeliveryRow.alert_id == fuel).values(status="failed"))
    end_of_goods = outbox.end(goods)

    outbox.fan_out(end_of_goods)

    assert outbox.told(end_of_goods) == set()


def test_a_withdrawal_goes_to_those_told_whatever_their_level_and_not_to_new_ones(
    outbox: Outbox,
) -> None:
    told = outbox.contact(min_level=Level.SEVERE)
    alert = outbox.alert()
    outbox.fan_out(alert)
    outbox.set_delivery(alert, status="delivered")
    outbox.contact()
    withdrawal = outbox.end(alert)

    outbox.fan_out(withdrawal)

    assert outbox.told(withdrawal) == {told}


@pytest.mark.parametrize("status", ["sending", "in_doubt", "sent", "delivered", "undelivered"])
def test_whom_a_message_may_have_reached_hears_the_end(outbox: Outbox, status: str) -> None:
    contact = outbox.contact()
    alert = outbox.alert()
    outbox.fan_out(alert)
    outbox.set_delivery(alert, status=status)
    withdrawal = outbox.end(alert)

    outbox.fan_out(withdrawal)

    assert outbox.told(withdrawal) == {contact}


@pytest.mark.parametrize("status", ["failed", "expired", "suppressed"])
def test_whom_a_message_cannot_have_reached_hears_no_end(outbox: Outbox, status: str) -> None:
    outbox.contact()
    alert = outbox.alert()
    outbox.fan_out(alert)
    outbox.set_delivery(alert, status=status)
    withdrawal = outbox.end(alert)

    outbox.fan_out(withdrawal)

    assert outbox.told(withdrawal) == set()


def test_an_alert_withdrawn_while_queued_is_suppressed_and_so_is_its_end(outbox: Outbox) -> None:
    contact = outbox.contact()
    alert = outbox.alert()
    outbox.fan_out(alert)
    withdrawal = outbox.end(alert)

    outbox.fan_out(withdrawal)

    assert outbox.deliveries(alert) == {(contact, "sms"): "suppressed"}
    assert outbox.told(withdrawal) == set()


def test_an_update_reaches_those_whose_alert_it_overtook_in_the_queue(outbox: Outbox) -> None:
    contact = outbox.contact(min_level=Level.SEVERE)
    alert = outbox.alert()
    outbox.fan_out(alert)
    correction = outbox.alert(
        kind="update", level=Level.MODERATE, before=Level.SEVERE, audience="told_only",
        answers=alert,
    )  # fmt: skip

    outbox.fan_out(correction)

    assert outbox.deliveries(alert) == {(contact, "sms"): "suppressed"}
    assert outbox.deliveries(correction) == {(contact, "sms"): "queued"}


@pytest.mark.parametrize("reason", ["further_incident", "other_stretch", "confirmed", "fell"])
def test_news_of_a_lesser_incident_is_for_whoever_asked_for_as_little(
    outbox: Outbox, reason: str
) -> None:
    from_high = outbox.contact(min_level=Level.HIGH)
    from_moderate = outbox.contact(min_level=Level.MODERATE)
    unasked = outbox.contact()
    alert = outbox.alert(level=Level.HIGH)
    outbox.fan_out(alert)
    outbox.set_delivery(alert, status="delivered")
    outbox.run(delete(SubscriptionRow).where(SubscriptionRow.contact_id == unasked))
    lesser = outbox.alert(
        kind="update", level=Level.MODERATE, before=Level.MODERATE, answers=alert, reason=reason
    )

    outbox.fan_out(lesser)

    answers = {from_high} if reason in {"confirmed", "fell"} else set()
    assert outbox.told(lesser) == {from_moderate, unasked, *answers}


def test_news_of_a_lesser_incident_stands_in_for_the_danger_that_it_overtook(
    outbox: Outbox,
) -> None:
    contact = outbox.contact(min_level=Level.HIGH)
    alert = outbox.alert(level=Level.HIGH)
    outbox.fan_out(alert)
    lesser = outbox.alert(
        kind="update", level=Level.MODERATE, before=Level.MODERATE, answers=alert,
        reason="further_incident",
    )  # fmt: skip

    outbox.fan_out(lesser)

    assert outbox.told(lesser) == {contact}


def test_who_heard_it_rise_hears_it_fall(outbox: Outbox) -> None:
    contact = outbox.contact(min_level=Level.SEVERE)
    alert = outbox.alert(kind="update", level=Level.MODERATE, before=Level.SEVERE)

    outbox.fan_out(alert)

    assert outbox.told(alert) == {contact}


def test_who_opted_out_is_told_nothing_not_even_the_end(outbox: Outbox) -> None:
    contact = outbox.contact()
    alert = outbox.alert()
    outbox.fan_out(alert)
    outbox.set_delivery(alert, status="delivered")
    outbox.run(
        update(ContactChannelRow)
        .where(ContactChannelRow.contact_id == contact)
        .values(status="opted_out")
    )
    withdrawal = outbox.end(alert)

    outbox.fan_out(withdrawal)

    assert outbox.told(withdrawal) == set()


def test_a_language_without_texts_falls_back_on_the_first(outbox: Outbox) -> None:
    outbox.contact(language="bm")
    outbox.contact(language="en")
    alert = outbox.alert()

    outbox.fan_out(alert)

    rows = outbox.db.read_now(lambda conn: conn.scalars(select(DeliveryRow.language)).all())
    assert sorted(rows) == ["en", "fr"]


def test_a_delivery_id_is_a_uuid_of_its_time(outbox: Outbox) -> None:
    outbox.contact()
    alert = outbox.alert()

    outbox.fan_out(alert)

    row = outbox.one(select(DeliveryRow.id, DeliveryRow.priority, DeliveryRow.expires_at))
    assert row.id[14] == "7"
    assert row.id[19] in "89ab"
    assert int(row.id.replace("-", "")[:12], 16) == int(NOW.timestamp() * 1000)
    assert row.priority == 0


def test_alerts_of_a_chain_are_fanned_out_in_order_and_held_ones_not_at_all(
    outbox: Outbox,
) -> None:
    first = outbox.alert(level=Level.MODERATE)
    rise = outbox.alert(kind="update", answers=first)
    outbox.alert(route="ML-GAO", status="held")
    other = outbox.alert(route="ML-BKO", level=Level.HIGH)

    listed = outbox.db.read_now(lambda conn: list_bundles(conn, limit=10))
    outbox.fan_out(first)
    then = outbox.db.read_now(lambda conn: list_bundles(conn, limit=10))

    assert listed == [other, first]
    assert then == [rise, other]
