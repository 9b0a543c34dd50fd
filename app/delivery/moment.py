"""When a person is told: at once, or later in one message with the rest. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from app.alerts.alert import ENDS, AlertType, Reason
from app.alerts.remind import ReminderPolicy
from app.core.errors import ConfigError
from app.core.levels import Level

_DAY = timedelta(days=1)
#: An end that was told so long ago is no longer what people go by.
END_WITHIN = timedelta(days=1)
_MOST_A_DAY = 100
_OFF = "off"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KEYS = (
    "messages_per_day",
    "kept_for_severe",
    "kept_for_high",
    "morning",
    "weekly_on",
    "remind_after_hours",
    "remind_most",
)
_MOST_HOURS = 24 * 14

#: What a person reads or hears: a message on any of them is one of his day. One who has several
#: addresses is still one person, and what two of them say at once is told once; what goes to a
#: machine is none.
COUNTED = ("sms", "email", "whatsapp", "voice")

#: Said again of what was told before: about the same incident, no new danger.
_AGAIN = frozenset(
    {
        Reason.CONFIRMED,
        Reason.NOT_CONFIRMED,
        Reason.FELL,
        Reason.PARTLY_OVER,
        Reason.REASSESSED,
        Reason.NO_FRESH_NEWS,
    }
)
#: These answer what was told: whoever waits for one is told it although it is over by now.
ANSWERS = _AGAIN
#: What was told was wrong: whoever goes by it must know.
_PUTS_RIGHT = frozenset({Reason.CORRECTED, Reason.NOT_OVER})
#: More where a road was told to be `severe`: who reads it knows already not to go there. Another
#: stretch is not among them: who waits for one danger to pass, in a town behind it, may set off
#: tonight on the part that was quiet until now.
_MORE = frozenset({Reason.FURTHER_INCIDENT, Reason.GRAVER})


class Haste(IntEnum):
    """How far a statement may be held up.

    `at_once`: not at all, however much was said. `again`: more of a `severe` danger where it was
    told; it wakes people, but keeps to the limit. To whom that never reached (it was answered
    before it left, say) it is the first word of it, and is told at once. `news`: all else.
    """

    AT_ONCE = 0
    AGAIN = 1
    NEWS = 2


class Tell(IntEnum):
    """How often a subscription wants to hear of what is below `severe`."""

    IMMEDIATELY = 0
    DAILY = 1
    WEEKLY = 2


class Why(StrEnum):
    """Why somebody was not told at once; kept with the delivery."""

    MUTED = "muted"
    DAILY = "daily"
    WEEKLY = "weekly"
    QUIET_HOURS = "quiet_hours"
    LIMIT = "limit"
    #: The organisation's money runs short, see `delivery.budget`.
    BUDGET = "budget"
    #: Part of a message of which something was overtaken before it left; the rest is put anew.
    REWRITTEN = "rewritten"
    #: It was said before he asked for the road, and holds.
    NEWCOMER = "newcomer"


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentPolicy:
    """What `config/policy/moment.toml` may set.

    Attributes:
        per_day: Messages to one contact in his local day, the same one on several channels counted
            once; None: no limit.
        kept_for_severe: How many of them what may wait leaves to what may not.
        kept_for_high: How many more what is below `high`, or only answers, leaves alone.
        morning: Local time at which what waited for the next day is told.
        weekly_on: Of the weekly digest, Monday is 0.
        zone: Of contacts that name none.
        remind: Whoever was told that a road is `severe` is told again that it still is; None: not.
    """

    per_day: int | None
    kept_for_severe: int
    kept_for_high: int
    morning: time
    weekly_on: int
    zone: ZoneInfo
    remind: ReminderPolicy | None = None

    def allowance(self, level: Level, *, answers: bool) -> int:
        """Return how many messages of the day there may be before one of `level` waits.

        What only answers or eases what was told (`answers`) leaves as much room as what is less
        dangerous: who reads it does nothing else than before. A `severe` danger confirmed does not.
        """
        if self.per_day is None:
            return _MOST_A_DAY
        may_wait = level.rank < (Level.SEVERE if answers else Level.HIGH).rank
        kept = self.kept_for_severe + (self.kept_for_high if may_wait else 0)
        return max(self.per_day - kept, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The clock of a contact; quiet from one local time to another, over midnight or not."""

    zone: ZoneInfo
    quiet_from: time | None = None
    quiet_until: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What an instant is to a contact.

    Attributes:
        day_began_at: His local midnight.
        quiet_until: When the quiet hours that are now end; None: they are not.
        morning_at: When next he is told what was too much for a day.
        weekly_at: When next he is told of the week.
    """

    day_began_at: datetime
    quiet_until: datetime | None
    morning_at: datetime
    weekly_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Until when somebody is not told, and why."""

    until: datetime
    why: Why


def haste_of(
    level: Level, before: Level, kind: AlertType, reason: Reason, *, after_end: bool = False
) -> Haste:
    """Return how far a statement may be held up.

    Whoever was just told that a road's danger was over or false sets off by it: what makes it
    dangerous again is told as a correction would be.

    Args:
        level: What is said.
        before: What was said before.
        kind: What it does to its chain.
        reason: Why it is said.
        after_end: The end of another danger of the road was told within the day, to this contact.
    """
    again = after_end and level.rank >= Level.HIGH.rank
    if kind in ENDS or again or reason in _PUTS_RIGHT:
        return Haste.AT_ONCE
    if level is not Level.SEVERE or reason is Reason.STILL_SEVERE:
        return Haste.NEWS
    known = before is Level.SEVERE and reason in _AGAIN | _MORE
    return Haste.AGAIN if known else Haste.AT_ONCE


