"""Everything a request may need, put together once at start-up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from app.accounts.limits import TokenBuckets
from app.channels.registry import offered_channels
from app.config import Config
from app.core.clock import Clock
from app.db.engine import Database
from app.flows.context import Context
from app.flows.duty.watch import LOOK_EVERY, Limits, Watch
from app.flows.outcomes.receipts import Intake
from app.flows.sending.refusals import Shouting
from app.http.key_cache import KeyCache
from app.http.previews import Previews
from app.http.shares import Shares
from app.http.streams import Streams
from app.roads.network import Network
from app.settings import Settings
from app.subscribers.targets import RoadNames, road_names
from app.subscribers.vault import Vault

#: Enough to share commits. Whoever sends more at once keeps his own waiting, and no report of
#: another key stands behind all of them.
REPORTS_AT_A_TIME = 32

#: Questions and pages of one key that are answered at once: each takes the processor, and one of
#: the few readers of the database, for so long that a hundred would make every report wait.
ASKED_AT_A_TIME = 3
#: Of one key; what comes besides is told to come back.
WAITING_AT_MOST = 1_000


def _nobody_waits() -> None:
    """Wake nobody: a process that only answers requests has no worker."""


@dataclass(frozen=True, kw_only=True, repr=False)
class AppState:
    """What `create_app` is given.

    Attributes:
        context: What flows work with: configuration, roads, vault.
        wake: Tells the worker that something was committed; called after the commit, never inside.
        buckets: The rate limits of this process.
        keys: What this process remembers of keys, for a few seconds.
        previews: Lets a few previews of rules run at a time.
        streams: Answers that stay open until the server stops.
        reports: Of how many reports of one key the database is given at a time.
        asking: Of how many questions of one key are answered at a time.
        look_every: How long a look at the queue is good for.
    """

    settings: Settings
    context: Context
    db: Database
    clock: Clock
    buckets: TokenBuckets
    wake: Callable[[], None] = _nobody_waits
    keys: KeyCache = field(default_factory=KeyCache)
    look_every: timedelta = LOOK_EVERY
    previews: Previews = field(default_factory=Previews)
    streams: Streams = field(default_factory=Streams)
    reports: Shares = field(default_factory=lambda: Shares(REPORTS_AT_A_TIME))
    asking: Shares = field(default_factory=lambda: Shares(ASKED_AT_A_TIME, waiting=WAITING_AT_MOST))

    @property
    def config(self) -> Config:
        """Everything under `config/`."""
        return self.context.config

    @property
    def vault(self) -> Vault:
        """Seals and opens names and addresses."""
        return self.context.vault

    @property
    def roads(self) -> Network:
        """The network."""
        return self.context.config.network

    @cached_property
    def watch(self) -> Watch:
        """Whether what was promised is being done."""
        limits = self.settings.watch
        return Watch(
            self.db,
            self.clock,
            Limits(
                dead_man=timedelta(seconds=limits.dead_man_s),
                due_age=timedelta(seconds=limits.due_age_s),
                untold_age=timedelta(seconds=limits.untold_age_s),
            ),
            sections=self.roads.sections.keys(),
            duty=self.settings.duty.rota.channels,
            every=self.look_every,
        )

    @cached_property
    def receipts(self) -> Intake:
        """Where receipts go in."""
        shouting = Shouting(
            duty=self.settings.duty.rota.channels,
            remind=self.config.providers.fail_over.remind,
            pause=self.config.delivery.pause,
        )
        return Intake(self.db, shouting)

    @property
    def offered(self) -> tuple[str, ...]:
        """The channels that a contact may take here."""
        return offered_channels(self.settings, self.config.scripts)

    @property
    def road_names(self) -> RoadNames:
        """Every name that a subscription may use for a road."""
        return road_names(self.roads)
