"""A country of subscribers, and reports played to it through the whole chain."""

import asyncio
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, update

from app.core.clock import ManualClock, SystemClock
from app.core.levels import Level
from app.db.tables import (
    AlertRow,
    DeliveryRow,
    DigestRow,
    IncidentVersionRow,
    LevelChangeRow,
    MessageRow,
)
from app.delivery.outbox import fanning, gathering
from app.environment import load_settings
from app.flows.alerting.render import render, render_digest
from app.flows.fan_out import FanOut, fan_out_pending
from app.flows.past.replay import Replay
from app.flows.people.subscribe import Wish, subscribe
from app.flows.sending.tell_waiting import Telling, tell_waiting
from app.incidents.codec import decode_incident
from app.incidents.incident import Incident
from app.roads.network import Network
from app.service import Service, open_service

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
_AFTER = timedelta(days=5)


@dataclass(slots=True, kw_only=True)
class Listeners:
    """Who is subscribed, by contact: what to call them."""

    names: dict[str, str] = field(default_factory=dict)

    def add_all(self, conn: Connection, service: Service, now: datetime) -> None:
        """Subscribe a country of people."""
        config = service.context.config
        for wish in _wishes(list(config.network.corridors), config.cargoes.codes):
            phone = f"+2236{len(self.names):07d}"
            made = subscribe(conn, replace(wish, phone=phone), context=service.context, now=now)
            self.names[made.id] = wish.name


def _wishes(routes: Sequence[str], cargoes: Sequence[str]) -> Iterator[Wish]:
    for route in routes:
        for cargo in cargoes:
            for level in (Level.HIGH, Level.MODERATE):
                yield _wish("one road, one cargo", (route,), (cargo,), level)
        yield _wish("one road, all cargoes", (route,), (), Level.MODERATE)
    yield _wish("everything", (), (), Level.MODERATE)


