"""From facts to the words that fill a statement: each slot in every length it can have. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from app.alerts.alert import AlertFacts, Certainty, Reason, Stretch
from app.alerts.notes import note_as_event, note_told
from app.alerts.texts import KindWords, Texts
from app.alerts.titles import compact
from app.core.text import de
from app.roads.areas import division_name
from app.roads.placing import ends_of

#: Forms of one slot, fullest first; "" where the slot can be left out.
Forms = tuple[str, ...]

_TO_THE_MINUTE = "instant"
_TO_THE_DAY = ("instant", "day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who speaks: a language, the place names of the road, the clock on the wall."""

    texts: Texts
    short_names: Mapping[str, str]
    zone: tzinfo


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
        "road": _road(facts, voice),
        "route": (compact(facts.route_title),),
        "event": note_as_event(facts.note or "", texts)
        if note_is_event
        else event_of(facts, voice),
        "place": (*_place(facts, voice), ""),
        "when": when(facts, voice),
        "certainty": ("",) if _is_quiet(facts) else _certainty(facts, texts),
        "certain": (certainty.name,),
        "never": (texts.slots["never_confirmed"] if never else "",),
        "age": _age(facts, voice),
        "advice": _advice(facts, voice),
        "tip": (*_forms(kind.tip if kind else ""), ""),
        "alternative": _alternative(facts, texts),
        "told": _told(facts, voice),
        "told_event": _told_event(facts, texts),
        "false": _false(facts, voice),
        "evidence": _evidence(facts, voice),
        "held": _held(facts, voice),
        "lifted": _lifted(facts, voice),
        "note": ("",) if note_is_event else note_told(facts.note or "", texts),
    }


def _advice(facts: AlertFacts, voice: Voice) -> Forms:
    """Return what to do; nobody is sent by day onto a road of which another stretch is closed."""
    level = voice.texts.levels[facts.level]
    advice = level.advise(closed=facts.closed)
    if facts.closed_at is None or not level.closed:
        return advice  # "do not leave" is said already
    stretch = _short(facts.closed_at, voice)
    named = (form.format(where=stretch) for form in voice.texts.closed_at)
    return (*named, *advice[-2:])  # no more steps to a short text than there were


def where(facts: AlertFacts, voice: Voice) -> Forms:
    """Return between which towns: in full, and with the short names of the road."""
    start, end = facts.stretch or facts.ends
    full = _join(start, end)
    short = _short((start, end), voice)
    return (full,) if short == full else (full, short)


def event_of(facts: AlertFacts, voice: Voice) -> Forms:
    """Return what happened, with its figure first if there is one; announced, from which day on."""
    texts = voice.texts
    kind = texts.kinds.get(facts.kind or "")
    if kind is None:
        told = texts.kinds.get(facts.told_kind or "")
        quiet = told.unended if told and told.unended else texts.slots["nothing_new"]
        return (quiet if _is_quiet(facts) else texts.slots["unnamed_event"],)
    counted = _counted(kind, facts, texts)
    since = from_day(facts.starts_at and facts.starts_at.astimezone(voice.zone), texts)
    return tuple(f"{form}{since}" for form in (counted, kind.event) if form)


def cargo_of(facts: AlertFacts, texts: Texts) -> Forms:
    """Return which cargo it is about, with the others of which the same is said."""
    own = texts.cargoes.get(facts.cargo, (facts.cargo,))
    alike = own
    if facts.with_cargoes:
        codes = {facts.cargo, *facts.with_cargoes}
        names = ", ".join(words[-1] for code, words in texts.cargoes.items() if code in codes)
        whole = codes == set(texts.cargoes)
        full = texts.slots["cargo_all"] if whole else names
        alike = (full,) if whole else (full, texts.slots["cargo_more"].format(cargo=own[-1]))
    if not facts.also:
        return alike
    lower: dict[str, list[str]] = {}
    for code, level in facts.also:
        words = texts.cargoes.get(code, (code,))
        lower.setdefault(texts.levels[level].name, []).append(words[-1])
    also = ", ".join(
        texts.slots["cargo_at"].format(cargoes=", ".join(names), level=level)
        for level, names in lower.items()
    )
    return (alike[0] + texts.slots["cargo_also"].format(also=also), *alike)


