"""Two SMS providers on loopback behind one channel, and the receipts that they send or keep."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import Connection, func, select

from app.channels.base import Channel
from app.channels.http_gateway import HttpGateway
from app.channels.twilio_sms import TwilioSms
from app.core.clock import ManualClock
from app.db.tables import DeliveryRow
from app.delivery.fail_over import FailOverPolicy, Rule
from app.delivery.policy import DeliveryPolicy
from app.delivery.routing import Provider, RoutingPolicy, Shifting
from app.flows.outcomes.fail_over import FailOver, fail_over, shift_weights
from app.flows.outcomes.receipts import gateway_receipt, take_receipt, twilio_receipt
from app.flows.sending.providers import Choosing, Providers
from app.flows.sending.refusals import Shouting
from app.jobs.worker import Worker
from tests.harness import gateway as kannel
from tests.harness.gateway import FakeGateway, fake_gateway
from tests.harness.outbox import Outbox
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio, fake_twilio
from tests.harness.working import POLICY, a_worker, until

PUBLIC_URL = "https://sira.example"
NAMES = ("twilio", "gateway")
ROUTING = RoutingPolicy(
    providers=(
        Provider(name="twilio", prefixes=("", "+22376"), weight=50),
        Provider(name="gateway", prefixes=("",), weight=50),
    ),
    shifting=Shifting(),
)
RULES = FailOverPolicy(
    rules={
        0: Rule(after=timedelta(seconds=120), resend=True, other_channel=True, notify=True),
        2: Rule(after=timedelta(seconds=600), other_channel=True, notify=True),
    }
)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A message that a provider has."""

    provider: str
    delivery_id: str
    phone: str
    sid: str = ""


@dataclass(kw_only=True)
class Carriers:
    """The providers, the worker that uses them, and the clock jobs, all in simulated time."""

    outbox: Outbox
    clock: ManualClock
    twilio: FakeTwilio
    gateway: FakeGateway
    flow: FailOver
    worker: Worker
    sms: Providers
    acknowledged: set[tuple[str, str]] = field(default_factory=set)

    def taken(self) -> list[Taken]:
        """Return every message that a provider took, in order, Twilio's first."""
        found = [
            Taken(
                provider="twilio",
                delivery_id=_query(one["callback"])["delivery"],
                phone=one["to"],
                sid=one["sid"],
            )
            for one in self.twilio.messages
        ]
        return found + [
            Taken(
                provider="gateway",
                delivery_id=_query(one["dlr-url"])["delivery"],
                phone=one["to"],
            )
            for one in self.gateway.messages
        ]

    def receipt(self, message: Taken, word: str, code: str | None = None) -> None:
        """Let the provider of `message` say `word` about it."""
        self.outbox.db.write_now(lambda conn: self._receipt(conn, message, word, code))

    def receipts(self, words: Callable[[Taken], str | None]) -> None:
        """Let providers say once of each message what `words` returns; None: they say nothing."""
        said = []
        for message in self.taken():
            key = (message.provider, message.delivery_id)
            word = words(message)
            if word is not None and key not in self.acknowledged:
                self.acknowledged.add(key)
                said.append((message, word))

        def work(conn: Connection) -> None:
            for message, word in said:
                self._receipt(conn, message, word, None)

        self.outbox.db.write_now(work)

    def _receipt(self, conn: Connection, message: Taken, word: str, code: str | None) -> None:
        now = self.clock.now()
        if message.provider == "twilio":
            said = twilio_receipt(
                delivery_id=message.delivery_id,
                message_sid=message.sid,
                status=word,
                error_code=code,
                error_message=None,
                elsewhere=True,
                now=now,
            )
        else:
            said = gateway_receipt(
                delivery_id=message.delivery_id,
                status=word,
                code=code,
                answer="",
                elsewhere=True,
                now=now,
            )
        take_receipt(conn, said, shouting=Shouting(duty=self.flow.duty))

    async def settle_down(self) -> None:
        """Wait until nothing more is due now."""
        self.worker.bell.ring()
        await until(lambda: not self._busy())

    async def go_on(
        self, by: timedelta, *, words: Callable[[Taken], str | None] = lambda _: None
    ) -> None:
        """Let simulated time pass in steps of ten seconds, with receipts and clock jobs."""
        end = self.clock.now() + by
        while self.clock.now() < end:
            await self.settle_down()
            self.clock.advance(min(timedelta(seconds=10), end - self.clock.now()))
            self.receipts(words)
            await shift_weights(self.flow)
            await fail_over(self.flow)
        await self.settle_down()

    def _busy(self) -> int:
        now = self.clock.now()
        moves = DeliveryRow.status == "sending"
        if not self.sms.rests(now):
            moves |= (DeliveryRow.status == "queued") & (DeliveryRow.due_at <= now)
        due = select(func.count()).where(moves)
        return int(self.outbox.db.read_now(lambda conn: conn.execute(due).scalar_one()))


@asynccontextmanager
async def carriers(
    outbox: Outbox,
    clock: ManualClock,
    *,
    routing: RoutingPolicy = ROUTING,
    rules: FailOverPolicy = RULES,
    others: Sequence[Channel] = (),
    duty: Sequence[str] = ("email",),
    rand: Callable[[], float] | None = None,
    policy: DeliveryPolicy = POLICY,
) -> AsyncIterator[Carriers]:
    """Serve a Twilio and a gateway on loopback, and a worker that chooses between them."""
    async with fake_twilio(clock) as twilio, fake_gateway() as gateway:
        choosing = Choosing(db=outbox.db, clock=clock, policy=policy, routing=routing, duty=duty)
        if rand is not None:
            choosing = replace(choosing, rand=rand)
        sms = Providers(_channels(twilio, gateway), choosing)
        worker = a_worker(outbox, clock, sms, *others, policy=policy)
        flow = FailOver(
            db=outbox.db,
            clock=clock,
            policy=rules,
            routing=routing,
            providers=NAMES,
            receipts=True,
            open_address=worker.dispatch.open_address,
            duty=duty,
            made=worker.bell.ring,
        )
        yield Carriers(
            outbox=outbox,
            clock=clock,
            twilio=twilio,
            gateway=gateway,
            flow=flow,
            worker=worker,
            sms=sms,
        )


def _channels(twilio: FakeTwilio, gateway: FakeGateway) -> list[Channel]:
    return [
        TwilioSms(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            sender=SENDER,
            base_url=twilio.url,
            timeout_s=20.0,  # a busy machine is no silent provider
            public_url=PUBLIC_URL,
        ),
        HttpGateway(
            url=gateway.url,
            username=kannel.USER,
            password=kannel.PASSWORD,
            sender=kannel.SENDER,
            timeout_s=20.0,  # a busy machine is no silent provider
            public_url=PUBLIC_URL,
        ),
    ]


def _query(url: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def always(value: float) -> Callable[[], float]:
    """Return chance that never varies."""
    return lambda: value
