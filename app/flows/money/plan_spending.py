"""Money, where messages are made and where they are settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.alerts.records import StoredAlert
from app.alerts.sms_text import segments
from app.config import Config
from app.delivery.budget import BudgetPolicy, Month, month_of
from app.delivery.fail_over import PRIORITIES
from app.delivery.moment import Haste, MomentPolicy, haste_of
from app.delivery.outbox import moments, paying, purse, spending
from app.delivery.outbox.fanning import FanOutStep
from app.delivery.outbox.pace import Pace, pace_at
from app.delivery.outbox.paying import PRICED, SMS
from app.delivery.outbox.purse import Planned
from app.delivery.outbox.spending import Beside, Spent
from app.subscribers.countries import Countries

#: Messages settled in one transaction: short enough that a report does not wait for it.
_STRIDE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What spending is planned with."""

    countries: Countries
    policy: BudgetPolicy
    moment: MomentPolicy
    zone: ZoneInfo

    @classmethod
    def of(cls, config: Config) -> "Purse":
        """Return the one that `config` says."""
        return cls(
            countries=config.countries,
            policy=config.budget,
            moment=config.moment,
            zone=config.alerts.zone,
        )

    def month(self, now: datetime) -> Month:
        """Return the month that is accounted for."""
        return month_of(now, self.zone)


def plan_chunk(
    conn: Connection,
    purse_: Purse,
    alerts: Sequence[StoredAlert],
    step: FanOutStep,
    *,
    now: datetime,
) -> None:
    """Set aside what a chunk of a fan-out costs, and hold back what the budgets do not reach for.

    In the transaction that made it. What each message costs alone was set aside by the statement
    that made it; what says several alerts has a text only now.
    """
    if step.span is None or not step.inserted:
        return
    if len(alerts) > 1:
        ids = [one.id for one in alerts]
        paying.reserve(conn, ids, step.span, countries=purse_.countries)
    news = [one.id for one in alerts if _haste(one) is Haste.NEWS]
    if not news:
        return
    purse.hold_back(
        conn,
        Planned(which=purse.of_chunk(conn, news, step.span), digests=False),
        policy=purse_.policy,
        month=purse_.month(now),
        pace=pace_at(conn, purse_.moment, now=now),
        now=now,
    )


def plan_digests(
    conn: Connection,
    purse_: Purse,
    ids: Sequence[str],
    news: Sequence[str],
    *,
    pace: Pace,
    now: datetime,
) -> None:
    """Likewise for messages put together of what waited; `news`: those that are not urgent."""
    if not ids:
        return
    paying.reserve_these(conn, ids, countries=purse_.countries)
    if news:
        purse.hold_back(
            conn,
            Planned(which=purse.of_ids(conn, news), digests=True),
            policy=purse_.policy,
            month=purse_.month(now),
            pace=pace,
            now=now,
        )


def plan_elsewhere(
    conn: Connection, purse_: Purse, contact_ids: Sequence[str], *, now: datetime
) -> None:
    """Likewise for SMS made just now in place of e-mails that did not arrive."""
    moments.count_alone(conn)
    purse.hold_back(
        conn,
        Planned(
            which=purse.in_place_of(conn, contact_ids, less_than=PRIORITIES["end"], now=now),
            digests=True,
        ),
        policy=purse_.policy,
        month=purse_.month(now),
        pace=pace_at(conn, purse_.moment, now=now),
        now=now,
    )


def settle(conn: Connection, purse_: Purse, *, now: datetime) -> int:
    """Settle some of what is with a provider, or ended without; return how many messages."""
    month = purse_.month(now)
    before = purse_.month(month.began_at - timedelta(seconds=1))
    return spending.settle(conn, countries=purse_.countries, months=(month, before), limit=_STRIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message beside alerts that a provider has taken.

    Attributes:
        organisation_id: Whose affair it is, and money; None: nobody's but the service's.
        address: To which it went, in clear.
        segments: As the provider counted them; None: it did not.
    """

    organisation_id: str | None
    kind: Beside
    channel: str
    address: str
    text: str
    segments: int | None = None


def count_beside(conn: Connection, purse_: Purse, sent: Sent, *, now: datetime) -> None:
    """Count what a message beside alerts cost; last in the transaction that says it was sent.

    No budget holds it back: somebody waits for it.
    """
    if sent.organisation_id is None or sent.channel not in PRICED:
        return
    tariff = purse_.countries.tariff_on(sent.channel, sent.address)
    parts = sent.segments or (segments(sent.text) if sent.channel == SMS else 1)
    spent = Spent(
        tariff=tariff.code,
        level=sent.kind,
        messages=1,
        segments=parts,
        cost=parts * tariff.price,
    )
    spending.add(conn, sent.organisation_id, spent, month=purse_.month(now).name)


def _haste(alert: StoredAlert) -> Haste:
    after_end = alert.facts.after_end
    return haste_of(alert.level, alert.before, alert.type, alert.reason, after_end=after_end)
