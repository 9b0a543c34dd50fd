"""From facts to the words that fill a statement: each slot in every length it can have. Pure."""

from app.alerts.alert import AlertFacts, Certainty, Reason
from app.alerts.beside import alternative_of, cargo_of, disputed, held, lifted, lost_of
from app.alerts.dates import age_of, from_day, told_when, when
from app.alerts.notes import note_as_event, note_told
from app.alerts.texts import KindWords, Texts
from app.alerts.titles import compact
from app.alerts.voice import Forms, Voice, forms_of
from app.alerts.whereabouts import in_short, place_of, road_of, where


def slots_of(facts: AlertFacts, voice: Voice, *, note_apart: bool) -> dict[str, Forms]:
    """Return every slot that a statement may name (`texts.SLOTS`), in all its forms.

    A moderator's note without a kind is itself what happened, unless `note_apart`: an end says
    what is over, and the note beside it.
    """
    note_is_event = bool(facts.note) and facts.kind not in voice.texts.kinds and not note_apart
    texts = voice.texts
    level, before = texts.levels[texts.level_said(facts)], texts.levels[facts.before]
    certainty = texts.certainty[facts.certainty]
    kind = texts.kinds.get(facts.kind or "")
    never = facts.certainty is Certainty.UNCONFIRMED
    return {
        "brand": (texts.exercise if facts.exercise else texts.brand,),
        "mark": (texts.exercise_mark if facts.exercise else texts.mark,),
        "level": (level.sms,),
        "name": (level.name,),
        "before": (texts.slots["before"].format(level=before.name), ""),
        "before_name": (before.name,),
        "cargo": cargo_of(facts, texts),
        "where": where(facts, voice),
        "road": road_of(facts, voice),
        "route": (compact(facts.route_title),),
        "event": note_as_event(facts.note or "", texts)
        if note_is_event
        else event_of(facts, voice),
        "place": (*place_of(facts, voice), ""),
        "when": when(facts, voice),
        "certainty": ("",) if _is_quiet(facts) else _certainty(facts, texts),
        "certain": (certainty.name,),
        "never": (texts.slots["never_confirmed"] if never else "",),
        "age": age_of(facts, voice),
        "advice": _advice(facts, voice),
        "tip": (*forms_of(kind.tip if kind else ""), ""),
        "alternative": alternative_of(facts, texts),
        "told": told_when(facts, voice),
        "told_event": _told_event(facts, texts),
        "false": _false(facts, voice),
        "evidence": _evidence(facts, voice),
        "held": held(facts, voice),
        "lifted": lifted(facts, voice),
        "lost": lost_of(facts, texts),
        "lost_level": (texts.levels[facts.lost_level or facts.level].sms,),
        "note": ("",) if note_is_event else note_told(facts.note or "", texts),
    }


def _advice(facts: AlertFacts, voice: Voice) -> Forms:
    """Return what to do; nobody is sent by day onto a road of which another stretch is closed."""
    level = voice.texts.levels[facts.level]
    advice = level.advise(closed=facts.closed)
    if facts.closed_at is None or not level.closed:
        return advice  # "do not leave" is said already
    stretch = in_short(facts.closed_at, voice)
    named = (form.format(where=stretch) for form in voice.texts.closed_at)
    return (*named, *advice[-2:])  # no more steps to a short text than there were


def event_of(facts: AlertFacts, voice: Voice) -> Forms:
    """Return what happened, with its figure first if there is one; announced, from which day on."""
    texts = voice.texts
    kind = texts.kinds.get(facts.kind or "")
    if kind is None:
        told = texts.kinds.get(facts.told_kind or "")
        unended = told.unended if told and not facts.lifted_kind else ""
        quiet = unended or texts.slots["nothing_new"]
        return (quiet if _is_quiet(facts) else texts.slots["unnamed_event"],)
    counted = _counted(kind, facts, texts)
    since = from_day(facts.starts_at and facts.starts_at.astimezone(voice.zone), texts)
    return tuple(f"{form}{since}" for form in (counted, kind.event) if form)


def _certainty(facts: AlertFacts, texts: Texts) -> Forms:
    said, other = texts.certainty[facts.certainty].sms, disputed(facts, texts)
    return (said + other, said) if other else (said,)


def _is_quiet(facts: AlertFacts) -> bool:
    """Return whether a danger has eased and there is no event to speak of: by time, by its end."""
    known = facts.kind or facts.occurred_at or facts.certainty is Certainty.UNCONFIRMED
    return facts.reason in (Reason.FELL, Reason.PARTLY_OVER) and not known


def span(low: int, high: int, texts: Texts) -> str:
    """Return "40" or "20-130", or as the language says that aloud."""
    if low == high:
        return str(low)
    return texts.time.get("span", "{low}-{high}").format(low=low, high=high)


def _counted(kind: KindWords, facts: AlertFacts, texts: Texts) -> str:
    figures = {
        "vehicles": facts.vehicles,
        "fatalities": facts.fatalities,
        "abducted": facts.abducted,
        None: None,
    }
    figure = figures[kind.count]
    if figure is None or figure[1] < 1:
        return ""
    low, high = max(figure[0], 1), figure[1]
    return kind.one if high == 1 else kind.many.format(n=span(low, high, texts))


def _told_event(facts: AlertFacts, texts: Texts) -> Forms:
    kind = texts.kinds.get(facts.told_kind or "")
    return (texts.slots["told_event"].format(event=kind.event), "") if kind else ("",)


def _false(facts: AlertFacts, voice: Voice) -> Forms:
    """Return which alert was false: by what it told or by its hour, for there may be more that day.

    "The alert of the 10th was false" is read as all that was told on the 10th.
    """
    told, event = told_when(facts, voice), _told_event(facts, voice.texts)[0]
    forms = (*(f"{one}{event}" for one in told), *(one for one in told if one))
    return tuple(dict.fromkeys(forms))


def _evidence(facts: AlertFacts, voice: Voice) -> Forms:
    """Return what ended a danger: the good news itself, or what is over."""
    texts = voice.texts
    kind = texts.kinds.get(facts.kind or "")
    if kind is None:
        return (texts.slots["over_plain"],)
    events, moments = event_of(facts, voice), when(facts, voice)
    place = next(iter(place_of(facts, voice)), "")
    full = f"{events[0]}{place}{moments[0]}"
    forms = (full, f"{events[-1]}{place}{moments[-1]}", f"{events[-1]}{moments[-1]}")
    if kind.good:
        return tuple(f"{form[:1].upper()}{form[1:]}." for form in forms)
    return (*(texts.slots["over"].format(event=form) for form in forms), texts.slots["over_plain"])
