"""What the next contact of an organisation is told while nobody answers. Pure."""

import html as markup
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from app.alerts.alert import Message
from app.alerts.dates import clock, date
from app.alerts.digest import Said, compose_digest, gathered, in_one_segment, what
from app.alerts.sms_text import segments, to_gsm7
from app.alerts.spoken import write_call
from app.alerts.templates import Templates
from app.alerts.voice import Voice
from app.core.gsm7 import EXTENSION

#: Stands for a contact's name, which is not kept with a text; no longer name takes its place.
NAME = "§" * 18
_NOBODY = {"fr": "un contact", "en": "a contact"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """Who did not answer: one contact, whose name stands for itself, or so many."""

    number: int
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A text as it is kept."""

    subject: str | None
    text: str
    html: str | None
    language: str = "fr"


def compose_escalation(
    said: Sequence[Said],
    unanswered: Unanswered,
    *,
    channel: str,
    language: str,
    templates: Templates,
    zone: tzinfo,
    now: datetime,
    public_url: str | None,
    can_answer: bool,
) -> Message:
    """Return the message to the next contact: who has not answered, and then what of.

    An SMS is always one segment of GSM-7, with room for the longest name; the danger is named as in
    a message that says several, and "answer OK" is said where the number can and it fits. A call
    says the danger as any call does.

    Args:
        said: What holds now, at least one.
        unanswered: Who was told, and when.
        channel: "sms", "email" or "voice".
        language: French is used where there is no wording in it.
        templates: See `load_templates`.
        zone: Of the times in the text.
        now: When it is told.
        public_url: Where the e-mail links to; None: no link.
        can_answer: An answer from the contact's number reaches us.
    """
    words = templates.language(language)
    texts = words.aloud.of(words.texts) if channel == "voice" else words.texts
    voice = Voice(texts=texts, short_names=templates.short_names, zone=zone)
    opening = _opening(unanswered, voice, now)
    ordered = gathered(said)
    if channel == "sms":
        text = in_one_segment(ordered, voice, opening=opening)
        answering = to_gsm7(f"{text} {texts.escalation['answer']}")
        if can_answer and segments(answering) == 1:
            text = answering
        return Message(
            channel=channel, language=language, subject=None, text=text, html=None, segments=1
        )
    if channel == "voice":
        call = write_call(said, language=language, templates=templates, zone=zone)
        return replace(call, text=f"{opening} {call.text}")
    message = compose_digest(
        said,
        channel=channel,
        language=language,
        templates=templates,
        zone=zone,
        public_url=public_url,
    )
    mark = texts.exercise_mark if ordered[0].facts.exercise else texts.mark
    subject = texts.escalation["subject"].format(what=what(ordered[0], texts))
    return replace(
        message, subject=f"{mark} {subject}", text=f"{opening}\n\n{message.text}", html=None
    )


def with_name(written: Written, name: str | None) -> Written:
    """Return a text with the contact's name in it, as far as there is room; None: he is gone."""
    plain = "".join(char for char in to_gsm7(name or "") if char not in EXTENSION)
    short = " ".join(plain.split())[: len(NAME)].strip() or _NOBODY[written.language]
    return replace(
        written,
        text=written.text.replace(NAME, short),
        html=written.html and written.html.replace(NAME, markup.escape(short)),
    )


def _opening(unanswered: Unanswered, voice: Voice, now: datetime) -> str:
    texts = voice.texts
    there, today = unanswered.told_at.astimezone(voice.zone), now.astimezone(voice.zone)
    at = clock(there, texts)
    if there.date() != today.date():
        at = f"{date(there, texts)} {at}"
    if unanswered.number == 1:
        return texts.escalation["not_answered"].format(who=NAME, at=at)
    return texts.escalation["nobody_answered"].format(n=unanswered.number, at=at)
