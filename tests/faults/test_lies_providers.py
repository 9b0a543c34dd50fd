"""Providers lie. At the end of every script each delivery has ended or is listed for a person,
the counts add up to the recipients, and nobody got two of what the record does not admit."""

import pytest

from app.db.engine import Database
from tests.harness.lies import HASTY_S, Script, always, for_a_minute, on_stage, says
from tests.harness.twilio import Fault

ALL = 4
SILENT = 600.0  # s: longer than anybody waits

PAGE = "<html><body>502 Bad Gateway</body></html>"
CUT_SHORT = '{"sid": "SM00000000000000'

SCRIPTS = [
    # ---- it takes messages
    Script(lie="201 and never delivers", receipts=says(), becomes={"sent": ALL}, listed=ALL),
    Script(
        lie="201 and says only that it is on its way",
        alike=True,
        receipts=says((0, "queued"), (15, "sent")),
        becomes={"sent": ALL},
        listed=ALL,
    ),
    Script(
        lie="201 and then that it could not",
        receipts=says((15, "sent"), (30, "undelivered")),
        becomes={"undelivered": ALL},
        listed=ALL,
    ),
    # ---- it does not, or does it?
    Script(
        lie="500 for a minute, and has taken nothing",
        answers=for_a_minute(Fault(status=500, body="oops")),
        becomes={"delivered": ALL},
    ),
    Script(
        lie="500 for a minute, and has taken every one",
        answers=for_a_minute(Fault(status=500, body="oops", accept=True)),
        becomes={"delivered": ALL},
    ),
    Script(
        lie="503 for a minute",
        answers=for_a_minute(Fault(status=503, body="Service Unavailable")),
        becomes={"delivered": ALL},
    ),
    Script(
        lie="429 for a minute, come back in 20 s",
        alike=True,
        answers=for_a_minute(Fault.error(429, 20429, **{"Retry-After": "20"})),
        becomes={"delivered": ALL},
    ),
    Script(
        lie="silence for a minute, and has taken every one",
        alike=True,
        answers=for_a_minute(Fault(accept=True, silent_s=SILENT)),
        timeout_s=HASTY_S,
        becomes={"delivered": ALL},
    ),
    Script(
        lie="silence for a minute, and has taken nothing",
        alike=True,
        answers=for_a_minute(Fault(silent_s=SILENT)),
        timeout_s=HASTY_S,
        becomes={"delivered": ALL},
    ),
    Script(
        lie="silence, has taken every one, and its log is down: severe is sent again",
        answers=for_a_minute(Fault(accept=True, silent_s=SILENT)),
        timeout_s=HASTY_S,
        receipts=says(),
        log_down=True,
        becomes={"sent": ALL},
        listed=ALL,
        twice=ALL,
    ),
    Script(
        lie="the line is cut, and has taken every one",
        alike=True,
        answers=for_a_minute(Fault(accept=True, drop=True)),
        becomes={"delivered": ALL},
    ),
    # ---- it answers garbage
    Script(
        lie="201 with a page, and has taken every one",
        alike=True,
        answers=always(Fault(status=201, body=PAGE, accept=True)),
        becomes={"delivered": ALL},
    ),
    Script(
        lie="200 with a page for a minute, and has taken nothing",
        alike=True,
        answers=for_a_minute(Fault(status=200, body=PAGE)),
        becomes={"delivered": ALL},
    ),
    Script(
        lie="201 with half of an answer",
        alike=True,
        answers=always(Fault(status=201, body=CUT_SHORT, accept=True)),
        becomes={"delivered": ALL},
    ),
    Script(
        lie="201 with an empty body",
        alike=True,
        answers=always(Fault(status=201, body="", accept=True)),
        becomes={"delivered": ALL},
    ),
    Script(
        lie="201 with JSON of something else",
        alike=True,
        answers=always(Fault(status=201, body='["sid"]', accept=True)),
        becomes={"delivered": ALL},
    ),
    # ---- its receipts
    Script(
        lie="receipts shuffled",
        receipts=says((0, "delivered"), (15, "sent"), (15, "queued")),
        becomes={"delivered": ALL},
    ),
    Script(
        lie="receipts repeated",
        alike=True,
        receipts=says(*[(15 * n, "delivered") for n in range(4)], (30, "sent")),
        becomes={"delivered": ALL},
    ),
    Script(
        lie="every second receipt dropped",
        alike=True,
        receipts=lambda number: [(15, "delivered")] if number % 2 else [],
        becomes={"delivered": ALL // 2, "sent": ALL // 2},
        listed=ALL // 2,
    ),
    Script(
        lie="receipts forged",
        alike=True,
        receipts=says((15, "delivered?")),
        becomes={"sent": ALL},
        listed=ALL,
    ),
    Script(
        lie="receipts for messages that nobody sent",
        receipts=says((15, "delivered!")),
        becomes={"sent": ALL},
        listed=ALL,
    ),
    Script(
        lie="delivered, and later that it was not",
        receipts=says((15, "delivered"), (60, "undelivered"), (75, "failed")),
        becomes={"delivered": ALL},
    ),
    Script(
        lie="delivered, long after it was given up",
        receipts=says((240, "delivered")),
        becomes={"delivered": ALL},
    ),
    # ---- a gateway, which has no log to ask
    Script(
        lie="a gateway that says 202 and never delivers",
        alike=True,
        through="gateway",
        receipts=says(),
        becomes={"sent": ALL},
        listed=ALL,
    ),
    Script(
        lie="a gateway that answers a page, and has taken every one: its receipts settle it",
        through="gateway",
        answers=always(Fault(status=200, body=PAGE, accept=True)),
        becomes={"delivered": ALL},
    ),
    Script(
        lie="a gateway that is silent for a minute, and says nothing later: sent again",
        through="gateway",
        answers=for_a_minute(Fault(accept=True, silent_s=SILENT)),
        timeout_s=HASTY_S,
        receipts=says(),
        becomes={"sent": ALL},
        listed=ALL,
        twice=ALL,
    ),
    Script(
        lie="a gateway without a line for a minute",
        alike=True,
        through="gateway",
        answers=for_a_minute(Fault(status=503, body="Temporal failure, try again later.")),
        becomes={"delivered": ALL},
    ),
    Script(
        lie="a gateway whose receipts are forged",
        alike=True,
        through="gateway",
        receipts=says((15, "delivered?")),
        becomes={"sent": ALL},
        listed=ALL,
    ),
    # ---- a mail server
    Script(
        lie="a mail server that is out of order for a minute",
        alike=True,
        through="email",
        mail=lambda passed: "451 try later" if passed.total_seconds() < 60 else "",
        becomes={"delivered": ALL},
    ),
    Script(
        lie="a mail server that refuses every mail",
        through="email",
        mail=lambda _: "550 5.6.1 no",
        becomes={"failed": ALL},
        listed=ALL,
    ),
    Script(
        lie="a mail server that refuses every mail for good, to see whether it comes back",
        through="email",
        mail=lambda passed: "554 greylisted" if passed.total_seconds() < 60 else "",
        becomes={"delivered": ALL},
    ),
    Script(
        lie="a mail server that hangs up after it took the mail: severe is sent again",
        through="email",
        mail=lambda passed: "cut" if passed.total_seconds() < 60 else "",
        becomes={"delivered": ALL},
        twice=ALL,
    ),
]


def those(*, alike: bool) -> pytest.MarkDecorator:
    scripts = [script for script in SCRIPTS if script.alike is alike]
    return pytest.mark.parametrize("script", scripts, ids=[script.lie for script in scripts])


@those(alike=False)
async def test_every_recipient_is_accounted_for_when(db: Database, script: Script) -> None:
    await everybody_is_accounted_for(db, script)


@pytest.mark.alike
@those(alike=True)
async def test_every_recipient_is_accounted_for_too_when(db: Database, script: Script) -> None:
    await everybody_is_accounted_for(db, script)


async def everybody_is_accounted_for(db: Database, script: Script) -> None:
    async with on_stage(db, script, recipients=ALL) as stage:
        alert = await stage.play()

        deliveries = await stage.world.deliveries(alert)
        people = {person.contact_id for person in stage.world.people.values()}
        stands = {
            status: sum(one["status"] == status for one in deliveries)
            for status in {one["status"] for one in deliveries}
        }
        assert stands == script.becomes
        assert sorted(one["contact_id"] for one in deliveries) == sorted(people)
        assert await stage.unaccounted(alert) == []
        assert len(await stage.listed(alert)) == script.listed
        twice = {delivery for delivery, number in stage.copies().items() if number > 1}
        assert len(twice) == script.twice
        assert max(stage.copies().values(), default=0) <= 2
        admitted = stage.doubted()  # mails are counted by address
        assert {one for one in twice if "@" not in one} <= admitted
        assert len(admitted) >= script.twice
