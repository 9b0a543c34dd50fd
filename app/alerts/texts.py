"""The words of one language: config/templates/<language>/texts.toml, checked to the last slot."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from app.alerts.alert import AlertFacts, AlertType, Certainty, Reason
from app.alerts.table import Table
from app.core.levels import Level

#: Reasons for which something is said, each with a wording of its own.
STATEMENTS = (
    Reason.FIRST,
    Reason.ROSE,
    Reason.FELL,
    Reason.PARTLY_OVER,
    Reason.CONFIRMED,
    Reason.CORRECTED,
    Reason.NOT_OVER,
    Reason.OTHER_STRETCH,
    Reason.GRAVER,
    Reason.FURTHER_INCIDENT,
    Reason.WAY_LOST,
    Reason.NOT_CONFIRMED,
    Reason.NO_FRESH_NEWS,
    Reason.STILL_SEVERE,
    Reason.REASSESSED,
    Reason.RESOLVED,
    Reason.REFUTED,
    Reason.BY_HAND,
    Reason.STANDS,
)
#: Without a wording it is said as what a moderator wrote, and what stands as what is told first.
_MAY_LACK = frozenset({Reason.PARTLY_OVER, Reason.WAY_LOST, Reason.STANDS})
#: What is said of how bad the route is, wherever that is.
_OF_THE_ROUTE = frozenset({Reason.ROSE, Reason.FELL, Reason.PARTLY_OVER, Reason.NOT_OVER})
#: What a statement may be made of; see `wording.slots_of`.
SLOTS = frozenset(
    {
        "advice",
        "age",
        "alternative",
        "before",
        "before_name",
        "brand",
        "cargo",
        "certain",
        "certainty",
        "event",
        "evidence",
        "false",
        "held",
        "level",
        "lifted",
        "lost",
        "lost_level",
        "mark",
        "name",
        "never",
        "note",
        "place",
        "road",
        "route",
        "tip",
        "told",
        "told_event",
        "when",
        "where",
    }
)

#: Wordings of single slots, with the fields each may use.
_SLOT_FIELDS: Mapping[str, frozenset[str]] = {
    "before": frozenset({"level"}),
    "road": frozenset({"road"}),
    "route": frozenset({"ends"}),
    "road_and_route": frozenset({"road", "ends"}),
    "at_place": frozenset({"place"}),
    "near_place": frozenset({"place", "de"}),
    "aside_place": frozenset({"km", "place", "de"}),
    "in_area": frozenset({"place"}),
    "between": frozenset({"start", "end"}),
    "age_same_day": frozenset({"time"}),
    "age_day": frozenset({"date"}),
    "age": frozenset({"date", "time"}),
    "alternative": frozenset({"alternative"}),
    "alternative_via": frozenset({"via"}),
    "alternative_unheard": frozenset({"alternative"}),
    "alternative_via_unheard": frozenset({"via"}),
    "told": frozenset({"date", "time"}),
    "told_day": frozenset({"date"}),
    "told_event": frozenset({"event"}),
    "old": frozenset({"hours"}),
    "over": frozenset({"event"}),
    "over_plain": frozenset(),
    "never_confirmed": frozenset(),
    "disputed": frozenset({"event"}),
    "held": frozenset({"event", "certain"}),
    "held_short": frozenset({"event"}),
    "unnamed_event": frozenset(),
    "nothing_new": frozenset(),
    "cargo_all": frozenset(),
    "cargo_more": frozenset({"cargo"}),
    "cargo_also": frozenset({"also"}),
    "cargo_at": frozenset({"cargoes", "level"}),
    "note": frozenset({"note"}),
    "elsewhere": frozenset({"items"}),
    "item": frozenset({"level", "cargo"}),
    "item_unconfirmed": frozenset({"level", "cargo"}),
    "item_unknown": frozenset({"cargo"}),
    "item_end": frozenset({"cargo"}),
    "item_withdrawn": frozenset({"cargo"}),
}
#: Likewise; where they are missing, what they would say is not said.
_OPTIONAL_SLOTS: Mapping[str, frozenset[str]] = {
    "alternative_at": frozenset({"alternative", "level"}),
    "alternative_via_at": frozenset({"via", "level"}),
    "lost": frozenset({"alternative"}),
    "lost_via": frozenset({"via"}),
    "lost_too": frozenset({"alternative"}),
    "lost_too_via": frozenset({"via"}),
    "elsewhere_apart": frozenset({"items"}),
    "and_more": frozenset({"n"}),
    "and_more_at": frozenset({"n", "link"}),
}
#: Wordings of what the next contact of an organisation is told when nobody answers.
_ESCALATION_FIELDS: Mapping[str, frozenset[str]] = {
    "not_answered": frozenset({"who", "at"}),
    "nobody_answered": frozenset({"n", "at"}),
    "answer": frozenset(),
    "subject": frozenset({"what"}),
}
_DATE_FIELDS = frozenset({"day", "month", "name"})
_TIME_FIELDS: Mapping[str, frozenset[str]] = {
    "date": _DATE_FIELDS,
    "clock": frozenset({"hour", "minute"}),
    "full_hour": frozenset({"hour"}),
    "on_day": frozenset({"date"}),
    "at": frozenset({"date", "time"}),
    "at_short": frozenset({"date", "time"}),
    "in_week": frozenset({"date"}),
    "in_month": frozenset({"name"}),
}
#: Without it the day is told as that of what happened.
_OPTIONAL_TIME: Mapping[str, frozenset[str]] = {"from_day": frozenset({"date"})}
_FIGURES = ("vehicles", "fatalities", "abducted")
_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelWords:
    """A level as an SMS cries it and as a sentence names it; advice, longest first.

    `closed`: advice where the road is closed; the other one where there is none.
    """

    sms: str
    name: str
    advice: tuple[str, ...]
    closed: tuple[str, ...] = ()

    def advise(self, *, closed: bool) -> tuple[str, ...]:
        """Return what to do, longest first."""
        return self.closed if closed and self.closed else self.advice


@dataclass(frozen=True, slots=True, kw_only=True)
class CertaintyWords:
    """A certainty in an SMS, in a subject, in a full sentence."""

    sms: str
    name: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindWords:
    """What happened, in a few words.

    Attributes:
        count: The figure that `{n}` of `many` stands for; None: no figure is told.
        tip: Advice for this kind alone, or "".
        good: It answers a danger.
        unended: What is said where time alone has passed since; "": that nothing new was reported.
    """

    event: str
    count: str | None
    one: str
    many: str
    tip: str
    good: bool
    unended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementWords:
    """One reason for saying something, in each form; `{slots}` are filled by `wording`."""

    sms: str
    subject: str
    headline: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """All words of one language.

    Attributes:
        shorten: Slots in the order in which a long SMS gives them up, one step each time.
        closed_at: Advice where another stretch of the route is closed, longest first; empty: that
            stretch is not named.
        lifted: What has ended while a road has other dangers; "": that is not told.
        worse_at: Where the road is worse than where the words are about, longest first; empty: its
            level is said there, too, and what holds it.
        areas: Prefixes of area labels and how this language says them.
    """

    language: str
    brand: str
    exercise: str
    mark: str
    exercise_mark: str
    shorten: tuple[str, ...]
    months: tuple[str, ...]
    time: Mapping[str, str]
    slots: Mapping[str, str]
    escalation: Mapping[str, str]
    areas: Mapping[str, str]
    levels: Mapping[Level, LevelWords]
    certainty: Mapping[Certainty, CertaintyWords]
    cargoes: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, KindWords]
    statements: Mapping[Reason, StatementWords]
    closed_at: tuple[str, ...] = ()
    lifted: str = ""
    worse_at: tuple[str, ...] = ()

    def level_said(self, facts: AlertFacts) -> Level:
        """Return how bad it is where the words are about, if it can be said where it is worse."""
        if facts.here is None or not self.worse_at or facts.reason in _OF_THE_ROUTE:
            return facts.level
        return facts.here

    def statement(self, alert_type: AlertType, reason: Reason | None) -> StatementWords:
        """Return the wording for what is said; ends have one each, whoever decided on them."""
        if reason is Reason.STANDS:
            return self.statements.get(reason, self.statements[Reason.FIRST])
        if alert_type is AlertType.ALL_CLEAR:
            return self.statements[Reason.RESOLVED]
        if alert_type is AlertType.WITHDRAWAL:
            return self.statements[Reason.REFUTED]
        if alert_type is AlertType.ALERT:
            return self.statements[Reason.FIRST]
        return self.statements.get(reason or Reason.BY_HAND, self.statements[Reason.BY_HAND])


def parse_texts(
    table: Mapping[str, Any],
    *,
    file: str,
    kinds: Collection[str] | None,
    cargoes: Collection[str] | None,
) -> Texts:
    """Return the words in a parsed texts.toml.

    Args:
        table: The parsed file.
        file: Its name, for complaints.
        kinds: Codes that must all have a wording; None: those that are there.
        cargoes: Likewise.

    Raises:
        ConfigError: A wording is missing, has an unknown slot, or a letter that no SMS has.
    """
    top = Table(table, file, "")
    slots = top.table("slots")
    time = top.table("time")
    escalation, statements = top.table("escalation"), top.table("statements")
    return Texts(
        language=top.text("language"),
        brand=top.sms("brand"),
        exercise=top.sms("exercise"),
        mark=top.text("mark"),
        exercise_mark=top.text("exercise_mark"),
        shorten=_shorten(top),
        months=_months(time),
        time={
            key: time.pattern(key, fields)
            for key, fields in (*_TIME_FIELDS.items(), *_OPTIONAL_TIME.items())
            if key in time.values or key in _TIME_FIELDS
        },
        lifted=top.pattern("lifted", {"event", "where"}) if "lifted" in top.values else "",
        worse_at=top.patterns("worse_at", {"level", "event", "where"})
        if "worse_at" in top.values
        else (),
        closed_at=top.patterns("closed_at", {"where"}) if "closed_at" in top.values else (),
        slots={
            key: slots.pattern(key, fields) if key in slots.values or key in _SLOT_FIELDS else ""
            for key, fields in (*_SLOT_FIELDS.items(), *_OPTIONAL_SLOTS.items())
        },
        escalation={
            key: escalation.pattern(key, fields) for key, fields in _ESCALATION_FIELDS.items()
        },
        areas=_areas(top.table("areas")),
        levels={level: _level(top.table("levels").table(level.value)) for level in Level},
        certainty={word: _certainty(top.table("certainty").table(word)) for word in Certainty},
        cargoes=_cargoes(top.table("cargoes"), cargoes),
        kinds=_kinds(top.table("kinds"), kinds),
        statements={
            reason: _statement(statements.table(reason.value))
            for reason in STATEMENTS
            if reason.value in statements.values or reason not in _MAY_LACK
        },
    )


def _shorten(top: Table) -> tuple[str, ...]:
    order = top.texts("shorten")
    if unknown := set(order) - SLOTS:
        raise top.wrong("shorten", f"names the unknown slot {min(unknown)}")
    return order


def _months(time: Table) -> tuple[str, ...]:
    months = time.texts("months")
    if len(months) != _MONTHS:
        raise time.wrong("months", f"must be {_MONTHS} names, not {len(months)}")
    return months


def _areas(table: Table) -> Mapping[str, str]:
    return {prefix: table.pattern(prefix, {"name"}) for prefix in table.values}


def _level(table: Table) -> LevelWords:
    return LevelWords(
        sms=table.sms("sms"),
        name=table.sms("name"),
        advice=table.sms_texts("advice"),
        closed=table.sms_texts("closed") if "closed" in table.values else (),
    )


def _certainty(table: Table) -> CertaintyWords:
    return CertaintyWords(
        sms=table.sms("sms"), name=table.text("name"), sentence=table.text("sentence")
    )


def _cargoes(table: Table, wanted: Collection[str] | None) -> Mapping[str, tuple[str, ...]]:
    codes = table.values if wanted is None else wanted
    return {code: table.sms_texts(code) for code in codes}


def _kinds(table: Table, wanted: Collection[str] | None) -> Mapping[str, KindWords]:
    codes = table.values if wanted is None else wanted
    return {code: _kind(table.table(code), code) for code in codes}


def _kind(table: Table, code: str) -> KindWords:
    table.refuse_others({entry.name for entry in fields(KindWords)})
    count, good = table.values.get("count"), table.values.get("good", False)
    if count is not None and count not in _FIGURES:
        raise table.wrong("count", f"of {code} must be one of {', '.join(_FIGURES)}")
    if not isinstance(good, bool):
        raise table.wrong("good", "must be true or false")
    return KindWords(
        event=table.sms("event"),
        count=count,
        one=table.pattern("one", ()) if count else "",
        many=table.pattern("many", {"n"}) if count else "",
        tip=table.sms("tip") if "tip" in table.values else "",
        good=good,
        unended=table.sms("unended") if "unended" in table.values else "",
    )


def _statement(table: Table) -> StatementWords:
    sms = table.pattern("sms", SLOTS)
    for slot in ("brand", "cargo", "where"):
        if f"{{{slot}}}" not in sms:
            raise table.wrong("sms", f"must say {{{slot}}}")
    return StatementWords(
        sms=sms,
        subject=table.pattern("subject", SLOTS, sms=False),
        headline=table.pattern("headline", SLOTS, sms=False),
        because=table.pattern("because", SLOTS, sms=False),
    )
