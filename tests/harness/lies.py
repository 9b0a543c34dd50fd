"""Providers that lie by a script, under the whole service in simulated time, and what must hold.

Time goes in steps. What a provider says later of a message is said when its time has come, over
HTTP: signed by Twilio, with its token by a gateway.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr
from sqlalchemy import select
from typing_extensions import override

from app.db.engine import Database
from app.db.tables import DeliveryAttemptRow, DeliveryRow
from app.delivery.delivery import TERMINAL
from app.settings import GatewaySettings
from tests.harness import gateway as kannel
from tests.harness.gateway import FakeGateway, fake_gateway
from tests.harness.twilio import Fault
from tests.harness.world import PUBLIC_URL, World, a_world

STEP = timedelta(seconds=30)
#: How long a script is watched: everything that waits for something has given up by then.
WATCHED = timedelta(minutes=6)
#: Beyond this `sent` without a receipt is listed, whatever its level.
LONG = timedelta(minutes=31)

#: How long a provider may take to answer: a busy machine is no silent provider. Where it is meant
#: to be silent it is waited for less, in real time.
PATIENT_S, HASTY_S = 20.0, 1.0

#: What a provider does with a message that it is handed so long after the first one; None: well.
Answers = Callable[[timedelta], Fault | None]
#: What it says of its n-th message: words, each so many seconds after it took the message.
Receipts = Callable[[int], Sequence[tuple[float, str]]]


def well(_: timedelta) -> Fault | None:
    """Take every message."""
    return None


def always(fault: Fault) -> Answers:
    """Go wrong in the same way with every message."""
    return lambda _: fault


def for_a_minute(fault: Fault) -> Answers:
    """Go wrong for a minute, then be well."""
    return lambda passed: fault if passed < timedelta(minutes=1) else None


def says(*words: tuple[float, str]) -> Receipts:
    """Say the same of every message."""
    return lambda _: words


def it_arrived(_: int) -> Sequence[tuple[float, str]]:
    """Say of every message that it was delivered."""
    return [(15, "delivered")]


@dataclass(frozen=True, kw_only=True)
class Script:
    """A lie, and what must come of it.

    Attributes:
        through: The SMS provider; "email": there are mailboxes, and no phones.
        receipts: What it says later. A word with a `?` is forged: not signed by the provider.
        mail: What the mail server replies to the content, by how long it has run.
        log_down: Twilio's own log cannot be asked.
        timeout_s: How long the provider may take to answer.
        becomes: How many recipients stand where at the end.
        listed: How many of them a person finds on the list of the unreached.
        twice: How many got two copies; the record must say of each why.
        alike: The database hears of it what it hears of another lie: on SQLite alone.
    """

    lie: str
    through: str = "twilio"
    answers: Answers = well
    receipts: Receipts = it_arrived
    mail: Callable[[timedelta], str] = lambda _: ""
    log_down: bool = False
    timeout_s: float = PATIENT_S
    becomes: Mapping[str, int]
    listed: int = 0
    twice: int = 0
    alike: bool = False


@dataclass
class Stage:
    """A script while it is played."""

    script: Script
    world: World
    gateway: FakeGateway
    recipients: int
    began: datetime
    _said: set[tuple[str, int]] = field(default_factory=set)
    _taken_at: dict[str, datetime] = field(default_factory=dict)

    async def play(self) -> str:
        """Raise a severe alert, let time pass; return the alert's id."""
        answer = await self.world.reports("fuel_interception", at="Lakamane")
        alert = answer.effect()["alert_id"]
        while self.world.clock.now() < self.began + WATCHED:
            await self._receipts()
            self.world.clock.advance(STEP)
            await self._go_on()
        await self._receipts()
        self.world.clock.advance(LONG)
        await self._go_on()
        return str(alert)

    async def _go_on(self) -> None:
        await self.world.service.fail_over()
        self.world.service.bell.ring()
        await self.world.quiet()

    async def _receipts(self) -> None:
        now = self.world.clock.now()
        for number, (id_, say) in enumerate(self._messages()):
            taken_at = self._taken_at.setdefault(id_, now)
            for index, (after_s, word) in enumerate(self.script.receipts(number)):
                due = taken_at + timedelta(seconds=after_s)
                if due <= now and (id_, index) not in self._said:
                    self._said.add((id_, index))
                    await say(word)

    def _messages(self) -> list[tuple[str, Callable[[str], Any]]]:
        twilio = [(one["sid"], self._twilio_says(one)) for one in self.world.twilio.messages]
        return twilio + [
            (f"gateway-{index}", self._gateway_says(one))
            for index, one in enumerate(self.gateway.messages)
        ]

    def _twilio_says(self, message: dict[str, str]) -> Callable[[str], Any]:
        async def say(word: str) -> None:
            word, forged, unknown = word.strip("?!"), "?" in word, "!" in word
            if unknown:
                message_of_nobody = f"{PUBLIC_URL}/v1/twilio/status?delivery={'0' * 36}"
                assert await self.world.calls_back(message | {"callback": message_of_nobody}, word)
                return
            url, form, signature = self.world.twilio.callback(message, word)
            status = await self.world.callback_of(url, form, "forged" if forged else signature)
            assert status == (403 if forged else 204)

        return say

    def _gateway_says(self, message: dict[str, str]) -> Callable[[str], Any]:
        kinds = {"delivered": 1, "undelivered": 2, "queued": 4, "sent": 8, "failed": 16}

        async def say(word: str) -> None:
            url = self.gateway.report_url(message, kinds[word.strip("?")])
            if forged := "?" in word:
                url = url.replace("token=", "token=0")
            answer = await self.world.api.client().get(url.removeprefix(PUBLIC_URL))
            assert answer.status_code == (403 if forged else 204)

        return say

    # ------------------------------------------------------------------------------------- then

    def copies(self) -> Counter[str]:
        """Return how many copies each delivery of ours was taken in."""
        taken = [one["callback"] for one in self.world.twilio.messages]
        taken += [one["dlr-url"] for one in self.gateway.messages]
        found = Counter(parse_qs(urlsplit(url).query)["delivery"][0] for url in taken)
        return found + Counter(to for to, _ in self.world.smtp.mails)

    async def listed(self, alert: str) -> set[str]:
        """Return the contacts on the list that a person calls."""
        answer = await self.world.api.moderator.get(f"/v1/alerts/{alert}/unreached?limit=200")
        assert answer.status_code == 200, answer.text
        return {one["contact_id"] for one in answer.json()["items"]}

    async def unaccounted(self, alert: str) -> list[dict[str, Any]]:
        """Return the deliveries that have not ended and that no person is told of."""
        listed = await self.listed(alert)
        return [
            one
            for one in await self.world.deliveries(alert)
            if one["status"] not in TERMINAL and one["contact_id"] not in listed
        ]

    def doubted(self) -> set[str]:
        """Return the deliveries of whose calls the record says that nobody knew their end."""
        doubt = select(DeliveryAttemptRow.delivery_id).where(
            DeliveryAttemptRow.outcome == "in_doubt"
        )
        silent = select(DeliveryRow.id).where(DeliveryRow.silent_provider.is_not(None))
        return self.world.db.read_now(lambda conn: {*conn.scalars(doubt), *conn.scalars(silent)})


