"""Invitations leave: one message each, through the same providers as all others."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from app.alerts.invitation_text import write_mail, write_sms
from app.channels.base import Accepted, Channel, InDoubt, Outgoing, SendResult, TooLateError
from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.outbox.spending import Beside
from app.flows.money.plan_spending import Purse, Sent, count_beside
from app.subscribers.contact import ContactChannel
from app.subscribers.invitation import code_of, link_of
from app.subscribers.stop_link import stop_link
from app.subscribers.store import invitations as store
from app.subscribers.store import unwanted
from app.subscribers.store.invitations import Due
from app.subscribers.store.organisations import NAME
from app.subscribers.vault import Vault, VaultKeyError

_log = logging.getLogger(__name__)

_BATCH = 20
#: Before an invitation is tried again, by anybody: longer than a call may take.
_LEASE = timedelta(seconds=90)
#: Before one is tried again that the provider's pace did not let through.
_SOON = timedelta(seconds=5)
_MOST_TRIES = 20
_LONGEST_REST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Inviting:
    """What it takes.

    Attributes:
        public_url: Where the page of a link is; None: there is none.
        purse: What each costs whoever invites.
    """

    db: Database
    clock: Clock
    vault: Vault
    public_url: str | None
    purse: Purse


async def send_invitations(inviting: Inviting, channels: Mapping[str, Channel]) -> int:
    """Send the invitations that are due; return how many left.

    One in doubt counts as sent, and so does one whose worker died on it: it is written down as sent
    before it leaves, and that is taken back when it certainly did not. A stranger who is asked
    twice is worse than one not asked.
    """
    now = inviting.clock.now()
    due = await inviting.db.write(
        lambda conn: store.take_due(conn, limit=_BATCH, now=now, lease=_LEASE)
    )
    sent = 0
    ours_until = now + _LEASE / 2

    def may_leave() -> bool:
        return inviting.clock.now() < ours_until

    for one in due:
        if not may_leave():
            break  # the rest is anybody's, once the lease is over
        channel = channels.get(_kind(one.channel))
        outgoing = _outgoing(one, inviting, now) if channel is not None else None
        if channel is None or outgoing is None:
            await inviting.db.write(
                lambda conn, one=one: store.give_up(conn, one.id, code="unsendable")  # type: ignore[misc]
            )
            continue
        await inviting.db.write(
            lambda conn, one=one: store.note_sent(conn, one.id, now=inviting.clock.now())  # type: ignore[misc]
        )
        try:
            result = await channel.send(replace(outgoing, may_leave=may_leave))
        except TooLateError:  # others waited before it for the provider's pace; nothing has left
            due_at = inviting.clock.now() + _SOON
            again = partial(store.put_off, invitation_id=one.id, due_at=due_at, code="too_late")
            await inviting.db.write(again)
            continue
        sent += isinstance(result, Accepted | InDoubt)
        await _record(inviting, one, outgoing, result)
    return sent


def _kind(channel: ContactChannel) -> str:
    """Return on what an address is asked: a phone by SMS, whatever it is told by later."""
    return "email" if channel is ContactChannel.EMAIL else "sms"


def _outgoing(one: Due, inviting: Inviting, now: datetime) -> Outgoing | None:
    if one.sealed is None or now >= one.expires_at:
        return None
    vault = inviting.vault
    try:
        address = vault.open(one.sealed, row_id=one.contact_id, field=one.channel)
        who = vault.open(one.organisation_sealed, row_id=one.organisation_id, field=NAME)
    except VaultKeyError:
        _log.exception("invitation.not_opened", extra={"invitation_id": one.id})
        return None
    subject, text = _words(one, who, inviting)
    return Outgoing(
        delivery_id=one.id,
        alert_id=one.id,
        address=address,
        language=one.language,
        subject=subject,
        text=text,
        html=None,
        stop_link=stop_link(one.id, vault.token),
    )


def _words(one: Due, who: str, inviting: Inviting) -> tuple[str | None, str]:
    keyed = inviting.vault.token
    code = code_of(one.id, keyed)
    if _kind(one.channel) == "sms":
        return None, write_sms(one.wording, who=who, code=code)
    link = f"{inviting.public_url}/join/{link_of(one.id, keyed)}"
    return write_mail(one.wording, who=who, code=code, link=link)


async def _record(inviting: Inviting, one: Due, outgoing: Outgoing, result: SendResult) -> None:
    now = inviting.clock.now()
    sent = Sent(
        organisation_id=one.organisation_id,
        kind=Beside.INVITATION,
        channel=_kind(one.channel),
        address=outgoing.address,
        text=outgoing.text,
        segments=result.segments if isinstance(result, Accepted) else None,
    )

    def work(conn: Connection) -> None:
        if isinstance(result, Accepted | InDoubt):
            store.note_sent(conn, one.id, now=now)
            count_beside(conn, inviting.purse, sent, now=now)
            return
        if result.opted_out and (index := store.index_of(conn, one.id)) is not None:
            unwanted.remember(conn, index, now=now)
        if result.is_final(one.tries + 1) or one.tries + 1 >= _MOST_TRIES:
            store.give_up(conn, one.id, code=result.code)
        else:
            rest: timedelta = timedelta(seconds=10) * int(2 ** min(one.tries, 8))
            asked = timedelta(seconds=result.retry_after_s or 0.0)
            due_at = now + min(max(rest, asked), _LONGEST_REST)
            store.put_off(conn, one.id, due_at=due_at, code=result.code)

    if not isinstance(result, Accepted):
        _log.warning("invitation.not_sent", extra={"invitation_id": one.id, "code": result.code})
    await inviting.db.write(work)
