"""The blockade of Kayes, September 2025: real reports and invented subscribers, on a fast clock.

Everything but the providers is the real thing: reports are filed, incidents joined, roads rated,
alerts decided on, fanned out and dispatched, as in `sira serve`.
"""

import asyncio
import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.records import AlertFilter, StoredAlert
from app.alerts.sms_text import segments
from app.channels.base import Accepted, Outgoing, SendResult
from app.core.clock import ManualClock
from app.core.errors import ConfigError
from app.core.levels import Level
from app.core.reading import read_toml
from app.delivery.outbox import fanning, gathering, listing
from app.flows.past.replay import Replay
from app.flows.people.subscribe import Wish, subscribe
from app.risk import store as risk_store
from app.risk.kept import LevelChange
from app.service import Service

#: The road and cargo whose days are told.
ROUTE, CARGO = "ML-DKR-N", "fuel"
#: The press gives days, not hours: reports of one instant are played so far apart.
_APART = timedelta(minutes=7)
#: How far the clock jumps at once while nothing is reported.
_STEP = timedelta(hours=12)
#: How long the clock runs on after the last report.
_AFTER = timedelta(days=3)
#: Alerts of the whole story, at most.
_ALL = 10_000
_TURN_S = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One message as it arrived, and the alert that it carries."""

    at: datetime
    channel: str
    subject: str | None
    text: str
    alert: StoredAlert

    @property
    def segments(self) -> int:
        """Return how many SMS it is; 0 for a mail."""
        return segments(self.text) if self.channel == "sms" else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Somebody invented, what they asked for, and what they received."""

    wish: Wish
    addresses: tuple[str, ...]
    received: tuple[Received, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happened: to the road, and on every phone and in every mailbox."""

    reports: int
    incidents: int
    begins: datetime
    ends: datetime
    changes: tuple[LevelChange, ...]
    told: tuple[StoredAlert, ...]
    listeners: tuple[Listener, ...]

    @property
    def totals(self) -> dict[str, int]:
        """Return the figures of all listeners together."""
        received = [one for listener in self.listeners for one in listener.received]
        types = Counter(one.alert.type.value for one in received)
        channels = Counter(one.channel for one in received)
        days = [
            Counter(one.at.date() for one in listener.received if one.channel == "sms")
            for listener in self.listeners
        ]
        return {
            "sms": channels["sms"],
            "segments": sum(one.segments for one in received),
            "emails": channels["email"],
            "alerts": types["alert"],
            "updates": types["update"],
            "all_clears": types["all_clear"],
            "withdrawals": types["withdrawal"],
            "most_sms_to_one_phone_on_a_day": max(max(day.values(), default=0) for day in days),
        }


@dataclass
class _Captured:
    """A provider that keeps what it is given; nothing leaves the machine."""

    kind: str
    clock: ManualClock
    kept: list[tuple[datetime, str, Outgoing]]
    name: str = "demo"
    concurrency: int = 8

    async def send(self, message: Outgoing) -> SendResult:
        """Keep `message`."""
        self.kept.append((self.clock.now(), self.kind, message))
        return Accepted(provider_id=f"demo-{message.delivery_id}", final=True)

    async def close(self) -> None:
        """Nothing to close."""


@dataclass
class Demo:
    """What the demo works with."""

    service: Service
    clock: ManualClock
    kept: list[tuple[datetime, str, Outgoing]] = field(default_factory=list)

    def __post_init__(self) -> None:
        captured = {kind: [_Captured(kind, self.clock, self.kept)] for kind in ("sms", "email")}
        self.service = replace(self.service, channels=self.service.gathered(captured))

    async def play(self, folder: Path, *, now: datetime) -> Story:
        """Play the reports in `folder` to the subscribers in it; `now` is the real time.

        Raises:
            ConfigError: The subscribers cannot be read.
        """
        wishes = read_subscribers(folder / "subscribers.toml")
        lines = spread((folder / "reports.csv").read_text(encoding="utf-8").splitlines())
        db, loop = self.service.db, asyncio.get_running_loop()

        def wait() -> None:
            asyncio.run_coroutine_threadsafe(self.service.tell_waiting(), loop).result()
            if db.read_now(self._is_busy):
                asyncio.run_coroutine_threadsafe(self._quiet(), loop).result()

        replay = Replay(
            db=db,
            context=self.service.context,
            clock=self.clock,
            on_step=wait,
            next_telling=lambda: db.read_now(gathering.next_telling),
            step=_STEP,
        )
        async with self.service.worker():
            listeners = await db.write(lambda conn: self._subscribe(conn, wishes))
            played = await asyncio.to_thread(self._run, replay, lines, now)
        incidents = len(set(replay.incidents().values()))
        return await db.read(lambda conn: self._story(conn, listeners, played, incidents))

    def _run(self, replay: Replay, lines: Sequence[str], now: datetime) -> list[datetime]:
        played = [one.filed.reported_at for one in replay.play(lines, now=now)]
        replay.pass_time(self.clock.now() + _AFTER)
        return played

    def _subscribe(self, conn: Connection, wishes: Sequence[Wish]) -> list[Listener]:
        """Add the subscribers; they are known a day before anything happens."""
        made = []
        for wish in wishes:
            contact = subscribe(conn, wish, context=self.service.context, now=self.clock.now())
            masked = tuple(one.masked for one in contact.addresses)
            made.append(Listener(wish=wish, addresses=masked))
        return made

    async def _quiet(self) -> None:
        """Wait until everything raised at this instant has been sent."""
        self.service.bell.ring()
        while await self.service.db.read(self._is_busy):
            self.service.bell.ring()
            await asyncio.sleep(_TURN_S)

    def _is_busy(self, conn: Connection) -> bool:
        if fanning.list_bundles(conn, limit=1):
            return True
        return listing.is_busy(conn, now=self.clock.now())

    def _story(
        self,
        conn: Connection,
        listeners: Sequence[Listener],
        played: Sequence[datetime],
        incidents: int,
    ) -> Story:
        """Gather what every phone and mailbox holds."""
        alerts = {
            one.id: one
            for one in alert_store.list_alerts(conn, AlertFilter(), after=None, limit=_ALL)
        }
        inboxes: dict[str, list[Received]] = {}
        for at, channel, message in self.kept:
            inboxes.setdefault(message.address, []).append(
                Received(
                    at=at,
                    channel=channel,
                    subject=message.subject,
                    text=message.text,
                    alert=alerts[message.alert_id],
                )
            )
        return Story(
            reports=len(played),
            incidents=incidents,
            begins=min(played),
            ends=self.clock.now(),
            changes=tuple(risk_store.list_level_changes(conn, f"route:{ROUTE}", CARGO, limit=_ALL)),
            told=tuple(
                one for one in reversed(alerts.values()) if (one.route, one.cargo) == (ROUTE, CARGO)
            ),
            listeners=tuple(
                replace(one, received=tuple(_inbox(one.wish, inboxes))) for one in listeners
            ),
        )


def read_subscribers(path: Path) -> list[Wish]:
    """Return who wants to hear of what.

    Raises:
        ConfigError: A subscriber is not one; names file and position.
    """
    wishes = []
    for number, table in enumerate(read_toml(path).get("subscriber", ()), start=1):
        try:
            wishes.append(
                Wish(
                    organisation=table["organisation"],
                    name=table["name"],
                    phone=table.get("phone"),
                    email=table.get("email"),
                    routes=tuple(table["routes"]),
                    cargoes=tuple(table["cargoes"]),
                    min_level=Level(table["min_level"]),
                    language=table["language"],
                )
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"{path.name}: subscriber {number}: {error!r}") from error
    return wishes


def spread(lines: Iterable[str]) -> list[str]:
    """Return the reports with those of one instant some minutes apart, in their order."""
    reader = csv.DictReader(lines)
    out = io.StringIO()
    writer = csv.DictWriter(out, reader.fieldnames or (), lineterminator="\n")
    writer.writeheader()
    seen: Counter[str] = Counter()
    for row in reader:
        said = row["reported_at"]
        row["reported_at"] = (datetime.fromisoformat(said) + seen[said] * _APART).isoformat()
        seen[said] += 1
        writer.writerow(row)
    return out.getvalue().splitlines()


def _inbox(wish: Wish, inboxes: Mapping[str, Sequence[Received]]) -> list[Received]:
    phone = wish.phone.replace(" ", "") if wish.phone else ""
    return [*inboxes.get(phone, ()), *inboxes.get(wish.email or "", ())]
