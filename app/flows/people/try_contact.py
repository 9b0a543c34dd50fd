"""A test message: does what is sent reach this person? Through the outbox and the providers."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import AlertFacts, Audience, Certainty, Reason
from app.alerts.decision import Action, AlertDecision
from app.alerts.records import TRIAL, NewAlert
from app.alerts.sms_text import segments
from app.alerts.webhook_event import CHANNEL as WEBHOOK
from app.alerts.webhook_event import write_test
from app.audit import store as audit
from app.core.errors import ConflictError, InvalidError, LimitError
from app.core.levels import Level
from app.delivery.outbox import trial
from app.flows.context import Context
from app.flows.people.own_affairs import Insider, organisation_seen
from app.subscribers.contact import AddressStatus
from app.subscribers.store import contacts as contact_store

#: Each one is paid for, and wakes somebody.
AGAIN_AFTER = timedelta(minutes=5)
_WORTH, _DAY = timedelta(hours=1), timedelta(hours=24)
_TEXTS = {
    "fr": "SIRA ESSAI: ce message montre que les alertes vous parviennent. Rien à faire.",
    "en": "SIRA TEST: this message shows that alerts reach you. Nothing to do.",
}
_SUBJECTS = {"fr": "SIRA: message d'essai", "en": "SIRA: test message"}
_NO_ADDRESS = "This contact has no address that is written to: give one, or have it confirmed."
_NO_SUCH = "This contact has no {} that is written to: give one by PATCH /v1/contacts/{{id}}."


class TriedLatelyError(ConflictError):
    """A test message was sent to this contact, or to one that is gone, some minutes ago."""

    code: ClassVar[str] = "tried-lately"
    title: ClassVar[str] = "A test message was sent a moment ago"


class TriedOftenError(LimitError):
    """An organisation has had as many test messages sent as it may within 24 hours."""

    code: ClassVar[str] = "tried-often"
    title: ClassVar[str] = "Too many test messages"


def try_contact(
    conn: Connection,
    contact_id: str,
    *,
    insider: Insider,
    context: Context,
    now: datetime,
    only: Collection[str] | None = None,
    again_after: timedelta = AGAIN_AFTER,
) -> str:
    """Send a test message on every channel of a contact, or on `only` some; return its alert's id.

    It is an exercise that only he hears: it says nothing of any road, and follows no quiet hours,
    for whoever asks is there to see it come.

    Raises:
        NotFoundError: The contact is not there for who asks.
        TriedLatelyError: There was one a moment ago.
        TriedOftenError: The organisation has had too many sent.
        InvalidError: He has no address that is written to.
    """
    organisation_id = organisation_seen(conn, contact_id, insider)
    contact = contact_store.get_contact(conn, contact_id, vault=context.vault)
    channels = [
        one.channel.value
        for one in contact.addresses
        if one.status is AddressStatus.ACTIVE and (only is None or one.channel in only)
    ]
    if not channels:
        detail = _NO_ADDRESS if only is None else _NO_SUCH.format(" or ".join(sorted(only)))
        fault = {"parameter": "contact_id", "in": "path", "detail": detail}
        raise InvalidError(detail, errors=[fault])
    since = now - again_after
    if trial.count_trials(conn, contact_id, organisation_id=organisation_id, since=since):
        raise TriedLatelyError("A test message was sent a moment ago.")
    if people := [one for one in channels if one != WEBHOOK]:
        _refuse_too_many(conn, organisation_id, len(people), context, now=now)
    (alert_id,) = alert_store.add_alerts(conn, [_alert(contact_id, insider, now)], now=now)
    languages = context.config.subscribers.languages
    texts = [
        {"alert_id": alert_id, **_text(channel, language, now)}
        for channel in channels
        for language in languages
    ]
    trial.fan_out_trial(
        conn,
        alert_id,
        texts,
        contact_id=contact_id,
        organisation_id=organisation_id,
        channels=channels,
        languages=languages,
        countries=context.config.countries,
        now=now,
    )
    audit.record(
        conn,
        actor=insider.key_id,
        action="contact.tried",
        subject_id=contact_id,
        organisation_id=organisation_id,
        now=now,
    )
    return alert_id


def _refuse_too_many(
    conn: Connection, organisation_id: str, more: int, context: Context, *, now: datetime
) -> None:
    """Keep a day's tests within bounds: they are paid for, and are not held to a budget."""
    most = context.config.consent.tests_per_day
    sent = trial.count_to_people(conn, organisation_id=organisation_id, since=now - _DAY)
    if sent and sent + more > most:
        detail = f"An organisation may have {most} test messages sent within 24 hours."
        raise TriedOftenError(detail, retry_after_s=int(_DAY.total_seconds()))


def _text(channel: str, language: str, now: datetime) -> dict[str, Any]:
    words = _TEXTS.get(language, _TEXTS["en"])
    text = write_test(language, words, at=now).text if channel == WEBHOOK else words
    return {
        "channel": channel,
        "language": language,
        "subject": _SUBJECTS.get(language, _SUBJECTS["en"]) if channel == "email" else None,
        "text": text,
        "html": None,
        "segments": segments(text) if channel == "sms" else 1,
    }


def _alert(contact_id: str, insider: Insider, now: datetime) -> NewAlert:
    return NewAlert(
        decision=AlertDecision(
            action=Action.ALERT,
            reason=Reason.BY_HAND,
            level=Level.UNKNOWN,
            certainty=Certainty.CONFIRMED,
            audience=Audience.SUBSCRIBERS_AND_TOLD,
            expires_at=now + _WORTH,
        ),
        facts=AlertFacts(
            route=TRIAL,
            route_title=TRIAL,
            ends=(TRIAL, TRIAL),
            stretch=None,
            road=None,
            place=None,
            area=False,
            kind=None,
            cargo=TRIAL,
            level=Level.UNKNOWN,
            before=Level.UNKNOWN,
            certainty=Certainty.CONFIRMED,
            occurred_at=None,
            date_precision="day",
            reported_at=now,
            exercise=True,
            reason=Reason.BY_HAND,
        ),
        targets=frozenset({trial.target_of(contact_id)}),
        incident_ids=frozenset(),
        created_by=f"key:{insider.key_id}",
    )