@asynccontextmanager
async def on_stage(db: Database, script: Script, *, recipients: int) -> AsyncIterator[Stage]:
    """Set the whole service up with the providers of `script`, and people to be told."""
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(fake_gateway())
        world = await stack.enter_async_context(
            a_world(db, timeout_s=script.timeout_s, **_providers(script, gateway))
        )
        began = world.clock.now()

        def answer(_form: dict[str, str]) -> Fault | None:
            return script.answers(world.clock.now() - began)

        world.twilio.fault = gateway.fault = answer
        world.twilio.log_down = script.log_down
        world.smtp.at_data = _Replies(lambda: script.mail(world.clock.now() - began))
        mail = script.through == "email"
        for number in range(recipients):
            await world.subscriber(f"person {number}", sms=not mail, email=mail)
        yield Stage(script=script, world=world, gateway=gateway, recipients=recipients, began=began)


def _providers(script: Script, gateway: FakeGateway) -> dict[str, Any]:
    if script.through != "gateway":
        return {}
    return {
        "twilio": None,
        "gateway": GatewaySettings(
            url=gateway.url,
            username=kannel.USER,
            password=SecretStr(kannel.PASSWORD),
            from_=kannel.SENDER,
            timeout_s=script.timeout_s,
        ),
    }


class _Replies(dict[str, str]):
    """What the mail server replies to the content, whoever it is for."""

    def __init__(self, reply: Callable[[], str]) -> None:
        self._reply = reply

    @override
    def get(self, _to: str, _otherwise: Any = None) -> str:
        return self._reply()
