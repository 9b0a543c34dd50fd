"""What a message that came in changes: each action goes through the flow that the API uses."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.alerts.replies import News
from app.audit import store as audit
from app.core.errors import DomainError
from app.core.text import de
from app.delivery.outbox.answering import newest_alert_to
from app.flows import report_incident
from app.flows.context import Context
from app.flows.messages.as_believed import keep_forced, news_told
from app.flows.messages.inbound_subscribe import subscribe_phone
from app.flows.messages.join_by_sms import leave_by_sms
from app.flows.reports.filing import Filing, ReportOutcome, check_and_locate
from app.flows.reports.reports_by import filed_by_phone
from app.flows.sending import acknowledge
from app.flows.sending.tell_newcomers import tell_newcomers
from app.incidents.filed import FiledReport
from app.incidents.openings import REOPENED, Opening
from app.incidents.report import Basis, Family
from app.incidents.sabotaged import SABOTAGE, what_was_sabotaged
from app.roads.places import Location
from app.subscribers.contact import ContactChannel
from app.subscribers.conversation import Outcome
from app.subscribers.store import addresses, senders, unwanted, wishes
from app.subscribers.store.forced import Forced
from app.subscribers.store.senders import Known
from app.subscribers.understood import Action, Courtesy, Reading, When

_TRANSIT = "safe_transit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """A message that is to be acted on.

    Attributes:
        id: Of the message here; `key` is the provider's, by which a report counts once.
        text: As it came, without a word of duress.
        forced: Who may be forced to write: nothing that is said raises or calms anything by itself.
        phone_index: Of the phone, the same on every channel.
        numbers: Its index on each channel that a phone has; it wrote on `channel`.
        kept: The message will be; not so one among too many.
        answered_at: When the phone was last answered; None: not lately.
    """

    id: str
    key: str
    text: str
    phone_index: str
    numbers: Mapping[ContactChannel, str]
    channel: ContactChannel
    known: Known
    forced: Forced | None
    context: Context
    now: datetime
    answered_at: datetime | None = None
    kept: bool = True

    @property
    def actor(self) -> str:
        """Return who changes something, for the audit."""
        return f"inbound:{self.id}"

    @property
    def filed_by(self) -> str:
        """Return under what reports of the phone are filed: always the same, naming nobody."""
        reporter = self.known.reporter
        if reporter is not None and reporter.key_id is not None:
            return reporter.key_id
        return filed_by_phone(self.phone_index, self.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What came of it.

    Attributes:
        worded: The wording of the answer, where it is not what is always said: why it was not done.
        silent: Nothing changed, and saying so again would only be another message.
        news: Of the road that was asked for.
    """

    outcome: Outcome
    worded: str | None = None
    silent: bool = False
    news: News | None = None
    report: ReportOutcome | None = None
    alert_id: str | None = None

    @property
    def report_id(self) -> str | None:
        """Return the report that was made."""
        return str(self.report.answer["report"]["id"]) if self.report else None


def act(conn: Connection, reading: Reading, hearing: Hearing) -> Effect:
    """Do what a message asks for; it is clear, and nothing of it has to be asked back."""
    return _ACTS[reading.action](conn, reading, hearing)


