"""A storm: real reports on a fast clock, many people, providers that fail as providers do.

Everything is the service's own: the chain from report to alert, fan-out, lanes, doubts, fail-over,
the clock's jobs. Only the providers stand in for others: they keep what they were given, by
themselves, and the findings are reckoned from that.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, or_, select, update

from app.core.clock import ManualClock
from app.core.levels import Level
from app.db.engine import Database
from app.db.tables import (
    AlertRow,
    ContactRow,
    DeliveryRow,
    EscalationRow,
    HoursRow,
    OrganisationRow,
    SubscriptionRow,
)
from app.delivery.budget import Budget
from app.delivery.moment import Tell
from app.delivery.outbox import budgets, fanning, gathering, purse, receiving
from app.delivery.outbox.receiving import Receipt
from app.delivery.routing import RoutingPolicy
from app.flows.alerting.render import render, render_digest
from app.flows.context import Context
from app.flows.desk import speak_by_hand
from app.flows.dispatch import Dispatch, Lane
from app.flows.fan_out import FanOut, fan_out_pending
from app.flows.money.plan_spending import Purse, settle
from app.flows.money.review_budgets import review_budgets
from app.flows.outcomes.escalate import Escalating, escalate
from app.flows.outcomes.fail_over import FailOver, fail_over
from app.flows.outcomes.settle import Settler
from app.flows.past.replay import Replay
from app.flows.people.subscribe import Wish, subscribe
from app.flows.remind import remind
from app.flows.rules import tune_rules
from app.flows.sending.bell import Bell
from app.flows.sending.providers import Choosing, Providers
from app.flows.sending.tell_waiting import Telling, tell_waiting
from app.subscribers.vault import Vault, new_keys
from tests.harness.api import shipped_config, shipped_gazetteer
from tests.harness.storm_carrier import Carrier
from tests.harness.storm_lists import answer, make_lists

#: Whoever is told wants to hear of it in one of these ways.
_ZONES = ("Africa/Bamako", "Africa/Niamey", "Africa/Dakar")
_QUIET = ((), ("22:00", "06:00"), ("11:00", "20:00"), ("23:30", "05:15"))
_TELLS = (Tell.IMMEDIATELY, Tell.IMMEDIATELY, Tell.IMMEDIATELY, Tell.DAILY, Tell.WEEKLY)
_PHONES = ("+223760{:05d}", "+22177{:07d}", "+224620{:06d}", "+22505010{:05d}", "+227930{:05d}")
_ROUTES: tuple[tuple[str, ...], ...] = ((), ("ML-DKR-N",), ("ML-DKR-N", "ML-RN7"), ())
_CARGOES: tuple[tuple[str, ...], ...] = ((), ("fuel",), ("goods", "passengers"))
_LEVELS = (Level.MODERATE, Level.HIGH, Level.MODERATE, Level.SEVERE)
ENDS = ("all_clear", "withdrawal")
_AT_ONCE = 500


@dataclass
class Planned:
    """What one step of the clock set aside of an organisation, and what that left."""

    committed: int
    monthly: int
    urgent: int
    less: int


class Storm:
    """The whole chain on a clock of its own."""

    def __init__(
        self, db: Database, *, people: int, organisations: int, began_at: datetime
    ) -> None:
        self.db, self.clock = db, ManualClock(began_at)
        config = shipped_config()
        self.context = Context(
            config=config, gazetteer=shipped_gazetteer(), vault=Vault.parse(new_keys())
        )
        db.write_now(lambda conn: tune_rules.seed(conn, config, now=began_at))
        self.sms, self.email = Carrier("sms", self.clock), Carrier("email", self.clock)
        self.purse = Purse.of(config)
        self._digest = partial(render_digest, config=config, public_url=None)
        self.people = people
        self.organisations = organisations
        self.zones: dict[str, ZoneInfo] = {}
        self.quiet: dict[str, tuple[time, time]] = {}
        self.plans: list[Planned] = []
        self.answering: set[str] = set()
        self.reminders = 0
        self._hours: set[str] = set()
        self._replay = Replay(
            db=db,
            context=self.context,
            clock=self.clock,
            on_step=self.tell,
            next_telling=self._next_telling,
        )

    def _next_telling(self) -> datetime | None:
        """Return when somebody is told who waits, or because nobody answered."""
        dues = (
            self.db.read_now(gathering.next_telling),
            self.db.read_now(lambda conn: conn.scalar(select(func.min(EscalationRow.due_at)))),
        )
        return min((due for due in dues if due is not None), default=None)

    def open_doors(self) -> None:
        """Let people subscribe: nobody heard of what was before."""
        self.db.write_now(self._subscribe)

    def call_lists(self) -> None:
        """Let every organisation have three who are told next; of two in three one man answers."""
        self.answering |= self.db.write_now(
            lambda conn: make_lists(conn, self.context, now=self.clock.now())
        )

    def play(self, lines: Sequence[str]) -> int:
        """Play reports; return how many."""
        return len(list(self._replay.play(lines, now=datetime(2026, 1, 1, tzinfo=UTC))))

    def withdraw(self, most: int) -> None:
        """Withdraw what stands: whoever was told hears that it was a false alarm."""
        active = select(AlertRow.id).where(AlertRow.status == "active").order_by(AlertRow.id.desc())
        for alert_id in self.db.read_now(lambda conn: list(conn.scalars(active)))[:most]:
            self.db.write_now(partial(self._withdraw, alert_id))
        self.tell()

    def pass_time(self, by: timedelta) -> None:
        """Let time pass: mornings come, digests leave, statements run out."""
        self._replay.pass_time(self.clock.now() + by)

    def tell(self) -> None:
        """Do what the worker, the clock's jobs and the providers do, until nothing is left."""
        began_at = self.clock.now()
        asyncio.run(self._tell())
        self._note_plans(began_at)
        now = self.clock.now()
        while self.db.write_now(lambda conn: settle(conn, self.purse, now=now)):
            pass
        self.db.write_now(
            lambda conn: review_budgets(conn, self.purse, duty=["sms"], now=self.clock.now())
        )

    def rows(self) -> list[Any]:
        """Return every delivery with its alert, in the order they were told."""
        alert = (
            AlertRow.type,
            AlertRow.level,
            AlertRow.before_level,
            AlertRow.reason,
            AlertRow.references,
            AlertRow.status.label("alert_status"),
        )
        query = (
            select(*DeliveryRow.__table__.columns, *alert)
            .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
            .order_by(DeliveryRow.updated_at, DeliveryRow.id)
        )
        return self.db.read_now(lambda conn: list(conn.execute(query)))

    async def _tell(self) -> None:
        now = self.clock.now()
        self.reminders += self.db.write_now(
            lambda conn: remind(conn, context=self.context, now=now)
        )
        telling = Telling(policy=self.context.config.moment, render=self._digest, purse=self.purse)
        if self.db.read_now(lambda conn: fanning.list_bundles(conn, limit=1)):
            await fan_out_pending(self._fan_out())
        while self.db.write_now(lambda conn: tell_waiting(conn, telling, now=self.clock.now())):
            pass
        await self._send()
        answer(self.db, self.answering, now=self.clock.now())
        while self.db.write_now(
            lambda conn: escalate(conn, self._escalating(), now=self.clock.now())
        ):
            await self._send()
        # doubts are asked about, and silence is noticed, some minutes later
        for wait in (timedelta(minutes=1), timedelta(minutes=40)):
            self.clock.advance(wait)
            for carrier in (self.sms, self.email):
                await Settler(carrier, self._dispatch()).settle()
            await fail_over(self._fail_over())
            await self._send()

    async def _send(self) -> None:
        while self.db.read_now(self._is_due):
            await asyncio.gather(*(self._lane(one) for one in (self.sms, self.email)))
            for carrier in (self.sms, self.email):
                confirmed, carrier.unconfirmed = carrier.unconfirmed, []
                for start in range(0, len(confirmed), _AT_ONCE):
                    some = confirmed[start : start + _AT_ONCE]
                    self.db.write_now(partial(self._confirm, carrier, some))

    async def _lane(self, carrier: Carrier) -> None:
        bell, stop = Bell(), asyncio.Event()
        config = self.context.config
        choosing = Choosing(
            db=self.db, clock=self.clock, policy=config.delivery, routing=RoutingPolicy()
        )
        lane = Lane(Providers([carrier], choosing), self._dispatch(), bell)

        async def until_idle() -> None:
            while self.db.read_now(partial(self._is_due, kind=carrier.kind)):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            stop.set()
            bell.ring()

        async with asyncio.TaskGroup() as group:
            group.create_task(lane.run(stop))
            group.create_task(until_idle())

    def _is_due(self, conn: Connection, kind: str | None = None) -> bool:
        due = (DeliveryRow.status == "queued") & (DeliveryRow.due_at <= self.clock.now())
        query = select(DeliveryRow.id).where(due | (DeliveryRow.status == "sending")).limit(1)
        if kind is not None:
            query = query.where(DeliveryRow.channel == kind)
        return conn.scalar(query) is not None

    def _confirm(self, carrier: Carrier, ids: Sequence[str], conn: Connection) -> None:
        receipts = [
            Receipt(
                delivery_id=one,
                provider=carrier.name,
                provider_id=one,
                status="delivered",
                code=None,
                at=self.clock.now(),
            )
            for one in ids
        ]
        receiving.receive_free(conn, receipts)

    def _note_plans(self, began_at: datetime) -> None:
        """Keep what this step planned of every budget, before it is settled."""
        now = self.clock.now()
        row = DeliveryRow
        urgent = or_(
            AlertRow.level == "severe", AlertRow.type.in_(ENDS), AlertRow.reason == "corrected"
        )
        made = (
            select(row.organisation_id, urgent, func.sum(row.reserved))
            .join(AlertRow, AlertRow.id == row.alert_id)
            .where(row.reserved.is_not(None), row.updated_at >= began_at)
            .group_by(row.organisation_id, urgent)
        )
        sums: dict[str, dict[bool, int]] = defaultdict(dict)
        for organisation, urgently, amount in self.db.read_now(
            lambda conn: conn.execute(made).all()
        ):
            sums[organisation][bool(urgently)] = int(amount or 0)
        accounts = self.db.read_now(
            lambda conn: purse.list_accounts(
                conn, policy=self.purse.policy, month=self.purse.month(now), now=now
            )
        )
        self.plans += [
            Planned(
                committed=one.committed,
                monthly=one.budget.monthly,
                urgent=sums[one.organisation_id].get(True, 0),
                less=sums[one.organisation_id].get(False, 0),
            )
            for one in accounts
        ]

    def _fan_out(self) -> FanOut:
        config = self.context.config
        return FanOut(
            db=self.db,
            clock=self.clock,
            render=partial(render, config=config, public_url=None),
            languages=config.subscribers.languages,
            chunk=config.delivery.fan_out_chunk,
            made=lambda: None,
            render_digest=self._digest,
            policy=config.moment,
            purse=self.purse,
        )

    def _dispatch(self) -> Dispatch:
        return Dispatch(
            db=self.db,
            clock=self.clock,
            policy=self.context.config.delivery,
            open_address=self._open,
            opted_out=lambda *_: None,
            owner="storm",
        )

    def _fail_over(self) -> FailOver:
        config = self.context.config
        return FailOver(
            db=self.db,
            clock=self.clock,
            policy=config.providers.fail_over,
            routing=config.providers.routing,
            providers=[],
            receipts=True,
            open_address=self._open,
            duty=["sms"],
            made=lambda: None,
            purse=self.purse,
        )

    def _escalating(self) -> Escalating:
        return Escalating(
            config=self.context.config, providers=["gateway"], public_url=None, duty=["sms"]
        )

    def _open(self, sealed: bytes, contact_id: str, channel: str) -> str:
        return self.context.vault.open(sealed, row_id=contact_id, field=channel)

    def _subscribe(self, conn: Connection) -> None:
        now = self.clock.now()
        for number in range(self.people):
            quiet = _QUIET[number % len(_QUIET)]
            zone = _ZONES[number % len(_ZONES)]
            wish = Wish(
                organisation=f"Union {number % self.organisations}",
                name=f"person {number}",
                phone=_PHONES[number % len(_PHONES)].format(number),
                email=f"p{number}@example.org" if number % 3 == 0 else None,
                language=("fr", "fr", "en")[number % 3],
                routes=_ROUTES[number // 2 % len(_ROUTES)],
                cargoes=_CARGOES[number // 3 % len(_CARGOES)],
                min_level=_LEVELS[number // 5 % len(_LEVELS)],
            )
            made = subscribe(conn, wish, context=self.context, now=now)
            hours_id = f"{zone} {quiet}"[:36]
            if hours_id not in self._hours:
                begins, ends = quiet or ("", "")
                values = {"zone": zone, "quiet_from": begins, "quiet_until": ends}
                conn.execute(insert(HoursRow).values(id=hours_id, **values))
                self._hours.add(hours_id)
            conn.execute(
                update(ContactRow).where(ContactRow.id == made.id).values(hours_id=hours_id)
            )
            conn.execute(
                update(SubscriptionRow)
                .where(SubscriptionRow.contact_id == made.id)
                .values(tell=_TELLS[number % len(_TELLS)])
            )
            self.zones[made.id] = ZoneInfo(zone)
            if quiet:
                self.quiet[made.id] = (
                    time.fromisoformat(quiet[0]),
                    time.fromisoformat(quiet[1]),
                )

    def budget(self, euros_each: Sequence[float | None], *, reserve: float) -> None:
        """Give organisations budgets, per person and month; None: none."""
        ids = select(OrganisationRow.id).order_by(OrganisationRow.id)
        for place, one in enumerate(self.db.read_now(lambda conn: list(conn.scalars(ids)))):
            euros = euros_each[place % len(euros_each)]
            if euros is not None:
                share = self.people / self.organisations
                budget = Budget(
                    monthly=round(euros * share * 1_000_000),
                    reserve=round(reserve * share * 1_000_000),
                )
                self.db.write_now(
                    partial(
                        budgets.set_budget, organisation_id=one, budget=budget, now=self.clock.now()
                    )
                )

    def _withdraw(self, alert_id: str, conn: Connection) -> None:
        speak_by_hand.withdraw(
            conn, alert_id, "Fausse alerte", actor="t", context=self.context, now=self.clock.now()
        )
