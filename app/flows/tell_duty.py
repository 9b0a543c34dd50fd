"""Notices to the person on duty: short, in the service's language, through the same providers."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.channels.base import Accepted, Channel, Outgoing, Rejected, SendResult
from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.outbox import notices
from app.delivery.outbox.notices import DURESS, UNREACHED, Notice

_log = logging.getLogger(__name__)

_BATCH = 20
#: Before a notice is tried again, by anybody: longer than a call may take.
_LEASE = timedelta(seconds=90)
#: Tries before a notice is left to the log: by then hours have passed.
_MOST_ATTEMPTS = 100

#: Stands before the id of the message in `about`.
DURESS_PREFIX = "inbound:"

_TEXTS = {
    (
        "fr",
        UNREACHED,
    ): "Sira: {number} destinataire(s) de l'alerte {words} non joint(s), a appeler.",
    ("en", UNREACHED): "Sira: {number} recipient(s) of alert {words} not reached, please call.",
    ("fr", "provider"): "Sira: le fournisseur {words} refuse notre compte; rien ne passe par lui.",
    ("en", "provider"): "Sira: provider {words} refuses our account; nothing goes through it.",
    # said to the desk alone, and nothing in it tells who: the phone that wrote may be watched
    ("fr", DURESS): "Sira: message a verifier par le bureau avant d'y croire.",
    ("en", DURESS): "Sira: a message for the desk to check before believing it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Who is told, and how.

    Attributes:
        addresses: By channel. In clear: the operator's own, from the environment.
    """

    db: Database
    clock: Clock
    addresses: Mapping[str, str]
    language: str
    public_url: str | None


async def tell_duty(duty: Duty, channels: Mapping[str, Channel]) -> int:
    """Send the notices that are due; return how many were taken by a provider.

    A notice in doubt is sent again: hearing twice that nobody was reached is better than never.
    """
    now = duty.clock.now()
    due = await duty.db.write(
        lambda conn: notices.take_due(conn, limit=_BATCH, now=now, lease=_LEASE)
    )
    sent = 0
    for notice in due:
        channel, address = channels.get(notice.channel), duty.addresses.get(notice.channel)
        if channel is None or address is None:
            await duty.db.write(lambda conn, one=notice: notices.put_off(conn, one, due_at=None))  # type: ignore[misc]
            continue
        result = await channel.send(_outgoing(notice, address, duty))
        sent += isinstance(result, Accepted)
        await _record(duty, notice, result)
    return sent


def text_of(notice: Notice, *, language: str, public_url: str | None) -> str:
    """Return the words of a notice."""
    template = _TEXTS.get((language, notice.kind)) or _TEXTS["en", notice.kind]
    text = template.format(number=notice.number, words=notice.words)
    if notice.kind == UNREACHED and public_url:
        return f"{text} {public_url}/v1/alerts/{notice.about}/unreached"
    if notice.kind == DURESS and public_url:
        return f"{text} {public_url}/v1/inbound/{notice.about.removeprefix(DURESS_PREFIX)}"
    return text


def _outgoing(notice: Notice, address: str, duty: Duty) -> Outgoing:
    text = text_of(notice, language=duty.language, public_url=duty.public_url)
    return Outgoing(
        delivery_id=notice.id,
        alert_id=f"{notice.id}-{notice.number}",
        thread_id=notice.id,
        address=address,
        language=duty.language,
        subject=text.partition(". ")[0][:120] if notice.channel == "email" else None,
        text=text,
        html=None,
    )


async def _record(duty: Duty, notice: Notice, result: SendResult) -> None:
    now = duty.clock.now()
    if isinstance(result, Accepted):
        await duty.db.write(lambda conn: notices.told(conn, notice, now=now))
        return
    _log.error("notice.not_sent", extra={"notice_id": notice.id, "code": result.code})
    due_at = _again(notice, result, now)
    await duty.db.write(lambda conn: notices.put_off(conn, notice, due_at=due_at))


def _again(notice: Notice, result: SendResult, now: datetime) -> datetime | None:
    hopeless = isinstance(result, Rejected) and result.permanent and result.scope == "recipient"
    if hopeless or notice.attempts >= _MOST_ATTEMPTS:
        return None
    rest: timedelta = timedelta(seconds=10) * int(2 ** min(notice.attempts, 6))
    return now + min(rest, timedelta(minutes=10))
