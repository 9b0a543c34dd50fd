"""Answers to inbound messages: one SMS each, and always how old the news is. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from app.alerts.alert import Certainty, Stretch
from app.alerts.dates import from_day
from app.alerts.fitting import fit
from app.alerts.reply_texts import ReplyTexts
from app.alerts.sms_text import to_gsm7
from app.alerts.templates import Templates
from app.alerts.texts import Texts
from app.alerts.whereabouts import said_in, where_at
from app.core.levels import Level
from app.roads.places import Shape
from app.subscribers.understood import Action, Choice, Missing, Reading

#: What is given up first when an answer is too long; a name that comes again, a further step.
_SHORTEN = (
    "between", "advice", "advice", "cargo", "event", "other", "between", "where", "place", "at",
    "choices", "advice", "where", "event", "said", "at", "place", "where", "said", "at", "place",
)  # fmt: skip
#: Letters of a word said back, of a place name in a choice, of all places together.
_SAID = (40, 20, 10)
_NAME, _WHERE = 24, (60, 40, 24)
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
#: Up to two days an age is said in hours.
_IN_HOURS = 2 * _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """The last that is known of a road for a cargo.

    Attributes:
        reported_at: When it was heard.
        by_day: Only its day may be told: its hour would tell when a convoy passed.
        start: It is of the road from there to the town that was asked for.
        via: The town that tells this way from the other one that joins the same ends.
        other: That other way: its town, and its level.
        cargoes: Those for which it is that bad, where it is less for others and none was asked for.
        closed: The road is closed there.
        stretch: Between which towns of the road; None: that is all that was asked for.
        certainty: How sure it is; None: of nothing in particular.
        starts_at: From when it holds, where it was announced: in the zone of those who read it.
    """

    level: Level
    kind: str | None
    reported_at: datetime
    by_day: bool = False
    start: str | None = None
    via: str | None = None
    other: tuple[str, Level] | None = None
    cargoes: tuple[str, ...] = ()
    closed: bool = False
    stretch: Stretch | None = None
    certainty: Certainty | None = None
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer, and the choices that it offers by number: those a number may be taken for."""

    text: str
    choices: tuple[Choice, ...] = ()


def write_reply(
    reading: Reading,
    language: str,
    templates: Templates,
    *,
    now: datetime,
    news: News | None = None,
    worded: str | None = None,
) -> Reply:
    """Return the answer to a message, in one SMS of the GSM alphabet.

    Args:
        reading: What was understood. A number that was chosen is answered as what it stands for:
            the caller, who keeps the question, puts that in its place first.
        language: Of the answer; French where there is no wording in it.
        templates: See `load_templates`.
        now: The age of news is counted from it.
        news: What is known of the road that was asked for; None: nothing.
        worded: The wording, where it is not what is always said: why it was not done.
    """
    words = templates.language(reading.language or language)
    writer = _Writer(words.texts, words.replies)
    if worded is not None:
        return Reply(text=writer.plain(worded))
    return writer.reply(reading, now=now, news=news)


