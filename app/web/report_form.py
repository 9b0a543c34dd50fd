"""The form for a report as it was filled in, read into what is filed. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.flows.context import Context
from app.incidents.filed import FiledReport
from app.incidents.report import Basis
from app.roads.places import MIDPOINT

NOW, TODAY, YESTERDAY = "now", "today", "yesterday"
WHEN = (NOW, TODAY, YESTERDAY)
#: How somebody on the road knows; the other ways are those of the press and of offices.
BASES = (Basis.FIRSTHAND, Basis.RELAYED)
#: Of what a report is made and how it came, and not what it says.
_UNSAID = frozenset({"heard", "besides", "dated"})
#: What was told this long ago is told of now.
_STILL_NOW = timedelta(minutes=10)
#: Instead of a candidate: none of them, let the desk find out.
NONE_OF_THEM = "none"
#: Instead of a town of a long road: nobody can say where on it.
SOMEWHERE = "somewhere"

# browsers that do not know the fields of a day and a time let anything be typed
_DAY = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
_CLOCK = re.compile(r"(\d{1,2})\s*[:.hH]\s*(\d{2})?|(\d{2})(\d{2})")
_KM = re.compile(r"(?:pk|km)?\s*(\d{1,4}(?:[.,]\d{1,3})?)\s*(?:km)?", re.IGNORECASE)
#: Which field of the form holds what a pointer of the filed report names.
_FIELD_OF = {
    "/kind": "kind",
    "/occurred_at": "when",
    "/place": "place",
    "/region": "place",
    "/position": "place",
    "/road": "road",
    "/km": "km",
    "/summary": "summary",
    "/cargo": "cargo",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What stands in the form, as text.

    Attributes:
        day, time: "2025-09-08" and "05:30", both optional.
        choice: A place by its id, chosen where the name alone was not enough, or `NONE_OF_THEM`, or
            `SOMEWHERE`.
        asked: The name or road for which choices were offered; for another they mean nothing.
        heard: The message that somebody at the desk makes it of, by its id.
        besides: A report was made of that message already, and this is another.
        dated: A phone that kept it put day and hour to its "now" when it was back.
    """

    kind: str = ""
    place: str = ""
    road: str = ""
    km: str = ""
    when: str = NOW
    day: str = ""
    time: str = ""
    cargo: str = ""
    basis: str = Basis.FIRSTHAND.value
    summary: str = ""
    choice: str = ""
    asked: str = ""
    heard: str = ""
    besides: str = ""
    dated: str = ""

    @property
    def said(self) -> str:
        """What the form says of where."""
        return self.place or self.road

    @property
    def chosen(self) -> str:
        """The choice, where it was offered for what the form says now."""
        return self.choice if self.asked == self.said else ""

    @property
    def body_hash(self) -> str:
        """Tells this report from another one that comes with the same key."""
        # what was sent before the answer got lost had no day yet
        form = replace(self, day="", time="") if self.dated and self.when == NOW else self
        said = {name: value for name, value in asdict(form).items() if name not in _UNSAID}
        return hashlib.sha256(repr(sorted(said.items())).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A form read: what is filed, or the faults by field, each the name of a text."""

    filed: FiledReport | None
    faults: Mapping[str, str]


def filled(form: Mapping[str, str]) -> Filled:
    """Return what stands in the form."""
    given = {one.name: form.get(one.name, "").strip() for one in fields(Filled)}
    given["when"] = given["when"] if given["when"] in WHEN else NOW
    given["basis"] = given["basis"] or Basis.FIRSTHAND.value
    return Filled(**given)


def told_at(form: Filled, at: datetime, *, zone: ZoneInfo, now: datetime) -> Filled:
    """Return the form with the instant at which it was told: read late it is no news of now."""
    if now - at < _STILL_NOW:
        return form
    there, today = at.astimezone(zone), now.astimezone(zone).date()
    days = {today: TODAY, today - timedelta(days=1): YESTERDAY}
    when = days.get(there.date(), "")
    day = "" if when else there.date().isoformat()
    return replace(form, when=when, day=day, time=f"{there:%H:%M}")


def read_filled(form: Filled, *, context: Context, language: str, now: datetime) -> Reading:
    """Return the report that the form makes."""
    faults: dict[str, str] = {}
    config = context.config
    if form.kind not in config.kinds:
        faults["kind"] = "fault_kind"
    if not form.said:
        faults["place"] = "fault_place_none"
    km = km_of(form.km)
    if form.km and (not form.road or km is None):
        faults["km"] = "fault_km" if form.road else "fault_km_road"
    if form.cargo and form.cargo not in config.cargoes:
        faults["cargo"] = "fault_cargo"
    if form.basis not in BASES:
        faults["basis"] = "fault_basis"
    moment = _moment(form, context, now=now)
    if isinstance(moment, str):
        faults["when"] = moment
    if faults or isinstance(moment, str):
        return Reading(filed=None, faults=faults)
    occurred_at, precision = moment
    known = context.gazetteer.places.get(form.chosen)
    filed = FiledReport(
        kind=form.kind,
        occurred_at=occurred_at,
        reported_at=now,
        date_precision=precision,
        place=known.name if known is not None else form.place or None,
        position=known.position if known is not None else None,
        precision=MIDPOINT if form.chosen == SOMEWHERE else None,
        road=form.road or None,
        km=km,
        summary=form.summary,
        cargo=form.cargo or None,
        language=language,
        basis=Basis(form.basis),
    )
    return Reading(filed=filed, faults={})


def km_of(text: str) -> float | None:
    """Return the kilometre in "45", "45,5" or "PK 45"; None: there is none in it."""
    found = _KM.fullmatch(text)
    return float(found[1].replace(",", ".")) if found is not None else None


def faults_of(errors: tuple[Mapping[str, str], ...]) -> dict[str, str]:
    """Return the faults that a check of the filed report found, by field of the form."""
    named = {_FIELD_OF.get(one["pointer"], "summary") for one in errors}
    return {field: "fault_when" if field == "when" else "fault_field" for field in named}


def _moment(form: Filled, context: Context, *, now: datetime) -> tuple[datetime, str] | str:
    """Return when it happened and how exactly that is known, or what is wrong with it."""
    zone = context.config.alerts.zone
    today = now.astimezone(zone).date()
    day = _day(form, today)
    clock = _clock(form.time)
    if isinstance(day, str):
        return day
    if clock is None:
        return "fault_time"
    if day is None:
        if not form.time:
            return now, "instant"
        day = today
    if not form.time:
        # only the day is known: its noon stands for it, as in every report
        return datetime(day.year, day.month, day.day, 12, tzinfo=UTC), "day"
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC), "instant"


def _day(form: Filled, today: date) -> date | str | None:
    """Return the day that is meant; None for now, the name of a text for what cannot be meant."""
    named = {TODAY: today, YESTERDAY: today - timedelta(days=1)}.get(form.when)
    if not form.day:
        return named
    typed = _DAY.fullmatch(form.day)
    try:
        if typed is not None:
            given = date(int(typed[3]), int(typed[2]), int(typed[1]))
        else:
            given = date.fromisoformat(form.day)
    except ValueError:
        return "fault_day"
    # who fills in a day and leaves "now" as it was means the day
    return given if named in {None, given} else "fault_days"


def _clock(text: str) -> time | None:
    """Return the hour and minute in "05:30", "5h30" or "5h"; midnight for "", None for others."""
    if not text:
        return time()
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour, minute = found[1] or found[3], found[2] or found[4]
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        return None
