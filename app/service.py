"""Puts the parts together from the environment: what `serve`, `worker` and the tools start from."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from app.accounts.limits import TokenBuckets
from app.alerts.alert import Message
from app.alerts.records import StoredAlert
from app.channels.base import Channel
from app.channels.registry import build_providers, offered_channels
from app.config import hash_of, load_config
from app.core import metrics
from app.core.clock import Clock
from app.db import migrate, wake
from app.db.engine import Database
from app.db.server_clock import keeping_time
from app.delivery.outbox import clock_back, settling
from app.flows import age_out
from app.flows.alerting.render import render, render_digest
from app.flows.context import Context
from app.flows.dispatch import Dispatch
from app.flows.duty.look_for_duty import look_for_duty
from app.flows.duty.tell_of_silenced import tell_of_silenced
from app.flows.fan_out import FanOut
from app.flows.messages.unanswered import tell_unanswered
from app.flows.money.plan_spending import Purse, settle
from app.flows.money.review_budgets import list_short, review_budgets
from app.flows.money.sort_numbers import sort_new_numbers, sort_numbers
from app.flows.outcomes.escalate import Escalating, escalate
from app.flows.outcomes.fail_over import FailOver, fail_over, shift_weights
from app.flows.outcomes.find_unreachable import find_unreachable
from app.flows.outcomes.send_answers import Answering
from app.flows.people.opt_out import opt_out_by_delivery
from app.flows.people.send_invitations import Inviting
from app.flows.rating.follow_roads import follow_roads
from app.flows.rating.gone_roads import refuse_gone_roads
from app.flows.rating.rule_books import refuse_unusable
from app.flows.remind import remind
from app.flows.rules import new_rules, tune_rules
from app.flows.sending.bell import Bell
from app.flows.sending.own_words import OwnWords
from app.flows.sending.providers import Choosing, Providers, gathered
from app.flows.sending.tell_duty import Duty
from app.flows.sending.tell_newcomers import tell_newcomers
from app.flows.sending.tell_waiting import Telling, tell_waiting
from app.flows.upkeep.forget import forget
from app.flows.upkeep.open_vault import bind_vault
from app.flows.upkeep.rehearse import rehearse
from app.http.state import AppState
from app.jobs.clock import Job, Ticker, ticking
from app.jobs.heartbeat import Heart, beating
from app.jobs.worker import Worker, new_owner, working
from app.roads import store as place_store
from app.roads.gazetteer import Gazetteer
from app.settings import Settings

_log = logging.getLogger(__name__)

#: A rating is looked at again after so long without news of its section.
RATINGS_AGE = timedelta(hours=1)
_AGE_EVERY = timedelta(minutes=1)
_REACH_EVERY = timedelta(minutes=5)
#: Roads change by a start alone. Beside an older version, or another configuration, that measures
#: them otherwise, each would undo without end what the other has done.
_ROADS_EVERY, _ROADS_FOR = timedelta(minutes=5), timedelta(hours=1)
_EXPIRE_EVERY = timedelta(minutes=1)
_EXPIRE_STRIDE = 1_000
_RULES_EVERY = timedelta(minutes=1)
_FORGET_EVERY = _SORT_EVERY = timedelta(hours=1)
_FAIL_OVER_EVERY = timedelta(seconds=10)
_TELL_EVERY = timedelta(seconds=10)
_REMIND_EVERY = timedelta(minutes=5)
_ESCALATE_EVERY = timedelta(seconds=15)
_SPENDING_EVERY = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True, repr=False)
class Service:
    """One process of Sira: what it reads, what it works with, who it wakes."""

    settings: Settings
    db: Database
    clock: Clock
    context: Context
    bell: Bell
    #: In place of those that the settings name: the demo's.
    channels: Mapping[str, Providers] | None = None

    def state(self) -> AppState:
        """Return what the API works with."""
        return AppState(
            settings=self.settings,
            context=self.context,
            db=self.db,
            clock=self.clock,
            buckets=TokenBuckets(self.settings.rate_limit_per_minute),
            wake=self.bell.ring,
        )

    def refuse_unfit(self) -> None:
        """Raise `ConfigError` when the configuration does not fit what is in the database."""
        self.db.read_now(lambda conn: refuse_unusable(conn, self.context.config))
        self.db.read_now(lambda conn: refuse_gone_roads(conn, self.context.config))

    def rehearse(self) -> int:
        """Do once, and take back, what the first report would have to wait for.

        Returns how many alerts it would have raised.
        """
        return rehearse(
            self.db,
            context=self.context,
            render=self._render,
            now=self.clock.now(),
        )

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """Run the worker, giving signs of life, while the context is open."""
        owner = new_owner()
        heart = Heart(db=self.db, clock=self.clock, owner=owner)
        async with beating(heart), working(self._worker(owner)):
            yield

    def _worker(self, owner: str) -> Worker:
        policy = self.context.config.delivery
        return Worker(
            fan_out=FanOut(
                db=self.db,
                clock=self.clock,
                render=self._render,
                languages=self.context.config.subscribers.languages,
                chunk=policy.fan_out_chunk,
                made=self.bell.ring,
                render_digest=self._render_digest,
                policy=self.context.config.moment,
                purse=Purse.of(self.context.config),
            ),
            dispatch=Dispatch(
                db=self.db,
                clock=self.clock,
                policy=policy,
                open_address=self._open_address,
                opted_out=self._opted_out,
                owner=owner,
                own=OwnWords.of(self.context.config, self.context.vault, self.settings.public_url),
            ),
            channels=self.channels or self._channels(),
            duty=self._duty(),
            inviting=Inviting(
                self.db,
                self.clock,
                self.context.vault,
                self.settings.public_url,
                Purse.of(self.context.config),
            ),
            answering=Answering(
                db=self.db,
                clock=self.clock,
                vault=self.context.vault,
                policy=policy,
                purse=Purse.of(self.context.config),
                owner=owner,
            ),
            bell=self.bell,
            listen=self._listener(),
        )

    @property
    def _how(self) -> dict[str, Any]:
        config, settings = self.context.config, self.settings
        offered = offered_channels(settings, config.scripts)
        return {"config": config, "public_url": settings.public_url, "offered": offered}

    def _render(self, alert: StoredAlert) -> list[Message]:
        return render(alert, **self._how)

    def _render_digest(self, alerts: Sequence[StoredAlert]) -> list[Message]:
        return render_digest(alerts, **self._how)

    def _channels(self) -> dict[str, Providers]:
        scripts = self.context.config.scripts
        return self.gathered(build_providers(self.settings, clock=self.clock.now, scripts=scripts))

    def gathered(self, providers: Mapping[str, Sequence[Channel]]) -> dict[str, Providers]:
        """Return one channel for each kind, of all the providers there are for it."""
        config = self.context.config
        return gathered(
            providers,
            Choosing(
                db=self.db,
                clock=self.clock,
                policy=config.delivery,
                routing=config.providers.routing,
                duty=self.settings.duty.rota.channels,
                remind=config.providers.fail_over.remind,
            ),
        )

    def _duty(self) -> Duty:
        countries = self.context.config.countries
        return Duty(
            db=self.db,
            clock=self.clock,
            rota=self.settings.duty.rota,
            zone=self.context.config.alerts.zone,
            language=self.context.config.subscribers.default_language,
            public_url=self.settings.public_url,
            open_address=self._open_address,
            links=lambda phone: countries.tariff_of(phone).links,
            purse=Purse.of(self.context.config),
        )

    def _open_address(self, sealed: bytes, contact_id: str, channel: str) -> str:
        return self.context.vault.open(sealed, row_id=contact_id, field=channel)

    def _fail_over(self) -> FailOver:
        config, settings = self.context.config, self.settings
        return FailOver(
            db=self.db,
            clock=self.clock,
            policy=config.providers.fail_over,
            routing=config.providers.routing,
            providers=settings.sms_providers,
            receipts=settings.public_url is not None,
            open_address=self._open_address,
            duty=self.settings.duty.rota.channels,
            made=self.bell.ring,
            purse=Purse.of(config),
            tell_anew=partial(tell_newcomers, context=self.context, now=self.clock.now()),
        )

    def _listener(self) -> Callable[[Callable[[], None]], Awaitable[None]]:
        if self.db.is_sqlite:
            return partial(wake.watch_for_ever, self.db)
        url = self.settings.listen_url or self.settings.database_url
        return partial(wake.listen_for_ever, url)

    def ticker(self) -> AbstractAsyncContextManager[None]:
        """Return the clock, ticking while its context is open."""
        ticker = Ticker(db=self.db, clock=self.clock, owner=new_owner())
        return ticking(
            [
                Job(name="age_ratings", every=_AGE_EVERY, run=self.age_ratings),
                Job(name="new_rules", every=_RULES_EVERY, run=self.follow_rules),
                Job(name="roads", every=_ROADS_EVERY, run=self.follow_roads, ends_after=_ROADS_FOR),
                Job(name="expire", every=_EXPIRE_EVERY, run=self.expire),
                Job(name="forget", every=_FORGET_EVERY, run=self.forget),
                Job(name="sort_numbers", every=_SORT_EVERY, run=self.sort_numbers),
                Job(name="tell_waiting", every=_TELL_EVERY, run=self.tell_waiting),
                Job(name="spending", every=_SPENDING_EVERY, run=self.settle_spending),
                Job(name="fail_over", every=_FAIL_OVER_EVERY, run=self.fail_over),
                Job(name="reach", every=_REACH_EVERY, run=self.find_unreachable),
                Job(name="remind", every=_REMIND_EVERY, run=self.remind),
                Job(name="escalate", every=_ESCALATE_EVERY, run=self.escalate),
            ],
            ticker,
        )

    async def age_ratings(self) -> None:
        """Rate again every section not rated lately, some at a time."""
        made = self.bell.ring
        await age_out.age_all(self.db, self.context, self.clock, older_than=RATINGS_AGE, made=made)

    async def follow_rules(self) -> None:
        """Have the rules in force rate and weigh what other rules did."""
        after, context = "", self.context
        await new_rules.rate_roads(self.db, context, self.clock, made=self.bell.ring)
        while found := await self.db.read(
            partial(new_rules.weigh_next, after=after, context=context, now=self.clock.now())
        ):
            after = found.section_id
            put = partial(
                new_rules.put_weighed, renewal=found, context=context, now=self.clock.now()
            )
            if await self.db.write(put):
                self.bell.ring()

    async def follow_roads(self) -> None:
        """Let what happened reach the roads as they are now."""
        await follow_roads(self.db, self.context, self.clock)

    async def expire(self) -> None:
        """Answer statements whose time is over; end deliveries that would come too late."""
        policy = self.context.config.delivery
        follow = partial(clock_back.follow_clock, policy=policy, now=self.clock.now())
        if await self.db.write(follow):
            self.bell.ring()
        while await self.db.write(
            lambda conn: age_out.expire_statements(conn, context=self.context, now=self.clock.now())
        ):
            self.bell.ring()
        while await self.db.write(
            lambda conn: settling.expire(conn, limit=_EXPIRE_STRIDE, now=self.clock.now())
        ):
            pass

    async def tell_waiting(self) -> None:
        """Tell what waited for its time: after quiet hours, in the morning, in a week."""
        telling = Telling.of(self.context, self._render_digest)
        while await self.db.write(lambda conn: tell_waiting(conn, telling, now=self.clock.now())):
            self.bell.ring()

    async def fail_over(self) -> None:
        """Move weights between providers, and on what did not arrive in time."""
        flow = self._fail_over()
        await shift_weights(flow)
        await fail_over(flow)

    async def escalate(self) -> None:
        """Tell the next of who does not answer; of all of a road nobody is sure of; duty."""
        flow = Escalating(
            config=self.context.config,
            providers=self.settings.sms_providers,
            public_url=self.settings.public_url,
            duty=self.settings.duty.rota.channels,
            offered=self._how["offered"],
        )
        while await self.db.write(lambda conn: escalate(conn, flow, now=self.clock.now())):
            self.bell.ring()
        await look_for_duty(self.db, self.context, self.clock, self.settings.duty.rota)
        await tell_unanswered(self.db, self.context, self.clock, made=self.bell.ring)

    async def remind(self) -> None:
        """Tell those who were told of a severe danger that it goes on."""
        now = self.clock.now()
        if await self.db.write(lambda conn: remind(conn, context=self.context, now=now)):
            self.bell.ring()

    async def settle_spending(self) -> None:
        """Put what SMS did cost in the place of what was set aside; tell whose money runs short."""
        purse = Purse.of(self.context.config)
        while await self.db.write(lambda conn: settle(conn, purse, now=self.clock.now())):
            pass
        now, duty = self.clock.now(), self.settings.duty.rota.channels
        if await self.db.read(lambda conn: list_short(conn, purse, now=now)):
            await self.db.write(lambda conn: review_budgets(conn, purse, duty=duty, now=now))

    async def find_unreachable(self) -> None:
        """Find contacts whom nothing reaches, and whether many were silenced."""
        await find_unreachable(self.db, self.context, self.clock)
        await tell_of_silenced(
            self.db, self.context, self.clock, duty=self.settings.duty.rota.channels
        )

    async def sort_numbers(self) -> None:
        """Look up every phone's tariff again."""
        await sort_numbers(self.db, self.context)

    async def forget(self) -> None:
        """Delete deliveries, and empty what people wrote, once kept for as long as config says."""
        await forget(self.db, self.context.config.retention, now=self.clock.now())

    def _opted_out(self, conn: Connection, delivery_id: str) -> None:
        opt_out_by_delivery(conn, delivery_id, now=self.clock.now())


@contextmanager
def open_service(
    settings: Settings,
    *,
    clock: Clock | None = None,
    rules: Sequence[Mapping[str, Any]] | None = None,
) -> Iterator[Service]:
    """Migrate, seed and open everything; close the database at the end.

    `clock`: in place of that of all machines on the database; `rules`: tables that a database
    without a rule set begins with, in place of config/rules.toml.

    Raises:
        ConfigError: The configuration, the environment or the rules cannot be used.
        VaultKeyError: The vault's keys do not open what the database holds.
    """
    config = load_config(settings.config_dir)
    metrics.CONFIG.labels(hash_of(settings.config_dir)[:12]).set(1)
    if rules is not None:
        config = replace(config, rules=tuple(rules))
    migrate.upgrade(settings.database_url)
    db = Database(settings.database_url)
    with closing(db), keeping_time(db, clock) as time:
        db.write_now(lambda conn: tune_rules.seed(conn, config, now=time.now()))
        places = db.read_now(place_store.list_places)
        context = Context(
            config=config,
            gazetteer=Gazetteer(config.network, places),
            vault=bind_vault(settings, db),
        )
        sort_new_numbers(db, context)
        yield Service(settings=settings, db=db, clock=time, context=context, bell=Bell())