def _report(conn: Connection, reading: Reading, hearing: Hearing) -> Effect:
    """File a report. A reporter has seen it; anybody else with a contact's phone was told.

    Neither counts as known before moderators have confirmed reports of his.
    """
    context, now = hearing.context, hearing.now
    location = reading.location
    if location is None:
        return Effect(outcome=Outcome.REFUSED, worded="unclear")
    known = hearing.known.reporter is not None
    when = reading.when or When(now, "instant")
    opening, sabotage = _opening(reading, hearing), reading.kind == SABOTAGE
    filing = Filing(
        filed=FiledReport(
            kind=reading.kind or _TRANSIT,
            occurred_at=when.at,
            reported_at=now,
            date_precision=when.precision,
            starts_at=_starts_at(reading, context),
            place=_said(location),
            summary=_kept(opening, reading, hearing) if opening else _moved(reading, location),
            target=what_was_sabotaged(_words(reading, hearing)) if sabotage else None,
            cargo=", ".join(opening.to if opening else reading.cargoes) or None,
            source_type="reporter" if known else "driver",
            basis=Basis.FIRSTHAND if known else Basis.RELAYED,
            language=reading.tongue,
            for_now=reading.for_now,
        ),
        key_id=hearing.filed_by,
        trusted=False,
        body_hash=hashlib.sha256(hearing.key.encode()).hexdigest(),
        idempotency_key=hearing.key,
        keep_unplaced=True,
    )
    try:
        check_and_locate(filing, context=context, now=now)
    except DomainError:
        return Effect(outcome=Outcome.REFUSED, worded="unclear")
    if hearing.forced is None:
        outcome = report_incident.report_incident(conn, filing, location, context=context, now=now)
    else:
        outcome = keep_forced(conn, filing, location, hearing.forced, context=context, now=now)
    return Effect(outcome=Outcome.DONE, report=outcome)


def _starts_at(reading: Reading, context: Context) -> datetime | None:
    """Return from when what is announced is to hold; of no other kind does a day to come matter."""
    kind = context.config.kinds.find(reading.kind or _TRANSIT)
    announced = kind is not None and kind.family in (Family.CLOSURE, Family.POSITIVE)
    return reading.when.starts_at if reading.when and announced else None


def _opening(reading: Reading, hearing: Hearing) -> Opening | None:
    """Return to whom a road is said to be open again, in the message or in the one that it answers.

    What is said of a cargo and not understood, a slip put right, opens the road to nobody.
    """
    if reading.kind != REOPENED:
        return None
    opening = hearing.context.config.incidents.answering.openings.read(_words(reading, hearing))
    if {*reading.cargoes} <= {*opening.to, *opening.shut}:
        return opening
    return replace(opening, in_part=opening.in_part or "?")


def _words(reading: Reading, hearing: Hearing) -> str:
    return "\n".join(filter(None, (reading.asked_of, hearing.text)))


def _kept(opening: Opening, reading: Reading, hearing: Hearing) -> str:
    """Return the words of an opening that are kept: to whom it is none, and what is called off."""
    incidents = hearing.context.config.incidents
    said = _words(reading, hearing)
    off = incidents.starting.called_off_by(said) if incidents.starting else None
    return "; ".join(filter(None, (incidents.answering.openings.words_for(opening), off)))


def _moved(reading: Reading, location: Location) -> str:
    """Return the words by which whoever alone told of it takes back where he said that it was."""
    if reading.moved_from is None:
        return ""
    return f"Rectification: {_said(location)} et non {reading.moved_from}"


def _said(location: Location) -> str:
    """Return a place in words, for the desk: how far from a town is part of it."""
    if location.counted and location.km_from_place:
        return f"{location.km_from_place} km {de(location.label)}"
    return location.label


def _ask(conn: Connection, reading: Reading, hearing: Hearing) -> Effect:
    news = news_told(
        conn,
        reading,
        hearing.filed_by,
        hearing.forced,
        context=hearing.context,
        now=hearing.now,
    )
    return Effect(outcome=Outcome.ANSWERED, news=news)


def _acknowledge(conn: Connection, reading: Reading, hearing: Hearing) -> Effect:
    """Take note of the last message that the phone was sent, for everybody who has the phone.

    Thanks behind an answer of ours are for that. They are not answered, which costs; an OK is, for
    whoever gives it wants to know that it counts: to a test message it counts for that alone, and
    is said to, for whoever was told of a danger before it may believe that he has answered.
    """
    since = hearing.now - hearing.context.config.inbound.acknowledge_within
    silent = reading.courtesy is Courtesy.THANKS
    if silent and hearing.answered_at is not None:
        since = max(since, hearing.answered_at)
    contacts = [one.id for one in hearing.known.contacts]
    found = newest_alert_to(conn, contacts, channel=hearing.channel, since=since)
    if found is None:
        return Effect(outcome=Outcome.NOTHING, silent=silent)
    alert_id, is_trial = found
    if hearing.forced is None:  # whoever is forced to answer has not answered
        acknowledge.by_reply(conn, alert_id, contacts, actor=hearing.actor, now=hearing.now)
    worded = "trial_noted" if is_trial else None
    return Effect(outcome=Outcome.DONE, worded=worded, alert_id=alert_id, silent=silent)


