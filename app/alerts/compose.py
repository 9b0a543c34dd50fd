"""The text of an alert for one channel and language. Pure; never once per recipient."""

from collections.abc import Sequence
from datetime import tzinfo

from app.alerts.alert import ENDS, AlertFacts, AlertType, Message
from app.alerts.email_text import write_email
from app.alerts.fitting import fill, fit
from app.alerts.sms_text import segments, to_gsm7
from app.alerts.templates import ONE_SEGMENT, Templates
from app.alerts.voice import Voice
from app.alerts.wording import slots_of

#: What is given up beyond the order of the wording before an SMS takes a third part.
_LAST_RESORT = (
    "event",
    "evidence",
    "note",
    "place",
    "road",
    "alternative",
    "where",
    "cargo",
    "held",
) * 4

#: What is given up, after that, of a text that reaches its reader in one segment or not at all.
_IN_ONE = ("lifted", "when", "never", "told", "told_event", "false", "before", "age")


def compose(
    facts: AlertFacts,
    alert_type: AlertType,
    *,
    channel: str,
    language: str,
    templates: Templates,
    zone: tzinfo,
    public_url: str | None = None,
    others: Sequence[tuple[AlertFacts, AlertType]] = (),
) -> Message:
    """Return the message that says `facts` on `channel` ("sms", "email") in `language`.

    Args:
        facts: Everything the words are made from.
        alert_type: What the alert does to its chain.
        channel: An SMS has no subject and fits one part where the facts allow, two at most.
        language: French is used where there is no wording in it; "fr-x-1" is French in one segment.
        templates: See `load_templates`.
        zone: Of the times in the text.
        public_url: Where the e-mail links to; None: no link.
        others: What else an e-mail says, see `digest`.

    Raises:
        ValueError: The channel is neither.
    """
    words = templates.language(language)
    voice = Voice(texts=words.texts, short_names=templates.short_names, zone=zone)
    if channel == "email":
        return write_email(
            facts,
            alert_type,
            language=language,
            words=words,
            voice=voice,
            public_url=public_url,
            others=others,
        )
    if channel != "sms":
        raise ValueError(f"no texts are written for channel {channel!r}")
    text = _sms(facts, alert_type, voice, at_most=most_segments(language))
    return Message(
        channel=channel,
        language=language,
        subject=None,
        text=text,
        html=None,
        segments=segments(text),
    )


def most_segments(language: str) -> int:
    """Return how many segments an SMS in `language` may take."""
    return 1 if language.endswith(ONE_SEGMENT) else 2


def _sms(facts: AlertFacts, alert_type: AlertType, voice: Voice, *, at_most: int) -> str:
    pattern = voice.texts.statement(alert_type, facts.reason).sms
    order = voice.texts.shorten
    slots, whole = _slots(facts, alert_type, voice)
    if at_most == 1:
        return _in_one(pattern, whole, slots, order)
    return (
        fit(pattern, whole, order, at_most=1)
        or fit(pattern, whole, order, at_most=at_most)
        or fit(pattern, slots, (*order, *_LAST_RESORT), at_most=at_most)
        or fill(pattern, {name: forms[-1] for name, forms in slots.items()})
    )


def with_more(
    facts: AlertFacts, alert_type: AlertType, voice: Voice, *, more: str, at_most: int
) -> str | None:
    """Return the SMS with `more` behind it, as full as so many segments take; None: too long."""
    pattern = voice.texts.statement(alert_type, facts.reason).sms
    _, whole = _slots(facts, alert_type, voice)
    return fit(f"{pattern}{{more}}", whole | {"more": [more]}, voice.texts.shorten, at_most=at_most)


def _slots(
    facts: AlertFacts, alert_type: AlertType, voice: Voice
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the forms of each slot, and those that are worth a second SMS before the others."""
    forms_of = slots_of(facts, voice, note_apart=alert_type in ENDS)
    slots = {name: [to_gsm7(form) for form in forms] for name, forms in forms_of.items()}
    # A moderator's own words are worth a second SMS before they are shortened.
    return slots, slots | {name: slots[name][:1] for name in ("event", "note") if facts.note}


def _in_one(
    pattern: str,
    whole: dict[str, list[str]],
    slots: dict[str, list[str]],
    order: tuple[str, ...],
) -> str:
    bare = slots | {name: [*slots[name], ""] for name in _IN_ONE}
    return (
        fit(pattern, whole, order, at_most=1)
        or fit(pattern, slots, (*order, *_LAST_RESORT), at_most=1)
        or fit(pattern, bare, (*order, *_LAST_RESORT, *_IN_ONE), at_most=1)
        or fill(pattern, {name: forms[-1] for name, forms in bare.items()})
    )
