"""What a storm was like for those in it, reckoned from what the providers were given."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.db.tables import EscalationRow, NoticeRow, SpendingRow
from tests.harness.storm import ENDS, Storm

_TOLD = ("delivered", "sent", "undelivered")
_SAID_OTHERWISE = {"overtaken", "said_together", "in_digest", "no_address"}
_MOST_A_DAY = 4


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What has to be so, and how much of everything there was.

    Attributes:
        most_to_one: Messages to one contact in his day on all channels, urgent ones not counted.
        severe_lost: Deliveries of severe dangers that neither arrived nor are on a list.
        ends_missed: (end or correction, contact) of whoever read an alert and not its end.
        over_budget: Plans that passed a budget by more than what was urgent took.
        in_reserve: Plans that passed it because of what was urgent.
        longest_where_one: Most segments to a number that only one reaches whole.
        ledger: Segments by the ledger, and by the provider's own count.
        escalated: Messages to next contacts because nobody answered; `escalated_twice`: to one who
            knew of that cause already. `ended`: of organisations' lists, why they ended.
        reminders: Statements that a road was severe still.
        told_otherwise: Why deliveries were not told at once.
    """

    alerts: int
    deliveries: int
    sms: int
    emails: int
    most_to_one: int
    severe: int
    severe_arrived: int
    severe_listed: int
    severe_lost: int
    ends: int
    ends_missed: int
    twice: int
    over_budget: int
    in_reserve: int
    notices: Counter[str]
    longest_where_one: int
    ledger: tuple[int, int]
    cost: int
    told_otherwise: Counter[str]
    escalated: int
    escalated_twice: int
    ended: Counter[str]
    reminders: int

    @property
    def wrong(self) -> dict[str, object]:
        """What is not as it has to be."""
        has_to_be = {
            "most_to_one": self.most_to_one <= _MOST_A_DAY,
            "severe_lost": not self.severe_lost,
            "ends_missed": not self.ends_missed,
            "twice": not self.twice,
            "escalated_twice": not self.escalated_twice,
            "ended": "open" not in self.ended,
            "over_budget": not self.over_budget,
            "longest_where_one": self.longest_where_one <= 1,
            "ledger": self.ledger[0] == self.ledger[1],
        }
        return {name: getattr(self, name) for name, kept in has_to_be.items() if not kept}


def reckon(storm: Storm) -> Findings:
    """Return what the storm was like."""
    rows = storm.rows()
    severe = [
        row
        for row in rows
        if row.level == "severe" and row.type not in ENDS and row.reason != "still_severe"
    ]
    missing = [row for row in severe if row.status != "delivered"]
    listed = [row for row in missing if row.listed_at is not None]
    columns = select(SpendingRow.segments, SpendingRow.cost)
    spent = storm.db.read_now(lambda conn: conn.execute(columns).all())
    ends, missed = _ends(rows)
    return Findings(
        alerts=len({row.alert_id for row in rows}),
        deliveries=len(rows),
        sms=len(storm.sms.taken),
        emails=len(storm.email.taken),
        most_to_one=_most_to_one(storm, rows),
        severe=len(severe),
        severe_arrived=len(severe) - len(missing),
        severe_listed=len(listed),
        severe_lost=sum(_is_lost(row, storm) for row in missing),
        ends=ends,
        ends_missed=missed,
        twice=len(storm.sms.twice) + len(storm.email.twice),
        over_budget=sum(
            one.less > 0 and one.committed - one.urgent > one.monthly for one in storm.plans
        ),
        in_reserve=sum(one.committed > one.monthly for one in storm.plans),
        notices=Counter(_notices(storm)),
        longest_where_one=_longest_where_one(storm),
        ledger=(
            sum(one.segments for one in spent),
            sum(segments for _, segments, _ in storm.sms.taken.values()),
        ),
        cost=sum(one.cost for one in spent),
        told_otherwise=Counter(row.deferred for row in rows if row.deferred),
        escalated=sum(row.escalated is not None and row.status in _TOLD for row in rows),
        escalated_twice=_escalated_twice(rows),
        ended=_ended(storm),
        reminders=storm.reminders,
    )