def disputed(facts: AlertFacts, texts: Texts) -> str:
    """Return that others say the opposite, and what; "" where nobody does."""
    kind = texts.kinds.get(facts.disputed or "")
    return texts.slots["disputed"].format(event=kind.event) if kind else ""


def held(facts: AlertFacts, voice: Voice) -> str:
    """Return what the level is due to, where the words are about something less; else ""."""
    return _held(facts, voice)[0]


def _held(facts: AlertFacts, voice: Voice) -> Forms:
    texts = voice.texts
    kind = texts.kinds.get(facts.held_kind or "")
    event = kind.event if kind is not None else ""
    if texts.level_said(facts) is not facts.level:
        where, level = _short(facts.held_at or facts.ends, voice), texts.levels[facts.level].name
        said = (one.format(level=level, event=event, where=where) for one in texts.worse_at)
        return (*(tuple(said) if event else tuple(said)[-1:]), "")
    if not event or facts.held_certainty is None:
        return ("",)
    if facts.held_at is not None:
        event = f"{event}, {_short(facts.held_at, voice)}"
    certain = texts.certainty[facts.held_certainty].name
    full = texts.slots["held"].format(event=event, certain=certain)
    return (full, texts.slots["held_short"].format(event=event), "")


def _lifted(facts: AlertFacts, voice: Voice) -> Forms:
    """Return what has ended, and where: whoever waits there may go by it."""
    now = (facts.lifted_kind or "", *(facts.lifted_at or ("", "")))
    said = [
        voice.texts.lifted.format(
            event=voice.texts.kinds[kind].event,
            where=f" {_short((start, end), voice)}" if start else "",
        )
        for kind, start, end in dict.fromkeys((now, *facts.lifted_too))
        if kind in voice.texts.kinds
    ]
    return tuple("".join(said[:most]) for most in range(len(said), 0, -1)) or ("",)


def _certainty(facts: AlertFacts, texts: Texts) -> Forms:
    said, other = texts.certainty[facts.certainty].sms, disputed(facts, texts)
    return (said + other, said) if other else (said,)


def _is_quiet(facts: AlertFacts) -> bool:
    """Return whether a danger has eased by time alone: there is no event to speak of."""
    known = facts.kind or facts.occurred_at or facts.certainty is Certainty.UNCONFIRMED
    return facts.reason is Reason.FELL and not known


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


def span(low: int, high: int, texts: Texts) -> str:
    """Return "40" or "20-130", or as the language says that aloud."""
    if low == high:
        return str(low)
    return texts.time.get("span", "{low}-{high}").format(low=low, high=high)


def place_label(facts: AlertFacts, texts: Texts) -> str:
    """Return the place as this language says it: "région de Kayes" is "Kayes region"."""
    return said_in(texts, facts.place or "")


def said_in(texts: Texts, label: str) -> str:
    """Return what the roads call a place as a language says it."""
    for prefix, said in texts.areas.items():
        if label.startswith(prefix):
            return said.format(name=label.removeprefix(prefix))
    return label


def _short(stretch: Stretch, voice: Voice) -> str:
    """Return a stretch with the short names of its towns."""
    return _join(*(voice.short_names.get(end, end) for end in stretch))


def _join(start: str, end: str) -> str:
    if start == end:
        return start
    separator = " - " if "-" in start + end else "-"
    return f"{start}{separator}{end}"


def _road(facts: AlertFacts, voice: Voice) -> Forms:
    slots, names = voice.texts.slots, voice.short_names
    road = _forms(slots["road"].format(road=facts.road) if facts.road else "")
    if facts.stretch is None or set(facts.stretch) == set(facts.ends):
        return (*road, "")
    ends = _join(*(names.get(end, end) for end in facts.ends))
    if facts.road:
        return (slots["road_and_route"].format(road=facts.road, ends=ends), *road, "")
    return (slots["route"].format(ends=ends), "")


