"""Mutes: what an organisation wants no news of waits, and nothing else does; on both databases."""

from datetime import datetime, timedelta

from app.accounts.keys import Scope
from app.core.levels import Level
from app.delivery.moment import Tell, Why
from app.flows.people.own_affairs import lift_mute
from app.http.deps import Caller
from app.subscribers.contact import OrganisationKind
from app.subscribers.store.organisations import add_organisation
from tests.harness.moments import MORNING, ROADS, deferred, fan_out, send, tell, tell_later
from tests.harness.outbox import NOW, Outbox

ADMIN = Caller(key_id="test", scope=Scope.ADMIN, organisation_id=None)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def lift(outbox: Outbox, mute: str, *, now: datetime) -> None:
    outbox.db.write_now(lambda conn: lift_mute(conn, mute, insider=ADMIN, now=now))


def test_a_mute_hides_neither_what_is_severe_nor_an_end(outbox: Outbox) -> None:
    contact = outbox.contact(routes=ROADS)
    told = tell(outbox, now=NOW, route="R0")
    send(outbox, now=NOW)
    outbox.mute(until=NOW + timedelta(days=1))

    muted = tell(outbox, now=NOW, route="R1")
    tell(outbox, now=NOW, route="R2", level=Level.SEVERE)
    fan_out(outbox, outbox.end(told), now=NOW)

    assert len(send(outbox, now=NOW)) == 2
    assert deferred(outbox, muted)[contact] == (Why.MUTED.value, NOW + timedelta(days=1))


def test_what_waited_already_is_not_told_while_it_is_muted(outbox: Outbox) -> None:
    asleep = outbox.hours("", "22:00", "06:00")
    contact = outbox.contact(routes=ROADS, hours_id=asleep)
    night, morning = MORNING - timedelta(hours=3), MORNING + HOUR
    news = tell(outbox, now=night, route="R0")
    answer = tell(outbox, now=night, route="R1")
    outbox.mute(until=MORNING + DAY, route="R0")

    tell_later(outbox, now=morning)

    assert send(outbox, now=morning) == [(contact, "R1")]
    assert deferred(outbox, news)[contact] == (Why.MUTED.value, MORNING + DAY)
    assert deferred(outbox, answer)[contact][1] is None
    tell_later(outbox, now=MORNING + DAY)
    assert send(outbox, now=MORNING + DAY) == [(contact, "R0")]


def test_the_end_of_one_mute_is_not_that_of_another(outbox: Outbox) -> None:
    contact = outbox.contact(routes=ROADS)
    until = MORNING + 2 * DAY
    everything = outbox.mute(until=until)
    road = outbox.mute(until=until, route="R0")
    muted = [tell(outbox, now=NOW, route=one) for one in ("R0", "R1")]

    lift(outbox, everything, now=MORNING)
    tell_later(outbox, now=MORNING)
    first = send(outbox, now=MORNING)
    waits = deferred(outbox, muted[0])[contact]
    lift(outbox, road, now=MORNING + HOUR)
    tell_later(outbox, now=MORNING + HOUR)

    assert first == [(contact, "R1")]
    assert waits == (Why.MUTED.value, until)
    assert send(outbox, now=MORNING + HOUR) == [(contact, "R0")]


def test_a_mute_is_of_the_organisation_that_wants_it(outbox: Outbox) -> None:
    other = outbox.db.write_now(
        lambda conn: add_organisation(
            conn,
            vault=outbox.vault,
            name="Rivals",
            kind=OrganisationKind.UNION,
            country="ML",
            language="fr",
            now=NOW,
        )
    )
    contact = outbox.contact(routes=ROADS)
    outbox.mute(until=MORNING + DAY, organisation=other)

    news = tell(outbox, now=NOW, route="R0")

    assert deferred(outbox, news)[contact] == (None, None)


def test_lifting_a_mute_tells_no_digest_before_its_time(outbox: Outbox) -> None:
    patient = outbox.contact(routes=ROADS, tell=Tell.DAILY)
    digest = tell(outbox, now=NOW, route="R0")
    mute = outbox.mute(until=MORNING + DAY, route="R1")

    lift(outbox, mute, now=NOW + HOUR)
    tell_later(outbox, now=NOW + HOUR)

    assert send(outbox, now=NOW + HOUR) == []
    assert deferred(outbox, digest)[patient] == (Why.DAILY.value, MORNING)


def test_a_mute_that_is_lengthened_lasts_as_long_as_it_says(outbox: Outbox) -> None:
    contact = outbox.contact(routes=ROADS)
    outbox.mute(until=MORNING)
    news = tell(outbox, now=NOW, route="R0")
    outbox.mute(until=MORNING + DAY)

    tell_later(outbox, now=MORNING)

    assert send(outbox, now=MORNING) == []
    assert deferred(outbox, news)[contact] == (Why.MUTED.value, MORNING + DAY)
