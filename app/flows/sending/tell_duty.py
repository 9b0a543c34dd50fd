"""Notices to the person on duty: short, in the service's language, through the same providers."""

import base64
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial

from sqlalchemy import Connection

from app.alerts.sms_text import to_gsm7
from app.channels.base import (
    Accepted,
    Channel,
    InDoubt,
    Outgoing,
    Rejected,
    SendResult,
    TooLateError,
)
from app.core.clock import Clock
from app.core.rota import Rota
from app.db.engine import Database
from app.delivery.outbox import notices
from app.delivery.outbox.notices import (
    BUDGET,
    BUDGET_OF,
    DURESS,
    FLOOD,
    HELP,
    HELP_OF,
    HELP_STANDS,
    MISSED,
    OWN_BUDGET,
    SIGN_IN,
    SILENCED,
    STOPS,
    STRANGER,
    UNANSWERED,
    UNANSWERED_OF,
    UNPLACED,
    UNPLACED_STANDS,
    UNREACHED,
    UNREACHED_STANDS,
    Notice,
)
from app.delivery.outbox.spending import Beside
from app.flows.money.plan_spending import Purse, Sent, count_beside
from app.subscribers.vault import VaultKeyError

_log = logging.getLogger(__name__)

_BATCH = 20
#: Before a notice is tried again, by anybody: longer than a call may take.
_LEASE = timedelta(seconds=90)
#: Before a notice is tried again that the provider's pace did not let through.
_SOON = timedelta(seconds=5)
#: Tries before a notice is left to the log: by then hours have passed.
_MOST_ATTEMPTS = 100

#: Stands before the id of the message in `about`.
DURESS_PREFIX = "inbound:"

#: What a code is sealed as, beside the id of its contact.
SEALED_CODE = "sign_in"