def is_urgent(row: Any) -> bool:
    """Tell whether a delivery says a severe danger, an end or a correction."""
    grave = row.level == "severe" and row.reason != "still_severe"
    return bool(grave or row.type in ENDS or row.reason == "corrected")


def _escalated_twice(rows: Sequence[Any]) -> int:
    """Return how many were told that nobody answers what they themselves had been told."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    twice = 0
    for row in sorted(rows, key=lambda one: (one.created_at, one.id)):
        if row.status not in _TOLD:
            continue
        chain = {row.alert_id, *row.references}
        if row.escalated is not None:
            twice += any(row.contact_id in known[one] for one in chain)
        known[row.alert_id].add(row.contact_id)
    return twice


def _ended(storm: Storm) -> Counter[str]:
    query = select(EscalationRow.ended)
    found = storm.db.read_now(lambda conn: list(conn.scalars(query)))
    return Counter(one or "open" for one in found)


def _is_lost(row: Any, storm: Storm) -> bool:
    """Tell whether what is said of a severe danger is neither told, on a list, nor still to come.

    More of a danger that was told as severe keeps to the day's limit, and may be over by morning.
    """
    if row.listed_at is not None or row.error_code in _SAID_OTHERWISE:
        return False
    again = row.before_level == "severe"
    waits = row.tell_at is not None and row.tell_at > storm.clock.now()
    return not (again and (waits or row.error_code == "no_longer_true"))


def _most_to_one(storm: Storm, rows: Sequence[Any]) -> int:
    """Return how often at most one person was told something on a day, on whichever channels."""
    by_id = {row.id: row for row in rows}
    days: defaultdict[Any, set[str]] = defaultdict(set)
    for carrier in (storm.sms, storm.email):
        for delivery_id, (_, _, at) in carrier.taken.items():
            row = by_id[delivery_id]
            if not is_urgent(row):
                day = at.astimezone(storm.zones[row.contact_id]).date()
                days[row.contact_id, day].add(row.alert_id)
    return max(map(len, days.values()), default=0)


def _longest_where_one(storm: Storm) -> int:
    tariff_of = storm.context.config.countries.tariff_of
    found = storm.sms.taken.values()
    return max((n for address, n, _ in found if not tariff_of(address).concatenation), default=0)


def _ends(rows: Sequence[Any]) -> tuple[int, int]:
    """Return how many people had to hear how many ends, and how many did not.

    Whoever got an alert, alone or in a message with others, hears the end of it; what goes wrong
    with that is on a list.
    """
    carried = {(one.digest_id, one.contact_id) for one in rows if one.status in _TOLD}
    listed = {(one.digest_id, one.contact_id) for one in rows if one.digest_id and one.listed_at}
    read: defaultdict[str, set[str]] = defaultdict(set)
    heard: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        message = (row.digest_id, row.contact_id)
        in_message = row.error_code == "in_digest" and message in carried
        if row.status in _TOLD or in_message:
            read[row.alert_id].add(row.contact_id)
        late = row.listed_at or row.error_code == "said_together" or message in listed
        if row.status in _TOLD or in_message or late:
            heard[row.alert_id].add(row.contact_id)
    number = missed = 0
    answers = {row.alert_id: row for row in rows if row.type in ENDS or row.reason == "corrected"}
    for end in answers.values():
        told: set[str] = set().union(*(read[one] for one in end.references))
        number += len(told)
        missed += len(told - heard[end.alert_id])
    return number, missed


def _notices(storm: Storm) -> list[str]:
    query = select(NoticeRow.words).where(NoticeRow.kind == "budget")
    return storm.db.read_now(lambda conn: list(conn.scalars(query)))