def _subscribe(conn: Connection, reading: Reading, hearing: Hearing) -> Effect:
    refused = subscribe_phone(
        conn,
        reading,
        hearing.known,
        actor=hearing.actor,
        context=hearing.context,
        now=hearing.now,
    )
    return Effect(outcome=Outcome.REFUSED if refused else Outcome.DONE, worded=refused)


def _language(conn: Connection, reading: Reading, hearing: Hearing) -> Effect:
    language = reading.language or hearing.context.config.subscribers.default_language
    senders.set_language(conn, hearing.known, language)
    _audit(conn, "contact.changed", hearing, fields=["language"])
    return Effect(outcome=Outcome.DONE)


def _stop(conn: Connection, _reading: Reading, hearing: Hearing) -> Effect:
    """Write nothing more to this phone, on no channel, whichever organisation would, or will.

    Whoever adds it later finds out when he writes to it, see `opt_out`. That of a stranger is
    remembered as well: he may have been somebody's contact, and a STOP that is remembered tells
    nobody that he was. Only strangers whose messages are not even kept leave nothing behind.
    """
    changed = sum(
        addresses.mark_opted_out(conn, channel=channel, blind_index=index, now=hearing.now)
        for channel, index in hearing.numbers.items()
    )
    leave_by_sms(conn, hearing.phone_index, actor=hearing.actor, now=hearing.now)
    known = hearing.kept or hearing.known.contacts or wishes.wrote(conn, hearing.phone_index)
    if known:
        for index in hearing.numbers.values():
            unwanted.remember(conn, index, now=hearing.now)
    if changed:
        _audit(conn, "contact.opted_out", hearing, channel=hearing.channel.value)
    return Effect(outcome=Outcome.DONE if changed else Outcome.NOTHING, silent=not changed)


def _start(conn: Connection, _reading: Reading, hearing: Hearing) -> Effect:
    """Write to this phone again, on every channel, whoever has it as a contact."""
    changed = unwanted.forget(conn, hearing.numbers.values())
    for channel, index in hearing.numbers.items():
        changed |= bool(
            addresses.mark_restarted(conn, channel=channel, blind_index=index, now=hearing.now)
        )
    if changed:
        _audit(conn, "contact.restarted", hearing, channel=hearing.channel.value)
        whom = [one.id for one in hearing.known.contacts]
        tell_newcomers(conn, whom, context=hearing.context, now=hearing.now)
    return Effect(outcome=Outcome.DONE if changed else Outcome.NOTHING)


def _help(_conn: Connection, _reading: Reading, _hearing: Hearing) -> Effect:
    return Effect(outcome=Outcome.ANSWERED)


def _stray(_conn: Connection, _reading: Reading, _hearing: Hearing) -> Effect:
    return Effect(outcome=Outcome.NOTHING)


_ACTS: Mapping[Action, Callable[[Connection, Reading, Hearing], Effect]] = {
    Action.REPORT: _report,
    Action.SAFE_TRANSIT: _report,
    Action.ASK_STATE: _ask,
    Action.ASK_ROUTE: _ask,
    Action.ACKNOWLEDGE: _acknowledge,
    Action.SUBSCRIBE: _subscribe,
    Action.LANGUAGE: _language,
    Action.STOP: _stop,
    Action.START: _start,
    Action.HELP: _help,
    Action.CHOICE: _stray,
    Action.UNCLEAR: _stray,
}


def _audit(conn: Connection, action: str, hearing: Hearing, **detail: object) -> None:
    for one in hearing.known.contacts:
        audit.record(
            conn,
            actor=hearing.actor,
            action=action,
            subject_id=one.id,
            organisation_id=one.organisation_id,
            detail=detail,
            now=hearing.now,
        )
