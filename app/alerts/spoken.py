"""An alert in whole sentences, to be read or spoken: no abbreviation, no signs. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from app.alerts.alert import ENDS, AlertFacts, AlertType, Message, Reason
from app.alerts.beside import disputed, held, lost_too
from app.alerts.digest import Said, gathered, some_of
from app.alerts.fitting import fill
from app.alerts.templates import Templates
from app.alerts.texts import Texts
from app.alerts.voice import Voice
from app.alerts.wording import slots_of

#: The reason itself names the event that was told, or there is none.
_TOLD_BEFORE = frozenset(
    {Reason.NOT_CONFIRMED, Reason.NO_FRESH_NEWS, Reason.STILL_SEVERE, Reason.REASSESSED}
)
#: Of how many further roads whoever begins to listen hears in one call.
_MOST_TO_BEGIN_WITH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """What is said of a road, a part each.

    Attributes:
        headline: What holds now, and where.
        happened: What happened, where and when, and what a moderator adds; "" where it is told
            already or nothing has.
        because: Why it is said.
        certainty: How sure it is; "" for an end.
        advice: What to do, and which other road to keep off that was named before.
    """

    headline: str
    happened: str
    because: str
    certainty: str
    advice: str

    @property
    def whole(self) -> str:
        """All of it."""
        parts = (self.headline, self.happened, self.because, self.certainty, self.advice)
        return " ".join(_ended(part) for part in parts if part)


def sentences(
    facts: AlertFacts,
    alert_type: AlertType,
    *,
    language: str,
    templates: Templates,
    zone: tzinfo,
    aloud: bool = False,
) -> Sentences:
    """Return what an alert says in `language`, in sentences; `aloud`: to be heard, not read."""
    words = templates.language(language)
    texts = words.aloud.of(words.texts) if aloud else words.texts
    voice = Voice(texts=texts, short_names=templates.short_names, zone=zone)
    ends = alert_type in ENDS
    slots = {name: forms[0] for name, forms in slots_of(facts, voice, note_apart=ends).items()}
    statement = texts.statement(alert_type, facts.reason)
    headline = _sentence(fill(statement.headline, slots))
    if facts.exercise:
        headline = f"{_ended(texts.exercise)} {headline}"
    certainty = texts.certainty[facts.certainty].sentence
    certainty += disputed(facts, texts) + held(facts, voice)[0]
    return Sentences(
        headline=headline,
        happened=_happened(slots, alert_type, facts.reason),
        because=_sentence(fill(statement.because, slots)),
        certainty="" if ends else certainty,
        advice=f"{slots['advice']}{lost_too(facts, texts)[0]}",
    )


def write_call(
    alerts: Sequence[Said], *, language: str, templates: Templates, zone: tzinfo
) -> Message:
    """Return what a call says of `alerts`: the worst in full, of the others what holds where."""
    first, *others = _all(alerts, language=language, templates=templates, zone=zone, aloud=True)
    left = _left(alerts, others, templates.language(language).texts)
    text = " ".join([first.whole, *(_ended(one.headline) for one in others), *left])
    return Message(
        channel="voice", language=language, subject=None, text=text, html=None, segments=1
    )


def write_whatsapp(
    alerts: Sequence[Said], *, language: str, templates: Templates, zone: tzinfo
) -> Message:
    """Return `alerts` as the variables of a template, a line each, and the kind as the subject.

    What holds and where; what happened, why it is said, and what else is; what to do.
    """
    first, *others = _all(alerts, language=language, templates=templates, zone=zone)
    said = (first.happened, first.because, first.certainty)
    why = " ".join(_ended(one) for one in said if one)
    left = _left(alerts, others, templates.language(language).texts)
    more = " ".join([*(_ended(one.headline) for one in others), *left])
    lines = (_ended(first.headline), f"{why} {more}", _ended(first.advice) if first.advice else "")
    return Message(
        channel="whatsapp",
        language=language,
        subject=gathered(alerts)[0].type.value,
        text="\n".join(" ".join(line.split()) for line in lines),
        html=None,
        segments=1,
    )


def _left(alerts: Sequence[Said], others: Sequence[Sentences], texts: Texts) -> list[str]:
    """Return that there are more than are told, and how many."""
    left = len(gathered(alerts)) - 1 - len(others)
    return [texts.slots["and_more"].format(n=left).strip()] if left else []


def _all(
    alerts: Sequence[Said],
    *,
    language: str,
    templates: Templates,
    zone: tzinfo,
    aloud: bool = False,
) -> list[Sentences]:
    first, *others = gathered(alerts)
    # a copy of the texts without words for how many there are more leaves none out
    counts = templates.language(language).texts.slots["and_more"]
    at_most = _MOST_TO_BEGIN_WITH if counts else len(others)
    return [
        sentences(
            one.facts, one.type, language=language, templates=templates, zone=zone, aloud=aloud
        )
        for one in (first, *some_of(others, at_most))
    ]


def _happened(slots: Mapping[str, str], alert_type: AlertType, reason: Reason | None) -> str:
    """Return what happened: an end says what is over, and what brings no news what it was."""
    if alert_type in ENDS or reason in _TOLD_BEFORE:
        return slots["note"].strip()
    event = _sentence(f"{slots['event']}{slots['place']}{slots['when']}")
    return f"{_ended(event)}{slots['note']}"


def _sentence(words: str) -> str:
    words = words.strip()
    return f"{words[:1].upper()}{words[1:]}"


def _ended(words: str) -> str:
    words = words.strip()
    return words if words.endswith((".", "!", "?", ":")) else f"{words}."