def _wish(name: str, routes: tuple[str, ...], cargoes: tuple[str, ...], level: Level) -> Wish:
    return Wish(
        organisation="Bench",
        name=name,
        phone=None,
        email=None,
        routes=routes,
        cargoes=cargoes,
        min_level=level,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message as it arrived; `counts_at`: of those that are counted for a day."""

    contact_id: str
    at: datetime
    route: str
    cargo: str
    type: str
    level: str
    reason: str
    text: str
    counts_at: datetime | None
    deferred: str | None


class Mailman:
    """Turns alerts into messages and delivers them at once: the worker, and a provider in one."""

    def __init__(self, service: Service, clock: ManualClock) -> None:
        self._db, self._clock = service.db, clock
        self._digest = partial(render_digest, config=service.context.config, public_url=None)
        self._loop = asyncio.new_event_loop()
        self._fan_out = FanOut(
            db=service.db,
            clock=clock,
            render=partial(render, config=service.context.config, public_url=None),
            languages=service.context.config.subscribers.languages,
            chunk=5_000,
            made=lambda: None,
            render_digest=self._digest,
            policy=service.context.config.moment,
        )
        self._telling = Telling(policy=service.context.config.moment, render=self._digest)

    def __call__(self) -> None:
        """Deliver whatever is due now."""
        if self._db.read_now(lambda conn: fanning.list_bundles(conn, limit=1)):
            self._loop.run_until_complete(fan_out_pending(self._fan_out))
        while self._db.write_now(self._tell):
            pass
        self._db.write_now(self._deliver)

    def _tell(self, conn: Connection) -> int:
        return tell_waiting(conn, self._telling, now=self._clock.now())

    def _deliver(self, conn: Connection) -> None:
        now = self._clock.now()
        waiting = (DeliveryRow.status == "queued", DeliveryRow.due_at <= now)
        late = update(DeliveryRow).where(*waiting, DeliveryRow.expires_at <= now)
        conn.execute(late.values(status="expired", updated_at=now))
        conn.execute(update(DeliveryRow).where(*waiting).values(status="delivered", updated_at=now))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything that a replay left behind."""

    network: Network
    cargoes: Sequence[str]
    listeners: Mapping[str, str]
    told: Sequence[Told]
    reasons: Counter[str]
    alerts: Sequence[Mapping[str, Any]]
    levels: Mapping[tuple[str, str], Sequence[tuple[datetime, str]]]
    versions: Sequence[tuple[datetime, Incident]]
    undelivered: Counter[str]
    begins: datetime
    ends: datetime


def play(reports: Path) -> Outcome:
    """Return what became of the reports in the file."""
    with tempfile.TemporaryDirectory(prefix="sira-score-") as folder:
        own = {
            "database_url": f"sqlite:///{folder}/score.db",
            "var_dir": Path(folder),
            "vault_keys": None,
            "log_level": "WARNING",
        }
        clock = ManualClock(_BEFORE_ALL)
        with open_service(load_settings().model_copy(update=own), clock=clock) as service:
            listeners = Listeners()
            service.db.write_now(lambda conn: listeners.add_all(conn, service, clock.now()))
            replay = Replay(
                db=service.db,
                context=service.context,
                clock=clock,
                on_step=Mailman(service, clock),
                next_telling=lambda: service.db.read_now(gathering.next_telling),
            )
            with reports.open(encoding="utf-8-sig", newline="") as lines:
                played = list(replay.play(lines, now=SystemClock().now()))
            replay.pass_time(clock.now() + _AFTER)
            return _outcome(service, listeners, [one.filed.reported_at for one in played], clock)


def _outcome(
    service: Service, listeners: Listeners, reported: Sequence[datetime], clock: ManualClock
) -> Outcome:
    config = service.context.config

    def read(conn: Connection) -> Outcome:
        alerts = [dict(row) for row in conn.execute(select(AlertRow.__table__)).mappings()]
        return Outcome(
            network=config.network,
            cargoes=config.cargoes.codes,
            listeners=listeners.names,
            told=_told(conn),
            reasons=Counter(f"{one['type']}: {one['reason']}" for one in alerts),
            alerts=alerts,
            levels=_levels(conn),
            versions=_versions(conn),
            undelivered=Counter(
                f"{status}: {code}"
                for status, code in conn.execute(
                    select(DeliveryRow.status, DeliveryRow.error_code).where(
                        DeliveryRow.status != "delivered"
                    )
                )
            ),
            begins=min(reported),
            ends=clock.now(),
        )

    return service.db.read_now(read)


def _told(conn: Connection) -> list[Told]:
    query = (
        select(
            DeliveryRow.contact_id,
            DeliveryRow.updated_at.label("at"),
            AlertRow.route,
            AlertRow.cargo,
            AlertRow.type,
            AlertRow.level,
            AlertRow.reason,
            func.coalesce(DigestRow.text, MessageRow.text).label("text"),
            DeliveryRow.counts_at,
            DeliveryRow.deferred,
        )
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .join(
            MessageRow,
            (MessageRow.alert_id == DeliveryRow.alert_id)
            & (MessageRow.channel == DeliveryRow.channel)
            & (MessageRow.language == DeliveryRow.language),
        )
        .outerjoin(
            DigestRow,
            (DigestRow.id == DeliveryRow.digest_id)
            & (DigestRow.channel == DeliveryRow.channel)
            & (DigestRow.language == DeliveryRow.language),
        )
        .where(DeliveryRow.status == "delivered")
        .order_by(DeliveryRow.updated_at, DeliveryRow.id)
    )
    return [Told(**row) for row in conn.execute(query).mappings()]


def _levels(conn: Connection) -> dict[tuple[str, str], list[tuple[datetime, str]]]:
    rows = conn.execute(
        select(
            LevelChangeRow.subject, LevelChangeRow.cargo, LevelChangeRow.at, LevelChangeRow.after
        )
        .where(LevelChangeRow.subject.startswith("route:"))
        .order_by(LevelChangeRow.at, LevelChangeRow.id)
    )
    levels: defaultdict[tuple[str, str], list[tuple[datetime, str]]] = defaultdict(list)
    for row in rows:
        levels[row.subject.removeprefix("route:"), row.cargo].append((row.at, row.after))
    return levels


def _versions(conn: Connection) -> list[tuple[datetime, Incident]]:
    rows = conn.execute(
        select(IncidentVersionRow.known_at, IncidentVersionRow.facts).order_by(
            IncidentVersionRow.known_at, IncidentVersionRow.version
        )
    )
    return [(row.known_at, decode_incident(row.facts)) for row in rows]
