"""Reports played through the whole chain on a clock of their own."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.alerts import store as alert_store
from app.core.clock import ManualClock
from app.core.errors import DomainError
from app.db.engine import Database
from app.flows import age_out
from app.flows.context import Context
from app.flows.import_reports import outcome_of, refused, take
from app.flows.past.passing import STEP, Passing, age_older_than
from app.incidents import store as incident_store
from app.incidents.csvfile import BadRow, read_reports
from app.incidents.filed import FiledReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A report that was played; `lat`, `lon` where it was placed."""

    filed: FiledReport
    report_id: str
    outcome: str
    lat: float | None
    lon: float | None
    effects: int


@dataclass(slots=True, kw_only=True)
class Replay:
    """What a replay works with, and what it has met so far."""

    db: Database
    context: Context
    clock: ManualClock
    on_step: Callable[[], None] = lambda: None  # after whatever may have raised an alert
    #: When `on_step` has somebody to tell who waits for it; None: nobody.
    next_telling: Callable[[], datetime | None] = lambda: None
    step: timedelta = STEP  # of the clock while nothing is reported: ratings age in between
    bad: list[BadRow] = field(default_factory=list)

    def play(self, lines: Iterable[str], *, now: datetime) -> Iterator[Played]:
        """Play the rows in the order they were reported; the clock stands at each when it comes.

        Between reports time passes: ratings age, statements run out.
        """
        rows = self._in_order(lines, now)
        if rows:
            self.clock.move_to(rows[0][1].reported_at)
        for line, filed in rows:
            self.pass_time(filed.reported_at)
            try:
                outcome = take(
                    self.db, filed, backfill=False, context=self.context, now=self.clock.now()
                )
            except DomainError as error:
                self.bad.append(refused(line, filed, error))
                continue
            self.on_step()
            report = outcome.answer["report"]
            where = report.get("location")
            yield Played(
                filed=filed,
                report_id=report["id"],
                outcome=outcome_of(outcome),
                lat=where["position"]["lat"] if where else None,
                lon=where["position"]["lon"] if where else None,
                effects=len(outcome.answer["effects"]),
            )

    def pass_time(self, until: datetime) -> None:
        """Let time pass up to `until`: ratings age, statements run out."""
        passing = Passing(
            age=self._age, expire=self._expire, next_expiry=self._next_expiry, step=self.step
        )
        passing.pass_time(self.clock.now(), until)
        self.clock.move_to(until)

    def figures(self, played: Sequence[Played]) -> dict[str, Any]:
        """Return what there is to say of the whole replay, in figures."""
        outcomes = Counter(one.outcome for one in played)
        return {
            "reports": len(played),
            **{outcome: outcomes[outcome] for outcome in ("placed", "asked")},
            "bad_rows": len(self.bad),
            "incidents": len(set(self.incidents().values())),
            "alerts": self.db.read_now(alert_store.count_by_type),
        }

    def incidents(self) -> dict[str, str]:
        """Return the incident that each placed report speaks of in the end."""
        return self.db.read_now(incident_store.links)

    def _in_order(self, lines: Iterable[str], now: datetime) -> list[tuple[int, FiledReport]]:
        config = self.context.config
        rows = []
        for row in read_reports(lines, kinds=config.kinds, cargoes=config.cargoes, now=now):
            if isinstance(row, BadRow):
                self.bad.append(row)
            else:
                rows.append(row)
        # Of those told at one instant the order in the file means nothing.
        return sorted(rows, key=lambda row: (row[1].reported_at, row[1].external_id or ""))

    def _next_expiry(self) -> datetime | None:
        dues = (self.db.read_now(alert_store.next_expiry), self.next_telling())
        return min((due for due in dues if due is not None), default=None)

    def _age(self, now: datetime) -> None:
        self.clock.move_to(now)
        older = age_older_than(self.step)
        while self.db.write_now(
            lambda conn: age_out.age_ratings(
                conn, older_than=older, context=self.context, now=self.clock.now()
            )
        ):
            self.on_step()

    def _expire(self, now: datetime) -> None:
        self.clock.move_to(now)
        while self.db.write_now(
            lambda conn: age_out.expire_statements(conn, context=self.context, now=self.clock.now())
        ):
            self.on_step()
        if (due := self.next_telling()) is not None and due <= now:
            self.on_step()