class _Writer:
    """Writes in one language."""

    def __init__(self, texts: Texts, replies: ReplyTexts) -> None:
        self._texts, self._words = texts, replies

    def reply(self, reading: Reading, *, now: datetime, news: News | None) -> Reply:
        if reading.missing:
            return self._asking(reading)
        if reading.in_need:
            return Reply(
                text=self.plain("in_need" if "in_need" in self._words.replies else "unclear")
            )
        if reading.action in {Action.ASK_STATE, Action.ASK_ROUTE}:
            return Reply(text=self._state(reading, now=now, news=news))
        return self._for_now(reading) or Reply(text=self._done(reading))

    def plain(self, key: str) -> str:
        """Return a wording that speaks of nothing but itself."""
        return self._fit(key, {})

    def _done(self, reading: Reading) -> str:
        key = {
            Action.REPORT: "report_noted",
            Action.SAFE_TRANSIT: "transit_noted",
            Action.UNCLEAR: "denial_noted",
            Action.ACKNOWLEDGE: "acknowledged",
            Action.SUBSCRIBE: "subscribe_noted",
            Action.STOP: "stopped",
            Action.START: "started",
            Action.HELP: "help",
            Action.CHOICE: "choice_stray",
            Action.LANGUAGE: "language_set",
        }[reading.action]
        if reading.action is Action.REPORT and reading.said and "report_but" in self._words.replies:
            key = "report_but"
        if reading.moved_from is not None and "report_moved" in self._words.replies:
            key = "report_moved"
        return self._fit(
            key,
            {
                "event": self._events(reading),
                "place": ("",) if reading.beside else self._at(reading),
                "where": self._where(reading),
                "cargo": self._cargo(reading.cargoes),
                "before": self._before(reading),
                "said": tuple((reading.said or "")[:most] for most in _SAID),
            },
        )

    def _for_now(self, reading: Reading) -> Reply | None:
        """Return for what a report was taken, and what else it may be; None: it is not asked."""
        if not (reading.for_now and "report_which" in self._words.replies):
            return None
        slots = {"event": self._events(reading), "place": self._at(reading)}
        text = self._offering("report_which", reading, reading.choices, slots)
        return Reply(text=text, choices=reading.choices) if text else None

    def _state(self, reading: Reading, *, now: datetime, news: News | None) -> str:
        where = self._where(reading, self._via(news.via) if news else "")
        if news and news.start:
            where = tuple(f"{news.start} - {name}" for name in where)
        spoken_of = reading.cargoes or (news.cargoes if news else ())
        slots = {"where": where, "cargo": self._cargo(spoken_of)}
        if news is None:
            return self._fit("state_unknown", slots)
        level = self._texts.levels[news.level]
        slots |= {
            "level": (level.name,),
            "between": self._between(news.stretch),
            "event": self._what(news),
            "age": (self._age_of(news, now),),
            "other": (self._other(news), ""),
            "advice": (*level.advise(closed=news.closed), ""),
        }
        return self._fit("state", slots)

    def _between(self, stretch: Stretch | None) -> tuple[str, ...]:
        """Return where on the road it lies: somebody on it may be past it, or drive into it."""
        if stretch is None:
            return ("",)
        start, end = (town[:_NAME] for town in stretch)
        return (self._texts.slots["between"].format(start=start, end=end), f" {start}-{end}", "")

    def _what(self, news: News) -> tuple[str, ...]:
        """Return what happened, and how sure that is."""
        if not news.kind:
            return ("",)
        pattern = self._words.slots["event"]
        event = f"{self._event(news.kind)}{from_day(news.starts_at, self._texts)}"
        short = pattern.format(event=event)
        if news.certainty is None:
            return (short, "")
        certain = self._texts.certainty[news.certainty].name
        return (pattern.format(event=f"{event}, {certain}"), short, "")

    def _asking(self, reading: Reading) -> Reply:
        each = self._offering("place_each", reading, reading.choices) if reading.each else None
        if each is not None:
            return Reply(text=each, choices=reading.choices)
        key = self._choosing(reading)
        choices = tuple(choice for choice in reading.choices if self._has_words_for(choice))
        for shown in range(len(choices), 0, -1):
            offered = choices[:shown]
            text = self._offering(key, reading, offered)
            if text is not None:
                return Reply(text=text, choices=offered)
        said = reading.said or ""
        example = self._words.examples.get(reading.action.value, "")
        slots = {"said": tuple(said[:most] for most in _SAID), "example": (example,)}
        open_key = "unclear"
        if reading.missing is Missing.PLACE and example:
            open_key = "place_unknown" if reading.said else "place_missing"
        return Reply(text=self._fit(open_key, slots))

    def _choosing(self, reading: Reading) -> str:
        return {
            Missing.LANGUAGE: "language_which",
            Missing.KIND: "report_what",
            Missing.MEANING: "unclear_which",
            Missing.PLACE: "place_which",
        }[reading.missing or Missing.MEANING]

    def _offering(
        self,
        key: str,
        reading: Reading,
        choices: Sequence[Choice],
        more: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> str | None:
        labels = [self._label(choice, full=True) for choice in choices]
        short = [self._label(choice, full=False) for choice in choices]
        forms = tuple(
            ", ".join(f"{n} {label}" for n, label in enumerate(names, start=1))
            for names in (labels, short)
        )
        return self._fitted(key, {"choices": forms, "at": self._about(reading), **more})

    def _has_words_for(self, choice: Choice) -> bool:
        if choice.ends is not None:
            return "somewhere" in self._words.choices
        return choice.action is not Action.SUBSCRIBE or choice.action.value in self._words.choices

    def _label(self, choice: Choice, *, full: bool) -> str:
        names = self._words.choices
        if choice.language:
            return self._words.languages.get(choice.language, choice.language)
        if choice.action is Action.REPORT:
            if choice.kind is None:
                return names["report_any"]
            return names["report"].format(event=self._event(choice.kind))
        if choice.action is not None:
            return names[choice.action.value]
        return self._spot(choice, full=full)

    def _spot(self, choice: Choice, *, full: bool) -> str:
        if choice.ends is not None:
            return self._words.choices["somewhere"]
        if choice.kind:
            at = where_at(choice.place or "", self._texts, area=False, km=None)
            return self._event(choice.kind) + "".join(at[:1])
        name = (choice.place or "")[: None if full else _NAME]
        return f"{name} ({choice.area})" if full and choice.area else name

    def _event(self, kind: str | None) -> str:
        words = self._texts.kinds.get(kind or "")
        return words.event if words else self._texts.slots["unnamed_event"]

    def _events(self, reading: Reading) -> tuple[str, ...]:
        """Return what happened; of several incidents each with its place, as far as they fit."""
        if not reading.beside:
            starts = reading.when.starts_at if reading.when else None
            return (f"{self._event(reading.kind)}{from_day(starts, self._texts)}",)
        told = (reading, *reading.beside)
        names = [self._event(one.kind) for one in told]
        forms = [self._at(one) for one in told]
        if len(set(names)) == 1:
            each = (names[0] + ",".join(at[which] for at in forms) for which in (0, -1))
            return (*each, names[0])
        return (
            ", ".join(name + at[0] for name, at in zip(names, forms, strict=True)),
            ", ".join(name + at[-1] for name, at in zip(names, forms, strict=True)),
            ", ".join(dict.fromkeys(names)),
            names[0],
        )

    def _at(self, reading: Reading) -> tuple[str, ...]:
        spot = reading.location or next(iter(reading.located), None)
        if spot is None:
            return ("",)
        area, km = spot.shape is Shape.AREA, spot.km_from_place
        names = (spot.label, *(_cut(spot.label, most) for most in _WHERE))
        return tuple(
            form for name in names for form in where_at(name, self._texts, area=area, km=km)
        )

    def _before(self, reading: Reading) -> tuple[str, ...]:
        """Return where it was said before to have been."""
        if reading.moved_from is None:
            return ("",)
        return where_at(reading.moved_from, self._texts, area=False, km=None)

    def _about(self, reading: Reading) -> tuple[str, ...]:
        """Return which places a question is about, so that one misread is seen."""
        if reading.missing is not Missing.MEANING or len(reading.places) < 2:  # noqa: PLR2004
            return (*self._at(reading), "")
        return (*(f" {names}" for names in self._where(reading)), "")

    def _where(self, reading: Reading, via: str = "") -> tuple[str, ...]:
        whole = self._joined(reading)
        return tuple(f"{name}{via}" for name in (whole, *(_cut(whole, most) for most in _WHERE)))

    def _via(self, via: str | None) -> str:
        return self._words.slots["via"].format(via=via[:_NAME]) if via else ""

    def _other(self, news: News) -> str:
        if news.other is None:
            return ""
        via, level = news.other
        name = self._texts.levels[level].name
        return self._words.slots["other"].format(via=via[:_NAME], level=name)

    def _joined(self, reading: Reading) -> str:
        return " - ".join(said_in(self._texts, place) for place in reading.places)

    def _cargo(self, cargoes: Sequence[str]) -> tuple[str, ...]:
        if not cargoes:
            return ("",)
        names = ", ".join(self._texts.cargoes[code][-1] for code in cargoes)
        return (self._words.slots["cargo"].format(cargo=names), "")

    def _age_of(self, news: News, now: datetime) -> str:
        if not news.by_day:
            return self._age(now - news.reported_at)
        days = (now.date() - news.reported_at.date()).days
        ages = self._words.ages
        return ages["days"].format(n=days) if days > 0 else ages["today"]

    def _age(self, age: timedelta) -> str:
        ages = self._words.ages
        if age < _HOUR:
            return ages["minutes"].format(n=max(1, int(age.total_seconds() // 60)))
        if age < _IN_HOURS:
            return ages["hours"].format(n=age // _HOUR)
        return ages["days"].format(n=age // _DAY)

    def _fit(self, key: str, slots: Mapping[str, Sequence[str]]) -> str:
        text = self._fitted(key, slots)
        if text is None:
            raise ValueError(f"the answer `{key}` does not fit one SMS whatever is left out of it")
        return text

    def _fitted(self, key: str, slots: Mapping[str, Sequence[str]]) -> str | None:
        forms = {name: tuple(map(to_gsm7, texts)) for name, texts in slots.items()}
        forms["brand"] = (self._texts.brand,)
        return fit(to_gsm7(self._words.replies[key]), forms, _SHORTEN, at_most=1)


def _cut(name: str, most: int) -> str:
    """Return `name` up to its last whole word within `most` letters."""
    if len(name) <= most:
        return name
    cut = name[:most].rpartition(" ")[0].rstrip(" -,")
    return cut or name[:most]
