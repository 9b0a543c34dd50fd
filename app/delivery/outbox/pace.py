"""What an instant is to everybody: whose night it is, when whose day began."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, String, bindparam, case, exists, select

from app.db.tables import HoursRow, MuteRow
from app.db.types import UtcDateTime
from app.delivery.moment import Hours, Moment, MomentPolicy, moment_of, next_day

#: Instants of each sort of clock, by the names under which a statement is given them.
_INSTANTS: Mapping[str, Callable[[Moment], datetime | None]] = {
    "quiet_until": lambda one: one.quiet_until,
    "morning_at": lambda one: one.morning_at,
    "weekly_at": lambda one: one.weekly_at,
    "next_day": next_day,
    "day_began_at": lambda one: one.day_began_at,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What an instant is to everybody: one moment for each sort of clock that contacts have.

    Attributes:
        usual: Of contacts that named no hours; `by_hours`: of the others, by `hours_id`.
        mutes: Some organisation wants no news of something now.
    """

    policy: MomentPolicy
    usual: Moment
    by_hours: Mapping[str, Moment]
    mutes: bool

    def of(self, hours_id: str | None) -> Moment:
        """Return what now is to a contact."""
        return self.by_hours.get(hours_id or "", self.usual)

    @property
    def given(self) -> dict[str, Any]:
        """Return what a statement is given that depends on no more of it than its `shape`."""
        found: dict[str, Any] = {}
        for place, (hours_id, moment) in enumerate([("", self.usual), *self.by_hours.items()]):
            found[f"b_hours_{place}"] = hours_id
            found |= {f"b_{name}_{place}": of(moment) for name, of in _INSTANTS.items()}
        return found

    @property
    def shape(self) -> "PaceShape":
        """Return what a statement depends on of it."""
        return PaceShape(
            limited=self.policy.per_day is not None, clocks=len(self.by_hours), mutes=self.mutes
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceShape:
    """What a statement depends on of an instant; the rest is given to it.

    Attributes:
        limited: Whether people are told so much a day at most.
        clocks: How many sorts of clock there are besides the usual one.
        mutes: See `Pace`.
    """

    limited: bool
    clocks: int
    mutes: bool

    def instant(self, rows: Any, name: str) -> ColumnElement[Any]:
        """Return an instant of each contact's moment, one of `_INSTANTS`.

        Args:
            rows: With a column `hours_id`.
            name: Which.
        """
        places = range(1 + self.clocks)
        usual, *each = (bindparam(f"b_{name}_{place}", type_=UtcDateTime()) for place in places)
        if not each:
            return usual
        clocks = [bindparam(f"b_hours_{place}", type_=String()) for place in places[1:]]
        return case(dict(zip(clocks, each, strict=True)), value=rows.c.hours_id, else_=usual)


def pace_at(conn: Connection, policy: MomentPolicy, *, now: datetime) -> Pace:
    """Return what `now` is to everybody."""
    rows = conn.execute(
        select(HoursRow.id, HoursRow.zone, HoursRow.quiet_from, HoursRow.quiet_until)
    )
    return Pace(
        policy=policy,
        usual=moment_of(Hours(zone=policy.zone), policy=policy, now=now),
        by_hours={row.id: moment_of(_hours(row, policy), policy=policy, now=now) for row in rows},
        mutes=conn.scalar(select(exists().where(MuteRow.until > now))) or False,
    )


def _hours(row: Any, policy: MomentPolicy) -> Hours:
    return Hours(
        zone=ZoneInfo(row.zone) if row.zone else policy.zone,
        quiet_from=time.fromisoformat(row.quiet_from) if row.quiet_from else None,
        quiet_until=time.fromisoformat(row.quiet_until) if row.quiet_until else None,
    )
