"""A message comes in by SMS or WhatsApp: it is read, acted on once, and answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.alerts.replies import Reply, write_reply
from app.core.ids import new_id
from app.delivery.outbox import notices
from app.delivery.outbox.spending import Beside
from app.flows import turns
from app.flows.context import Context
from app.flows.messages import forged_numbers
from app.flows.messages.duress import find_forced
from app.flows.messages.inbound_effects import Effect, Hearing, act
from app.flows.messages.inbound_reading import (
    normal_phone,
    read_lately,
    read_message,
    take_duress_out,
    text_index,
)
from app.flows.messages.join_by_sms import Answered, join_by_sms
from app.flows.messages.understand import language_of
from app.flows.money.plan_spending import Purse, Sent, count_beside
from app.subscribers.contact import ContactChannel, phone_indexes
from app.subscribers.conversation import (
    Course,
    Outcome,
    Past,
    Sender,
    asks,
    course_of,
    is_too_much,
    open_question,
)
from app.subscribers.for_person import is_for_person
from app.subscribers.inbound_codec import Said
from app.subscribers.store import inbound as store
from app.subscribers.store import senders
from app.subscribers.store.inbound import Heard
from app.subscribers.store.senders import Known
from app.subscribers.understood import Action, Reading, Standing
from app.subscribers.wording import LONGEST

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as a provider delivers it.

    Attributes:
        message_id: The provider's: the same however often it delivers the message.
        phone: Whom it is from, as the provider writes it.
        answered: The provider has answered it itself, as Twilio does a STOP.
        channel: How it came, and is answered: SMS or WhatsApp.
    """

    provider: str
    message_id: str
    phone: str
    text: str
    answered: bool = False
    channel: ContactChannel = ContactChannel.SMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """On which channels the person on duty is told, and how soon again."""

    channels: Sequence[str] = ()
    remind: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a message; `reply` None: nothing is answered."""

    reply: str | None
    inbound_id: str | None = None
    outcome: Outcome | None = None
    repeated: bool = False
    effect: Effect | None = None


def take_inbound(
    conn: Connection, message: Message, *, context: Context, duty: Duty, now: datetime
) -> Taken:
    """Take a message, in one transaction with everything that follows from it.

    1. One that came before is answered as it was then, and nothing is done.
    2. A phone that writes without end is not listened to; nor do strangers fill the disk.
    3. It is read, in the light of the question that the phone was last asked.
    4. It is acted on, unless a machine or a loop is at the other end; a STOP always is.
    5. Thanks alone are not answered, unless a question is open: it is asked again.
    6. It is kept, sealed, with how it was read and what was answered, which is counted as paid.
    """
    hearing = _hearing(message, context, now)
    turns.for_phone(conn, hearing.phone_index)
    earlier = store.find_answered(conn, message.provider, message.message_id, vault=context.vault)
    if earlier is not None:
        return Taken(reply=earlier[1], inbound_id=earlier[0], repeated=True)
    at = (hearing.channel, hearing.numbers[hearing.channel])
    hearing = replace(hearing, known=senders.find_known(conn, hearing.phone_index, at=at))
    since = now - context.config.inbound.looks_back
    rows = store.list_past(conn, hearing.phone_index, since=since)
    if _unheard(conn, _sender(hearing.known), [one for _, one in rows], context, now):
        return _stopped_unheard(conn, hearing)
    answered = join_by_sms(
        conn, hearing.text, hearing.numbers, actor=hearing.actor, context=context, now=now
    )
    if answered is not None:
        return _joined(conn, hearing, message, answered)
    return _understood(conn, hearing, message, rows, duty)


def _hearing(message: Message, context: Context, now: datetime) -> Hearing:
    """Return what is known of a message before anything is looked up."""
    numbers = phone_indexes(context.vault, normal_phone(message.phone, context))
    return Hearing(
        id=new_id(now),
        key=f"{message.provider}:{message.message_id}",
        text=message.text[:LONGEST].replace("\0", ""),
        phone_index=numbers[ContactChannel.SMS],
        numbers=numbers,
        channel=message.channel,
        known=Known(),
        forced=None,
        context=context,
        now=now,
    )


def _understood(
    conn: Connection,
    hearing: Hearing,
    message: Message,
    rows: Sequence[tuple[str, Past]],
    duty: Duty,
) -> Taken:
    """Read a message after those that the phone wrote before (`rows`), and act: steps 3 to 6."""
    context, now = hearing.context, hearing.now
    policy, past = context.config.inbound, [one for _, one in rows]
    text, worded = take_duress_out(conn, hearing.text, hearing.known, context)
    question = _open_question(conn, rows, context, now)
    lately = read_lately(conn, rows, context, now=now)
    reading, awaited = read_message(text, question, hearing.known, context, now=now, lately=lately)
    forced = find_forced(
        conn, hearing.phone_index, hearing.known, worded=worded, inbound_id=hearing.id, now=now
    )
    hearing = replace(hearing, text=text, forced=forced, answered_at=_answered_at(past))
    course = course_of(
        text,
        text_index(text, context),
        past,
        policy,
        sender=_sender(hearing.known),
        stops=reading.action is Action.STOP,
        lasting=reading.action in (Action.STOP, Action.START),
        awaited=awaited,
        now=now,
    )
    effect = _effect(conn, reading, hearing, course)
    reply = _reply(reading, effect, course, hearing, question)
    if message.answered or not course.reply:
        reply = None
    if worded and course.act:
        _tell_of_duress(conn, hearing, duty)
    _keep(conn, _heard(hearing, message, reading, effect, reply), message, context)
    forged_numbers.tell(
        conn,
        reading.action,
        effect.outcome,
        policy=policy,
        channels=duty.channels,
        remind=duty.remind,
        now=now,
    )
    return Taken(
        reply=reply.text if reply else None,
        inbound_id=hearing.id,
        outcome=effect.outcome,
        effect=effect,
    )


def _open_question(
    conn: Connection, rows: Sequence[tuple[str, Past]], context: Context, now: datetime
) -> Said | None:
    """Return the message that was answered with the question which is still open."""
    at = open_question([one for _, one in rows], context.config.inbound, now=now)
    said = store.find_said(conn, rows[at][0], vault=context.vault) if at is not None else None
    return said if said is not None and asks(said) else None


def _tell_of_duress(conn: Connection, hearing: Hearing, duty: Duty) -> None:
    notices.note(
        conn,
        kind=notices.DURESS,
        about=hearing.actor,
        words="",
        number=1,
        channels=duty.channels,
        remind=duty.remind,
        now=hearing.now,
    )


def _joined(conn: Connection, hearing: Hearing, message: Message, answered: Answered) -> Taken:
    """Keep the answer to an invitation, without the code that was in it."""
    effect = Effect(outcome=Outcome.DONE if answered.done else Outcome.REFUSED)
    reading = Reading(action=Action.ACKNOWLEDGE, reasons=("It answers an invitation.",))
    heard = replace(hearing, text=answered.shown)
    kept = _heard(heard, message, reading, effect, Reply(text=answered.reply))
    _keep(conn, kept, message, hearing.context)
    return Taken(reply=answered.reply, inbound_id=hearing.id, outcome=effect.outcome, effect=effect)


def _sender(known: Known) -> Sender:
    if known.reporter is not None:
        return Sender.REPORTER
    return Sender.CONTACT if known.contacts else Sender.UNKNOWN


def _unheard(
    conn: Connection, sender: Sender, past: Sequence[Past], context: Context, now: datetime
) -> bool:
    """Tell whether a message is not even kept."""
    policy = context.config.inbound
    if sender is not Sender.UNKNOWN:
        return is_too_much(past, policy, now=now)
    lately = sum(now - one.at < _HOUR for one in past)
    if lately >= policy.unknown:
        return True
    return store.count_unknown(conn, since=now - _HOUR) >= policy.unknown_in_all


def _stopped_unheard(conn: Connection, hearing: Hearing) -> Taken:
    """Obey a STOP among what is not kept any more; it does no harm to obey it again."""
    reading, _ = read_message(hearing.text, None, hearing.known, hearing.context, now=hearing.now)
    if reading.action is not Action.STOP:
        return Taken(reply=None, outcome=Outcome.FLOOD)
    effect = act(conn, reading, replace(hearing, kept=False))
    return Taken(reply=None, outcome=effect.outcome, effect=effect)


def _effect(conn: Connection, reading: Reading, hearing: Hearing, course: Course) -> Effect:
    if not course.act:
        return Effect(outcome=course.why or Outcome.UNKNOWN, silent=True)
    if reading.beside:
        turns.alone(conn)  # of several places: two such lists might each wait for the other
    for number, other in enumerate(reading.beside, start=2):
        act(conn, other, replace(hearing, key=f"{hearing.key}#{number}"))
    if reading.missing is not None:
        unclear = reading.action is Action.UNCLEAR and not reading.choices
        return Effect(outcome=Outcome.UNCLEAR if unclear else Outcome.ASKED)
    return act(conn, reading, hearing)


def _answered_at(past: Sequence[Past]) -> datetime | None:
    """Return when the phone was last answered."""
    return max((one.at for one in past if one.replied), default=None)


def _reply(
    reading: Reading, effect: Effect, course: Course, hearing: Hearing, question: Said | None
) -> Reply | None:
    """Return the answer; to thanks instead of one to `question`, that question again.

    Not where nothing waits for it: of what sort a report was is asked once.
    """
    if not course.act:
        return None
    if question is not None and question.reading.for_now:
        question = None
    if reading.courtesy is not None and question is not None and question.reply is not None:
        return Reply(text=question.reply, choices=question.choices)
    if effect.silent:
        return None
    config, known = hearing.context.config, hearing.known
    return write_reply(
        reading,
        language_of(Standing(language=known.language), reading, config),
        config.templates,
        now=hearing.now,
        news=effect.news,
        worded=effect.worded,
    )


def _keep(conn: Connection, heard: Heard, message: Message, context: Context) -> None:
    """Keep a message, and count what its answer costs the organisation whose affair it is."""
    store.add(conn, heard, vault=context.vault)
    if heard.said is None or heard.said.reply is None:
        return
    sent = Sent(
        organisation_id=heard.organisation_id,
        kind=Beside.REPLY,
        channel=message.channel,
        address=heard.phone or "",
        text=heard.said.reply,
    )
    count_beside(conn, Purse.of(context.config), sent, now=heard.at)


def _heard(
    hearing: Hearing, message: Message, reading: Reading, effect: Effect, reply: Reply | None
) -> Heard:
    """Return what is kept of a message."""
    context, known = hearing.context, hearing.known
    said = Said(
        text=hearing.text,
        reading=reading,
        reply=reply.text if reply else None,
        choices=reply.choices if reply else (),
        language=language_of(Standing(language=known.language), reading, context.config),
    )
    return Heard(
        id=hearing.id,
        provider=message.provider,
        message_id=message.message_id,
        at=hearing.now,
        sender=_sender(known),
        organisation_id=known.organisation_id,
        phone_index=hearing.phone_index,
        phone=normal_phone(message.phone, context),
        said=said,
        said_index=text_index(hearing.text, context),
        reply_index=text_index(reply.text, context) if reply else None,
        replied=reply is not None,
        action=reading.action,
        kind=reading.kind,
        outcome=effect.outcome,
        duress=hearing.forced is not None,
        report_id=effect.report_id,
        alert_id=effect.alert_id,
        for_person=is_for_person(reading, effect.outcome, context.config.kinds),
    )
