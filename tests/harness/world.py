"""The whole service in one process, with its providers on loopback and a clock that stands still.

await world.reports("fuel_interception", at="Lakamane")
world.phone("dispatcher").received("carburant")
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import func, select

from app.accounts.keys import Scope
from app.channels.scripts import Scripts
from app.config import Config
from app.core.clock import ManualClock
from app.db.engine import Database
from app.db.tables import AlertRow, DeliveryRow
from app.flows.context import Context
from app.flows.sending.bell import Bell
from app.service import Service
from app.settings import Settings, SmtpSettings, TwilioSettings
from app.subscribers.vault import Vault, new_keys
from tests.harness.api import START, Api, shipped_config, shipped_gazetteer
from tests.harness.people import Person, Phone
from tests.harness.smtp import FakeSmtp, fake_smtp
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio, fake_twilio
from tests.harness.warm import seed, warm_app
from tests.harness.working import until

PUBLIC_URL = "https://sira.example.org"
ROUTE = "ML-DKR-N"


@cache
def impatient_config() -> Config:
    """`config/` as shipped, but the worker looks for work often: the clock here jumps."""
    shipped = shipped_config()
    return replace(shipped, delivery=replace(shipped.delivery, poll=timedelta(milliseconds=200)))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the service answered to a report or a verdict."""

    status: int
    body: dict[str, Any]

    @property
    def incident_id(self) -> str:
        """The incident it speaks of."""
        return str(self.body["incident"]["id"])

    @property
    def report_id(self) -> str:
        """The report's id."""
        return str(self.body["report"]["id"])

    def effect(self, route: str = ROUTE, cargo: str = "fuel") -> dict[str, Any]:
        """Return the effect on a route for a cargo.

        Raises:
            AssertionError: There is none, or more than one.
        """
        (found,) = (e for e in self.body["effects"] if (e["route"], e["cargo"]) == (route, cargo))
        return dict(found)

    def effects(self) -> set[tuple[str, str]]:
        """Return every (route, cargo) that it had an effect on."""
        return {(effect["route"], effect["cargo"]) for effect in self.body["effects"]}