def _place(facts: AlertFacts, voice: Voice) -> Forms:
    label = facts.place or ""
    if facts.stretch and ends_of(label) in {facts.stretch, facts.stretch[::-1]}:
        return ()  # said once is enough
    return where_at(label, voice.texts, area=facts.area, km=facts.place_km)


def where_at(label: str, texts: Texts, *, area: bool, km: int | None) -> Forms:
    """Return where it was, longest first: " à Kayes", " près d'Ansongo", " entre Kayes et Diéma".

    Args:
        label: Of a location: a place, a stretch of road or an area.
        texts: Of the language.
        area: Whether it is an area.
        km: How far from the place, 0: near it, None: in it.
    """
    slots, said = texts.slots, said_in(texts, label)
    if not label:
        return ()
    if area:
        bare = division_name(label)  # shorter; without any of it the whole route would be meant
        return tuple(slots["in_area"].format(place=one) for one in dict.fromkeys((said, bare)))
    if ends := ends_of(label):
        return (slots["between"].format(start=ends[0], end=ends[1]),)
    if km is None:
        return (slots["at_place"].format(place=label),)
    near = slots["near_place"].format(place=label, de=de(label))
    far = slots["aside_place"].format(km=km, place=label, de=de(label))
    return (far, near) if km else (near,)


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


def _age(facts: AlertFacts, voice: Voice) -> Forms:
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


def _alternative(facts: AlertFacts, texts: Texts) -> Forms:
    """Return the other road; between ends already named, the towns it goes through say enough.

    Where nobody has news of it, every form says so.
    """
    if not facts.alternative:
        return ("",)
    unheard = "_unheard" if facts.alternative_unheard else ""
    title = compact(facts.alternative)
    full = texts.slots[f"alternative{unheard}"].format(alternative=title)
    for start, end in filter(None, (facts.ends, facts.stretch)):
        via = title.removeprefix(f"{start}-").removesuffix(f"-{end}")
        if title == f"{start}-{via}-{end}":
            by = texts.slots[f"alternative_via{unheard}"]
            forms = dict.fromkeys((full, by.format(via=via), by.format(via=via.split("-")[0])))
            return (*forms, "")
    return (full, "", "")


def _told(facts: AlertFacts, voice: Voice) -> Forms:
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


def _told_event(facts: AlertFacts, texts: Texts) -> Forms:
    kind = texts.kinds.get(facts.told_kind or "")
    return (texts.slots["told_event"].format(event=kind.event), "") if kind else ("",)


def _false(facts: AlertFacts, voice: Voice) -> Forms:
    """Return which alert was false: by what it told or by its hour, for there may be more that day.

    "The alert of the 10th was false" is read as all that was told on the 10th.
    """
    told, event = _told(facts, voice), _told_event(facts, voice.texts)[0]
    forms = (*(f"{one}{event}" for one in told), *(one for one in told if one))
    return tuple(dict.fromkeys(forms))


def _evidence(facts: AlertFacts, voice: Voice) -> Forms:
    """Return what ended a danger: the good news itself, or what is over."""
    texts = voice.texts
    kind = texts.kinds.get(facts.kind or "")
    if kind is None:
        return (texts.slots["over_plain"],)
    events, moments = event_of(facts, voice), when(facts, voice)
    place = next(iter(_place(facts, voice)), "")
    full = f"{events[0]}{place}{moments[0]}"
    forms = (full, f"{events[-1]}{place}{moments[-1]}", f"{events[-1]}{moments[-1]}")
    if kind.good:
        return tuple(f"{form[:1].upper()}{form[1:]}." for form in forms)
    return (*(texts.slots["over"].format(event=form) for form in forms), texts.slots["over_plain"])


def _month(at: datetime, texts: Texts) -> str:
    return texts.months[at.month - 1]


def _forms(text: str) -> Forms:
    return (text,) if text else ()
