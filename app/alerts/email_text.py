"""An e-mail as subject, text and HTML from the templates of a language. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from app.alerts.alert import ENDS, AlertFacts, AlertType, Message, Reason
from app.alerts.beside import disputed, held
from app.alerts.dates import clock, date
from app.alerts.fitting import fill
from app.alerts.templates import Language
from app.alerts.texts import Texts
from app.alerts.titles import without_remarks
from app.alerts.voice import Voice
from app.alerts.whereabouts import place_label, where_at
from app.alerts.wording import slots_of, span
from app.core.levels import Level
from app.core.own_link import own_link
from app.core.text import tied

#: Bar colours; white on each of them has a contrast of at least 4.5 (WCAG 2.2, 1.4.3).
_COLOURS: Mapping[Level, str] = MappingProxyType(
    {
        Level.SEVERE: "#8b1a1a",
        Level.HIGH: "#a84300",
        Level.MODERATE: "#7a5c00",
        Level.UNKNOWN: "#555555",
        Level.LOW: "#1e6b3a",
    }
)
_GOOD_NEWS = "#1e6b3a"
#: What a template may print of an event.
_ROWS = ("event", "place", "when", "vehicles", "fatalities", "abducted", "reported")


def write_email(
    facts: AlertFacts,
    alert_type: AlertType,
    *,
    language: str,
    words: Language,
    voice: Voice,
    public_url: str | None,
    others: Sequence[tuple[AlertFacts, AlertType]],
) -> Message:
    """Return the e-mail of an alert; everything from outside is escaped in its HTML."""
    statement = words.texts.statement(alert_type, facts.reason)
    ends = alert_type in ENDS
    forms_of = slots_of(facts, voice, note_apart=ends)
    slots = {name: forms[0] for name, forms in forms_of.items()}
    good = alert_type is AlertType.ALL_CLEAR
    page = {
        "language": words.texts.language,
        "colour": _GOOD_NEWS if good else _COLOURS[facts.level],
        "headline": _sentence(fill(statement.headline, slots)),
        "because": _sentence(fill(statement.because, slots)),
        "advice": slots["advice"],
        "tip": slots["tip"].strip(),
        "ends": ends,
        "certainty": words.texts.certainty[facts.certainty].sentence
        + disputed(facts, words.texts)
        + held(facts, voice)[0],
        "level": slots["name"],
        "level_before": None if facts.reason is Reason.STANDS else slots["before_name"],
        "cargo": slots["cargo"],
        "route": without_remarks(facts.route_title),
        "stretch": slots["where"],
        "road": facts.road,
        "alternative": without_remarks(facts.alternative) if facts.alternative else None,
        "alternative_unheard": facts.alternative_unheard,
        "alternative_level": words.texts.levels[facts.way_level].name if facts.way_level else None,
        "lost": without_remarks(facts.lost) if facts.lost else None,
        "note": facts.note if slots["note"] else None,
        "exercise": words.texts.exercise if facts.exercise else None,
        "others": [_other(*one, beside=_told(slots), words=words, voice=voice) for one in others],
        "link": f"{public_url.rstrip('/')}/routes/{quote(facts.route)}" if public_url else None,
        "acknowledge": own_link(public_url) if public_url and not ends else None,
    } | _happened(facts, voice, slots, false=alert_type is AlertType.WITHDRAWAL)
    # What else is said at a lower level has no room in a subject.
    cargo = forms_of["cargo"][1 if facts.also else 0]
    subject = fill(statement.subject, slots | {"cargo": cargo})
    return Message(
        channel="email",
        language=language,
        subject=subject,
        text=tied(words.email_text.render(page)),
        html=tied(words.email_html.render(page)),
        segments=0,
    )


def _place(facts: AlertFacts, texts: Texts) -> str:
    """Return the place, and how far from it, where that is known."""
    if facts.place_km is None:
        return place_label(facts, texts)
    return where_at(facts.place or "", texts, area=facts.area, km=facts.place_km)[0].strip()


def _told(slots: Mapping[str, str]) -> str:
    """Return what happened, where and when, in one sentence."""
    return _sentence(f"{slots['event']}{slots['place']}{slots['when']}.")


def _other(
    facts: AlertFacts, alert_type: AlertType, *, beside: str, words: Language, voice: Voice
) -> dict[str, str]:
    """Return what else an e-mail says, in short; what is told `beside` it is not told again."""
    ends = alert_type in ENDS
    slots = {name: forms[0] for name, forms in slots_of(facts, voice, note_apart=ends).items()}
    statement = words.texts.statement(alert_type, facts.reason)
    told = _told(slots)
    return {
        "headline": _sentence(fill(statement.headline, slots)),
        "route": without_remarks(facts.route_title),
        "event": "" if ends or told == beside else told,
        "certainty": "" if ends else words.texts.certainty[facts.certainty].sentence,
        "advice": slots["advice"],
        "exercise": words.texts.exercise if facts.exercise else "",
    }


def _happened(
    facts: AlertFacts, voice: Voice, slots: Mapping[str, str], *, false: bool
) -> dict[str, Any]:
    """Return what happened, as rows of what is known; none of what is said to be `false`.

    Whoever only looks through a mail that takes an alert back would read it there as a fact.
    """
    if false:
        return dict.fromkeys(_ROWS, "")
    event = {
        "event": _sentence(slots["event"]),
        "place": _place(facts, voice.texts),
        "when": slots["when"].strip(),
    }
    return event | _figures(facts, voice)


def _figures(facts: AlertFacts, voice: Voice) -> dict[str, Any]:
    figures: dict[str, Any] = {
        name: span(*figure, voice.texts) if figure else None
        for name, figure in (
            ("vehicles", facts.vehicles),
            ("fatalities", facts.fatalities),
            ("abducted", facts.abducted),
        )
    }
    figures["reported"] = None
    if facts.reported_at is not None:
        heard = facts.reported_at.astimezone(voice.zone)
        figures["reported"] = f"{date(heard, voice.texts)} {clock(heard, voice.texts)}"
    return figures


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
