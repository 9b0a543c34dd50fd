"""A call for help that nobody at the desk reads reaches the person on duty: once, at his pace."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from app.accounts.keys import Scope
from app.db.tables import NoticeRow
from app.delivery.outbox import notices
from app.flows.duty.tell_of_help import tell_of_help
from app.flows.sending.tell_duty import text_of
from app.incidents.store import take_hold
from app.subscribers.store import unread
from app.subscribers.store.unread import Span
from tests.harness.effort import counted
from tests.harness.texting import DRIVER, PUBLIC, STRANGER, Texting

HELP = "Aidez moi je suis blesse"
MINUTE = timedelta(minutes=1)
OTHER, THIRD = "+22376000098", "+22376000097"


async def look(texting: Texting) -> int:
    """Let the clock look; return of how many calls the person on duty is told now."""
    api = texting.api
    return await tell_of_help(api.state.db, api.state.context, api.clock, duty=["sms", "email"])


async def look_twice(texting: Texting) -> int:
    """The same where there is a deputy; return of how many one of the two is told now."""
    api = texting.api
    return await tell_of_help(
        api.state.db, api.state.context, api.clock, duty=["sms"], deputy=["sms"]
    )


async def last(texting: Texting) -> str:
    """Return the id of the newest message."""
    return str((await texting.read())[0]["id"])


def hold(texting: Texting, subject: str, *, until: datetime) -> None:
    """Have a moderator work on it."""
    (key_id, _), now = texting.api.new_key(Scope.MODERATOR), texting.api.clock.now()
    texting.api.state.db.write_now(
        lambda conn: take_hold(
            conn, subject, holder="m", key_id=key_id, over=False, until=until, now=now
        )
    )


def noted(texting: Texting, *kinds: str) -> list[tuple[str, str, int]]:
    query = select(NoticeRow.about, NoticeRow.channel, NoticeRow.number).order_by(NoticeRow.id)
    with_help = query.where(NoticeRow.kind.in_(kinds or ("help",)))
    rows = texting.api.state.db.read_now(lambda conn: conn.execute(with_help).all())
    return [(row.about, row.channel, row.number) for row in rows]


async def test_a_strangers_call_that_stands_is_told_once_and_others_at_a_pace(
    texting: Texting,
) -> None:
    clock = texting.api.clock
    await texting.says(STRANGER, HELP)
    first = await last(texting)
    at_once = await look(texting)
    clock.advance(5 * MINUTE + timedelta(seconds=1))
    await texting.says(STRANGER, "ALERTE FANA CITERNES BRULEES")  # no call for help
    stands = await look(texting), await look(texting)
    await texting.says(OTHER, HELP)
    clock.advance(MINUTE)
    await texting.says(DRIVER, HELP)
    newest = await last(texting)
    clock.advance(6 * MINUTE)
    soon = await look(texting)
    clock.advance(3 * MINUTE)
    after = await look(texting), await look(texting)
    clock.advance(60 * MINUTE)

    assert (at_once, stands, soon, after) == (0, (1, 0), 0, (2, 0))
    assert await look(texting) == 0
    assert noted(texting) == [
        (f"help:{about}", channel, number)
        for about, number in ((first, 1), (newest, 2))
        for channel in ("sms", "email")
    ]


async def test_one_phone_wakes_nobody_again_and_again_but_is_not_forgotten(
    texting: Texting,
) -> None:
    clock, told = texting.api.clock, []
    for _ in range(6):  # a call each quarter of an hour
        await texting.says(STRANGER, HELP)
        clock.advance(6 * MINUTE)
        told.append(await look(texting))
        clock.advance(9 * MINUTE)
    await texting.says(OTHER, HELP)
    clock.advance(6 * MINUTE)

    assert told == [1, 0, 0, 0, 4, 0]
    assert await look(texting) == 1, "another phone is told of meanwhile"


async def test_a_phone_that_was_answered_and_calls_again_is_told_of(texting: Texting) -> None:
    await texting.says(STRANGER, HELP)
    texting.api.clock.advance(6 * MINUTE)
    first = await look(texting)
    path = f"/v1/inbound/{await last(texting)}/answers"
    await texting.api.moderator.post(path, json={"text": "Les secours arrivent."})
    texting.api.clock.advance(9 * MINUTE)
    await texting.says(STRANGER, HELP)
    texting.api.clock.advance(6 * MINUTE)

    assert (first, await look(texting)) == (1, 1)


async def test_a_flood_of_lies_costs_no_look_and_hides_no_call(texting: Texting) -> None:
    state = texting.api.state
    await texting.says(STRANGER, HELP)
    call = await last(texting)
    for n in range(12):
        await texting.says(f"+223760003{n:02}", "ALERTE FANA CITERNES BRULEES")
    texting.api.clock.advance(6 * MINUTE)
    span = Span(since=texting.api.clock.now() - 60 * MINUTE, beyond=True)

    def read(conn: Connection, limit: int) -> tuple[list[str], int]:
        with counted() as effort:
            found = unread.list_unfiled(conn, span, vault=state.context.vault, limit=limit)
        return [one.id for one in found], effort.calls

    def least(limit: int) -> tuple[list[str], int]:  # the first puts the query together
        return min(state.db.read_now(lambda conn: read(conn, limit)) for _ in range(4))

    one, nine = least(9)
    limited, single = least(1)

    assert (one, limited) == ([call], [call])
    assert nine - single < 12, "no lie is opened"
    assert await look(texting) == 1


async def test_nobody_is_woken_for_what_the_desk_dealt_with(texting: Texting) -> None:
    await texting.says(STRANGER, HELP)
    await texting.api.moderator.post(f"/v1/inbound/{await last(texting)}/set-aside")
    await texting.says(OTHER, HELP)
    answer = {"text": "Les secours arrivent."}
    path = f"/v1/inbound/{await last(texting)}/answers"
    answered = await texting.api.moderator.post(path, json=answer)
    assert answered.is_success, answered.text
    texting.api.clock.advance(6 * MINUTE)

    assert await look(texting) == 0


async def test_the_notice_says_nothing_of_who_wrote_and_leads_to_the_message(
    texting: Texting,
) -> None:
    await texting.says(STRANGER, HELP)
    inbound = await last(texting)
    texting.api.clock.advance(6 * MINUTE)
    await look(texting)
    state = texting.api.state

    (notice, _) = state.db.write_now(
        lambda conn: notices.take_due(conn, limit=9, now=texting.api.clock.now(), lease=MINUTE)
    )

    said = text_of(notice, language="fr", public_url=PUBLIC)
    assert said == (
        "Sira: 1 appel(s) à l'aide par SMS sans réponse au bureau depuis 5 minutes."
        f" {PUBLIC}/desk/messages/{inbound}"
    )
    many = text_of(replace(notice, number=2), language="en", public_url=PUBLIC)
    assert many.endswith(f" {PUBLIC}/desk?list=messages")


async def test_the_deputy_is_told_once_of_what_the_person_on_duty_leaves(texting: Texting) -> None:
    clock, told = texting.api.clock, []
    await texting.says(STRANGER, HELP)
    first = await last(texting)
    for minutes in (6, 14, 2, 1, 60):
        clock.advance(minutes * MINUTE)
        told.append(await look_twice(texting))
    await texting.says(OTHER, HELP)
    newest = await last(texting)
    for minutes in (6, 16, 1):
        clock.advance(minutes * MINUTE)
        told.append(await look_twice(texting))

    assert told == [1, 0, 1, 0, 0, 1, 2, 0]
    assert noted(texting, "help", "help_stands") == [
        (f"help:{first}", "sms", 1),
        (f"help_stands:{first}", "sms", 1),
        (f"help:{newest}", "sms", 1),
        (f"help_stands:{newest}", "sms", 2),
    ]


async def test_the_deputy_is_not_woken_for_what_somebody_works_on_or_dealt_with(
    texting: Texting,
) -> None:
    await texting.says(STRANGER, HELP)
    answered = await last(texting)
    await texting.says(OTHER, HELP)
    held = await last(texting)
    texting.api.clock.advance(6 * MINUTE)
    told = await look_twice(texting)
    path = f"/v1/inbound/{answered}/answers"
    await texting.api.moderator.post(path, json={"text": "Les secours arrivent."})
    texting.api.clock.advance(16 * MINUTE)
    hold(texting, f"message:{held}", until=texting.api.clock.now() + 10 * MINUTE)
    meanwhile = await look_twice(texting)
    texting.api.clock.advance(11 * MINUTE)

    assert (told, meanwhile, await look_twice(texting)) == (2, 0, 1)


async def test_what_the_deputy_reads_is_one_sms(texting: Texting) -> None:
    await texting.says(STRANGER, HELP)
    texting.api.clock.advance(6 * MINUTE)
    await look_twice(texting)
    texting.api.clock.advance(16 * MINUTE)
    await look_twice(texting)

    (_, notice) = texting.api.state.db.write_now(
        lambda conn: notices.take_due(conn, limit=9, now=texting.api.clock.now(), lease=MINUTE)
    )

    assert text_of(notice, language="fr", public_url=PUBLIC) == (
        "Sira: 1 appel(s) à l'aide par SMS: la personne de garde est avertie, personne n'a agi au "
        f"bureau. À vous. {PUBLIC}/desk?list=messages"
    )