@dataclass
class World:
    """Sira, its providers, and the people who report and are told."""

    service: Service
    api: Api
    clock: ManualClock
    twilio: FakeTwilio
    smtp: FakeSmtp
    stop_worker: Callable[[], Awaitable[None]]
    people: dict[str, Person] = field(default_factory=dict)
    organisation_id: str = ""

    @property
    def db(self) -> Database:
        """The database under it."""
        return self.service.db

    # ------------------------------------------------------------------------------------ given

    async def person(
        self,
        name: str,
        *,
        sms: bool = True,
        email: bool = True,
        language: str = "fr",
        organisation_id: str | None = None,
    ) -> Person:
        """Add a contact with a phone, a mailbox or both, over HTTP."""
        organisation_id = organisation_id or self._organisation()
        number = len(self.people) + 1
        phone = f"+2237612{number:04d}" if sms else None
        mail = f"{name.replace(' ', '.')}@example.org" if email else None
        body = {
            "organisation_id": organisation_id,
            "name": name,
            "language": language,
            **({"phone": phone} if phone else {}),
            **({"email": mail} if mail else {}),
        }
        made = await self.api.admin.post("/v1/contacts", json=body)
        assert made.status_code == 201, made.text
        self.people[name] = Person(
            contact_id=made.json()["id"],
            organisation_id=organisation_id,
            phone=phone,
            email=mail,
        )
        return self.people[name]

    async def subscriber(
        self,
        name: str,
        *,
        routes: Sequence[str] = (ROUTE,),
        cargoes: Sequence[str] = ("fuel",),
        sms: bool = True,
        email: bool = False,
        language: str = "fr",
        organisation_id: str | None = None,
        **more: Any,
    ) -> Person:
        """Add a contact with one subscription; `more` are further members of it."""
        person = await self.person(
            name, sms=sms, email=email, language=language, organisation_id=organisation_id
        )
        await self.subscribes(name, routes=routes, cargoes=cargoes, **more)
        return person

    async def subscribes(
        self, name: str, *, routes: Sequence[str] = (), cargoes: Sequence[str] = (), **more: Any
    ) -> str:
        """Let a contact subscribe, over HTTP; return the subscription's id."""
        body = {
            "contact_id": self.people[name].contact_id,
            "routes": list(routes),
            "cargoes": list(cargoes),
            **more,
        }
        made = await self.api.admin.post("/v1/subscriptions", json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    # ------------------------------------------------------------------------------------- when

    async def reports(
        self,
        kind: str,
        at: str | None = None,
        *,
        by: Scope = Scope.MODERATOR,
        client: httpx.AsyncClient | None = None,
        source: str | None = None,
        minutes_ago: int = 30,
        headers: dict[str, str] | None = None,
        wait: bool = True,
        **more: Any,
    ) -> Answer:
        """Report something, and wait until whatever follows has been sent."""
        body = {
            "kind": kind,
            "occurred_at": (self.clock.now() - timedelta(minutes=minutes_ago)).isoformat(),
            **({"place": at} if at else {}),
            **({"source": {"name": source, "type": "local news"}} if source else {}),
            **more,
        }
        client = client or self.api.client(self.api.key(by))
        answer = await client.post("/v1/reports", json=body, headers=headers)
        return await self._followed(answer, wait=wait)

    async def decides(self, incident_id: str, **said: Any) -> Answer:
        """Let a moderator decide of an incident."""
        path = f"/v1/incidents/{incident_id}"
        return await self._followed(await self.api.moderator.patch(path, json=said))

    async def posts(self, path: str, body: Any = None) -> Answer:
        """Let a moderator post anything."""
        return await self._followed(await self.api.moderator.post(path, json=body))

    async def passes(self, by: timedelta, *, every: timedelta = timedelta(hours=1)) -> None:
        """Let time pass; the clock's jobs run each time that `every` is over."""
        until = self.clock.now() + by
        while (left := until - self.clock.now()) > timedelta(0):
            self.clock.advance(min(left, every))
            await self.service.age_ratings()
            await self.service.expire()
            await self.quiet()  # a clock that jumps while a call is in the air makes it a doubt

    async def calls_back(self, message: dict[str, str], status: str, **more: str) -> int:
        """Let Twilio say what became of `message`, signed; return the status answered."""
        url, form, signature = self.twilio.callback(message, status, **more)
        return await self.callback_of(url, form, signature)

    async def callback_of(self, url: str, form: dict[str, str], signature: str) -> int:
        """Post a status callback as it is given."""
        answer = await self.api.client().post(
            url.removeprefix(PUBLIC_URL), data=form, headers={"X-Twilio-Signature": signature}
        )
        return answer.status_code

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the worker has come so far by itself."""
        await until(condition)

    async def quiet(self) -> None:
        """Wait until nothing is left to fan out, send or settle at this instant of the clock."""
        self.service.bell.ring()
        async with asyncio.timeout(50):
            while await self.db.read(self._busy):  # noqa: ASYNC110 - it is in a database
                await asyncio.sleep(0.01)

    # ------------------------------------------------------------------------------------- then

    def phone(self, name: str) -> Phone:
        """Return the phone of somebody."""
        number = self.people[name].phone
        assert number is not None
        return Phone(number, self.twilio)

    def mails(self, name: str) -> list[EmailMessage]:
        """Return what is in somebody's mailbox."""
        address = self.people[name].email
        parsed = (
            message_from_bytes(content, policy=policy.default)
            for to, content in self.smtp.mails
            if to == address
        )
        return list(parsed)

    def counts(self) -> dict[str, int]:
        """Return how many SMS and mails each person received; those with none are left out."""
        found = {
            name: (len(self.phone(name).texts) if person.phone else 0) + len(self.mails(name))
            for name, person in self.people.items()
        }
        return {name: number for name, number in found.items() if number}

    async def level(self, route: str = ROUTE, cargo: str = "fuel") -> str:
        """Return what the API says of a route."""
        answer = await self.api.admin.get(f"/v1/routes/{route}/rating", params={"cargo": cargo})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["level"])

    async def alerts(self, **filters: str) -> list[dict[str, Any]]:
        """Return the alerts that fit, the oldest first."""
        answer = await self.api.moderator.get("/v1/alerts", params={"limit": "200", **filters})
        assert answer.status_code == 200, answer.text
        return list(reversed(answer.json()["items"]))

    async def deliveries(self, alert_id: str) -> list[dict[str, Any]]:
        """Return what became of an alert's messages."""
        answer = await self.api.admin.get(f"/v1/alerts/{alert_id}/deliveries?limit=200")
        return list(answer.json()["items"])

    def statuses_of(self, alert_id: str) -> set[str]:
        """Return the statuses of an alert's deliveries, now."""
        query = select(DeliveryRow.status).where(DeliveryRow.alert_id == alert_id)
        return self.db.read_now(lambda conn: set(conn.scalars(query)))

    def nobody_was_told_twice(self) -> None:
        """Check that every provider took every delivery once, and only what it can take."""
        callbacks = [message["callback"] for message in self.twilio.messages]
        assert len(callbacks) == len(set(callbacks))
        assert self.twilio.bad_requests == []
        for message in self.twilio.messages:
            assert message["sender"] == SENDER
            assert message["callback"].startswith(f"{PUBLIC_URL}/v1/twilio/status?delivery=")
            assert 0 < len(message["body"]) <= 480
        same = [(message["to"], message["body"]) for message in self.twilio.messages]
        assert len(same) == len(set(same))

    # ------------------------------------------------------------------------------------------

    def _organisation(self) -> str:
        self.organisation_id = self.organisation_id or self.api.organisation()
        return self.organisation_id

    async def _followed(self, answer: httpx.Response, *, wait: bool = True) -> Answer:
        if wait:
            await self.quiet()
        return Answer(status=answer.status_code, body=answer.json() if answer.content else {})

    def _busy(self, conn: Any) -> bool:
        untold = select(func.count()).where(
            AlertRow.fanned_out_at.is_(None), AlertRow.status != "held"
        )
        now = self.clock.now()
        resting = [
            kind for kind, channel in (self.service.channels or {}).items() if channel.rests(now)
        ]
        open_now = DeliveryRow.status.in_(["queued", "in_doubt"])
        due = open_now & (DeliveryRow.due_at <= now)
        waiting = select(func.count()).where(
            (DeliveryRow.status == "sending") | (due & DeliveryRow.channel.not_in(resting))
        )
        return bool(conn.scalar(untold) or conn.scalar(waiting))


