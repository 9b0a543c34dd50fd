"""A storm of real reports, and people who subscribed to everything: how much each of them gets."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, insert, select, update

from app.core.clock import ManualClock
from app.core.levels import Level
from app.db.engine import Database
from app.db.tables import AlertRow, ContactRow, DeliveryRow, HoursRow, SubscriptionRow
from app.delivery.moment import Tell
from app.delivery.outbox import fanning, gathering
from app.flows import speak_by_hand, tune_rules
from app.flows.context import Context
from app.flows.fan_out import FanOut, fan_out_pending
from app.flows.replay import Replay
from app.flows.subscribe import Wish, subscribe
from app.flows.tell_waiting import Telling, tell_waiting
from app.service import render, render_digest
from app.subscribers.vault import Vault, new_keys
from tests.harness.api import CONFIG, shipped_config, shipped_gazetteer

FIRST, LAST = "2025-09-02", "2025-09-07"
BEFORE_ALL = datetime(2025, 9, 1, tzinfo=UTC)
BAMAKO, NIAMEY = ZoneInfo("Africa/Bamako"), ZoneInfo("Africa/Niamey")
MOST = 4
#: Zone, quiet hours, how often: each of these people wants to hear of every road and cargo.
PEOPLE = [
    (BAMAKO, None, Tell.IMMEDIATELY),
    (BAMAKO, (time(22), time(6)), Tell.IMMEDIATELY),
    (NIAMEY, (time(11), time(20)), Tell.IMMEDIATELY),
    (BAMAKO, (time(6), time(18)), Tell.DAILY),
    (NIAMEY, None, Tell.WEEKLY),
]


class Storm:
    """The whole chain on a clock of its own, with a provider that takes everything at once."""

    def __init__(self, db: Database) -> None:
        self.db, self.clock = db, ManualClock(BEFORE_ALL)
        config = shipped_config()
        vault = Vault.parse(new_keys())
        self.context = Context(config=config, gazetteer=shipped_gazetteer(), vault=vault)
        db.write_now(lambda conn: tune_rules.seed(conn, config, now=BEFORE_ALL))
        self._digest = partial(render_digest, config=config, public_url=None)
        self._fan_out = FanOut(
            db=db,
            clock=self.clock,
            render=partial(render, config=config, public_url=None),
            languages=config.subscribers.languages,
            chunk=2,
            made=lambda: None,
            render_digest=self._digest,
            policy=config.moment,
        )
        self.people = db.write_now(self._subscribe)

    def play(self) -> None:
        """Play a week of reports, then withdraw what stands, then let some days pass."""
        replay = Replay(
            db=self.db,
            context=self.context,
            clock=self.clock,
            on_step=self.tell,
            next_telling=lambda: self.db.read_now(gathering.next_telling),
        )
        lines = (CONFIG / "demo" / "reports.csv").read_text(encoding="utf-8").splitlines()
        week = [line for line in lines[1:] if FIRST <= line.split(",")[2] < LAST]
        list(replay.play([lines[0], *week], now=datetime(2026, 1, 1, tzinfo=UTC)))
        active = select(AlertRow.id).where(AlertRow.status == "active").order_by(AlertRow.id)
        for alert_id in self.db.read_now(lambda conn: list(conn.scalars(active)))[:12]:
            self.db.write_now(partial(self._withdraw, alert_id))
        self.tell()
        replay.pass_time(self.clock.now() + timedelta(days=8))

    def tell(self) -> None:
        """Do at once what the worker, the clock's jobs and the provider do."""
        if self.db.read_now(lambda conn: fanning.list_bundles(conn, limit=1)):
            asyncio.run(fan_out_pending(self._fan_out))
        telling = Telling(policy=self.context.config.moment, render=self._digest)
        while self.db.write_now(lambda conn: tell_waiting(conn, telling, now=self.clock.now())):
            pass
        due = (DeliveryRow.status == "queued", DeliveryRow.due_at <= self.clock.now())
        sent = update(DeliveryRow).where(*due)
        self.db.write_now(
            lambda conn: conn.execute(sent.values(status="delivered", updated_at=self.clock.now()))
        )

    def rows(self) -> list[Any]:
        """Return every delivery with its alert, in the order they were told."""
        query = (
            select(
                DeliveryRow,
                AlertRow.chain_id,
                AlertRow.type,
                AlertRow.level,
                AlertRow.before_level,
                AlertRow.reason,
                AlertRow.references,
            )
            .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
            .order_by(DeliveryRow.updated_at, DeliveryRow.id)
        )
        columns = [*DeliveryRow.__table__.columns, *query.selected_columns[-6:]]
        return self.db.read_now(lambda conn: list(conn.execute(query.with_only_columns(*columns))))

    def _subscribe(self, conn: Connection) -> dict[str, tuple[Any, Any, Tell]]:
        people = {}
        for number, (zone, quiet, how) in enumerate(PEOPLE):
            wish = Wish(
                organisation="Storm",
                name=f"person {number}",
                phone=f"+2236000000{number}",
                email=None,
                routes=(),
                cargoes=(),
                min_level=Level.MODERATE,
            )
            made = subscribe(conn, wish, context=self.context, now=BEFORE_ALL)
            begins, ends = (f"{at:%H:%M}" for at in quiet) if quiet else ("", "")
            hours = {"zone": zone.key, "quiet_from": begins, "quiet_until": ends}
            conn.execute(insert(HoursRow).values(id=f"hours-{number}", **hours))
            mine = ContactRow.id == made.id
            conn.execute(update(ContactRow).where(mine).values(hours_id=f"hours-{number}"))
            own = SubscriptionRow.contact_id == made.id
            conn.execute(update(SubscriptionRow).where(own).values(tell=how))
            people[made.id] = (zone, quiet, how)
        return people

    def _withdraw(self, alert_id: str, conn: Connection) -> None:
        speak_by_hand.withdraw(
            conn, alert_id, "Fausse alerte", actor="t", context=self.context, now=self.clock.now()
        )