_TEXTS = {
    (
        "fr",
        UNREACHED,
    ): "Sira: {number} destinataire(s) de l'alerte {words} non joint(s), à appeler.",
    ("en", UNREACHED): "Sira: {number} recipient(s) of alert {words} not reached, please call.",
    (
        "fr",
        UNANSWERED,
    ): "Sira: alerte {words}: {number} organisation(s) sans réponse, liste épuisée, à appeler.",
    (
        "en",
        UNANSWERED,
    ): "Sira: alert {words}: no answer from {number} organisation(s), nobody left: please call.",
    ("fr", "provider"): "Sira: le fournisseur {words} refuse notre compte; rien ne passe par lui.",
    ("en", "provider"): "Sira: provider {words} refuses our account; nothing goes through it.",
    # said to the desk alone, and nothing in it tells who: the phone that wrote may be watched
    ("fr", DURESS): "Sira: message à vérifier par le bureau avant d'y croire.",
    ("en", DURESS): "Sira: a message for the desk to check before believing it.",
    (
        "fr",
        MISSED,
    ): "Sira: ce qui est envoyé à la personne de garde par {by} n'arrive pas. Vérifiez l'adresse.",
    ("en", MISSED): "Sira: what is sent to the person on duty by {by} does not arrive. Check the "
    "address.",
    (
        "fr",
        STOPS,
    ): "Sira: {number} STOP reçus en une heure. Un numéro se falsifie: appelez ces personnes. Qui "
    "veut être averti de nouveau écrit REPRENDRE.",
    ("en", STOPS): "Sira: {number} STOPs came within an hour. Numbers can be forged: call these "
    "people. Who wants to be warned again writes START.",
    (
        "fr",
        FLOOD,
    ): "Sira: {number} numéro(s) connu(s) écrivent sans fin, on ne les entend plus pendant une "
    "heure. Un numéro se falsifie: appelez ces personnes.",
    ("en", FLOOD): "Sira: {number} known number(s) write without end and are not heard for an "
    "hour. Numbers can be forged: call these people.",
    (
        "fr",
        SILENCED,
    ): "Sira: {number} personnes en une heure ne sont plus averties comme avant: retirées, autre "
    "numéro ou lien d'arrêt. Demandez si c'est voulu.",
    ("en", SILENCED): "Sira: within an hour {number} people are no more warned as before: removed, "
    "another number or a stop link. Ask whether it is meant.",
    (
        "fr",
        STRANGER,
    ): "Sira: {number} dangers en une heure par une seule source inconnue, sans autre témoin. "
    "Appelez-la: si c'est faux, annulez-les au bureau.",
    ("en", STRANGER): "Sira: {number} dangers within an hour from one unknown source, no other "
    "witness. Call it: if untrue, refute them at the desk.",
    (
        "fr",
        HELP,
    ): "Sira: {number} appel(s) à l'aide par SMS sans réponse au bureau depuis 5 minutes.",
    ("en", HELP): "Sira: {number} call(s) for help by SMS that nobody at the desk answered for 5 "
    "minutes.",
    (
        "fr",
        UNPLACED,
    ): "Sira: {number} danger(s) signalé(s) sans lieu précis depuis 5 minutes. Personne n'est "
    "alerté: à placer au bureau.",
    ("en", UNPLACED): "Sira: {number} danger(s) reported 5 minutes ago without an exact place. "
    "Nobody is warned: place them at the desk.",
    (
        "fr",
        HELP_STANDS,
    ): "Sira: {number} appel(s) à l'aide par SMS: la personne de garde est avertie, personne n'a "
    "agi au bureau. À vous.",
    ("en", HELP_STANDS): "Sira: {number} call(s) for help by SMS: the person on duty was told, "
    "nobody has acted at the desk. Over to you.",
    (
        "fr",
        UNPLACED_STANDS,
    ): "Sira: {number} danger(s) sans lieu: la personne de garde est avertie, personne n'a agi au "
    "bureau. À vous.",
    ("en", UNPLACED_STANDS): "Sira: {number} danger(s) without a place: the person on duty was "
    "told, nobody has acted at the desk. Over to you.",
    (
        "fr",
        UNREACHED_STANDS,
    ): "Sira: danger grave, {number} alerte(s) avec des gens à appeler: la personne de garde est "
    "avertie, personne n'a agi. À vous.",
    ("en", UNREACHED_STANDS): "Sira: severe danger, {number} alert(s) with people to call: the "
    "person on duty was told, nobody has acted. Over to you.",
    (
        "fr",
        SIGN_IN,
    ): "Sira: votre code est {words}. Il est valable 10 minutes. Ne le dites à personne: nous ne "
    "le demandons jamais.",
    ("en", SIGN_IN): "Sira: your code is {words}. It is good for 10 minutes. Tell it to nobody: we "
    "never ask for it.",
    ("fr", BUDGET): "Sira: budget SMS d'une organisation: {step}.",
    ("en", BUDGET): "Sira: SMS budget of an organisation: {step}.",
    ("fr", OWN_BUDGET): "Sira: votre budget SMS du mois: {step}. {what}",
    ("en", OWN_BUDGET): "Sira: your SMS budget of the month: {step}. {what}",
}
#: How far the money is gone, and what follows for the organisation.
_STEPS = {
    ("fr", "digest"): "bientôt épuisé",
    ("fr", "email"): "épuisé",
    ("fr", "reserve"): "épuisé, la réserve est entamée",
    ("fr", "beyond"): "dépassé, réserve comprise",
    ("en", "digest"): "nearly used up",
    ("en", "email"): "used up",
    ("en", "reserve"): "used up, the reserve is begun",
    ("en", "beyond"): "exceeded, the reserve included",
}
_BY = {"email": "e-mail", "sms": "SMS"}
_WHAT = {
    (
        "fr",
        "digest",
    ): "Le reste vient une fois par jour; danger grave et fin d'alerte: aussitôt.",
    ("en", "digest"): "The rest comes once a day; severe danger and its end at once, as ever.",
    ("fr", ""): "Le reste vient par e-mail; danger grave et fin d'alerte: toujours par SMS.",
    ("en", ""): "The rest comes by e-mail; severe danger and its end by SMS, as ever.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Who is told, and how.

    Attributes:
        rota: Whose addresses when, in the time of `zone`. In clear: the operator's own, from the
            environment.
        open_address: Returns the address in clear of a contact who is told in place of the person
            on duty, from (sealed, contact id, channel): the vault. None: none is.
        links: Tells whether a link may stand in an SMS to a number.
        purse: What is told to contacts costs their organisations; None: nobody asks.
    """

    db: Database
    clock: Clock
    rota: Rota
    language: str
    public_url: str | None
    zone: tzinfo = UTC
    open_address: Callable[[bytes, str, str], str] | None = None
    links: Callable[[str], bool] = lambda _: True
    purse: Purse | None = None


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
        channel, address = channels.get(notice.channel), _address(notice, duty, now)
        ready = _opened(notice, duty, now) if notice.kind == SIGN_IN else notice
        if channel is None or address is None or ready is None:
            await duty.db.write(lambda conn, one=notice: notices.put_off(conn, one, due_at=None))  # type: ignore[misc]
            continue
        try:
            outgoing = _outgoing(ready, address, duty)
            result = await channel.send(outgoing)
        except TooLateError:  # others waited before it for the provider's pace; nothing has left
            again = partial(notices.put_off, notice=notice, due_at=duty.clock.now() + _SOON)
            await duty.db.write(again)
            continue
        except Exception as error:  # noqa: BLE001 - it must not keep back those behind it
            _log.exception("notice.failed", extra={"notice_id": notice.id})
            failed = InDoubt(code="internal", detail=type(error).__name__)
            due_at = _again(notice, failed, duty.clock.now())
            await duty.db.write(partial(notices.put_off, notice=notice, due_at=due_at))
            continue
        sent += isinstance(result, Accepted)
        await _record(duty, notice, outgoing, result)
    return sent


def text_of(notice: Notice, *, language: str, public_url: str | None) -> str:
    """Return the words of a notice; `public_url` is None where no link may stand in it."""
    language = language if (language, notice.kind) in _TEXTS else "en"
    text = _TEXTS[language, notice.kind].format(
        number=notice.number,
        words=notice.words,
        step=_STEPS.get((language, notice.words), notice.words),
        by=_BY.get(notice.words, notice.words),
        what=_WHAT.get((language, notice.words)) or _WHAT[language, ""],
    )
    if public_url and (path := _path(notice)):
        return f"{text} {public_url}{path}"
    return text


def _path(notice: Notice) -> str:
    """Return where there is more of it, for those who may look.

    A telephone opens it, and sends no key: a page of the desk, wherever there is one.
    """
    if notice.kind == UNREACHED:
        return f"/desk/alerts/{notice.about}"
    if notice.kind == UNANSWERED:
        return f"/desk/alerts/{notice.about.removeprefix(UNANSWERED_OF)}"
    if notice.kind == DURESS:
        return f"/desk/messages/{notice.about.removeprefix(DURESS_PREFIX)}"
    if notice.kind == HELP and notice.number == 1:
        return f"/desk/messages/{notice.about.removeprefix(HELP_OF)}"
    if notice.kind == BUDGET:
        organisation, month, _ = notice.about.removeprefix(BUDGET_OF).split(":")
        return f"/v1/costs?organisation_id={organisation}&month={month}"
    return _LISTS.get(notice.kind, "")


#: What the deputy is told.
_SECOND = frozenset({HELP_STANDS, UNPLACED_STANDS, UNREACHED_STANDS})
#: Where the messages are that a notice tells of without naming one.
_LISTS = {
    HELP: "/desk?list=messages",
    STOPS: "/v1/inbound?action=stop",
    FLOOD: "/v1/inbound?outcome=flood",
    SILENCED: "/v1/audit?subject_type=contact",
    STRANGER: "/desk",
    UNPLACED: "/desk",
    HELP_STANDS: "/desk?list=messages",
    UNPLACED_STANDS: "/desk",
    UNREACHED_STANDS: "/desk?list=calls",
}


def _address(notice: Notice, duty: Duty, now: datetime) -> str | None:
    if notice.contact_id is None:
        if notice.kind in _SECOND and duty.rota.deputy:
            return duty.rota.deputy.get(notice.channel)
        return duty.rota.on_duty(now.astimezone(duty.zone)).get(notice.channel)
    if notice.address_sealed is None or duty.open_address is None:
        return None
    try:
        return duty.open_address(notice.address_sealed, notice.contact_id, notice.channel)
    except VaultKeyError:
        _log.exception("notice.not_opened", extra={"notice_id": notice.id})
        return None


def _opened(notice: Notice, duty: Duty, now: datetime) -> Notice | None:
    """Return a notice with its code in clear, in memory only; None: it is good for nothing now."""
    if duty.open_address is None or notice.contact_id is None:
        return None
    try:
        sealed = base64.b64decode(notice.words)
        code, expires_at = duty.open_address(sealed, notice.contact_id, SEALED_CODE).split()
    except (VaultKeyError, ValueError):
        _log.warning("notice.not_opened", extra={"notice_id": notice.id})
        return None
    return replace(notice, words=code) if now < datetime.fromisoformat(expires_at) else None


def _outgoing(notice: Notice, address: str, duty: Duty) -> Outgoing:
    language = notice.language or duty.language
    linked = notice.channel != "sms" or duty.links(address)
    text = text_of(notice, language=language, public_url=duty.public_url if linked else None)
    if notice.channel == "sms":
        text = to_gsm7(text)
    told = _telling(notice)
    return Outgoing(
        delivery_id=told,
        alert_id=f"{told}-{notice.number}",
        thread_id=notice.id,
        address=address,
        language=language,
        subject=text.partition(". ")[0][:120] if notice.channel == "email" else None,
        text=text,
        html=None,
    )


def _telling(notice: Notice) -> str:
    """Return what names this telling: another each time a notice is sent anew.

    It becomes the Message-ID, and mail servers drop without a word what has one that they know.
    A telling that is only tried again keeps its own; of an SMS receipts are to name the notice.
    """
    anew = notice.sent_at is not None and notice.channel == "email"
    return f"{notice.id}-{notice.sent_at:%Y%m%d%H%M%S}" if anew else notice.id


async def _record(duty: Duty, notice: Notice, outgoing: Outgoing, result: SendResult) -> None:
    now = duty.clock.now()

    def work(conn: Connection) -> None:
        if isinstance(result, Accepted):
            notices.told(conn, notice, now=now)
        else:
            due_at = _again(notice, result, now)
            notices.put_off(conn, notice, due_at=due_at)
            if notice.contact_id is None and notices.is_in_vain(notice, due_at):
                notices.say_missed(conn, notice.channel, duty=duty.rota.channels, now=now)
        if duty.purse is not None and isinstance(result, Accepted | InDoubt):
            count_beside(conn, duty.purse, _sent(notice, outgoing, result), now=now)

    if not isinstance(result, Accepted):
        _log.error("notice.not_sent", extra={"notice_id": notice.id, "code": result.code})
    await duty.db.write(work)


def _sent(notice: Notice, outgoing: Outgoing, result: SendResult) -> Sent:
    """Return what a notice counts as; one in doubt has probably left, and is paid for."""
    return Sent(
        organisation_id=notice.organisation_id,
        kind=Beside.SIGN_IN if notice.kind == SIGN_IN else Beside.NOTICE,
        channel=notice.channel,
        address=outgoing.address,
        text=outgoing.text,
        segments=result.segments if isinstance(result, Accepted) else None,
    )


def _again(notice: Notice, result: SendResult, now: datetime) -> datetime | None:
    hopeless = isinstance(result, Rejected) and result.permanent and result.scope == "recipient"
    if hopeless or notice.attempts >= _MOST_ATTEMPTS:
        return None
    rest: timedelta = timedelta(seconds=10) * int(2 ** min(notice.attempts, 6))
    return now + min(rest, timedelta(minutes=10))