@asynccontextmanager
async def a_world(
    db: Database,
    *,
    like: World | None = None,
    timeout_s: float = 10.0,
    senders: Mapping[str, Any] | None = None,
    scripts: Scripts | None = None,
    **more: Any,
) -> AsyncIterator[World]:
    """Run everything on `db` for as long as the context is open.

    Args:
        db: A migrated database.
        like: A world that ran on it before: its vault, its people, its time.
        timeout_s: How long Twilio may take to answer.
        senders: Numbers that call, and that write on WhatsApp: `voice_from`, `whatsapp_from`.
        scripts: What calls say, and templates of WhatsApp, in place of those that are shipped.
        more: Further settings, or others for a provider.
    """
    clock = ManualClock(like.clock.now() if like else START)
    vault = like.service.context.vault if like else Vault.parse(new_keys())
    async with fake_twilio(clock) as twilio, fake_smtp() as smtp:
        account = TwilioSettings(
            account_sid=ACCOUNT,
            auth_token=SecretStr(TOKEN),
            from_=SENDER,
            base_url=twilio.url,
            timeout_s=timeout_s,
            **(senders or {}),
        )
        config = impatient_config()
        if scripts is not None:
            config = replace(config, scripts=scripts)
        given: dict[str, Any] = {"twilio": account, "public_url": PUBLIC_URL} | more
        settings = Settings(
            _env_file=None,
            smtp=SmtpSettings(
                host="127.0.0.1", port=smtp.port, from_="alerts@sira.example.org", starttls=False
            ),
            rate_limit_per_minute=10_000_000,
            **given,
        )
        service = Service(
            settings=settings,
            db=db,
            clock=clock,
            context=Context(
                config=config,
                gazetteer=shipped_gazetteer(),
                vault=vault,
            ),
            bell=Bell(),
        )
        service = replace(service, channels=service._channels())
        seed(db, impatient_config(), now=clock.now())
        state = service.state()
        api = Api(warm_app(state), state, clock)
        async with AsyncExitStack() as worker:
            await worker.enter_async_context(service.worker())
            world = World(
                service=service,
                api=api,
                clock=clock,
                twilio=twilio,
                smtp=smtp,
                stop_worker=worker.aclose,
                people=dict(like.people) if like else {},
                organisation_id=like.organisation_id if like else "",
            )
            try:
                yield world
            finally:
                await api.close()