@pytest.fixture
def storm(db: Database) -> Storm:
    played = Storm(db)
    played.play()
    return played


def is_urgent(row: Any) -> bool:
    ends = row.type in {"all_clear", "withdrawal"} or row.reason == "corrected"
    return bool(row.level == "severe" or ends)


@pytest.mark.timeout(150)
def test_a_storm_is_told_within_everybodys_day_and_every_end_reaches_who_was_told(
    storm: Storm,
) -> None:
    rows = storm.rows()
    sent = [row for row in rows if row.status == "delivered"]

    nobody_gets_too_much(storm, sent)
    nobody_is_woken_for_less_than_severe(storm, sent)
    every_end_reached_exactly_who_was_told(storm, rows)
    everybody_heard_of_every_rise_to_severe_at_once(storm, rows)
    assert {row.deferred for row in rows} >= {"limit", "quiet_hours", "daily", "weekly"}
    late = [row for row in rows if row.status == "queued" and row.tell_at <= storm.clock.now()]
    assert not late


def nobody_gets_too_much(storm: Storm, sent: Sequence[Any]) -> None:
    days: Counter[tuple[str, date]] = Counter()
    for row in sent:
        zone = storm.people[row.contact_id][0]
        days[row.contact_id, row.updated_at.astimezone(zone).date()] += not is_urgent(row)
    assert max(days.values()) <= MOST
    assert len({contact for contact, _ in days}) == len(PEOPLE)


def nobody_is_woken_for_less_than_severe(storm: Storm, sent: Sequence[Any]) -> None:
    for row in sent:
        zone, quiet, _ = storm.people[row.contact_id]
        at = row.updated_at.astimezone(zone).time()
        if quiet is None or is_urgent(row):
            continue
        begins, ends = quiet
        asleep = begins <= at < ends if begins < ends else at >= begins or at < ends
        assert not asleep, (row.contact_id, row.updated_at, row.reason)


def every_end_reached_exactly_who_was_told(storm: Storm, rows: Sequence[Any]) -> None:
    """By reckoning of its own: who read an alert of a chain, alone or with others."""
    carried = {(one.digest_id, one.contact_id) for one in rows if one.status == "delivered"}
    read: defaultdict[str, set[str]] = defaultdict(set)
    beside: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        in_message = row.error_code == "in_digest" and (row.digest_id, row.contact_id) in carried
        if row.status == "delivered" or in_message:
            read[row.alert_id].add(row.contact_id)
        elif row.error_code == "said_together":
            beside[row.alert_id].add(row.contact_id)
    ends = {row.alert_id: row for row in rows if row.type in {"all_clear", "withdrawal"}}
    assert ends
    for alert_id, row in ends.items():
        told = set().union(*(read[one] for one in row.references))
        perhaps = set().union(*(beside[one] for one in row.references))
        heard = read[alert_id] | beside[alert_id]
        assert told <= heard <= told | perhaps, row.references


def everybody_heard_of_every_rise_to_severe_at_once(storm: Storm, rows: Sequence[Any]) -> None:
    rises = [row for row in rows if row.level == "severe" and row.before_level != "severe"]
    assert {row.contact_id for row in rises} == set(storm.people)
    for row in rises:
        assert row.deferred in {None, "rewritten"}
        assert row.status in {"delivered", "suppressed"}
        assert row.updated_at == row.created_at or row.error_code == "overtaken"
