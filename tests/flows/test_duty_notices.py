"""A notice to the person on duty as an e-mail: no mail server may take it for one it knows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from app.channels.smtp import Smtp
from app.channels.smtp_message import Sender
from app.core.clock import ManualClock
from app.core.rota import Rota, read_turns
from app.db.tables import NoticeRow
from app.delivery.outbox import notices
from app.flows.outcomes.receipts import take_receipt, twilio_receipt
from app.flows.outcomes.returned_mail import Came, take_returned
from app.flows.sending.refusals import Shouting
from app.flows.sending.tell_duty import Duty, tell_duty
from tests.harness.outbox import NOW, Outbox
from tests.harness.returned import a_return
from tests.harness.smtp import FakeSmtp, fake_smtp

REMIND = timedelta(minutes=10)
TO = "duty@example.org"


@dataclass
class OnDuty:
    """Somebody on duty, told by e-mail of those whom one alert did not reach."""

    outbox: Outbox
    clock: ManualClock
    mail: FakeSmtp
    smtp: Smtp
    rota: Rota = field(default_factory=lambda: Rota(addresses={"email": TO}))

    def note(self, number: int, *, kind: str = notices.UNREACHED, about: str = "alert-1") -> None:
        """Have so many noted."""
        self.outbox.db.write_now(
            lambda conn: notices.note(
                conn,
                kind=kind,
                about=about,
                words="ML-DKR-N",
                number=number,
                channels=["email"],
                remind=REMIND,
                now=self.clock.now(),
            )
        )

    async def hear(self, number: int) -> None:
        """Have so many noted as unreached, and whatever is due sent."""
        self.note(number)
        duty = Duty(
            db=self.outbox.db,
            clock=self.clock,
            rota=self.rota,
            zone=ZoneInfo("Africa/Bamako"),
            language="fr",
            public_url="https://sira.example",
        )
        await tell_duty(duty, {"email": self.smtp})

    def ids(self) -> list[str]:
        """Return the Message-ID of each mail that came."""
        return [self.mail.parsed(place)["Message-ID"] for place in range(len(self.mail.mails))]


@pytest.fixture
async def on_duty(outbox: Outbox, clock: ManualClock) -> AsyncIterator[OnDuty]:
    async with fake_smtp() as mail:
        sender = Sender(address="sira@example.org")
        smtp = Smtp(host="127.0.0.1", port=mail.port, sender=sender, clock=clock.now)
        yield OnDuty(outbox=outbox, clock=clock, mail=mail, smtp=smtp)
        await smtp.close()


async def test_more_who_are_not_reached_are_another_mail_of_the_same_conversation(
    on_duty: OnDuty,
) -> None:
    await on_duty.hear(1)
    on_duty.clock.advance(REMIND)
    await on_duty.hear(4)

    first, second = on_duty.ids()
    assert first != second
    assert on_duty.mail.parsed(0)["In-Reply-To"] is None
    assert on_duty.mail.parsed(1)["In-Reply-To"] == first
    assert "4 destinataire(s)" in on_duty.mail.parsed(1)["Subject"]


async def test_a_notice_that_is_only_tried_again_is_the_same_mail(on_duty: OnDuty) -> None:
    on_duty.mail.at_data[TO] = "cut"
    await on_duty.hear(1)
    on_duty.mail.at_data.clear()
    on_duty.clock.advance(REMIND)
    await on_duty.hear(1)

    first, second = on_duty.ids()
    assert first == second


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_notice_of_a_newer_version_waits_for_a_newer_worker(on_duty: OnDuty) -> None:
    on_duty.note(3, kind="of next year", about="next")
    on_duty.clock.advance(REMIND)

    await on_duty.hear(1)

    waiting = select(NoticeRow.kind, NoticeRow.attempts).where(NoticeRow.due_at.is_not(None))
    assert len(on_duty.ids()) == 1
    assert tuple(on_duty.outbox.one(waiting)) == ("of next year", 0)


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_notice_that_cannot_be_made_keeps_no_other_back(on_duty: OnDuty) -> None:
    on_duty.note(3, kind=notices.BUDGET, about="of nobody, in no month")
    on_duty.clock.advance(REMIND)

    await on_duty.hear(1)

    assert "1 destinataire(s)" in on_duty.mail.parsed(0)["Subject"]


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_notice_does_not_wait_for_a_clock_that_was_put_back(
    on_duty: OnDuty, outbox: Outbox
) -> None:
    on_duty.note(3)
    outbox.run(update(NoticeRow).values(due_at=NOW + timedelta(hours=1)))

    await on_duty.hear(3)

    assert len(on_duty.ids()) == 1


def missed(on_duty: OnDuty, *ways: str) -> tuple[str, ...]:
    duty = ways or ("email", "sms")
    return on_duty.outbox.db.read_now(
        lambda conn: notices.list_missed(conn, duty=duty, now=on_duty.clock.now())
    )


def waiting(on_duty: OnDuty) -> list[tuple[str, str]]:
    """Return (channel, kind) of what is still to be sent."""
    query = select(NoticeRow.channel, NoticeRow.kind).where(NoticeRow.due_at.is_not(None))
    rows = on_duty.outbox.db.read_now(lambda conn: conn.execute(query).all())
    return [(row.channel, row.kind) for row in rows]


def back(on_duty: OnDuty, message_id: str) -> Came:
    raw = a_return(message_id.strip("<>").partition("@")[0], domain="example.org")
    return on_duty.outbox.db.write_now(
        lambda conn: take_returned(
            conn, raw, domain="example.org", now=on_duty.clock.now(), duty=["email", "sms"]
        )
    )


async def test_a_mail_to_the_person_on_duty_that_comes_back_is_seen_and_told_by_sms(
    on_duty: OnDuty,
) -> None:
    await on_duty.hear(1)
    on_duty.clock.advance(REMIND)
    await on_duty.hear(4)
    assert missed(on_duty) == ()

    assert back(on_duty, on_duty.ids()[1]) is Came.NOTICE
    assert back(on_duty, on_duty.ids()[0]) is Came.NOTICE

    assert missed(on_duty) == ("email",)
    assert waiting(on_duty) == [("sms", notices.MISSED)]  # once, whatever comes back that day
    assert missed(on_duty, "sms") == ()  # nobody is told by e-mail any more


async def test_what_did_not_reach_the_person_on_duty_is_sent_again_with_the_next(
    on_duty: OnDuty,
) -> None:
    await on_duty.hear(4)
    back(on_duty, on_duty.ids()[0])

    await on_duty.hear(5)

    assert len(on_duty.ids()) == 2
    assert missed(on_duty, "email") == ()


@pytest.mark.parametrize(("reply", "tries"), [("550 5.1.1 no such user", 1), ("550 no", 4)])
async def test_a_person_on_duty_whom_no_mail_server_takes_is_seen(
    on_duty: OnDuty, reply: str, tries: int
) -> None:
    on_duty.mail.at_data[TO] = reply
    for number in range(tries):
        assert missed(on_duty) == (), number
        await on_duty.hear(1)
        on_duty.clock.advance(REMIND)

    assert missed(on_duty) == ("email",)


def test_a_word_by_sms_that_did_not_arrive_is_seen_and_told_by_mail(on_duty: OnDuty) -> None:
    on_duty.note(1)
    sms = {"channel": "sms", "sent_at": on_duty.clock.now(), "due_at": None, "attempts": 1}
    on_duty.outbox.run(update(NoticeRow).values(**sms))
    notice = on_duty.outbox.one(select(NoticeRow.id)).id
    said = twilio_receipt(
        delivery_id=notice,
        message_sid=None,
        status="undelivered",
        error_code="30005",
        error_message=None,
        now=on_duty.clock.now(),
    )

    shouting = Shouting(duty=["email", "sms"])
    on_duty.outbox.db.write_now(lambda conn: take_receipt(conn, said, shouting=shouting))

    assert missed(on_duty) == ("sms",)
    assert waiting(on_duty) == [("email", notices.MISSED)]


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_whose_turn_it_is_when_a_notice_is_sent_gets_it_and_what_he_leaves_the_deputy(
    on_duty: OnDuty,
) -> None:
    here = on_duty.clock.now()
    turns = f"{here:%a} {here:%H}:00-{here + timedelta(hours=1):%H}:00 turn@example.org"
    on_duty.rota = Rota(
        addresses={"email": TO},
        turns=read_turns(turns, lambda text: ("email", text)),
        deputy={"email": "deputy@example.org"},
    )
    await on_duty.hear(1)
    on_duty.note(1, kind=notices.HELP_STANDS, about="help_stands:1")
    await on_duty.hear(1)
    on_duty.clock.advance(timedelta(hours=1))
    await on_duty.hear(9)

    to = [on_duty.mail.parsed(place)["To"] for place in range(len(on_duty.mail.mails))]
    assert to == ["turn@example.org", "deputy@example.org", TO]


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_without_a_deputy_who_is_on_duty_is_told_again(on_duty: OnDuty) -> None:
    on_duty.note(1, kind=notices.UNPLACED_STANDS, about="unplaced_stands:1")
    await on_duty.hear(1)

    to = {on_duty.mail.parsed(place)["To"] for place in range(len(on_duty.mail.mails))}
    assert (to, len(on_duty.mail.mails)) == ({TO}, 2)