def moment_of(hours: Hours, *, policy: MomentPolicy, now: datetime) -> Moment:
    """Return what `now` is to a contact with these hours."""
    here = now.astimezone(hours.zone)
    morning = _next(hours.zone, here.date(), policy.morning, now)
    weekly = morning
    while weekly.astimezone(hours.zone).weekday() != policy.weekly_on:
        weekly = _next(hours.zone, weekly.astimezone(hours.zone).date(), policy.morning, weekly)
    return Moment(
        day_began_at=_instant(hours.zone, here.date(), time.min),
        quiet_until=_quiet_until(hours, here, now),
        morning_at=morning,
        weekly_at=weekly,
    )


def next_day(moment: Moment) -> datetime:
    """Return a morning on which the day's messages are counted anew."""
    morning = moment.morning_at
    return morning if morning - moment.day_began_at >= _DAY else morning + _DAY


def decide(
    haste: Haste,
    moment: Moment,
    *,
    tell: Tell,
    muted_until: datetime | None,
    said_today: int,
    allowance: int,
) -> Wait | None:
    """Return how long a message waits, and why; None: it is told at once.

    Fan-out decides the same for everybody in one statement, see `delivery.outbox.moments`.

    Args:
        haste: Of the most urgent thing that it says.
        moment: What now is to the contact.
        tell: How often he wants to hear of it.
        muted_until: He, or his organisation, wants no news of it until then.
        said_today: What he was told on his local day, on whichever channels, urgent or not.
        allowance: Of these before this one waits.
    """
    if haste is Haste.AT_ONCE:
        return None
    wait = None
    if haste is Haste.NEWS:
        wait = _wanted_later(moment, tell=tell, muted_until=muted_until)
    if wait is None and said_today >= allowance:
        wait = Wait(until=next_day(moment), why=Why.LIMIT)
    return wait


def _wanted_later(moment: Moment, *, tell: Tell, muted_until: datetime | None) -> Wait | None:
    if muted_until is not None:
        return Wait(until=muted_until, why=Why.MUTED)
    if tell is Tell.DAILY:
        return Wait(until=moment.morning_at, why=Why.DAILY)
    if tell is Tell.WEEKLY:
        return Wait(until=moment.weekly_at, why=Why.WEEKLY)
    if moment.quiet_until is not None:
        return Wait(until=moment.quiet_until, why=Why.QUIET_HOURS)
    return None


def _quiet_until(hours: Hours, here: datetime, now: datetime) -> datetime | None:
    start, end = hours.quiet_from, hours.quiet_until
    if start is None or end is None or start == end:
        return None
    clock = here.time()
    quiet = start <= clock < end if start < end else clock >= start or clock < end
    return _next(hours.zone, here.date(), end, now) if quiet else None


def _next(zone: ZoneInfo, day: date, clock: time, now: datetime) -> datetime:
    """Return the first instant after `now` at which the clock of `zone` shows `clock`."""
    at = _instant(zone, day, clock)
    return at if at > now else _instant(zone, day + _DAY, clock)


def _instant(zone: ZoneInfo, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def parse(table: Mapping[str, Any], *, zone: ZoneInfo, file: str) -> MomentPolicy:
    """Return the policy of a parsed TOML `table`.

    Raises:
        ConfigError: Something is missing, unknown or out of range; says `file` and key.
    """
    if wrong := sorted(set(table) ^ set(_KEYS)):
        state = "is not known" if wrong[0] in table else "is missing"
        raise ConfigError(f"{file}: `{wrong[0]}` {state}; keys are {', '.join(_KEYS)}")
    per_day = table["messages_per_day"]
    if per_day != _OFF:
        per_day = _number(table, "messages_per_day", 1, _MOST_A_DAY, file)
    if (weekday := table["weekly_on"]) not in _WEEKDAYS:
        raise ConfigError(f"{file}: `weekly_on` must be one of {', '.join(_WEEKDAYS)}")
    return MomentPolicy(
        per_day=None if per_day == _OFF else per_day,
        kept_for_severe=_number(table, "kept_for_severe", 0, _MOST_A_DAY, file),
        kept_for_high=_number(table, "kept_for_high", 0, _MOST_A_DAY, file),
        morning=_clock(table["morning"], f"{file}: `morning`"),
        weekly_on=_WEEKDAYS.index(weekday),
        zone=zone,
        remind=_reminders(table, file),
    )


def _reminders(table: Mapping[str, Any], file: str) -> ReminderPolicy | None:
    if table["remind_after_hours"] == _OFF:
        return None
    hours = _number(table, "remind_after_hours", 1, _MOST_HOURS, file)
    most = _number(table, "remind_most", 1, _MOST_A_DAY, file)
    return ReminderPolicy(after=timedelta(hours=hours), most=most)


def _number(table: Mapping[str, Any], key: str, low: int, high: int, file: str) -> int:
    value = table[key]
    if type(value) is not int or not low <= value <= high:
        raise ConfigError(f"{file}: `{key}` must be a whole number from {low} to {high}")
    return value


def _clock(value: Any, where: str) -> time:
    try:
        return datetime.strptime(value, "%H:%M").replace(tzinfo=UTC).time()
    except (TypeError, ValueError) as error:
        raise ConfigError(f'{where} must be a time such as "06:30", not {value!r}') from error
