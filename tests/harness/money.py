"""Money in tests of delivery: budgets, and fan-outs that plan with them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from app.alerts.alert import Message
from app.alerts.records import StoredAlert
from app.channels.base import Accepted, Rejected, SendResult
from app.core.clock import ManualClock
from app.db.tables import BudgetRow, ContactChannelRow, DeliveryRow, SpendingRow
from app.delivery.delivery import after_attempt
from app.delivery.outbox import claiming, outcomes, purse
from app.delivery.outbox.claiming import Claimed
from app.delivery.outbox.outcomes import Outcome
from app.delivery.outbox.purse import Account
from app.flows.fan_out import FanOut, fan_out_pending
from app.flows.money import plan_spending
from app.flows.money.plan_spending import Purse
from app.flows.outcomes.fail_over import FailOver, fail_over
from app.flows.sending.tell_waiting import Telling, tell_waiting
from tests.harness.api import shipped_config
from tests.harness.outbox import NOW, ORGANISATION, Outbox

CONFIG = shipped_config()
#: What a segment costs where these people live.
PRICE = CONFIG.countries.tariff("ML").price


class Books:
    """An outbox whose messages cost something."""

    def __init__(self, outbox: Outbox, *, digest_segments: int = 2) -> None:
        self.outbox, self.clock = outbox, ManualClock(NOW)
        self.purse = Purse.of(CONFIG)
        self._digest_segments = digest_segments

    def contact(self, *, tariff: str | None = "ML", **more: Any) -> str:
        """Add a subscriber whose number has a tariff."""
        contact_id = self.outbox.contact(**more)
        row = ContactChannelRow
        self.outbox.run(
            update(row)
            .where(row.contact_id == contact_id, row.channel == "sms")
            .values(tariff=tariff)
        )
        return contact_id

    def budget(self, segments: float, *, reserve: float = 0) -> None:
        """Let the organisation spend so many segments a month."""
        values = {
            "organisation_id": ORGANISATION,
            "monthly": round(segments * PRICE),
            "reserve": round(reserve * PRICE),
            "changed_at": NOW,
        }
        self.outbox.run(insert(BudgetRow).values(values))

    def fan_out(self, *, chunk: int = 10_000) -> None:
        """Fan out whatever is untold, as the worker does."""
        flow = FanOut(
            db=self.outbox.db,
            clock=self.clock,
            render=lambda _: (),
            languages=["fr", "en"],
            chunk=chunk,
            made=lambda: None,
            render_digest=self._digest,
            policy=CONFIG.moment,
            purse=self.purse,
        )
        asyncio.run(fan_out_pending(flow))

    def morning(self, days: int = 1) -> None:
        """Let it be morning, some days on, and tell what waited for it."""
        self.clock.advance(timedelta(days=days))
        telling = Telling(policy=CONFIG.moment, render=self._digest, purse=self.purse)
        while self.outbox.db.write_now(
            lambda conn: tell_waiting(conn, telling, now=self.clock.now())
        ):
            pass

    def send(self, result: SendResult | None = None, *, channel: str = "sms") -> list[Claimed]:
        """Let a provider answer to everything that is due; return what it was given."""
        result = result or Accepted(provider_id="x")
        now = self.clock.now()

        def work(conn: Any) -> list[Claimed]:
            claimed = claiming.claim(
                conn,
                owner="w",
                channel=channel,
                limit=1000,
                now=now,
                lease=timedelta(minutes=1),
            )
            outcomes.record(conn, [self._outcome(one, result, now) for one in claimed])
            return claimed

        return self.outbox.db.write_now(work)

    def settle(self) -> int:
        """Settle what is with a provider; return how many messages."""
        return self.outbox.db.write_now(
            lambda conn: plan_spending.settle(conn, self.purse, now=self.clock.now())
        )

    def fail_over(self) -> None:
        """Let what did not arrive go another way, some time later."""
        self.clock.advance(timedelta(hours=1))
        flow = FailOver(
            db=self.outbox.db,
            clock=self.clock,
            policy=CONFIG.providers.fail_over,
            routing=CONFIG.providers.routing,
            providers=[],
            receipts=True,
            open_address=lambda *_: "",
            duty=[],
            made=lambda: None,
            purse=self.purse,
        )
        asyncio.run(fail_over(flow))

    def account(self) -> Account:
        """Return how the organisation's money stands."""
        now = self.clock.now()
        (found,) = self.outbox.db.read_now(
            lambda conn: purse.list_accounts(
                conn, policy=CONFIG.budget, month=self.purse.month(now), now=now
            )
        )
        return found

    def spent(self) -> dict[tuple[str, str, str], tuple[int, int, int]]:
        """Return messages, segments and cost by month, tariff and level."""
        row = SpendingRow
        query = select(row.month, row.tariff, row.level, row.messages, row.segments, row.cost)
        rows = self.outbox.db.read_now(lambda conn: conn.execute(query).all())
        return {(one[0], one[1], one[2]): (one[3], one[4], one[5]) for one in rows}

    def reserved(self) -> int:
        """Return what is set aside, in segments to Mali."""
        query = select(func.coalesce(func.sum(DeliveryRow.reserved), 0))
        return int(self.outbox.db.read_now(lambda conn: conn.scalar(query)) or 0) // PRICE

    def rows(self, alert: str) -> dict[str, list[tuple[str, str, str | None]]]:
        """Return (channel, status, why) of each contact's messages of an alert."""
        row = DeliveryRow
        why = func.coalesce(row.error_code, row.deferred)
        query = (
            select(row.contact_id, row.channel, row.status, why)
            .where(row.alert_id == alert)
            .order_by(row.contact_id, row.channel)
        )
        found: dict[str, list[tuple[str, str, str | None]]] = {}
        for contact, *rest in self.outbox.db.read_now(lambda conn: conn.execute(query).all()):
            found.setdefault(contact, []).append((rest[0], rest[1], rest[2]))
        return found

    def _digest(self, alerts: Sequence[StoredAlert]) -> list[Message]:
        return [
            Message(
                channel=channel,
                language=language,
                subject="several" if channel == "email" else None,
                text=" | ".join(sorted(one.route for one in alerts)),
                html=None,
                segments=self._digest_segments,
            )
            for channel in ("sms", "email")
            for language in ("fr", "en", "fr-x-1", "en-x-1")
        ]

    @staticmethod
    def _outcome(claimed: Claimed, result: SendResult, now: datetime) -> Outcome:
        change = after_attempt(
            result,
            attempts=claimed.attempt,
            now=now,
            expires_at=claimed.expires_at,
            rand=0.5,
            policy=CONFIG.delivery,
        )
        return Outcome(
            claimed=claimed,
            owner="w",
            provider="p",
            at=now,
            change=change,
            segments=result.segments if isinstance(result, Accepted) else None,
        )


REFUSED = Rejected(permanent=True, code="21211", detail="no such number")
