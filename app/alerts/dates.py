"""When it happened, was heard of and was told, as a language says it. Pure."""

from datetime import datetime

from app.alerts.alert import AlertFacts
from app.alerts.texts import Texts
from app.alerts.voice import Forms, Voice

_TO_THE_MINUTE = "instant"
_TO_THE_DAY = ("instant", "day")


def when(facts: AlertFacts, voice: Voice) -> Forms:
    """Return when it happened, as exactly as it is known; "" when it is not, or is yet to be."""
    if facts.occurred_at is None or facts.starts_at is not None:
        return ("",)
    time = voice.texts.time
    at = facts.occurred_at.astimezone(voice.zone)
    if facts.date_precision == "month":
        return (time["in_month"].format(name=_month(at, voice.texts)),)
    if facts.date_precision == "week":
        return (time["in_week"].format(date=date(at, voice.texts)),)
    day = time["on_day"].format(date=date(at, voice.texts))
    if facts.date_precision != _TO_THE_MINUTE:
        return (day,)
    moment = {"date": date(at, voice.texts), "time": clock(at, voice.texts)}
    return (time["at"].format(**moment), time["at_short"].format(**moment), day)


def from_day(starts_at: datetime | None, texts: Texts) -> str:
    """Return from which day on it holds, as said there: " à partir du 15/09"; "": not announced."""
    if starts_at is None:
        return ""
    pattern = texts.time.get("from_day", texts.time["on_day"])
    return pattern.format(date=date(starts_at, texts))


def date(at: datetime, texts: Texts) -> str:
    """Return the day of a local instant as the language writes it."""
    first = texts.time.get("first") if at.day == 1 else None
    pattern = first or texts.time["date"]
    return pattern.format(day=at.day, month=at.month, name=_month(at, texts))


def clock(at: datetime, texts: Texts) -> str:
    """Return the time of a local instant as the language writes it."""
    pattern = texts.time["clock"] if at.minute else texts.time["full_hour"]
    return pattern.format(hour=at.hour, minute=at.minute)


def age_of(facts: AlertFacts, voice: Voice) -> Forms:
    """Return when it was last heard of; on the day that it happened, at what time."""
    if facts.reported_at is None:
        return ("",)
    slots, texts = voice.texts.slots, voice.texts
    heard = facts.reported_at.astimezone(voice.zone)
    day, time = date(heard, texts), clock(heard, texts)
    happened = facts.occurred_at if facts.starts_at is None else None
    if happened is not None and facts.date_precision in _TO_THE_DAY:
        happened = happened.astimezone(voice.zone)
        if happened.date() == heard.date():
            return (slots["age_same_day"].format(time=time), "")
    return (slots["age"].format(date=day, time=time), slots["age_day"].format(date=day), "")


def told_when(facts: AlertFacts, voice: Voice) -> Forms:
    """Return when that was told which is answered, and of a reminder how old its news is."""
    if facts.told_at is None:
        return ("",)
    slots, texts = voice.texts.slots, voice.texts
    at = facts.told_at.astimezone(voice.zone)
    day = date(at, texts)
    forms = (
        slots["told"].format(date=day, time=clock(at, texts)),
        slots["told_day"].format(date=day),
    )
    if facts.hours_old is None:
        return (*forms, "")
    # a reminder that does not say how old its news is would be read as news
    old = slots["old"].format(hours=facts.hours_old)
    return (*(f"{form}{old}" for form in forms), old)


def _month(at: datetime, texts: Texts) -> str:
    return texts.months[at.month - 1]
